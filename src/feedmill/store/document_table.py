"""The documents that the last build left: what each shows, and the state of its file."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from feedmill.model import Stored
from feedmill.store.cache_database import Store

_ENCODER = msgspec.msgpack.Encoder()
_STORED = msgspec.msgpack.Decoder(Stored)


class InPlace(Struct, frozen=True):
    """A document as the last build left it. `shows` is the digest of all that it shows, `state` that of its file."""

    shows: str
    stored: Stored
    state: bytes


def documents(store: Store) -> dict[str, InPlace]:
    """Return the documents that the last build left, by path."""
    rows = store.rows("SELECT path, shows, stored, state FROM document")
    return {path: InPlace(shows, _STORED.decode(stored), state) for path, shows, stored, state in rows}


def keep_documents(store: Store, in_place: Iterable[InPlace]) -> None:
    """Remember these documents, and no others."""
    known = {path: (shows, state) for path, shows, state in store.rows("SELECT path, shows, state FROM document")}
    new = {each.stored.path: each for each in in_place}
    store.write("DELETE FROM document WHERE path = ?", [(path,) for path in known.keys() - new.keys()])
    changed = [
        (path, e.shows, _ENCODER.encode(e.stored), e.state)
        for path, e in new.items()
        if known.get(path) != (e.shows, e.state)
    ]
    store.write("INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?)", changed)
