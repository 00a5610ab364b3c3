"""Stories and records → who is who: a published story is found again by what it says before where it lies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from msgspec import Struct

from feedmill.ledger.records import Ledger, Record, State
from feedmill.store import Entries, Row

_SIGNS = ("title_key", "text_key", "place", "path")
Sign = tuple[str, ...] | None


class Identified(Struct, frozen=True):
    """Who is who. `records` gives by path the record of a story that had to be looked for.

    `unclear` are the records that a story might be, by its path: the story is left out, and the records stay as they
    were. `stale` are the paths of stories of which the record is to be written anew. `open` are records that no story
    tells, of those that were looked for, and `looked` the paths of all stories that were looked at.
    """

    records: dict[str, Record]
    unclear: dict[str, tuple[Record, ...]]
    stale: frozenset[str]
    open: dict[str, Record]
    looked: frozenset[str] = frozenset()


def identify(
    ledger: Ledger,
    entries: Entries,
    fresh: Collection[str] | None,
    freed: Iterable[str],
    is_broken: Callable[[str], bool],
) -> Identified:
    """Match stories with what was published.

    `fresh` are the paths of the stories that are new or changed, None where none was identified yet; `freed` are the
    ids of records whose story changed or went. The other stories are known already. `is_broken` says of a path that a
    file lies there of which no entry can be made.
    """
    search = _Search(ledger, entries, is_broken)
    if ledger.is_empty:
        return Identified({}, {}, frozenset(), {})
    if fresh is None:
        for record in ledger.records():
            search.take(record)
    else:
        for path in fresh:
            row = entries.get(path)
            if row is not None:
                search.open_stories[path] = row
        for id_ in freed:
            known = ledger.get(id_)
            if known is not None:
                search.open_records[id_] = known
    search.grow()
    looked = frozenset(search.open_stories)
    search.run()
    return Identified(search.found, search.unclear(), frozenset(search.stale), search.open_records, looked)


class _Search:
    """Stories and records that are not matched yet: those to begin with, and all that agree with any of them."""

    def __init__(self, ledger: Ledger, entries: Entries, is_broken: Callable[[str], bool]) -> None:
        self._ledger = ledger
        self._entries = entries
        self._is_broken = is_broken
        self.open_stories: dict[str, Row] = {}
        self.open_records: dict[str, Record] = {}
        self.found: dict[str, Record] = {}
        self._told: set[str] = set()
        self.stale: set[str] = set()
        self._ambiguous: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def take(self, record: Record) -> None:
        """Match a record at once with the story that lies where it lay and is as it was, as most are."""
        row = self._entries.get(record.path) if record.path else None
        if row is not None and _unchanged(row, record):
            self._pair(row, record)
        else:
            self.open_records[record.id] = record

    def grow(self) -> None:
        """Add the stories and records without a match that agree in any sign with one that is to be matched."""
        waiting: list[Row | Record] = [*self.open_stories.values(), *self.open_records.values()]
        while waiting:
            item = waiting.pop()
            if isinstance(item, Row):
                for record in self._records_like(item):
                    if record.id not in self.open_records and self._is_free(record):
                        self.open_records[record.id] = record
                        waiting.append(record)
            else:
                for row in self._stories_like(item):
                    if row.path not in self.open_stories and row.record is None and row.path not in self.found:
                        self.open_stories[row.path] = row
                        waiting.append(row)

    def _is_free(self, record: Record) -> bool:
        return record.id not in self._told and self._entries.with_record(record.id) is None

    def _records_like(self, row: Row) -> Iterator[Record]:
        for sign in _SIGNS:
            yield from self._ledger.alike(sign, getattr(row, sign))
        if row.declared and (declared := self._ledger.get(row.own_id)) is not None:
            yield declared

    def _stories_like(self, record: Record) -> Iterator[Row]:
        for sign in _SIGNS:
            value = getattr(record, sign)
            if value:
                yield from self._entries.alike(sign, value)
        yield from (row for row in self._entries.alike("own_id", record.id) if row.declared)

    def run(self) -> None:
        """Go through the steps: each over all records and all stories that are not matched yet."""
        self._step(
            lambda row: (row.path, row.title_key, row.text_key),
            lambda record: (record.path, record.title_key, record.text_key),
            lambda row, record: not row.declared or row.own_id == record.id or self._ledger.get(row.own_id) is None,
        )
        self._step(lambda row: (row.own_id,) if row.declared else None, lambda record: (record.id,))
        self._step(
            lambda row: (row.path, row.title_key, row.text_key),
            lambda record: (record.path, record.title_key, record.text_key),
        )
        self._step(
            lambda row: (row.title_key, row.text_key),
            lambda record: (record.title_key, record.text_key) if record.title_key else None,
        )
        self._step(
            lambda row: (row.path, row.title_key),
            lambda record: (record.path, record.title_key) if record.path and record.title_key else None,
        )
        self._step(
            lambda row: (row.path, row.text_key) if row.text_key else None,
            lambda record: (record.path, record.text_key) if record.path and record.text_key else None,
        )
        self._step(lambda row: _telling(row.text_key), lambda record: _telling(record.text_key))
        self._step(lambda row: (row.title_key,), lambda record: (record.title_key,) if record.title_key else None)
        self._step(
            lambda row: (row.path, row.place),
            lambda record: (record.path, record.place) if record.path and record.place else None,
        )
        # A story whose file is there, and cannot be read now, is not known by so little in another.
        self._step(
            lambda row: (row.place,),
            lambda record: (record.place,) if record.place and not self._is_broken(record.path) else None,
        )

    def _step(
        self,
        of_story: Callable[[Row], Sign],
        of_record: Callable[[Record], Sign],
        may: Callable[[Row, Record], bool] = lambda _row, _record: True,
    ) -> None:
        """Pair what agrees in a sign, where exactly one story and one record do."""
        stories: dict[tuple[str, ...], list[Row]] = {}
        for row in self.open_stories.values():
            if (sign := of_story(row)) is not None:
                stories.setdefault(sign, []).append(row)
        records: dict[tuple[str, ...], list[Record]] = {}
        for record in self.open_records.values():
            if (sign := of_record(record)) is not None and sign in stories:
                records.setdefault(sign, []).append(record)
        for sign, theirs in records.items():
            mine = stories[sign]
            if len(mine) == len(theirs) == 1:
                if may(mine[0], theirs[0]):
                    self._pair(mine[0], theirs[0])
            else:
                self._ambiguous.append((tuple(r.path for r in mine), tuple(r.id for r in theirs)))

    def _pair(self, row: Row, record: Record) -> None:
        self.found[row.path] = record
        self._told.add(record.id)
        self.open_stories.pop(row.path, None)
        self.open_records.pop(record.id, None)
        if (row.path, row.place, row.title_key, row.text_key) != (
            record.path,
            record.place,
            record.title_key,
            record.text_key,
        ):
            self.stale.add(row.path)

    def unclear(self) -> dict[str, tuple[Record, ...]]:
        """Return the records that each story might be which agrees with more than one, or not alone with one."""
        found: dict[str, dict[str, Record]] = {}
        for paths, ids in self._ambiguous:
            records = [self.open_records[id_] for id_ in ids if id_ in self.open_records]
            for path in paths:
                # One that declares an id says that it is another story.
                row = self.open_stories.get(path)
                if row is not None and records and not row.declared:
                    found.setdefault(path, {}).update((record.id, record) for record in records)
        return {path: tuple(records.values()) for path, records in found.items()}


def _unchanged(row: Row, record: Record) -> bool:
    if row.declared and row.own_id != record.id:
        return False
    return (row.title_key, row.text_key) == (record.title_key, record.text_key)


def _telling(key: str) -> Sign:
    return (key,) if key and not key.startswith("-") else None


def are_withdrawn(records: Iterable[Record]) -> bool:
    """Whether all of some records are of withdrawn stories."""
    return all(record.state is State.WITHDRAWN for record in records)
