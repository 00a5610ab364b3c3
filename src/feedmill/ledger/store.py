"""The ledger's file: SQLite, one transaction per build, never silently replaced."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from feedmill.errors import LedgerError, PublishingError
from feedmill.ledger.records import Archive, Ledger, Record, State
from feedmill.ledger.withdrawing import taken_out
from feedmill.model import Site

VERSION = 1
"""That of what is written. A new field makes a new one: an older Feedmill is to say so, not to go on without it."""
_MAGIC = b"SQLite format 3\0"
_APPLICATION = 0x46454D4C  # "FEML", which file(1) can be taught
_COLUMNS = Record.__struct_fields__
*_TEXTS, _ = _COLUMNS  # `kept` comes last
_FEEDS = _COLUMNS.index("feeds")
"""The columns `feeds`, `left` and `state`, which are more than text, stand beside each other."""
_SCHEMA = f"""
BEGIN;
CREATE TABLE entries ({", ".join(f"{name} TEXT NOT NULL" for name in _COLUMNS)}, PRIMARY KEY (id));
CREATE TABLE feeds (name TEXT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE archives (path TEXT PRIMARY KEY, feed TEXT NOT NULL, position INTEGER NOT NULL, archive TEXT NOT NULL);
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE intended (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""
_ARCHIVE = msgspec.json.Decoder(Archive)
_STATES = {state.value: state for state in State}
_FEW = 5
"""Below so many stories, that none is known says nothing."""
_REMEDY = (
    "restore it from a backup or an export; or move it away, and the next build recovers what feeds/ still tells. "
    "Nothing was changed"
)


def load(path: Path) -> Ledger | None:
    """Read the ledger, None when there is none. Raises LedgerError for one that is damaged or from the future."""
    if not path.exists():
        return None
    with _open(path) as database:
        try:
            return _read(database)
        except (ValueError, TypeError, KeyError, msgspec.MsgspecError) as error:
            raise LedgerError(f"{path}: the ledger is damaged: {error}", remedy=_REMEDY) from None


def _read(database: sqlite3.Connection) -> Ledger:
    # What is kept of entries is most of the file: as bytes it is read in a fraction of the time.
    entries = database.execute(f"SELECT {', '.join(_TEXTS)}, CAST(kept AS BLOB) FROM entries")  # noqa: S608 - our own
    archives: dict[str, list[Archive]] = {}
    for row in database.execute("SELECT archive FROM archives ORDER BY feed, position"):
        archive = _ARCHIVE.decode(row[0])
        archives.setdefault(archive.feed, []).append(archive)
    names = _Names()
    return Ledger(
        records={row[0]: _record(row, names) for row in entries},
        feeds=dict(database.execute("SELECT name, title FROM feeds")),
        archives={name: tuple(found) for name, found in archives.items()},
        about=dict(database.execute("SELECT key, value FROM about")),
        intended=dict(database.execute("SELECT path, sha256 FROM intended")),
        exists=True,
    )


def check_site(ledger: Ledger, site: Site, path: Path) -> Ledger:
    """Return the ledger. Raises LedgerError when it is another site's: its ids would be given to other stories."""
    authority = ledger.about.get("authority", site.id_authority)
    if authority != site.id_authority:
        raise LedgerError(
            f"{path}: this ledger is of {authority}, and feedmill.yaml says site.id_authority: {site.id_authority}",
            remedy="put id_authority back, which is never to be changed; or, if this is another site, move the ledger "
            "away. Nothing was changed",
        )
    return ledger


def check_stories(ledger: Ledger, recognised: Collection[str], entries: int, site: Site, path: Path) -> None:
    """Raise LedgerError when a ledger of the same authority is another site's all the same.

    A site may move to another domain; but when none of its stories is known (`recognised` are their paths), it is no
    move. Of a handful of stories that may be chance.
    """
    other = ledger.about.get("site", site.url)
    if other != site.url and not recognised and min(len(ledger.records), entries) >= _FEW:
        raise LedgerError(
            f"{path}: the ledger is of {other}, and none of its stories is here: two sites must not share one "
            f"id_authority ({site.id_authority}) or one ledger",
            remedy="give this site an id_authority of its own, and move the ledger and feeds that were copied away. "
            "Nothing was changed",
        )


def check_writable(path: Path) -> None:
    """Raise LedgerError when the ledger could not be written, before any feed is."""
    mode = path.stat().st_mode if path.exists() else stat.S_IWUSR
    if not mode & 0o222 or (path.exists() and not os.access(path, os.W_OK)):
        raise LedgerError(
            f"{path}: the ledger is read-only, so a build could not record what it publishes",
            remedy=f"make it writable (chmod u+w {path}) for the user who runs feedmill. Nothing was changed",
        )


@contextmanager
def recording(path: Path, before: Ledger, after: Ledger, intended: Mapping[str, str]) -> Iterator[None]:
    """Record `after` in one transaction around the body of the `with`, which replaces documents.

    First it is written down which documents are about to change (`intended`: their digests by path) and what no feed
    may show any more, then the body runs, then all is committed. When the body fails, or the run is killed, the ledger
    still says what was intended, and the next build learns from the documents themselves how far this one came. So
    neither is ahead of the other; but what no feed may show is not kept any more, however far that was. When it fails
    before the body has replaced anything, all is as it was.

    When nothing differs, the file is not touched. Text that was withdrawn is overwritten in the file, too.
    """
    is_new = not path.exists()
    # What was recovered, or read from documents after a build was stopped, no file holds yet.
    there = before.records if before.exists and not before.intended and not is_new else {}
    changed = [
        record
        for id_, record in after.records.items()
        # Most are the same ones, which is seen sooner than that they are equal.
        if id_ in after.to_keep or ((old := there.get(id_)) is not record and old != record)
    ]
    changed.sort(key=attrgetter("id"))
    gone = before.records.keys() - after.records.keys()
    same = (before.feeds, before.archives, before.about) == (after.feeds, after.archives, after.about)
    if before.exists and not (changed or gone or intended or before.intended) and same:
        yield
        return
    withdrawn = any(
        record.state is State.WITHDRAWN and before.records.get(record.id, record).state is not State.WITHDRAWN
        for record in changed
    )
    barred = [record for record in changed if record.state is State.WITHDRAWN or record.id in after.barred]
    pairs = ((before.records[record.id], record) for record in barred if record.id in before.records)
    leaving = [record for old, after_ in pairs if (record := taken_out(old, after_)) is not None]

    def begin(database: sqlite3.Connection) -> None:
        database.execute("BEGIN IMMEDIATE")
        if there is before.records:
            database.executemany("INSERT INTO intended VALUES (?, ?)", sorted(intended.items()))
        else:
            # Should this run be stopped, too, nobody could read it from the documents any more.
            database.execute("DELETE FROM archives")
            _write(database, list(before.records.values()), set(), replace(before, intended=intended), {})
        _write_records(database, leaving, {})
        database.execute("COMMIT")

    if is_new:
        _create(path, begin)
    with _open(path) as database:
        try:
            if not is_new:
                begin(database)
            has_begun = False
            try:
                database.execute("BEGIN IMMEDIATE")
                _write(database, changed, gone, after, before.archives)
                has_begun = True
                yield
            except (PublishingError, sqlite3.Error) as error:
                if not has_begun or (isinstance(error, PublishingError) and not error.has_replaced):
                    _take_back(database, [before.records[record.id] for record in leaving])
                raise
            database.execute("COMMIT")
            if withdrawn or gone:
                database.execute("VACUUM")
        except sqlite3.Error as error:
            raise PublishingError(
                f"{path}: the ledger cannot be written: {error}",
                remedy="mend that and build again: every feed is whole, and the next build reads from them how far "
                "this one came",
            ) from None


def _take_back(database: sqlite3.Connection, records: Sequence[Record]) -> None:
    """Take back what was written down of a build that replaced nothing: nobody has been told. `records` are as before.

    A disk that is full may not take it. Then what was to be taken out of feeds stays out.
    """
    with suppress(sqlite3.Error):
        if database.in_transaction:
            database.execute("ROLLBACK")
        database.execute("BEGIN IMMEDIATE")
        _write_records(database, records, {})
        database.execute("DELETE FROM intended")
        database.execute("COMMIT")


def save(path: Path, before: Ledger, after: Ledger) -> None:
    """Record what no document need be replaced for: an adoption, an import, a withdrawal."""
    check_writable(path)
    with recording(path, before, replace(after, intended={}), {}):
        pass


def _write(
    database: sqlite3.Connection,
    changed: list[Record],
    gone: set[str],
    after: Ledger,
    archives: Mapping[str, Sequence[Archive]],
) -> None:
    """Write what differs in `after`: the records that `changed`, and archives that are not those of before."""
    database.executemany("DELETE FROM entries WHERE id = ?", [(id_,) for id_ in sorted(gone)])
    _write_records(database, changed, after.to_keep)
    there, wanted = _in_places(archives), _in_places(after.archives)
    database.executemany("DELETE FROM archives WHERE path = ?", [(path,) for path in sorted(there.keys() - wanted)])
    database.executemany(
        "INSERT OR REPLACE INTO archives VALUES (?, ?, ?, ?)",
        [
            (path, archive.feed, position, _archive_text(archive))
            for path, (position, archive) in wanted.items()
            if there.get(path) != (position, archive)
        ],
    )
    for table in ("feeds", "about", "intended"):
        database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    database.executemany("INSERT INTO feeds VALUES (?, ?)", sorted(after.feeds.items()))
    database.executemany("INSERT INTO about VALUES (?, ?)", sorted(after.about.items()))
    database.executemany("INSERT INTO intended VALUES (?, ?)", sorted(after.intended.items()))


def _write_records(
    database: sqlite3.Connection, records: Sequence[Record], to_keep: Mapping[str, Callable[[], bytes]]
) -> None:
    marks = ", ".join("?" * len(_COLUMNS))
    rows = (_row(record, to_keep.get(record.id)) for record in records)
    database.executemany(f"INSERT OR REPLACE INTO entries VALUES ({marks})", rows)  # noqa: S608 - our own names


def _in_places(archives: Mapping[str, Sequence[Archive]]) -> dict[str, tuple[int, Archive]]:
    """Return archives by path, each with its position among those of its feed."""
    return {each.path: (number, each) for name in sorted(archives) for number, each in enumerate(archives[name])}


def _row(record: Record, to_keep: Callable[[], bytes] | None) -> tuple[str, ...]:
    row = astuple(record)
    kept = to_keep() if to_keep is not None else record.kept
    feeds, left, state = row[_FEEDS : _FEEDS + 3]
    return (*row[:_FEEDS], " ".join(feeds), " ".join(left), str(state), *row[_FEEDS + 3 : -1], kept.decode())


class _Names(dict[str, tuple[str, ...]]):
    """The names of feeds in one text. Most entries have those of others, which are held once."""

    def __missing__(self, text: str) -> tuple[str, ...]:
        """Split a text that comes for the first time."""
        self[text] = tuple(text.split())
        return self[text]


def _record(row: tuple[Any, ...], names: _Names) -> Record:
    feeds, left, state = row[_FEEDS : _FEEDS + 3]
    known = _STATES.get(state) or State(state)
    values: list[Any] = [*row[:_FEEDS], names[feeds], names[left], known, *row[_FEEDS + 3 :]]
    return Record(*values)


def _archive_text(archive: Archive) -> str:
    given = {name: getattr(archive, name) for name in Archive.__struct_fields__}
    return json.dumps(given, ensure_ascii=False, sort_keys=True)


def _create(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a ledger, with what `fill` puts into it, beside its place, and then put it there.

    A run that is killed leaves none that is half made, nor an empty one where feeds told something: it would not be
    read from them again.
    """
    made = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(made)
        with closing(sqlite3.connect(made, isolation_level=None)) as database:
            database.executescript(_SCHEMA)
            fill(database)
        made.chmod(made.stat().st_mode | stat.S_IRUSR | stat.S_IWUSR)  # whatever the umask, its owner needs it
        for beside in ("-journal", "-wal", "-shm"):
            # Of a ledger that was moved away without them: SQLite would play them into this one.
            with suppress(FileNotFoundError):
                Path(f"{path}{beside}").replace(f"{path}{beside}.old")
        made.replace(path)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            _remove(made)
        raise LedgerError(
            f"{path}: the ledger cannot be made: {error}",
            remedy="make its directory writable, and room on its disk. Nothing was changed",
        ) from None


def _remove(database: Path) -> None:
    """Remove what a run left that was stopped while it made a ledger."""
    database.unlink(missing_ok=True)
    Path(f"{database}-journal").unlink(missing_ok=True)


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger. Only SQLite's own complaints become LedgerError; what the body raises passes as it is."""
    # What is there was left by a run that was killed while it committed. Until that is rolled back, sizes differ.
    is_left = os.path.lexists(f"{path}-journal")
    try:
        _check_whole(path, is_left=is_left)
        # Not mode=ro: a run that was killed while it committed may have left a journal to be rolled back.
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    except OSError as error:
        raise LedgerError(f"{path}: {os.strerror(error.errno or 0)}", remedy="make it readable") from None
    except sqlite3.Error as error:
        raise LedgerError(f"{path}: the ledger cannot be opened: {error}", remedy=_REMEDY) from None
    with closing(database):
        try:
            _check_kind(path, database)
            if is_left:
                _check_whole(path)
            # What is deleted or overwritten is zeroed in the file: withdrawn text must not linger in free pages.
            database.execute("PRAGMA secure_delete = ON")
            yield database
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: the ledger is damaged: {error}", remedy=_REMEDY) from None


def _check_whole(path: Path, *, is_left: bool = False) -> None:
    """SQLite notices a missing end only when it reads there: compare the size with what the header says."""
    with path.open("rb") as file:
        header = file.read(100)
        size = file.seek(0, os.SEEK_END)
    page = int.from_bytes(header[16:18], "big")
    expected = (65_536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
    if not _MAGIC.startswith(header[: len(_MAGIC)]):
        raise LedgerError(f"{path}: this is no ledger", remedy=_REMEDY)
    if len(header) < 100 or (size < expected and not is_left):
        raise LedgerError(f"{path}: the ledger is cut off", remedy=_REMEDY)


def _check_kind(path: Path, database: sqlite3.Connection) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise LedgerError(f"{path}: this is a database of another program", remedy=_REMEDY)
    if version != VERSION:
        raise LedgerError(
            f"{path}: the ledger is of version {version}, and this Feedmill knows version {VERSION}",
            remedy="use the newer Feedmill that wrote it. Nothing was changed",
        )
