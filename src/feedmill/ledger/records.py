"""What the ledger knows: a record for every entry ever published, who was told of it, the feeds and their archives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from feedmill.ledger.ledger_database import Database


class State(StrEnum):
    """What has become of a published entry."""

    LIVE = "live"
    LEFT = "left"
    WITHDRAWN = "withdrawn"


class Record(Struct, frozen=True):
    """One published entry: the columns of its table."""

    id: str
    place: str = ""
    path: str = ""
    title: str = ""
    title_key: str = ""
    text_key: str = ""
    published: str = ""
    updated: str = ""
    first: str = ""
    state: State = State.LIVE
    withdrawn: str = ""
    reason: str = ""
    kept: str = ""


class Archive(Struct, frozen=True):
    """One archive document of a feed: its place below the feeds directory, and its name among the feed's."""

    path: str
    feed: str
    name: str
    position: int


class Archived(Struct, frozen=True):
    """What an archive tells of an entry: when it was updated, and what stands for a withdrawn one (stub, tombstone)."""

    updated: str
    mark: str = ""


_COLUMNS = ", ".join(Record.__struct_fields__)
_SELECT = f"SELECT {_COLUMNS} FROM entry"  # noqa: S608 - our own names
_MARKS = ", ".join("?" * len(Record.__struct_fields__))
_STATES = {state.value: state for state in State}
_SOME = 1_000


