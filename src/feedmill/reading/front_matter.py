"""Story text → front matter and body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedmill.located import LocatedError, Mapping, load_yaml

_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)

MAX_CHARACTERS = 256_000


@dataclass(frozen=True, slots=True)
class Parts:
    """Metadata (None where a file carries none), body, and the line of the file on which the body begins."""

    metadata: Mapping | None
    body: str
    body_line: int


def split_front_matter(text: str) -> Parts:
    r"""Split YAML between `---` lines at the very beginning of a text from the body after it.

    Line ends are `\n` already. Raises LocatedError where front matter begins but cannot be read.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return Parts(None, text, 1)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise LocatedError(
            "front-matter-end",
            "the front matter has no end",
            "close it with a line of three hyphens",
            1,
            1,
        )
    if closing.start() > MAX_CHARACTERS:
        raise LocatedError(
            "front-matter-size",
            f"the front matter is longer than {MAX_CHARACTERS:,} characters",
            "move long texts into the body",
            1,
            1,
        )
    body_line = text.count("\n", 0, closing.end()) + 1
    return Parts(read_metadata(text[opening.end() : closing.start()], first_line=2), text[closing.end() :], body_line)


def read_metadata(text: str, *, first_line: int = 1) -> Mapping:
    """Read metadata, which must be keys and values. Raises LocatedError."""
    value = load_yaml(text, first_line=first_line)
    if not isinstance(value, Mapping):
        raise LocatedError(
            "front-matter-type",
            "the metadata is not keys and values",
            "write lines like `title: …`",
            value.line,
            value.column,
        )
    return value
