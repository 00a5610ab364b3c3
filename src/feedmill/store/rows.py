"""One entry, and one entry in a feed, as rows of the cache."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import msgspec
from msgspec import Struct

from feedmill.model import Entry, unpack

NEVER = 1 << 62
"""When an entry ends that nothing ends."""
FROM_CONTENT, FROM_LEDGER = "content", "ledger"
Feeds = tuple[tuple[str, str], ...]
"""The names of the feeds to which an entry belongs, each with the name of the author whose feed it is."""


class Row(Struct, frozen=True):
    """One entry: the columns of its table."""

    path: str
    origin: str
    id: str
    own_id: str
    declared: bool
    slug: str
    place: str
    title_key: str
    text_key: str
    shown_from: int
    shown_until: int
    updated: int
    withdrawn: int | None
    record: str | None
    stale: bool
    state: str
    digest: str
    packed: bytes

    @property
    def entry(self) -> Entry:
        """The entry itself."""
        return unpack(self.packed)

    def is_public(self, now: int) -> bool:
        """Whether its address may be shown at a time: not that of a draft, nor of what is under embargo."""
        return self.shown_from <= now and not self.entry.draft

    def is_shown(self, now: int) -> bool:
        """Whether feeds may show it at a time."""
        is_stub = self.origin == FROM_LEDGER
        return not self.state and (is_stub or self.shown_from <= now) and now < self.shown_until


class Member(Struct, frozen=True):
    """An entry in a feed. `seen` is the digest of all that the feed shows of it, empty while that is not known."""

    path: str
    id: str
    published: int
    updated: int
    seen: str
    lost: bool
    origin: str


_FLAGS = tuple(Row.__struct_fields__.index(name) for name in ("declared", "stale"))
COLUMNS = ", ".join(Row.__struct_fields__)


def member_of(found: tuple[Any, ...]) -> Member:
    """Return an entry in a feed. Raises DecodeError where the feed has what is not an entry."""
    path, id_, published, updated, digest, body, lost, origin = found
    if digest is None:
        raise msgspec.DecodeError("a feed has what is no entry")
    return Member(path, id_, published, updated, digest + body if body is not None else "", bool(lost), origin)


def row_of(found: tuple[Any, ...]) -> Row:
    """Return an entry from its columns and their checksum. Raises DecodeError where it is damaged."""
    *values, checksum = found
    if checksum_of(values[-2], values[-1]) != checksum:
        raise msgspec.DecodeError("an entry is damaged")
    for flag in _FLAGS:
        values[flag] = bool(values[flag])
    return Row(*values)


def checksum_of(digest: str, packed: bytes) -> int:
    """Return by what damage to an entry is noticed."""
    return crc32(packed, crc32(digest.encode()))
