"""Hugo: front matter of three formats, page bundles, its dates, and addresses from the place of the page.

Sources: gohugo.io, "Front matter", "Page bundles", "URL management".
"""

from __future__ import annotations

from feedmill.reading.conventions.raw import Excerpt, Interpreted, RawStory, canonical, site_path, text_of, with_value

_NAMES = {
    "title": ("title", "linktitle"),
    "date": ("date",),
    "updated": ("lastmod", "modified"),
    "embargo": ("publishdate", "pubdate", "published"),
    "expires": ("expirydate", "unpublishdate"),
    "draft": ("draft",),
    "slug": ("slug",),
    "url": ("url",),
    "summary": ("summary", "description"),
    "authors": ("authors", "author", "params.authors", "params.author"),
    "topics": ("topics",),
    "categories": ("categories", "taxonomies.categories"),
    "tags": ("tags", "keywords", "taxonomies.tags"),
    "image": ("image", "images"),
    "language": ("language",),
    "series": ("series",),
    "rights": ("rights", "copyright"),
}
_EXCERPT = Excerpt(("<!--more-->", "<!-- more -->"))


def interpret(story: RawStory) -> Interpreted:
    """Map Hugo's keys. Without `url`, the address is the page's folder and its slug or file name."""
    metadata = canonical(story.metadata, _NAMES)
    url = metadata.values.get("url")
    if url is not None:
        metadata = with_value(metadata, "url", site_path(text_of(url)), at=url)
    return Interpreted(
        metadata,
        address=f"{story.folder}/{{slug}}/".lstrip("/"),
        excerpt=_EXCERPT.of(story.body),
    )
