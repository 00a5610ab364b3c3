"""Entries as they were written: one stands in several feeds, and is written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from feedmill.model import Body, Entry, Feed, Format

Part = Format | None
"""A kind of document: a format of feeds, or the page."""


class Aside(Protocol):
    """A place for bytes: what they are put aside for is to have them back."""

    def put(self, content: bytes) -> Any:
        """Put bytes aside, and return that by which they are had back."""

    def get(self, slip: Any) -> bytes | None:
        """Return bytes that were put aside; None where they are lost."""


class Pieces:
    """What one process has written of the entries of one site.

    An entry is written alike in each feed that carries as much of its story.
    """

    def __init__(self, aside: Aside | None = None, whole: Callable[[Entry], Entry] | None = None) -> None:
        """Begin with none. They are kept in memory, or put `aside`; entries without their bodies are made `whole`."""
        self._aside: Aside = aside or _Memory()
        self._whole = whole or _as_it_is
        self._again: dict[tuple[str, Part, str], bytes] = {}
        self._written: dict[tuple[Part, Body, str], tuple[Entry, Any]] = {}
        self._drafts: tuple[Feed | None, dict[str, Any]] = (None, {})

    def drafts_of(self, feed: Feed) -> dict[str, Any]:
        """Return what is at hand of a feed's entries between one of its formats and the next, by id."""
        if self._drafts[0] is not feed:
            self._drafts = (feed, {})
        return self._drafts[1]

    def forget_drafts(self) -> None:
        """Let go of what was at hand between formats."""
        self._drafts = (None, {})

    def use_again(self, feed: Feed, part: Part, pieces: Mapping[str, bytes]) -> None:
        """Take pieces of a feed's entries, by id, that are written already: those entries need not be whole."""
        self._again.update({(feed.name, part, id_): piece for id_, piece in pieces.items()})

    def of(self, feed: Feed, part: Part, write: Callable[[tuple[Entry, ...]], Sequence[bytes]]) -> list[bytes]:
        """Return the pieces of a feed's entries in one kind of document, in their order.

        `write` makes those of the entries that were not written before, and is called even when there are none.
        """
        body = feed.settings.body
        pieces = [self._known(feed, part, entry) for entry in feed.entries]
        missing = [entry for piece, entry in zip(pieces, feed.entries, strict=True) if piece is None]
        made = write(tuple(map(self._whole, missing)))
        for entry, piece in zip(missing, made, strict=True):
            self._written[part, body, entry.id] = entry, self._aside.put(piece)
        new = iter(made)
        return [next(new) if piece is None else piece for piece in pieces]

    def _known(self, feed: Feed, part: Part, entry: Entry) -> bytes | None:
        again = self._again.get((feed.name, part, entry.id))
        if again is not None:
            return again
        known = self._written.get((part, feed.settings.body, entry.id))
        if known is None or (known[0] is not entry and known[0] != entry):
            return None
        return self._aside.get(known[1])


class _Memory:
    def put(self, content: bytes) -> bytes:
        return content

    def get(self, slip: bytes) -> bytes:
        return slip


def _as_it_is(entry: Entry) -> Entry:
    return entry
