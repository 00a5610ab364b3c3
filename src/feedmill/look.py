"""A look at a site → whether a build of it has anything to do: what a cron job asks every minute.

Nothing is imported here that takes longer than the answer.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3

from feedmill.program import program_text
from feedmill.scan import Look, configuration_state, state_of, walk

_STATE = ".feedmill"
_CACHE = "cache.sqlite3"
_LOCK = "lock"
_LEDGER = ("ledger.sqlite3", "ledger.sqlite3-journal", "ledger.sqlite3-wal")
_BETWEEN = "\t"


def look(directory: str, now: str, *, in_silence: bool) -> tuple[int | None, Look | None]:
    """Return the exit code of a build at `now` that has nothing to do, None when it may have; and what was seen.

    `now` is like 2024-06-01T00:00:00Z. With `in_silence`, only of a build of which nobody wants to hear. It is done
    under the lock of runs, whose time is then that of the look.
    """
    state = os.path.join(directory, _STATE)
    try:
        handle = os.open(os.path.join(state, _LOCK), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None, None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.utime(handle)
        return look_again(directory, now, in_silence=in_silence)
    except OSError:
        return None, None
    finally:
        os.close(handle)


def look_again(
    directory: str, now: str, *, in_silence: bool, before: Look | None = None
) -> tuple[int | None, Look | None]:
    """Return the same, for who holds the lock of runs. What was seen `before` is not looked at again."""
    path = os.path.join(directory, _STATE, _CACHE)
    if not os.path.exists(path) or (before is not None and not before.is_same):
        return None, before
    seen = before
    database = None
    try:
        # The file system's own clock, which need not be this machine's.
        began_ns = os.stat(os.path.join(directory, _STATE, _LOCK)).st_mtime_ns
        database = sqlite3.connect(path, timeout=0, isolation_level=None)
        row = database.execute("SELECT value FROM meta WHERE key = 'done'").fetchone()
        if row is None:
            return None, before
        content, feeds, templates, since, until, code, silence, made_of = str(row[0]).split(_BETWEEN)
        folders = []
        is_same = True
        output = os.path.abspath(os.path.join(directory, feeds))
        number = 0
        if before is not None and (before.content, before.feeds) == (content, feeds):
            began_ns, there = before.began_ns, iter(before.folders)
        else:
            there = walk(os.path.join(directory, content), output)
        for folder in there:
            folders.append(folder)
            number += 1
            if is_same:
                row = database.execute("SELECT row FROM folder WHERE path = ?", (folder.path,)).fetchone()
                is_same = row is not None and not folder.differs_from(row[0])
        seen = Look(content, feeds, folders, began_ns, is_same=is_same)
        if not is_same or not since <= now < until or (in_silence and silence != "silence"):
            return None, seen
        if database.execute("SELECT count(*) FROM folder").fetchone()[0] != number:
            return None, seen
        documents = database.execute("SELECT path, state FROM document").fetchall()
        if any(state_of(f"{output}/{name}") != state for name, state in documents):
            return None, seen
        if made_of != state_of_site(directory, feeds, inputs_of(directory, content, templates)):
            return None, seen
        return int(code), seen
    except (OSError, ValueError, sqlite3.Error):
        return None, seen
    finally:
        if database is not None:
            database.close()


def inputs_of(directory: str, content: str, templates: str, began_ns: int = 1 << 64) -> bytes:
    """Return what names the state of all that a build is made of beside content.

    What may have changed since a run that began then had read it is unknown, and differs from whatever will be seen.
    """
    return program_text().encode() + b"\0" + configuration_state(directory, content, templates, began_ns)


def state_of_site(directory: str, feeds: str, inputs: bytes) -> str:
    """Return what names the state of the inputs, and of the ledger and the manifest."""
    parts = [inputs]
    parts += [state_of(os.path.join(directory, _STATE, name)) for name in _LEDGER]
    parts.append(state_of(os.path.join(directory, feeds, "manifest.json")))
    return b"\0".join(parts).hex()


def done(
    places: tuple[str, str, str], valid: tuple[str, str], exit_code: int, *, in_silence: bool, made_of: str
) -> str:
    """Return what is to be remembered of a build that finished: while nothing changes, the next has nothing to do.

    For as long as the time is in `valid` (the end excluded), a build would end with `exit_code` and say nothing. Where
    somebody wants to hear of every run, not even that is `in_silence`.
    `places` are content, feeds and templates. Empty where that cannot be remembered.
    """
    parts = (*places, *valid, str(exit_code), "silence" if in_silence else "word", made_of)
    return "" if any(_BETWEEN in part for part in parts) else _BETWEEN.join(parts)
