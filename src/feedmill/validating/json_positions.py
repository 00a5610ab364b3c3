"""A place in JSON, named by keys and numbers → its line and column."""

from __future__ import annotations

import json
import re

from feedmill.validating.xml_reading import Position

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

Path = tuple[str | int, ...]
"""How to get to a value: keys of objects, numbers of items."""


def shown(path: Path) -> str:
    """Name a place as people write it: items[3].attachments[0].url."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.removeprefix(".")


def locate(text: str, path: Path) -> Position:
    """Return where the value at a path begins; where its nearest outer value does when it is not there."""
    offset = _skip(text, 0)
    for part in path:
        inner = _into(text, offset, part)
        if inner is None:
            break
        offset = inner
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _skip(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def _into(text: str, offset: int, part: str | int) -> int | None:
    opening = text[offset : offset + 1]
    if opening != ("[" if isinstance(part, int) else "{"):
        return None
    offset, number = _skip(text, offset + 1), 0
    try:
        while offset < len(text) and text[offset] not in "]}":
            key: str | int = number
            if opening == "{":
                key, offset = _DECODER.raw_decode(text, offset)
                offset = _skip(text, _skip(text, offset) + 1)
            if key == part:
                return offset
            _, offset = _DECODER.raw_decode(text, offset)
            offset = _skip(text, offset)
            offset = _skip(text, offset + 1) if text[offset : offset + 1] == "," else offset
            number += 1
    except (ValueError, RecursionError):
        return None
    return None
