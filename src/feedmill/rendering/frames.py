"""What stands before, between and after the entries of a document."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Frame(Struct, frozen=True):
    """A document but for its entries: what stands before, between and after them.

    `empty` is the whole document when it has no entries, where that is something else than head and tail.
    """

    head: bytes
    between: bytes
    tail: bytes
    empty: bytes = b""

    def join(self, fragments: Sequence[bytes]) -> bytes:
        """Return the document with these entries, in their order."""
        if not fragments and self.empty:
            return self.empty
        return self.head + self.between.join(fragments) + self.tail
