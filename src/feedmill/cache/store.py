"""The cache's file: SQLite, in .feedmill/, made anew whenever it is of no use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from feedmill.cache.rows import BodyRow, DocumentsRow, Shelf, StoryRow
from feedmill.cache.signatures import State, signature_of
from feedmill.cache.spool import Spool

FILE_NAME = "cache.sqlite3"
_APPLICATION = 0x464D4C43  # "FMLC"
_VERSION = 3
_SCHEMA = f"""
CREATE TABLE about (made_by TEXT NOT NULL, made_for TEXT NOT NULL);
CREATE TABLE site (source BLOB NOT NULL, checksum INTEGER NOT NULL, packed BLOB NOT NULL);
CREATE TABLE shelves (first TEXT PRIMARY KEY, checksum INTEGER NOT NULL, rows BLOB NOT NULL);
CREATE TABLE marks (path TEXT PRIMARY KEY, signature BLOB NOT NULL, checksum INTEGER NOT NULL, marks BLOB NOT NULL);
CREATE TABLE bodies (path TEXT PRIMARY KEY, key BLOB NOT NULL, checksum INTEGER NOT NULL, about BLOB NOT NULL);
CREATE TABLE contents (path TEXT PRIMARY KEY, checksum INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE vain (signs TEXT PRIMARY KEY);
CREATE TABLE gathered (checksum INTEGER NOT NULL, packed BLOB NOT NULL);
CREATE TABLE documents (feed TEXT PRIMARY KEY, key BLOB NOT NULL, checksum INTEGER NOT NULL, documents BLOB NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
"""
_ENCODER = msgspec.msgpack.Encoder()
_STORIES = msgspec.msgpack.Decoder(tuple[StoryRow, ...])
# No write-ahead log: a network mount cannot share one, and withdrawn text would linger in it.
_PRAGMAS = ("journal_mode = DELETE", "synchronous = NORMAL", "secure_delete = ON")
_PATIENCE = 0.2
"""Seconds for which a build waits for who holds the cache: it goes on without it in less time than it would wait."""


class Cache:
    """Rows kept from earlier runs, and those of this one, which `save` writes.

    `complaint` says why the cache is not used, or no longer; empty when all is well. A run `has_met_others` where it
    asked about a file that nobody had seen when it began: should that be gone by the next run, nothing would tell so.
    """

    def __init__(
        self, database: sqlite3.Connection, path: Path | None, aside: Path, began_ns: int, complaint: str = ""
    ) -> None:
        """Take an open database, the path of its file if it has one, and the folder for what is put aside."""
        self._database = database
        self._seen: Callable[[str], State] = lambda _: ()
        self._began_ns = began_ns
        self._path = path
        self._aside = aside
        self.complaint = complaint
        self.has_met_others = False

    def spool(self) -> Spool:
        """Return a new place for what a run puts aside: beside the cache."""
        return Spool(self._aside)

    def site(self, source: bytes) -> bytes:
        """Return what a feedmill.yaml of these very bytes was read as, as it was kept; empty when it was not."""
        rows = list(self._rows("SELECT source, checksum, packed FROM site"))
        return next((bytes(packed) for kept, sum_, packed in rows if kept == source and _is_whole(packed, sum_)), b"")

    def keep_site(self, source: bytes, packed: bytes) -> None:
        """Keep what feedmill.yaml was read as, in place of what there was."""
        self._write("DELETE FROM site", [()])
        self._write("INSERT INTO site VALUES (?, ?, ?)", [(source, crc32(packed), packed)])

    def prepare(self, made_for: str) -> None:
        """Forget what was made for another configuration than `made_for` names."""
        if [made_for] != [row[0] for row in self._rows("SELECT made_for FROM about")]:
            for table in ("shelves", "gathered", "vain", "bodies", "contents", "documents"):
                self._write(f"DELETE FROM {table}", [()])  # noqa: S608 - our own names
            self._write("UPDATE about SET made_for = ?", [(made_for,)])

    def rely_on(self, seen: Callable[[str], State], is_known: Callable[[str], bool]) -> None:
        """Take what gives the states of files, by path below the content directory, as they were when the run began.

        And whether a file was known then: even of some that are known there is no state.
        """

        def state(path: str) -> State:
            found = seen(path)
            self.has_met_others |= not found and not is_known(path)
            return found

        self._seen = state

    def signature(self, root: Path | str, files: Iterable[str]) -> bytes:
        """Return what identifies the present state of files below `root`, empty when it cannot be relied upon."""
        return signature_of(str(root), files, self._seen, self._began_ns)

    def marks(self, root: Path | str, path: str, read: Callable[[], str]) -> str:
        """Return the marks that `read` gives of a file, from the cache while the file is the same."""
        signature = self.signature(root, (path,))
        query = "SELECT signature, checksum, marks FROM marks WHERE path = ?"
        for known, checksum, marks in list(self._rows(query, (path,))):
            if signature and known == signature and _is_whole(marks, checksum):
                return bytes(marks).decode()
        marks = read()
        if signature:
            packed = marks.encode()
            self._write("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", [(path, signature, crc32(packed), packed)])
        return marks

    def shelves(self) -> list[str]:
        """Return the names of all shelves of stories, in their order."""
        return [name for (name,) in self._rows("SELECT first FROM shelves ORDER BY first")]

    def shelf_of(self, path: str) -> str:
        """Return the name of the shelf on which a path stands, if on any."""
        query = "SELECT first FROM shelves WHERE first <= ? ORDER BY first DESC LIMIT 1"
        return next((str(name) for (name,) in list(self._rows(query, (path,)))), "")

    def shelf(self, name: str) -> tuple[StoryRow, ...]:
        """Return what stands on a shelf; nothing where that cannot be read."""
        for checksum, rows in self._rows("SELECT checksum, rows FROM shelves WHERE first = ?", (name,)):
            if _is_whole(rows, checksum):
                return _STORIES.decode(rows)
        return ()

    def replace_shelves(self, gone: Iterable[str], new: Iterable[Shelf]) -> None:
        """Take shelves away, then put others up."""
        self._write("DELETE FROM shelves WHERE first = ?", [(name,) for name in gone])
        packed = [(shelf.first, _ENCODER.encode(shelf.rows)) for shelf in new]
        rows = [(first, crc32(content), content) for first, content in packed]
        self._write("INSERT OR REPLACE INTO shelves VALUES (?, ?, ?)", rows)

    def gathered(self) -> bytes:
        """Return what the last build gathered, as it was kept; empty when it was not, or cannot be read."""
        rows = list(self._rows("SELECT checksum, packed FROM gathered"))
        return next((bytes(packed) for checksum, packed in rows if _is_whole(packed, checksum)), b"")

    def keep_gathered(self, packed: bytes) -> None:
        """Keep what a build gathered, in place of what the last one did."""
        self._write("DELETE FROM gathered", [()])
        if packed:
            self._write("INSERT INTO gathered VALUES (?, ?)", [(crc32(packed), packed)])

    def vain(self) -> frozenset[str]:
        """Return the signs of stories that were told, and of which no file that the cache knows has any."""
        return frozenset(str(signs) for (signs,) in self._rows("SELECT signs FROM vain"))

    def keep_vain(self, signs: Iterable[str]) -> None:
        """Keep the signs of stories that were sought in vain, and no others."""
        self._write("DELETE FROM vain", [()])
        self._write("INSERT INTO vain VALUES (?)", [(each,) for each in sorted(signs)])

    def forget_stories(self, paths: Iterable[str]) -> None:
        """Forget files that are no more, with their bodies."""
        gone = [(path,) for path in paths]
        for (path,) in gone:
            name = self.shelf_of(path)
            rows = self.shelf(name)
            others = tuple(row for row in rows if row.path != path)
            if len(others) < len(rows):
                self.replace_shelves([name], [Shelf(name, others)] if others else [])
        for table in ("marks", "bodies", "contents"):
            self._write(f"DELETE FROM {table} WHERE path = ?", gone)  # noqa: S608 - our own names

    def bodies(self) -> Iterator[BodyRow]:
        """Yield every body row, without content."""
        for path, key, checksum, about in self._rows("SELECT path, key, checksum, about FROM bodies"):
            if _is_whole(about, checksum):
                yield BodyRow(path, key, about, None)

    def content(self, path: str) -> bytes | None:
        """Return the content of a body that is kept, None when it cannot be read."""
        for checksum, content in list(self._rows("SELECT checksum, content FROM contents WHERE path = ?", (path,))):
            if _is_whole(content, checksum):
                return bytes(content)
        return None

    def keep_bodies(self, rows: Iterable[BodyRow]) -> None:
        """Keep bodies with their content."""
        rows = list(rows)
        abouts = [(row.path, row.key, crc32(row.about), row.about) for row in rows]
        contents = [(row.path, crc32(row.content or b""), row.content or b"") for row in rows]
        self._write("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?, ?)", abouts)
        self._write("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", contents)

    def forget_bodies(self, paths: Iterable[str]) -> None:
        """Forget bodies that no document shows any more."""
        gone = [(path,) for path in paths]
        for table in ("bodies", "contents"):
            self._write(f"DELETE FROM {table} WHERE path = ?", gone)  # noqa: S608 - our own names

    def documents(self) -> Iterator[DocumentsRow]:
        """Yield the documents of every feed as published."""
        for feed, key, checksum, documents in self._rows("SELECT feed, key, checksum, documents FROM documents"):
            if _is_whole(documents, checksum):
                yield DocumentsRow(feed, key, documents)

    def replace_documents(self, rows: Iterable[DocumentsRow]) -> None:
        """Keep these documents, and no others."""
        self._write("DELETE FROM documents", [()])
        packed = [(row.feed, row.key, crc32(row.documents), row.documents) for row in rows]
        self._write("INSERT INTO documents VALUES (?, ?, ?, ?)", packed)

    def save(self) -> None:
        """Write what is kept so far. A disk that has no room for it costs the next run time, and nothing else."""
        with suppress(sqlite3.Error):
            self._database.commit()
            # What is read next is something else, and pages that are waited for by nobody would stay in memory.
            self._database.execute("PRAGMA shrink_memory")

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield what can be read. What cannot is worked out again, and the file made anew by the next run."""
        try:
            yield from self._database.execute(query, values)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self.complaint = f"{self._path}: the cache is damaged ({error}), so it is made anew"
            if self._path is not None:
                _removed(self._path)

    def _write(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        with suppress(sqlite3.Error):
            self._database.executemany(statement, values)


def _is_whole(packed: object, checksum: object) -> bool:
    """Whether what was read is what was kept: SQLite itself notices few of the bits that a disk turns over."""
    return isinstance(packed, bytes) and crc32(packed) == checksum


def open_cache(path: Path, made_by: str, began_ns: int) -> Cache:
    """Open the cache, or begin a new one: when it is damaged, or was made by anything other than `made_by`.

    `began_ns` is the time of the file system when the run began: files that changed since, or just before, are not
    relied upon. Where there can be none (a disk that is read-only, or another process that holds it), one that lasts
    for this run alone stands in.
    """
    complaint = ""
    try:
        return Cache(_opened(path, made_by), path, path.parent, began_ns)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        complaint = f"{path}: the cache cannot be used ({reason}), so this build goes on without it"
    except sqlite3.OperationalError as error:
        complaint = f"{path}: the cache cannot be used ({error}), so this build goes on without it"
        if "locked" not in str(error) and "readonly" not in str(error) and _removed(path):
            with suppress(sqlite3.Error):
                return Cache(_opened(path, made_by), path, path.parent, began_ns, complaint)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # of which the latter is about the text of the former
        complaint = f"{path}: the cache is damaged ({error}), so this build goes on without it and makes it anew"
        if _removed(path):
            with suppress(sqlite3.Error):
                return Cache(_opened(path, made_by), path, path.parent, began_ns, complaint)
    return Cache(_fresh(_nowhere(), made_by), path, path.parent, began_ns, complaint)


def no_cache(folder: Path) -> Cache:
    """Return a cache that remembers nothing from run to run; what a run puts aside lies in `folder`."""
    return Cache(_fresh(_nowhere(), ""), None, folder, 0)


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
            if database.execute("SELECT made_by FROM about").fetchone() == (made_by,):
                return database
        elif application not in (0, _APPLICATION):
            raise sqlite3.DatabaseError("it is a database of another program")
        return _fresh(database, made_by)
    except (sqlite3.Error, UnicodeDecodeError):
        database.close()
        raise


def _fresh(database: sqlite3.Connection, made_by: str) -> sqlite3.Connection:
    """Empty a database: what another version or another configuration made is of no use."""
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    drop = "".join(f'DROP TABLE "{name}";' for name in names)
    database.executescript(f"BEGIN IMMEDIATE; {drop} {_SCHEMA} COMMIT;")
    database.execute("INSERT INTO about VALUES (?, '')", (made_by,))
    database.commit()
    return database


def _removed(path: Path) -> bool:
    try:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
    except OSError:
        return False
    return True
