"""A story before its convention has been applied, and helpers to find keys by the names that conventions use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from feedmill.expressions import expression
from feedmill.located import Mapping as Located
from feedmill.located import Scalar, Sequence, Value

_OWN = ("embargo", "withdrawn", "expires", "draft", "image_alt", "rights", "series", "language")
_OWN_WITH_KEYS = ("correction", "media", "related", "source")
_WHOLE_ID = expression(r"(?:tag|urn|https?):")


class RawStory(Struct, frozen=True):
    """What a file holds: metadata under its own keys, body, and what its name says.

    `path` is relative to the content directory. `stem` is the file's name without date and suffix, or its folder's
    for an index file.
    """

    path: str
    metadata: Located
    body: str
    name_date: str
    stem: str
    body_line: int = 1

    @property
    def folder(self) -> str:
        """Return the path of the folder in which the story's page lies: that above it, for a bundle."""
        folder, _, name = self.path.rpartition("/")
        return folder.rpartition("/")[0] if name.startswith("index.") else folder


class Interpreted(Struct, frozen=True):
    """A story under canonical keys. `address` is the pattern of its address by this convention."""

    metadata: Located
    address: str = ""
    excerpt: str = ""
    body: str | None = None
    body_line: int = 0
    name_date: str = ""


def look_up(metadata: Located, name: str) -> Value | None:
    """Find a value by a key, in any case, or by keys joined by dots."""
    first, _, rest = name.partition(".")
    for key, value in metadata.values.items():
        if key.lower() == first:
            if not rest:
                return value
            return look_up(value, rest) if isinstance(value, Located) else None
    return None


def canonical(metadata: Located, names: Mapping[str, Iterable[str]]) -> Located:
    """Return metadata with canonical keys, each from the first of its names that has a value.

    What Feedmill itself means by a key holds under every convention: nothing that is embargoed, expired or withdrawn
    by Feedmill's own words may appear because its neighbours are written for another tool. Keys whose names other
    tools use for something else count only where their value has Feedmill's form.
    """
    values: dict[str, Value] = {key: metadata.values[key] for key in _OWN if key in metadata.values}
    for key in _OWN_WITH_KEYS:
        value = metadata.values.get(key)
        if isinstance(value, Located) or (
            isinstance(value, Sequence) and any(isinstance(item, Located) for item in value.items)
        ):
            values[key] = value
    if _WHOLE_ID.match(text_of(metadata.values.get("id"))):
        values["id"] = metadata.values["id"]
    for key, candidates in names.items():
        for name in candidates:
            value = look_up(metadata, name)
            if value is not None and not (isinstance(value, Scalar) and not value.text.strip()):
                values[key] = value
                break
    return placed(values, metadata)


def placed(values: dict[str, Value], metadata: Located) -> Located:
    """Return a mapping of values that know their places."""
    keys = {key: Scalar(key, value.line, value.column) for key, value in values.items()}
    return Located(values, keys, metadata.line, metadata.column)


def with_value(metadata: Located, key: str, text: str, *, at: Value | None = None) -> Located:
    """Return metadata with one more text under a canonical key."""
    place = at or metadata
    values: dict[str, Value] = {**metadata.values, key: Scalar(text, place.line, place.column)}
    return placed(values, metadata)


def without(metadata: Located, *keys: str) -> Located:
    """Return metadata without some keys."""
    return placed({key: value for key, value in metadata.values.items() if key not in keys}, metadata)


def text_of(value: Value | None) -> str:
    """Return a scalar's text; empty for everything else."""
    return value.text.strip() if isinstance(value, Scalar) and not value.is_null else ""


def split_words(value: Value, separator: str = r"\s+") -> Value:
    """Return a list out of a text that holds several words; lists stay what they are."""
    if not isinstance(value, Scalar):
        return value
    words = [word for word in re.split(separator, value.text.strip()) if word]
    return Sequence(tuple(Scalar(word, value.line, value.column) for word in words), value.line, value.column)


def site_path(text: str) -> str:
    """Return an address within the site as these generators mean it: below the site's own address."""
    return text if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text) or text.startswith("//") else text.lstrip("/") or "."


class Excerpt(Struct, frozen=True):
    """Where a body's summary ends. `separators` are tried in order."""

    separators: tuple[str, ...] = field(default=())

    def of(self, body: str) -> str:
        """Return the body before the first separator that stands in it; empty where none does."""
        for separator in self.separators:
            before, found, _ = body.partition(separator)
            if found and before.strip():
                return before
        return ""