class Ledger:
    """All that subscribers have been told. Every question about it is a query on an index.

    `notes` are what its opening brought to light: that it was lost, or older than the feeds.
    """

    def __init__(self, database: Database, notes: Sequence[str] = ()) -> None:
        """Take the open database."""
        self.database = database
        self.notes = tuple(notes)

    @property
    def exists(self) -> bool:
        """Whether a file holds it as it is."""
        return self.database.exists

    # Entries

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing was ever published, as of when it was first asked."""
        return self.database.row("SELECT 1 FROM entry LIMIT 1") is None

    @cached_property
    def has_withdrawn(self) -> bool:
        """Whether anything was ever withdrawn, as of when it was first asked."""
        return self.database.row("SELECT 1 FROM entry WHERE state = 'withdrawn' LIMIT 1") is not None

    def get(self, id_: str) -> Record | None:
        """Return the record of an id, None where it was never published."""
        return next(iter(self._found("id = ?", (id_,))), None)

    def alike(self, column: str, value: str) -> list[Record]:
        """Return the records with a value in an indexed column: path, place, title_key or text_key."""
        return list(self._found(f"{column} = ? AND {column} != '' ORDER BY id", (value,)))

    def ids_of(self, state: State) -> list[str]:
        """Return the ids of the records of a state, in order."""
        return [id_ for (id_,) in self.database.rows(f"SELECT id FROM entry WHERE state = '{state.value}' ORDER BY id")]  # noqa: S608

    def of_state(self, state: State) -> list[Record]:
        """Return the records of a state, in order of id."""
        return list(self._found(f"state = '{state.value}' ORDER BY id", ()))

    def kept_for_archives(self) -> list[Record]:
        """Return the records that no feed shows any more, and of which the text is kept still."""
        return list(self._found("state = 'left' AND kept != '' ORDER BY id", ()))

    def records(self) -> Iterator[Record]:
        """Yield every record, in order of id; some of them are in memory at a time."""
        last = ""
        while some := list(self._found(f"id > ? ORDER BY id LIMIT {_SOME}", (last,))):
            yield from some
            last = some[-1].id

    def with_address_ending(self, slug: str, most: int) -> list[Record]:
        """Return some records whose address ends in a slug, but none of what was withdrawn. It looks at all."""
        condition = "state != 'withdrawn' AND substr('/' || rtrim(place, '/'), -length(?1)) = ?1 ORDER BY id LIMIT ?2"
        return list(self._found(condition, (f"/{slug}", most)))

    def count(self) -> int:
        """Return how many records there are."""
        found = self.database.row("SELECT count(*) FROM entry")
        return int(found[0]) if found is not None else 0

    def _found(self, condition: str, values: Sequence[object]) -> Iterator[Record]:
        for found in self.database.rows(f"{_SELECT} WHERE {condition}", values):
            yield _record(found)

    def put(self, records: Iterable[Record]) -> None:
        """Write records, within a transaction."""
        self.database.write(
            f"INSERT OR REPLACE INTO entry VALUES ({_MARKS})",  # noqa: S608 - our own names
            [
                tuple(str(getattr(record, name)) for name in Record.__struct_fields__)
                for record in sorted(records, key=lambda record: record.id)
            ],
        )

    # Who was told

    def told_now(self, feed: str) -> dict[str, str]:
        """Return the ids that a feed shows, each with the digest of all that it shows of it."""
        return dict(self.database.rows("SELECT id, seen FROM told WHERE feed = ? AND current", (feed,)))

    def told_ever(self, feed: str, ids: Iterable[str]) -> set[str]:
        """Return those of some ids that a feed has ever shown, or an archive of it."""
        query = (
            "SELECT 1 FROM told WHERE id = ?1 AND feed = ?2 UNION ALL "
            "SELECT 1 FROM archived d JOIN archive a ON a.path = d.path WHERE d.id = ?1 AND a.feed = ?2 LIMIT 1"
        )
        return {id_ for id_ in ids if self.database.row(query, (id_, feed)) is not None}

    def feeds_that_told(self, id_: str) -> set[str]:
        """Return the names of the feeds that have ever shown an entry, or an archive of theirs has."""
        query = (
            "SELECT feed FROM told WHERE id = ?1 UNION "
            "SELECT a.feed FROM archived d JOIN archive a ON a.path = d.path WHERE d.id = ?1"
        )
        return {feed for (feed,) in self.database.rows(query, (id_,))}

    def feeds_showing(self, id_: str) -> list[str]:
        """Return the names of the feeds that show an entry now."""
        return [feed for (feed,) in self.database.rows("SELECT feed FROM told WHERE id = ? AND current", (id_,))]

    def was_shown(self, id_: str) -> bool:
        """Whether a feed or an archive of Feedmill's has ever shown an entry; not of one that was only adopted."""
        return bool(self.feeds_that_told(id_))

    def told_of(self, id_: str) -> list[tuple[str, str, bool]]:
        """Return the feeds that have ever shown an entry, with the digest of what each did, and whether it does now."""
        rows = self.database.rows("SELECT feed, seen, current FROM told WHERE id = ? ORDER BY feed", (id_,))
        return [(feed, seen, bool(current)) for feed, seen, current in rows]

    def tell(self, feed: str, seen: Mapping[str, str], no_more: Iterable[str]) -> None:
        """Write what a feed shows and what it shows no more, within a transaction."""
        self.database.write(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, 1)", [(id_, feed, digest) for id_, digest in seen.items()]
        )
        self.database.write("UPDATE told SET current = 0 WHERE feed = ? AND id = ?", [(feed, id_) for id_ in no_more])

    def feeds(self) -> dict[str, str]:
        """Return the titles of published feeds, by name."""
        return dict(self.database.rows("SELECT name, title FROM feed ORDER BY name"))

    def put_feeds(self, titles: Mapping[str, str]) -> None:
        """Write the titles of all published feeds, within a transaction."""
        self.database.write("DELETE FROM feed", [()])
        self.database.write("INSERT INTO feed VALUES (?, ?)", sorted(titles.items()))

    # Archives

    def archives(self, feed: str = "") -> list[Archive]:
        """Return the archives of a feed, or of all, oldest first."""
        condition, values = ("WHERE feed = ?", (feed,)) if feed else ("", ())
        query = f"SELECT path, feed, name, position FROM archive {condition} ORDER BY feed, position"  # noqa: S608
        return [Archive(*found) for found in self.database.rows(query, values)]

    def archived_in(self, path: str) -> dict[str, Archived]:
        """Return what an archive tells, by id."""
        rows = self.database.rows("SELECT id, updated, mark FROM archived WHERE path = ? ORDER BY id", (path,))
        return {id_: Archived(updated, mark) for id_, updated, mark in rows}

    def archives_with(self, id_: str) -> list[tuple[Archive, Archived]]:
        """Return the archives that tell an entry, with what each tells of it, by feed, the oldest first."""
        query = (
            "SELECT a.path, a.feed, a.name, a.position, d.updated, d.mark "
            "FROM archived d JOIN archive a ON a.path = d.path WHERE d.id = ? ORDER BY a.feed, a.position"
        )
        return [(Archive(*found[:4]), Archived(*found[4:])) for found in self.database.rows(query, (id_,))]

    def put_archive(self, archive: Archive, told: Mapping[str, Archived]) -> None:
        """Write an archive and what it tells, within a transaction."""
        row = (archive.path, archive.feed, archive.name, archive.position)
        self.database.write("INSERT OR REPLACE INTO archive VALUES (?, ?, ?, ?)", [row])
        self.database.write("DELETE FROM archived WHERE path = ?", [(archive.path,)])
        rows = [(archive.path, id_, each.updated, each.mark) for id_, each in sorted(told.items())]
        self.database.write("INSERT INTO archived VALUES (?, ?, ?, ?)", rows)

    def remove_archives(self, paths: Iterable[str]) -> None:
        """Forget archives, within a transaction."""
        for table in ("archive", "archived"):
            self.database.write(f"DELETE FROM {table} WHERE path = ?", [(path,) for path in sorted(paths)])  # noqa: S608

    def unmark(self, id_: str) -> None:
        """Take it that archives do not say yet that an entry is withdrawn, within a transaction."""
        self.database.write("UPDATE archived SET mark = '' WHERE id = ?", [(id_,)])

    # Documents, and the whole

    def documents(self) -> dict[str, str]:
        """Return the digests of all published documents, by path."""
        return dict(self.database.rows("SELECT path, sha256 FROM document"))

    def put_documents(self, digests: Mapping[str, str]) -> None:
        """Write the digests of all published documents, within a transaction."""
        before = self.documents()
        self.database.write("DELETE FROM document WHERE path = ?", [(path,) for path in before.keys() - digests.keys()])
        changed = [(path, digest) for path, digest in sorted(digests.items()) if before.get(path) != digest]
        self.database.write("INSERT OR REPLACE INTO document VALUES (?, ?)", changed)

    def about(self) -> dict[str, str]:
        """Return what the ledger says of itself."""
        return dict(self.database.rows("SELECT key, value FROM about"))

    def put_about(self, **values: str) -> None:
        """Write what the ledger says of itself, within a transaction."""
        self.database.write("INSERT OR REPLACE INTO about VALUES (?, ?)", sorted(values.items()))

    @property
    def serial(self) -> int:
        """The number of builds that have published anything."""
        return int(self.about().get("serial", "0"))


def _record(found: Sequence[str]) -> Record:
    values = list(found)
    values[_STATE] = _STATES[values[_STATE]]
    return Record(*values)  # type: ignore[arg-type]  # one of them is a State now


_STATE = Record.__struct_fields__.index("state")


def moment_text(moment: datetime) -> str:
    """Return a moment as the ledger writes it: UTC in whole seconds, in an order that is that of time."""
    return f"{moment.isoformat()[:19]}Z"


def url_of(place: str, site_url: str) -> str:
    """Return the address of a place."""
    return place if place.startswith(("https://", "http://")) else site_url + place
