"""The ledger, read while nobody waits for it, for a build to come."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from feedmill.errors import LedgerError
from feedmill.ledger.records import Ledger
from feedmill.ledger.store import load

_WITH_LOG = 2
"""What the header says, of writing and of reading, where there is a write-ahead log."""


class Ahead(Struct, frozen=True):
    """A ledger that was read before anybody asked for it, and what named the state of its file then."""

    ledger: Ledger
    state: bytes

    def still(self, path: Path) -> Ledger | None:
        """Return the ledger while its file is as it was, None where something may have been recorded since."""
        return self.ledger if self.state == _state(path) else None


def read_ahead(path: Path) -> Ahead | None:
    """Read the ledger for a build to come. None where there is none, or none that can be read or relied upon now."""
    state = _state(path)
    if not state:
        return None
    try:
        found = load(path)
    except LedgerError:
        return None
    if found is None or _state(path) != state:
        return None
    _ = found.archived  # of which the same is true: it takes a while, and nobody waits
    return Ahead(found, state)


def _state(path: Path) -> bytes:
    """Return what names the present state of the file; nothing where another holds, or will, what is in it.

    Every transaction counts itself in the header (SQLite's database file format, §1.3.9): two within the resolution of
    the clock differ, too. But while one is under way, or was left behind, its journal is beside the file; and where
    somebody has given it a write-ahead log (§1.3.4, for Litestream, say), the newest transactions are in that.
    """
    if os.path.lexists(f"{path}-journal"):
        return b""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            header = file.read(100)
    except OSError:
        return b""
    if _WITH_LOG in header[18:20]:
        return b""
    return b"%d %d %d %d " % (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns) + header
