"""The ledger's file: SQLite, one transaction for each build, never silently replaced."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from feedmill.errors import LedgerError, PublishingError

VERSION = 2
"""That of what is written. A new column makes a new one: an older Feedmill is to say so, not to go on without it."""
FILE_NAME = "ledger.sqlite3"
_MAGIC = b"SQLite format 3\0"
_APPLICATION = 0x46454D4C  # "FEML", which file(1) can be taught
REMEDY = (
    "restore it from a backup or an export; or move it away, and the next build recovers what feeds/ still shows. "
    "Nothing was changed"
)


class Database:
    """The open ledger. `exists` is false where no file holds it as it is; changes then go into a new file at once.

    `is_lost` says that there was no file at all.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, exists: bool, is_lost: bool = False) -> None:
        """Take an open database, and the path where its file is or will be."""
        self.connection = connection
        self.path = path
        self.exists = exists
        self.is_lost = is_lost

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query. Raises LedgerError where the file is damaged."""
        with self._told_of():
            return self.connection.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, None where there is none. Raises LedgerError where the file is damaged."""
        with self._told_of():
            found: tuple[Any, ...] | None = self.connection.execute(query, values).fetchone()
            return found

    def write(self, statement: str, values: Sequence[Sequence[object]]) -> None:
        """Execute a statement for each of some values, within a transaction."""
        self.connection.executemany(statement, values)

    @contextmanager
    def transaction(self, *, vacuum: bool = False) -> Iterator[None]:
        """Record what the body writes, all of it or nothing. With `vacuum`, nothing that it removed stays in the file.

        Raises PublishingError where it cannot be written: all is as it was then.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            # By this the cache knows whether the ledger is the one against which its entries were identified.
            self.connection.execute("INSERT OR REPLACE INTO about VALUES ('history', lower(hex(randomblob(16))))")
            self.connection.execute("COMMIT")
            if not self.exists:
                self._create()
            elif vacuum:
                with suppress(sqlite3.OperationalError):  # a disk without the room for it: what was removed is zeroed
                    self.connection.execute("VACUUM")
        except (OSError, sqlite3.Error) as error:
            reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
            raise PublishingError(
                f"{self.path}: the ledger cannot be written: {reason}",
                remedy="correct that and build again: every feed is as it was",
            ) from None
        finally:
            if self.connection.in_transaction:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")

    def _create(self) -> None:
        """Put a ledger that no file holds into one: beside its place at first, so that none is ever half made."""
        made = self.path.with_name(f".{self.path.name}.new")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _remove(made)
        try:
            self.connection.execute("VACUUM INTO ?", (str(made),))
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.chmod(made.stat().st_mode | stat.S_IRUSR | stat.S_IWUSR)  # whatever the umask, its owner needs it
            for beside in ("-journal", "-wal", "-shm"):
                # Of a ledger that was moved away without them: SQLite would play them into this one.
                with suppress(FileNotFoundError):
                    Path(f"{self.path}{beside}").replace(f"{self.path}{beside}.old")
            made.replace(self.path)
        finally:
            with suppress(OSError):
                _remove(made)
        self.exists = True
        self.connection.close()
        self.connection = _connected(self.path)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self.connection.close()

    @contextmanager
    def _told_of(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise LedgerError(f"{self.path}: the ledger is damaged: {error}", remedy=REMEDY) from None


def open_database(path: Path) -> Database:
    """Open the ledger; one that is empty, and in memory, where there is none.

    Raises LedgerError for one that is damaged, from the future or another program's.
    """
    if not os.path.lexists(path):
        lost = in_memory(path)
        lost.is_lost = True
        return lost
    # What is there was left by a run that was killed while it committed. Until that is rolled back, sizes differ.
    is_left = os.path.lexists(f"{path}-journal")
    try:
        _check_whole(path, is_left=is_left)
        connection = _connected(path)
    except OSError as error:
        raise LedgerError(f"{path}: {os.strerror(error.errno or 0)}", remedy="make it readable") from None
    except sqlite3.Error as error:
        raise LedgerError(f"{path}: the ledger cannot be opened: {error}", remedy=REMEDY) from None
    try:
        version = _check_kind(path, connection)
        if is_left:
            _check_whole(path)
        if version < VERSION:
            from feedmill.ledger.migration import migrated  # few ledgers are of the first edition

            return migrated(connection, in_memory(path))
        return Database(connection, path, exists=True)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        connection.close()
        raise LedgerError(f"{path}: the ledger is damaged: {error}", remedy=REMEDY) from None
    except LedgerError:
        connection.close()
        raise


def in_memory(path: Path, like: Database | None = None) -> Database:
    """Return a ledger that no file holds yet: an empty one, or a copy."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    if like is not None:
        like.connection.backup(connection)
    else:
        connection.executescript(files("feedmill.ledger").joinpath("schema.sql").read_text("utf-8"))
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    return Database(connection, path, exists=False)


def check_writable(path: Path) -> None:
    """Raise LedgerError when the ledger could not be written, before any feed is."""
    mode = path.stat().st_mode if path.exists() else stat.S_IWUSR
    if not mode & 0o222 or (path.exists() and not os.access(path, os.W_OK)):
        raise LedgerError(
            f"{path}: the ledger is read-only, so a build could not record what it publishes",
            remedy=f"make it writable (chmod u+w {path}) for the user who runs feedmill. Nothing was changed",
        )


def _connected(path: Path) -> sqlite3.Connection:
    # Not mode=ro: a run that was killed while it committed may have left a journal to be rolled back.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    # What is deleted or overwritten is zeroed in the file: withdrawn text must not linger in free pages.
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _remove(database: Path) -> None:
    """Remove what a run left that was stopped while it made a ledger."""
    database.unlink(missing_ok=True)
    Path(f"{database}-journal").unlink(missing_ok=True)


def _check_whole(path: Path, *, is_left: bool = False) -> None:
    """SQLite notices a missing end only when it reads there: compare the size with what the header says."""
    with path.open("rb") as file:
        header = file.read(100)
        size = file.seek(0, os.SEEK_END)
    page = int.from_bytes(header[16:18], "big")
    expected = (65_536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
    if not _MAGIC.startswith(header[: len(_MAGIC)]):
        raise LedgerError(f"{path}: this is not a ledger", remedy=REMEDY)
    if len(header) < 100 or (size < expected and not is_left):
        raise LedgerError(f"{path}: the ledger is cut off", remedy=REMEDY)


def _check_kind(path: Path, connection: sqlite3.Connection) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise LedgerError(f"{path}: this is a database of another program", remedy=REMEDY)
    if not 1 <= version <= VERSION:
        raise LedgerError(
            f"{path}: the ledger is of version {version}, and this Feedmill knows version {VERSION}",
            remedy="use the newer Feedmill that wrote it. Nothing was changed",
        )
    return int(version)


__all__ = ["FILE_NAME", "VERSION", "Database", "check_writable", "in_memory", "open_database"]
