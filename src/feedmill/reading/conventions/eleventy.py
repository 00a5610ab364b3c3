"""Eleventy: directory data files, `permalink`, tags, and addresses from the place of the page.

Sources: 11ty.dev, "Template and directory data files", "Permalinks", "Content dates".
"""

from __future__ import annotations

from feedmill.located import Mapping, Sequence, Value
from feedmill.reading.conventions.raw import (
    Excerpt,
    Interpreted,
    RawStory,
    canonical,
    placed,
    site_path,
    text_of,
    with_value,
    without,
)

_NAMES = {
    "title": ("title",),
    "date": ("date",),
    "updated": ("updated", "modified", "lastmod"),
    "draft": ("draft",),
    "slug": ("slug",),
    "url": ("permalink",),
    "summary": ("summary", "excerpt", "description"),
    "authors": ("authors", "author"),
    "topics": ("topics",),
    "categories": ("categories", "category"),
    "tags": ("tags",),
    "image": ("image",),
    "image_alt": ("image_alt", "imagealt"),
    "language": ("lang", "locale"),
    "series": ("series",),
}
_COLLECTIONS = frozenset({"post", "posts", "all", "nav", "article", "articles"})
_EXCERPT = Excerpt(("<!-- excerpt -->", "<!--more-->"))
_DATES_OF_GIT = frozenset({"last modified", "created", "git last modified", "git created"})


def interpret(story: RawStory) -> Interpreted:
    """Map Eleventy's keys. `permalink: false` writes no page, so it is a draft."""
    metadata = canonical(story.metadata, _NAMES)
    if text_of(metadata.values.get("date")).lower() in _DATES_OF_GIT:
        metadata = without(metadata, "date")
    metadata = _without_collections(metadata)
    address = f"{story.folder}/{{slug}}/".lstrip("/")
    permalink = metadata.values.get("url")
    if permalink is not None:
        text = text_of(permalink)
        metadata = without(metadata, "url")
        if text.lower() == "false":
            metadata = with_value(metadata, "draft", "true", at=permalink)
        elif "{{" not in text and "{%" not in text:
            address = site_path(text).removesuffix("index.html")
    return Interpreted(metadata, address=address, excerpt=_EXCERPT.of(story.body))


def _without_collections(metadata: Mapping) -> Mapping:
    """Drop the tags by which Eleventy makes collections such as `posts`: they are not subjects."""
    tags = metadata.values.get("tags")
    values: dict[str, Value] = dict(metadata.values)
    if isinstance(tags, Sequence):
        kept = tuple(item for item in tags.items if text_of(item).lower() not in _COLLECTIONS)
        values["tags"] = Sequence(kept, tags.line, tags.column)
    elif text_of(tags).lower() in _COLLECTIONS:
        values.pop("tags", None)
    return placed(values, metadata)


def merged(data: list[Mapping], metadata: Mapping) -> Mapping:
    """Join directory data, the farthest first, under a file's own metadata. Lists are joined, as Eleventy does."""
    values: dict[str, Value] = {}
    keys = {}
    for mapping in (*data, metadata):
        for key, value in mapping.values.items():
            before = values.get(key)
            if isinstance(before, Sequence) and isinstance(value, Sequence):
                value = Sequence((*before.items, *value.items), value.line, value.column)
            values[key] = value
            keys[key] = mapping.keys[key]
    return Mapping(values, keys, metadata.line, metadata.column, metadata.repeated)
