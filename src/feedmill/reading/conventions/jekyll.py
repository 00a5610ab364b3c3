"""Jekyll: `_posts` and `_drafts`, dates in file names, categories of folders, `permalink`, excerpts.

Sources: jekyllrb.com, "Front Matter", "Posts", "Permalinks".
"""

from __future__ import annotations

from feedmill.located import Mapping, Scalar, Sequence, Value
from feedmill.reading.conventions.raw import (
    Excerpt,
    Interpreted,
    RawStory,
    canonical,
    placed,
    site_path,
    split_words,
    text_of,
    with_value,
    without,
)

_NAMES = {
    "title": ("title",),
    "date": ("date",),
    "updated": ("last_modified_at", "updated"),
    "slug": ("slug",),
    "url": ("permalink",),
    "summary": ("excerpt", "description"),
    "authors": ("authors", "author"),
    "topics": ("topics",),
    "categories": ("categories", "category"),
    "tags": ("tags", "tag"),
    "image": ("image.path", "image"),
    "image_alt": ("image.alt",),
    "language": ("lang",),
    "draft": ("draft",),
    "series": ("series",),
    "source": ("source",),
}
_STYLES = {
    "date": "{categories}/{year}/{month}/{day}/{title}.html",
    "pretty": "{categories}/{year}/{month}/{day}/{title}/",
    "none": "{categories}/{title}.html",
}


def interpret(story: RawStory) -> Interpreted:
    """Map Jekyll's keys. Without `permalink`, the address has Jekyll's default style."""
    metadata = canonical(story.metadata, _NAMES)
    metadata = _with_lists(metadata, story)
    folders = story.path.split("/")[:-1]
    published = story.metadata.values.get("published")
    if "_drafts" in folders or text_of(published).lower() == "false":
        metadata = with_value(metadata, "draft", "true", at=published)
    address = _STYLES["date"]
    permalink = metadata.values.get("url")
    if permalink is not None:
        # A permalink may itself be a pattern, so it is the address and not yet a URL.
        text = text_of(permalink)
        address = _STYLES.get(text, site_path(text))
        metadata = without(metadata, "url")
    separator = text_of(story.metadata.values.get("excerpt_separator")).replace("\\n", "\n")
    excerpt = Excerpt((separator,) if separator else ("<!--more-->",))
    return Interpreted(metadata, address=address, excerpt=excerpt.of(story.body))


def _with_lists(metadata: Mapping, story: RawStory) -> Mapping:
    """Split words given as one text, and add the folders above `_posts` as categories."""
    values: dict[str, Value] = dict(metadata.values)
    for key in ("categories", "tags"):
        if key in values:
            values[key] = split_words(values[key])
    folders = story.path.split("/")[:-1]
    above = folders[: folders.index("_posts")] if "_posts" in folders else []
    if above:
        given = values.get("categories")
        items = given.items if isinstance(given, Sequence) else ()
        values["categories"] = Sequence((*(Scalar(name) for name in above), *items))
    source = values.get("source")
    if isinstance(source, Scalar) and "://" not in source.text:
        del values["source"]
    return placed(values, metadata)
