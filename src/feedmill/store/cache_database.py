"""The cache's file: SQLite, in .feedmill/, made again whenever it is of no use. Deleting it changes only time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

FILE_NAME = "cache.sqlite3"
_APPLICATION = 0x464D4C43  # "FMLC"
_VERSION = 6
# No write-ahead log: a network mount cannot share one, and withdrawn text would linger in it.
_PRAGMAS = ("journal_mode = DELETE", "synchronous = NORMAL", "secure_delete = ON", "cache_size = -8000")
_PATIENCE = 0.2
"""Seconds for which a run waits for who holds the cache: it goes on without it in less time than it would wait."""


def as_json(texts: Iterable[str]) -> bytes:
    """Return texts as JSON, of which json_each of SQLite makes rows: one query asks of many."""
    return msgspec.json.encode(list(texts))


class Store:
    """The open cache. `complaint` says why the file is not used, or was made again; empty when all is well.

    Files that changed shortly before `began_ns`, the file system's time when the run began, may change again without a
    trace, and are read again by the next run. Errors of SQLite mean that the file is damaged: see `discard`.
    """

    def __init__(self, database: sqlite3.Connection, path: Path | None, began_ns: int, complaint: str = "") -> None:
        """Take an open database, and the path of its file if it has one."""
        self.database = database
        self.path = path
        self.began_ns = began_ns
        self.complaint = complaint

    def rows(self, query: str, values: Sequence[object] | dict[str, object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.database.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[object] | dict[str, object] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, None where there is none."""
        found: tuple[Any, ...] | None = self.database.execute(query, values).fetchone()
        return found

    def write(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        """Execute a statement for each of some values."""
        self.database.executemany(statement, values)

    def meta(self, key: str) -> Any:
        """Return what is remembered under a name, None where nothing is."""
        found = self.row("SELECT value FROM meta WHERE key = ?", (key,))
        return found[0] if found is not None else None

    def set_meta(self, key: str, value: object) -> None:
        """Remember something under a name."""
        self.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, value)])

    def index(self) -> None:
        """Make the indexes of the tables, where there are none."""
        for statement in files("feedmill.store").joinpath("indexes.sql").read_text("utf-8").split(";"):
            self.database.execute(statement)

    def forget(self, *tables: str) -> None:
        """Empty tables."""
        for table in tables:
            self.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def commit(self) -> None:
        """Write what was changed to the disk. One that has no room for it costs the next run time, and nothing else."""
        with suppress(sqlite3.OperationalError):
            self.database.commit()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self.database.close()


def open_store(path: Path, made_by: str, began_ns: int) -> Store:
    """Open the cache, or begin a new one: when it is damaged, or was made by anything other than `made_by`.

    Where there can be none (a disk that is read-only, or another process that holds it), one that lasts for this run
    alone stands in.
    """
    without = "so this run goes on without it"
    try:
        return Store(_opened(path, made_by), path, began_ns)
    except OSError as error:
        complaint = f"{path}: the cache cannot be used ({os.strerror(error.errno or 0)}), {without}"
    except sqlite3.OperationalError as error:
        complaint = f"{path}: the cache cannot be used ({error}), {without}"
        if "locked" not in str(error) and "readonly" not in str(error):
            return discard(path, made_by, began_ns, complaint)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # of which the latter is about the text of the former
        return discard(path, made_by, began_ns, f"{path}: the cache is damaged ({error}), so it is made again")
    return Store(_fresh(_nowhere(), made_by), None, began_ns, complaint)


def discard(path: Path | None, made_by: str, began_ns: int, complaint: str) -> Store:
    """Remove a damaged cache and return a new one; one in memory where that cannot be done."""
    if path is not None:
        with suppress(OSError, sqlite3.Error):
            for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
            return Store(_opened(path, made_by), path, began_ns, complaint)
    return Store(_fresh(_nowhere(), made_by), None, began_ns, complaint)


def memory_store(made_by: str = "") -> Store:
    """Return a cache that remembers nothing from run to run."""
    return Store(_fresh(_nowhere(), made_by), None, 0)


def _nowhere() -> sqlite3.Connection:
    """Return a database that vanishes with this run. SQLite puts on the disk what its own memory does not hold."""
    return sqlite3.connect("")


def _opened(path: Path, made_by: str) -> sqlite3.Connection:
    # It holds stories under embargo, which nobody else may read before their time.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        for pragma in _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if (application, version) == (_APPLICATION, _VERSION):
            if database.execute("SELECT 1 FROM meta WHERE key = 'made_by' AND value = ?", (made_by,)).fetchone():
                database.execute("BEGIN IMMEDIATE")
                return database
        elif application not in (0, _APPLICATION):
            raise sqlite3.DatabaseError("it is a database of another program")
        return _fresh(database, made_by)
    except (sqlite3.Error, UnicodeDecodeError):
        database.close()
        raise


def _fresh(database: sqlite3.Connection, made_by: str) -> sqlite3.Connection:
    """Empty a database: what another version made is of no use. What was remembered of runs stays."""
    record = None
    with suppress(sqlite3.Error):
        record = database.execute("SELECT value FROM meta WHERE key = 'record'").fetchone()
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    drop = "".join(f'DROP TABLE "{name}";' for name in names)
    schema = files("feedmill.store").joinpath("schema.sql").read_text("utf-8")
    pragmas = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_VERSION};"
    database.executescript(f"BEGIN IMMEDIATE; {drop} {schema} {pragmas} COMMIT;")
    database.execute("INSERT INTO meta VALUES ('made_by', ?)", (made_by,))
    if record is not None:
        database.execute("INSERT INTO meta VALUES ('record', ?)", record)
    database.commit()
    return database
