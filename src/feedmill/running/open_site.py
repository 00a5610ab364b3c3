"""What verbs share that read a site: its cache, under the lock of runs, and the work over it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from feedmill.config.loading import read_configuration, site_of
from feedmill.config.site import Site
from feedmill.errors import FeedmillError
from feedmill.identifying import prepare
from feedmill.ledger import check_writable
from feedmill.program import program_text
from feedmill.publishing import LOCK, run_lock
from feedmill.running.outcome import RunContext
from feedmill.store import FILE_NAME as CACHE
from feedmill.store import Store, discard, memory_store, open_store
from feedmill.work import LEDGER, STATE, Work

if TYPE_CHECKING:
    from feedmill.operations.run_history import RunHistory


def made_by() -> str:
    """Return what names this Feedmill and its libraries: what was made by another is not used again."""
    return hashlib.sha256(program_text().encode()).hexdigest()


def site_from(store: Store, directory: Path) -> Site:
    """Return the site: from the cache, while feedmill.yaml is the same; its parser takes long to import.

    Raises ConfigurationError.
    """
    source = read_configuration(directory)
    kept = store.meta("site")
    with suppress(msgspec.MsgspecError, TypeError):  # what cannot be read of it is made again
        known, packed = msgspec.msgpack.decode(kept or b"", type=tuple[bytes, bytes])
        if known == source:
            return msgspec.msgpack.decode(packed, type=Site)
    site = site_of(source)
    store.set_meta("site", msgspec.msgpack.encode((source, msgspec.msgpack.encode(site))))
    return site


def cache_of(directory: Path) -> Store:
    """Open the cache of a site, for who holds the lock of its runs."""
    state = directory / STATE
    # The file system's own clock, which need not be this machine's.
    return open_store(state / CACHE, made_by(), (state / LOCK).stat().st_mtime_ns)


DAMAGE = (sqlite3.DatabaseError, msgspec.MsgspecError, ValueError, TypeError, AttributeError, LookupError)
"""What a damaged cache raises while it is read, which may be anything. A fault of ours comes again without it."""


def without_damage(store: Store, error: Exception) -> Store:
    """Return a new cache in the place of one that turned out to be damaged."""
    complaint = f"{store.path or 'the cache'}: the cache is damaged ({type(error).__name__}), so it is made again"
    store.close()
    return discard(store.path, made_by(), store.began_ns, complaint)


@contextmanager
def reading(context: RunContext) -> Iterator[Work]:
    """Yield the work over a site, up to date with content/ and the ledger. What it reads it keeps in the cache.

    Where there is no cache, or another run holds the site, it starts from nothing and leaves nothing. Raises
    FeedmillError for what stops a build, too.
    """
    directory = context.directory
    state = directory / STATE
    if not state.is_dir() or not os.access(state, os.W_OK):
        yield from _worked(context, memory_store())
        return
    try:
        lock = run_lock(state)
        lock.__enter__()
    except FeedmillError:
        yield from _worked(context, memory_store())
        return
    try:
        yield from _worked(context, cache_of(directory))
    finally:
        lock.__exit__(None, None, None)


@contextmanager
def changing(context: RunContext) -> Iterator[Work]:
    """Yield the work over a site, up to date, for a verb that changes the ledger, which no other run may do meanwhile.

    Raises FeedmillError for what stops a build, too, and Locked.
    """
    check_writable(context.directory / LEDGER)
    with run_lock(context.directory / STATE):
        yield from _worked(context, cache_of(context.directory))


def _worked(context: RunContext, store: Store) -> Iterator[Work]:
    try:
        work = _prepared(context, store)
    except DAMAGE as error:
        store = without_damage(store, error)
        work = _prepared(context, store)
    try:
        with work:
            yield work
        store.commit()
    finally:
        store.close()


def _prepared(context: RunContext, store: Store) -> Work:
    site = site_from(store, context.directory)
    work = Work(site, context.directory, store, now=context.now, progress=context.progress)
    prepare(work)
    return work


def record_of(directory: Path) -> RunHistory:
    """Return what is remembered of a site's runs."""
    from feedmill.operations.runs import unpack_record

    path = directory / STATE / CACHE
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            found = connection.execute("SELECT value FROM meta WHERE key = 'record'").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        found = None
    return unpack_record(found[0] if found else None)
