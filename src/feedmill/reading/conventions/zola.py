"""Zola: TOML front matter, `[taxonomies]`, `[extra]`, `path`, and addresses from the place of the page.

Source: getzola.org, "Page".
"""

from __future__ import annotations

from feedmill.reading.conventions.raw import Excerpt, Interpreted, RawStory, canonical, site_path, text_of, with_value

_NAMES = {
    "title": ("title",),
    "date": ("date",),
    "updated": ("updated",),
    "draft": ("draft",),
    "slug": ("slug",),
    "url": ("path",),
    "summary": ("description", "extra.summary"),
    "authors": ("authors", "taxonomies.authors", "extra.authors", "extra.author"),
    "topics": ("taxonomies.topics",),
    "categories": ("taxonomies.categories",),
    "tags": ("taxonomies.tags",),
    "image": ("extra.image", "extra.cover", "extra.thumbnail"),
    "image_alt": ("extra.image_alt",),
    "series": ("extra.series",),
    "rights": ("extra.rights", "extra.copyright"),
    "expires": ("extra.expires",),
}
_EXCERPT = Excerpt(("<!-- more -->", "<!--more-->"))


def interpret(story: RawStory) -> Interpreted:
    """Map Zola's keys. Without `path`, the address is the page's folder and its slug."""
    metadata = canonical(story.metadata, _NAMES)
    url = metadata.values.get("url")
    if url is not None:
        metadata = with_value(metadata, "url", site_path(text_of(url)).rstrip("/") + "/", at=url)
    return Interpreted(
        metadata,
        address=f"{story.folder}/{{slug}}/".lstrip("/"),
        excerpt=_EXCERPT.of(story.body),
    )
