"""The canonical front-matter keys, and a word about every key that is none of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from feedmill.located import Mapping, Sequence, Value
from feedmill.model import Level, Place, Problem

KEYS = (
    "title id url slug date updated authors topics tags summary image image_alt language rights source "
    "related media embargo expires draft series correction withdrawn"
).split()
INNER_KEYS = {
    "authors": ("name", "email", "url"),
    "source": ("title", "url"),
    "related": ("title", "url"),
    "media": ("url", "type", "length", "duration", "title"),
    "correction": ("date", "note"),
    "withdrawn": ("date", "reason"),
}


def key_problems(metadata: Mapping, path: str) -> Iterator[Problem]:
    """Yield a warning for each key that Feedmill does not read (with the nearest that it does) or finds twice."""
    yield from _repeated(metadata, path)
    yield from _unknown(metadata, KEYS, path, "")
    for key, known in INNER_KEYS.items():
        for mapping in _mappings(metadata.values.get(key)):
            yield from _repeated(mapping, path)
            yield from _unknown(mapping, known, path, f"{key}.")


def _repeated(mapping: Mapping, path: str) -> Iterator[Problem]:
    for key in mapping.repeated:
        place = Place(path, key.line, key.column)
        message = f"the key '{key.text}' is given twice, and the second one counts"
        yield Problem(Level.WARNING, "repeated-key", place, message, "keep one of the two")


def _unknown(mapping: Mapping, known: tuple[str, ...] | list[str], path: str, prefix: str) -> Iterator[Problem]:
    for key, place in mapping.keys.items():
        if key not in known:
            near = difflib.get_close_matches(key.lower(), known, 1)
            remedy = f"did you mean '{prefix}{near[0]}'?" if near else "remove it, or ignore this warning"
            yield Problem(
                Level.WARNING,
                "unknown-key",
                Place(path, place.line, place.column),
                f"unknown key '{prefix}{key}'",
                remedy,
            )


def _mappings(value: Value | None) -> Iterator[Mapping]:
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, Sequence):
        yield from (item for item in value.items if isinstance(item, Mapping))
