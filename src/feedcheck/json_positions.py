"""A place in JSON, named by keys and numbers → its line and column."""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from feedcheck.placing import Position
from feedcheck.regex import expression

_SPACE = expression(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

Path = tuple[str | int, ...]
"""How to get to a value: keys of objects, numbers of items."""


def shown(path: Path) -> str:
    """Name a place as people write it: items[3].attachments[0].url."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.removeprefix(".")


class Locator:
    """Finds places in one text, and looks through each object and list of it once at most."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._inner: dict[int, dict[str | int, int]] = {}

    def locate(self, path: Path) -> Position:
        """Return where the value at a path begins; where its nearest outer value does when it is not there."""
        offset = self._skip(0)
        for part in path:
            if offset not in self._inner:
                self._inner[offset] = self._members(offset)
            if part not in self._inner[offset]:
                break
            offset = self._inner[offset][part]
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)

    def _skip(self, offset: int) -> int:
        found = _SPACE.match(self._text, offset)
        return found.end() if found else offset

    def _members(self, offset: int) -> dict[str | int, int]:
        """Return where each member of the object or list at an offset begins; of a key given twice, the last."""
        text, found = self._text, {}
        opening = text[offset : offset + 1]
        if opening not in ("{", "["):
            return {}
        offset, number = self._skip(offset + 1), 0
        try:
            while offset < len(text) and text[offset] not in "]}":
                key: str | int = number
                if opening == "{":
                    key, offset = _DECODER.raw_decode(text, offset)
                    offset = self._skip(self._skip(offset) + 1)
                found[key] = offset
                offset = self._skip(_DECODER.raw_decode(text, offset)[1])
                offset = self._skip(offset + 1) if text[offset : offset + 1] == "," else offset
                number += 1
        except (ValueError, RecursionError):
            return found
        return found
