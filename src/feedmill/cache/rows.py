"""What the cache holds, row by row. What `told`, `body` and `documents` mean is known to those who keep them."""

from __future__ import annotations

from msgspec import Struct


class StoryRow(Struct, frozen=True):
    """What one story file told when its files had this signature."""

    path: str
    signature: bytes
    told: bytes


class BodyRow(Struct, frozen=True):
    """What a story's body became. `key` is the digest of all that it was made of."""

    path: str
    key: bytes
    about: bytes
    content: str | None


class DocumentsRow(Struct, frozen=True):
    """The documents of one feed as published. `key` is the digest of all that they show."""

    feed: str
    key: bytes
    documents: bytes
