"""What the cache holds, row by row. What `told`, `body` and `documents` mean is known to those who keep them."""

from __future__ import annotations

from msgspec import Struct


class StoryRow(Struct, frozen=True, array_like=True):
    """What one story file told when its files had this signature."""

    path: str
    signature: bytes
    told: bytes


class Shelf(Struct, frozen=True):
    """What neighbouring files told, in the order of their paths. They are kept and read as one: rows take far longer.

    `first` names it: it is the first path that it was made of.
    """

    first: str
    rows: tuple[StoryRow, ...]


class BodyRow(Struct, frozen=True):
    """What a story's body became. `key` is the digest of all that it was made of."""

    path: str
    key: bytes
    about: bytes
    content: bytes | None


class DocumentsRow(Struct, frozen=True):
    """The documents of one feed as published. `key` is the digest of all that they show."""

    feed: str
    key: bytes
    documents: bytes
