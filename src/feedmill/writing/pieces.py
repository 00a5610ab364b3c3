"""Entries as they were written: one stands in several feeds, and is written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from feedmill.model import Body, Entry, Feed, Format

Part = Format | None
"""A kind of document: a format of feeds, or the page."""
_MOST_BYTES = 32_000_000
"""How much is kept of what was written. What is beyond that is written again."""


class Pieces:
    """What one process has written of the entries of one site.

    An entry is written alike in each feed that carries as much of its story.
    """

    def __init__(self) -> None:
        self._again: dict[tuple[str, Part, str], bytes] = {}
        self._written: dict[tuple[Part, Body, str], tuple[Entry, bytes]] = {}
        self._bytes = 0
        self._drafts: tuple[Feed | None, dict[str, Any]] = (None, {})

    def drafts_of(self, feed: Feed) -> dict[str, Any]:
        """Return what is at hand of a feed's entries between one of its formats and the next, by id."""
        if self._drafts[0] is not feed:
            self._drafts = (feed, {})
        return self._drafts[1]

    def use_again(self, feed: Feed, part: Part, pieces: Mapping[str, bytes]) -> None:
        """Take pieces of a feed's entries, by id, that are written already: they are never forgotten."""
        self._again.update({(feed.name, part, id_): piece for id_, piece in pieces.items()})

    def of(self, feed: Feed, part: Part, write: Callable[[tuple[Entry, ...]], Sequence[bytes]]) -> list[bytes]:
        """Return the pieces of a feed's entries in one kind of document, in their order.

        `write` makes those of the entries that were not written before, and is called even when there are none.
        """
        body = feed.settings.body
        pieces = [self._known(feed, part, entry) for entry in feed.entries]
        missing = tuple(entry for piece, entry in zip(pieces, feed.entries, strict=True) if piece is None)
        made = write(missing)
        for entry, piece in zip(missing, made, strict=True):
            self._keep((part, body, entry.id), entry, piece)
        new = iter(made)
        return [next(new) if piece is None else piece for piece in pieces]

    def _known(self, feed: Feed, part: Part, entry: Entry) -> bytes | None:
        again = self._again.get((feed.name, part, entry.id))
        if again is not None:
            return again
        known = self._written.get((part, feed.settings.body, entry.id))
        return known[1] if known is not None and (known[0] is entry or known[0] == entry) else None

    def _keep(self, key: tuple[Part, Body, str], entry: Entry, piece: bytes) -> None:
        if self._bytes > _MOST_BYTES:
            self._written.clear()
            self._bytes = 0
        self._written[key] = entry, piece
        self._bytes += len(piece)
