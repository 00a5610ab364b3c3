"""Entries, and what belongs to each feed: every question about them is a query on an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import astuple

from feedmill.model import Entry, Problem, blank, digest_of_shown, pack
from feedmill.store.cache_database import Store, as_json
from feedmill.store.rows import COLUMNS, FROM_CONTENT, NEVER, Feeds, Member, Row, checksum_of, member_of, row_of
from feedmill.store.source_tables import pack_problems, unpack_problems

_SELECT = f"SELECT {COLUMNS}, checksum FROM entry"  # noqa: S608 - our own names
_MEMBERS = """
SELECT m.path, m.id, m.shown_from, e.updated, e.digest, b.digest, b.lost, e.origin
FROM member m LEFT JOIN entry e ON e.path = m.path LEFT JOIN body b ON b.path = m.path
WHERE m.feed = :feed AND m.extra = :extra AND (m.extra OR m.shown_from <= :now) AND m.shown_until > :now
ORDER BY m.shown_from DESC, m.id
"""


class Entries:
    """The tables entry and member. `feeds_of` says to which feeds an entry belongs that may be shown."""

    def __init__(self, store: Store, feeds_of: Callable[[Entry], Feeds]) -> None:
        """Take the open cache."""
        self._store = store
        self._feeds_of = feeds_of

    # One entry

    def get(self, path: str) -> Row | None:
        """Return the entry of a path, None where there is none."""
        return next(self._found("path = ?", (path,)), None)

    def at(self, paths: Iterable[str]) -> dict[str, Row]:
        """Return the entries of some paths, by path."""
        return {row.path: row for row in self._found("path IN (SELECT value FROM json_each(?))", (as_json(paths),))}

    def with_record(self, id_: str) -> Row | None:
        """Return the entry that was published under an id, None where there is none."""
        return next(self._found("record = ? AND origin = 'content'", (id_,)), None)

    def not_recorded(self, ids: Iterable[str]) -> list[str]:
        """Return those of some ids under which no entry of content was published."""
        query = (
            "SELECT value FROM json_each(?) WHERE NOT EXISTS "
            "(SELECT 1 FROM entry WHERE record = value AND origin = 'content')"
        )
        return [id_ for (id_,) in self._store.rows(query, (as_json(ids),))]

    def with_id(self, id_: str) -> list[Row]:
        """Return the entries that bear an id now."""
        return list(self._found("id = ?", (id_,)))

    def alike(self, column: str, value: str) -> list[Row]:
        """Return the entries of content with a value in an indexed column, in order of path."""
        return list(self._found(f"{column} = ? AND origin = 'content' ORDER BY path", (value,)))

    def where(self, condition: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Yield the entries that meet a condition."""
        return self._found(condition, values)

    def _found(self, condition: str, values: Sequence[object]) -> Iterator[Row]:
        for found in self._store.database.execute(f"{_SELECT} WHERE {condition}", values):
            yield row_of(found)

    # Changes

    def put(self, rows: Iterable[tuple[Row, Feeds]], *, is_new: bool = False) -> None:
        """Put entries in place of what there is at their paths, and into the feeds to which they belong.

        What was made of an entry before, its body and its fragments, is forgotten; there is nothing where it `is_new`.
        """
        rows = list(rows)
        self.remove(() if is_new else (row.path for row, _ in rows))
        self._insert(rows)

    def _insert(self, rows: Sequence[tuple[Row, Feeds]]) -> None:
        marks = ", ".join("?" * (len(Row.__struct_fields__) + 1))
        problem = "(SELECT problem FROM entry WHERE path = ?)"
        self._store.write(
            f"INSERT OR REPLACE INTO entry ({COLUMNS}, checksum, problem) VALUES ({marks}, {problem})",  # noqa: S608
            [(*astuple(row), checksum_of(row.digest, row.packed), row.path) for row, _ in rows],
        )
        self._join([(row, feeds, 0) for row, feeds in rows if not row.state])

    def join(self, row: Row, feeds: Iterable[str]) -> None:
        """Let feeds show an entry beyond their limit."""
        self._join([(row, tuple((feed, "") for feed in feeds), 1)])

    def _join(self, rows: Sequence[tuple[Row, Feeds, int]]) -> None:
        self._store.write(
            "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
            [
                (feed, extra, row.shown_from, row.id, row.path, row.shown_until, title)
                for row, feeds, extra in rows
                for feed, title in feeds
            ],
        )

    def settle(self, row: Row, *, id_: str, record: str | None, state: str, problem: Problem | None, why: str) -> bool:
        """Give an entry its id, its record and its state. Return whether anything of it changes.

        `why` says how it came by its id.
        """
        packed_problem = pack_problems([problem] if problem is not None else [])
        self._store.write("UPDATE entry SET problem = ? WHERE path = ?", [(packed_problem, row.path)])
        if (row.id, row.record, row.state) == (id_, record, state):
            return False
        packed, digest = row.packed, row.digest
        if state == "withdrawn":
            packed = pack(blank(row.entry))
        elif id_ != row.id:
            entry = row.entry
            entry = msgspec.structs.replace(entry, id=id_, because=msgspec.structs.replace(entry.because, id=why))
            packed, digest = pack(entry), digest_of_shown(entry)
        new = msgspec.structs.replace(row, id=id_, record=record, state=state, packed=packed, digest=digest)
        feeds: Feeds = () if state else self._feeds_of(new.entry)
        self._store.write("DELETE FROM member WHERE path = ?", [(row.path,)])
        self._insert([(new, feeds)])
        return True

    def blank(self, row: Row) -> None:
        """Keep nothing of a withdrawn entry but what it is known again by, and the reason if it was published."""
        entry = blank(row.entry)
        if row.record is None and entry.withdrawn is not None:
            entry = msgspec.structs.replace(entry, withdrawn=msgspec.structs.replace(entry.withdrawn, reason=""))
        new = msgspec.structs.replace(row, state="withdrawn", packed=pack(entry))
        # That it was withdrawn before is to be reported as long as its file is there; other problems would quote it.
        self.remove([row.path], but_problem=row.state == "withdrawn")
        self._insert([(new, ())])

    def change(self, row: Row, entry: Entry) -> None:
        """Put another entry in place of a row's, whose body stays what it was."""
        new = msgspec.structs.replace(
            row, packed=pack(entry), digest=digest_of_shown(entry), updated=int(entry.updated.timestamp())
        )
        self._store.write("DELETE FROM member WHERE path = ? AND NOT extra", [(row.path,)])
        self._insert([(new, () if row.state else self._feeds_of(entry))])

    def remove(self, paths: Iterable[str], *, but_problem: bool = False) -> None:
        """Forget entries, with all that was made of them; `but_problem` where one follows that has the same problem."""
        gone = [(path,) for path in paths]
        for table in ("member", "body", "reference", "fragment", *(() if but_problem else ("entry", "candidate"))):
            self._store.write(f"DELETE FROM {table} WHERE path = ?", gone)  # noqa: S608

    def rebuild_members(self) -> None:
        """Put all entries into the feeds to which they belong now."""
        self._store.forget("member")
        for row in self._found("state = '' AND origin = 'content'", ()):
            self._join([(row, self._feeds_of(row.entry), 0)])

    def forget_records(self) -> None:
        """Take it that no entry was identified yet."""
        self._store.database.execute(
            "DELETE FROM fragment WHERE path IN (SELECT path FROM entry WHERE origin != 'content')"
        )
        self.remove([path for (path,) in self._store.rows("SELECT path FROM entry WHERE origin != 'content'")])
        self._store.database.execute("UPDATE entry SET record = NULL WHERE record IS NOT NULL")
        self._store.forget("candidate")
        self._store.database.execute("UPDATE member SET archived = 0 WHERE archived")

    def candidates(self) -> dict[str, tuple[str, ...]]:
        """Return by path the ids of the records that an entry might be, where it is not clear which."""
        found: dict[str, tuple[str, ...]] = {}
        for path, id_ in self._store.rows("SELECT path, record FROM candidate ORDER BY path, record"):
            found[path] = (*found.get(path, ()), id_)
        return found

    def set_candidates(self, looked: Iterable[str], unclear: Mapping[str, Iterable[str]]) -> None:
        """Remember of entries that were looked at which records they might be."""
        self._store.write("DELETE FROM candidate WHERE path = ?", [(path,) for path in looked])
        rows = [(path, record) for path, records in unclear.items() for record in records]
        self._store.write("INSERT INTO candidate VALUES (?, ?)", rows)

    def set_stale(self, paths: Iterable[str]) -> None:
        """Remember that what the ledger knows of some entries is to be written again."""
        self._store.write("UPDATE entry SET stale = 1 WHERE path = ?", [(path,) for path in paths])

    def redeclared(self) -> list[Row]:
        """Return the published entries that their front matter now gives another id, in order of path."""
        condition = "declared AND record IS NOT NULL AND record != own_id AND state IN ('', 'draft') ORDER BY path"
        return list(self._found(condition, ()))

    def stale(self) -> list[Row]:
        """Return the entries of which the ledger is to learn again, in order of path."""
        return list(self._found("stale ORDER BY path", ()))

    def set_recorded(self, ids: Iterable[tuple[str, str]]) -> None:
        """Remember what the ledger has learnt: the ids, by path, under which entries are published."""
        self._store.database.execute("UPDATE entry SET stale = 0 WHERE stale")
        self._store.write("UPDATE entry SET record = id WHERE path = ? AND id = ? AND origin = 'content'", ids)

    # Feeds

    def members(self, feed: str, now: int, limit: int, *, extra: bool = False) -> list[Member]:
        """Return what a feed shows, newest first, equal dates by id; with what is lost, which is passed over."""
        found: list[Member] = []
        sound = 0
        cursor = self._store.database.execute(_MEMBERS, {"feed": feed, "extra": int(extra), "now": now})
        for row in cursor:
            found.append(member_of(row))
            sound += not found[-1].lost
            if sound == limit:
                break
        return found

    def members_at(self, paths: Iterable[str]) -> dict[str, Member]:
        """Return entries by path as a feed would show them, whatever the time; none that may not be shown."""
        query = (
            "SELECT e.path, e.id, e.shown_from, e.updated, e.digest, b.digest, b.lost, e.origin "
            "FROM json_each(?) j JOIN entry e ON e.path = j.value LEFT JOIN body b ON b.path = e.path "
            "WHERE e.state = ''"
        )
        return {found[0]: member_of(found) for found in self._store.rows(query, (as_json(paths),))}

    def member_at(self, path: str) -> Member | None:
        """Return an entry as a feed would show it, whatever the time; None where it may not be shown."""
        return self.members_at([path]).get(path)

    def paths(self) -> list[str]:
        """Return the paths of all entries of content, in order."""
        return [path for (path,) in self._store.rows("SELECT path FROM entry WHERE origin = 'content' ORDER BY path")]

    def names(self, newest: int) -> list[tuple[str, str]]:
        """Return the slug and the path of the newest entries of content, so many at the most."""
        query = "SELECT slug, path FROM entry WHERE origin = 'content' ORDER BY shown_from DESC LIMIT ?"
        return [(slug, path) for slug, path in self._store.rows(query, (newest,))]

    def feeds_with(self, path: str) -> list[str]:
        """Return the names of the feeds to which an entry belongs."""
        return [feed for (feed,) in self._store.rows("SELECT feed FROM member WHERE path = ? AND NOT extra", (path,))]

    def named(self, name: str, now: int) -> list[Member]:
        """Return the entries that feeds may show at a time and that bear a name: a slug, an id or a path."""
        query = (
            "SELECT path FROM entry WHERE (slug = :name OR id = :name OR path = :name) AND state = '' "
            "AND shown_from <= :now AND shown_until > :now ORDER BY path"
        )
        rows = self._store.rows(query, {"name": name, "now": now})
        found = [member for (path,) in rows if (member := self.member_at(path)) is not None]
        sound = [member for member in found if not member.lost] or found
        # What a file says bears a name before what none says any more.
        return [member for member in sound if member.origin == FROM_CONTENT] or sound

    def rank(self, feed: str, path: str, now: int) -> int:
        """Return how many entries of a feed come before one, and itself."""
        query = (
            "SELECT count(*) FROM member m, "
            "(SELECT shown_from AS f, id AS i FROM member WHERE feed = :feed AND path = :path) "
            "WHERE m.feed = :feed AND NOT m.extra AND m.shown_from <= :now AND m.shown_until > :now "
            "AND (m.shown_from > f OR (m.shown_from = f AND m.id <= i))"
        )
        found = self._store.row(query, {"feed": feed, "path": path, "now": now})
        return int(found[0]) if found is not None else 0

    def count(self, feed: str, now: int) -> int:
        """Return how many entries a feed could show at a time."""
        query = "SELECT count(*) FROM member WHERE feed = ? AND NOT extra AND shown_from <= ? AND shown_until > ?"
        found = self._store.row(query, (feed, now, now))
        return int(found[0]) if found is not None else 0

    def authors(self, now: int) -> list[tuple[str, str]]:
        """Return the feeds of authors who have a story at a time, each with the author's name."""
        query = (
            "SELECT feed, min(title) FROM member WHERE feed >= 'authors/' AND feed < 'authors0' AND NOT extra "
            "AND shown_from <= ? AND shown_until > ? GROUP BY feed ORDER BY feed"
        )
        return [(feed, title) for feed, title in self._store.rows(query, (now, now))]

    def visible(self, now: int) -> Iterator[Row]:
        """Yield every entry that feeds may show at a time, in order of path."""
        return self._found("state = '' AND shown_from <= ? AND shown_until > ? ORDER BY path", (now, now))

    def from_ledger(self) -> list[str]:
        """Return the paths of the entries that the ledger put here."""
        return [path for (path,) in self._store.rows("SELECT path FROM entry WHERE origin != 'content'")]

    # Archives

    def not_archived(self, feed: str, now: int) -> list[tuple[str, str, int]]:
        """Return path, id and date of the entries of a feed that no archive of it is known to have, oldest first."""
        query = (
            "SELECT path, id, shown_from FROM member WHERE feed = ? AND NOT archived AND NOT extra "
            "AND shown_from <= ? AND shown_until > ? ORDER BY shown_from, id DESC"
        )
        return [(path, id_, date) for path, id_, date in self._store.rows(query, (feed, now, now))]

    def set_archived(self, feed: str, ids: Iterable[str]) -> None:
        """Remember that an archive of a feed has some entries."""
        self._store.write(
            "UPDATE member SET archived = 1 WHERE feed = ? AND NOT extra "
            "AND path IN (SELECT path FROM entry WHERE id IN (SELECT value FROM json_each(?)))",
            [(feed, as_json(ids))],
        )

    def archived_and_over(self, now: int) -> list[str]:
        """Return the ids of entries that an archive is known to have, and that no feed may show now."""
        query = (
            f"SELECT id FROM member WHERE archived AND shown_until < {NEVER} AND shown_until <= ?1 "  # noqa: S608
            "UNION SELECT id FROM member WHERE archived AND shown_from > ?1"
        )
        return [id_ for (id_,) in self._store.rows(query, (now,))]

    def forget_archived(self, now: int) -> None:
        """Take it that no archive has what feeds may not show yet: it is to be archived when its time has come."""
        self._store.write("UPDATE member SET archived = 0 WHERE archived AND shown_from > ?", [(now,)])

    def years(self, feed: str, now: int) -> dict[int, int]:
        """Return how many entries of a feed are of each year."""
        query = (
            "SELECT CAST(strftime('%Y', shown_from, 'unixepoch') AS INTEGER), count(*) FROM member "
            "WHERE feed = ? AND NOT extra AND shown_from <= ? AND shown_until > ? GROUP BY 1"
        )
        return {int(year): int(number) for year, number in self._store.rows(query, (feed, now, now))}

    def updated_since(self, since: int, now: int) -> dict[str, list[tuple[str, str, int]]]:
        """Return by feed the path, id and time of update of its archived entries that were updated of late."""
        query = (
            "SELECT m.feed, e.path, e.id, e.updated FROM entry e CROSS JOIN member m ON m.path = e.path "
            "WHERE e.updated > e.shown_from AND e.updated > ? AND e.shown_from <= ? AND e.shown_until > ? "
            "AND m.archived AND NOT m.extra"
        )
        found: dict[str, list[tuple[str, str, int]]] = {}
        for feed, *each in self._store.rows(query, (since, now, now)):
            found.setdefault(feed, []).append((each[0], each[1], each[2]))
        return found

    # Time, and problems

    def coming(self, now: int) -> Iterator[Row]:
        """Yield the entries that feeds may show at a later time."""
        return self._found("state = '' AND shown_from > ? ORDER BY shown_from, path", (now,))

    def ending(self, now: int) -> Iterator[Row]:
        """Yield the entries that feeds may show now, and may not at a later time."""
        condition = f"shown_until < {NEVER} AND shown_until > ? AND shown_from <= ? AND state = '' ORDER BY shown_until"
        return self._found(condition, (now, now))

    def in_doubt(self) -> Iterator[Row]:
        """Yield the entries that no feed may show, whatever the time."""
        return self._found("state != ''", ())

    def repeated(self, *columns: str) -> list[tuple[str, ...]]:
        """Return the values of columns that several entries of content share."""
        names = ", ".join(columns)
        query = f"SELECT {names} FROM entry WHERE origin = 'content' GROUP BY {names} HAVING count(*) > 1"  # noqa: S608
        return [tuple(found) for found in self._store.rows(query)]

    def problems_of(self, path: str) -> list[Problem]:
        """Return the problems of identity of one entry."""
        found = self._store.row("SELECT problem FROM entry WHERE path = ?", (path,))
        return unpack_problems(found[0]) if found is not None else []

    def problems(self) -> Iterator[tuple[str, Problem]]:
        """Yield the problems of identity, each with the path of its entry."""
        for path, packed in self._store.rows("SELECT path, problem FROM entry WHERE problem IS NOT NULL"):
            for problem in unpack_problems(packed):
                yield path, problem
