"""Values that know their line and column.

Scalars stay the text that was written: `title: 2024` is the title "2024" and `date: 2024-05-01` reaches the
date rules as it stands, so that no YAML version's idea of numbers, dates or "Norway" comes between.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Scalar(Struct, frozen=True):
    """A text as written, unquoted. `plain` is false for quoted and block scalars."""

    text: str
    line: int = 0
    column: int = 0
    plain: bool = False

    @property
    def is_null(self) -> bool:
        """Whether nothing was given: an empty plain value, `~` or `null`."""
        return self.plain and self.text in _NULLS


class Sequence(Struct, frozen=True):
    """A list of values."""

    items: tuple[Value, ...]
    line: int = 0
    column: int = 0


class Mapping(Struct, frozen=True):
    """Keys and their values, in the order written. `keys` holds the places of the keys themselves.

    `repeated` are the places of keys that were there already: the later value counts, as in every YAML reader that
    allows it, and the reader of the mapping says so.
    """

    values: dict[str, Value] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)
    line: int = 0
    column: int = 0
    repeated: tuple[Scalar, ...] = ()


Value: TypeAlias = Scalar | Sequence | Mapping


class LocatedError(ValueError):
    """YAML that cannot be used. `line` and `column` count from 1."""

    def __init__(self, code: str, message: str, remedy: str, line: int, column: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.line = line
        self.column = column
