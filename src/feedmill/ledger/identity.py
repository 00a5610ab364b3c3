"""Stories and records → who is who: a published story is found again by what it says before where it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from feedmill.ledger.records import Ledger, Record, State
from feedmill.store import FROM_CONTENT, Entries, Row

_SIGNS = ("title_key", "text_key", "place", "path")
Sign = tuple[str, ...] | None


class Identified(Struct, frozen=True):
    """Who is who, of the stories and records that were looked at.

    `records` gives by path the record of a story. `unclear` are the records that a story might be, by its path: the
    story is left out, and the records stay as they were. `stale` are the paths of stories of which the record is to be
    written anew, and `open` the records that no story tells. `looked` are the paths of all stories that were looked at,
    and `places` the addresses of the records.
    """

    records: dict[str, Record]
    unclear: dict[str, tuple[Record, ...]]
    stale: frozenset[str]
    open: dict[str, Record]
    looked: frozenset[str]
    places: frozenset[str]


def identify(
    ledger: Ledger,
    entries: Entries,
    paths: Iterable[str] | None,
    ids: Iterable[str],
    is_broken: Callable[[str], bool],
) -> Identified:
    """Match stories with what was published.

    `paths` are those of the stories and `ids` those of the records about which something is new; None where no story
    was identified yet. They are matched with all that they share anything with as if nothing of it were known, so that
    the outcome depends on what there is now and not on how it came about. `is_broken` says of a path that a file lies
    there of which no entry can be made.
    """
    search = _Search(ledger, entries, is_broken)
    if not ledger.is_empty and paths is None:
        search.look_at_all()
    elif not ledger.is_empty:
        search.look([*(entries.at(paths or ()).values()), *(r for id_ in ids if (r := ledger.get(id_)) is not None)])
    return search.run()


class _Search:
    """Stories and records, and which of them are one."""

    def __init__(self, ledger: Ledger, entries: Entries, is_broken: Callable[[str], bool]) -> None:
        self._ledger = ledger
        self._entries = entries
        self._is_broken = is_broken
        self._stories: dict[str, Row] = {}
        self._records: dict[str, Record] = {}
        self._looked: set[str] = set()
        self._seen: set[str] = set()
        self._places: set[str] = set()
        self._found: dict[str, Record] = {}
        self._stale: set[str] = set()
        self._ambiguous: list[tuple[list[Row], list[Record]]] = []

    def look_at_all(self) -> None:
        """Take all records, and the stories that agree with one in anything but all of it."""
        for record in self._ledger.records():
            self._seen.add(record.id)
            row = self._entries.get(record.path) if record.path else None
            if row is not None and row.path not in self._found and _unchanged(row, record):
                self._pair(row, record)
            else:
                self._records[record.id] = record
                self._places.add(record.place)
        self.look([row for record in list(self._records.values()) for row in self._stories_like(record)])

    def look(self, waiting: Iterable[Row | Record]) -> None:
        """Take some stories and records, and all that agree in any sign with one of them.

        Who lies where it was published from and is as it was is paired at once, as most are: nothing can part these.
        """
        stack: list[Row | Record] = [*waiting]
        while stack:
            item = stack.pop()
            stack += self._look_at_story(item) if isinstance(item, Row) else self._look_at_record(item)

    def _look_at_story(self, row: Row) -> Iterator[Record]:
        if row.path in self._looked or row.path in self._found or row.origin != FROM_CONTENT:
            return
        self._looked.add(row.path)
        held = self._ledger.get(row.record) if row.record is not None else None
        if held is not None:
            yield held
        same = self._same(row)
        if same is not None:
            self._pair(row, same)
            yield same
        else:
            self._stories[row.path] = row
            yield from self._records_like(row)

    def _look_at_record(self, record: Record) -> Iterator[Row]:
        if record.id in self._seen:
            return
        self._seen.add(record.id)
        self._places.add(record.place)
        yield from self._entries.where("record = ? AND origin = 'content'", (record.id,))
        row = self._entries.get(record.path) if record.path else None
        if row is not None and (same := self._same(row)) is not None and same.id == record.id:
            yield row
        else:
            self._records[record.id] = record
            yield from self._stories_like(record)

    def _same(self, row: Row) -> Record | None:
        """Return the record that was published from a story's path and is as the story is."""
        return next((record for record in self._ledger.alike("path", row.path) if _unchanged(row, record)), None)

    def _records_like(self, row: Row) -> Iterator[Record]:
        for sign in _SIGNS:
            if sign != "text_key" or _telling(row.text_key):
                yield from self._ledger.alike(sign, getattr(row, sign))
        if row.declared and (declared := self._ledger.get(row.own_id)) is not None:
            yield declared

    def _stories_like(self, record: Record) -> Iterator[Row]:
        for sign in _SIGNS:
            value = getattr(record, sign)
            if value and (sign != "text_key" or _telling(value)):
                yield from self._entries.alike(sign, value)
        yield from (row for row in self._entries.alike("own_id", record.id) if row.declared)

    def run(self) -> Identified:
        """Go through the steps: each over all records and all stories that are not matched yet."""
        self._steps()
        return Identified(
            self._found,
            self._unclear(),
            frozenset(self._stale),
            self._records,
            frozenset(self._looked),
            frozenset(self._places),
        )

    def _steps(self) -> None:
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
        """Pair what agrees in a sign, where exactly one story and one record do.

        Where more do, it is for a person to say which: none of them is matched by anything that tells less.
        """
        stories: dict[tuple[str, ...], list[Row]] = {}
        for row in self._stories.values():
            if (sign := of_story(row)) is not None:
                stories.setdefault(sign, []).append(row)
        records: dict[tuple[str, ...], list[Record]] = {}
        for record in self._records.values():
            if (sign := of_record(record)) is not None and sign in stories:
                records.setdefault(sign, []).append(record)
        for sign, theirs in records.items():
            mine = stories[sign]
            if len(mine) > 1:
                # One that declares an id says that it is another story.
                mine = [row for row in mine if not row.declared] or mine
            if len(mine) == len(theirs) == 1:
                if may(mine[0], theirs[0]):
                    self._pair(mine[0], theirs[0])
                continue
            self._ambiguous.append((mine, theirs))
            if not mine[0].declared:
                for row in mine:
                    del self._stories[row.path]
                for record in theirs:
                    del self._records[record.id]

    def _pair(self, row: Row, record: Record) -> None:
        self._found[row.path] = record
        self._stories.pop(row.path, None)
        self._records.pop(record.id, None)
        if any(getattr(row, sign) != getattr(record, sign) for sign in _SIGNS):
            self._stale.add(row.path)

    def _unclear(self) -> dict[str, tuple[Record, ...]]:
        """Return the records that each story might be which agrees with more than one, or not alone with one."""
        told = {record.id for record in self._found.values()}
        found: dict[str, dict[str, Record]] = {}
        for rows, records in self._ambiguous:
            left = [record for record in records if record.id not in told]
            for row in rows:
                if row.path not in self._found and left and (not row.declared or row.own_id in {r.id for r in left}):
                    found.setdefault(row.path, {}).update((record.id, record) for record in left)
        return {path: tuple(records.values()) for path, records in found.items()}


def _unchanged(row: Row, record: Record) -> bool:
    if row.declared and row.own_id != record.id:
        return False
    return (row.title_key, row.text_key) == (record.title_key, record.text_key)


def _telling(key: str) -> Sign:
    """Return a text as a sign by itself, None where it is too short to be one."""
    return (key,) if key and not key.startswith("-") else None


def are_withdrawn(records: Iterable[Record]) -> bool:
    """Whether all of some records are of withdrawn stories."""
    return all(record.state is State.WITHDRAWN for record in records)
