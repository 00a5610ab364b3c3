"""Entries and who is who → the id and the state of each: copies, shared addresses, ids of several stories."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from msgspec import Struct

from feedmill.config.site import Site
from feedmill.ledger.identity import Identified, are_withdrawn
from feedmill.ledger.records import Ledger, Record, State
from feedmill.model import Level, Place, Problem
from feedmill.store import Entries, Row

_MOST_FOLDERS = 1_000


class Settled(Struct, frozen=True):
    """What changed: the paths of entries with another id, record or state than before."""

    changed: frozenset[str]


Pairs = Iterable[tuple[str, ...]]


def settle(
    ledger: Ledger,
    entries: Entries,
    identified: Identified,
    touched: Collection[str],
    groups: tuple[Pairs, Pairs, Pairs],
    is_broken: Callable[[str], bool],
    site: Site,
    now: datetime,
) -> Settled:
    """Give ids and states to the entries that are `touched`, and to all that share something with one of them.

    `groups` are the pairs of keys, the places and the ids that entries have had which are gone, or that several share.
    """
    paths = set(touched) | identified.records.keys() | identified.looked
    unclear = {path: [record.id for record in records] for path, records in identified.unclear.items()}
    entries.set_candidates(identified.looked, unclear)
    return _Settling(ledger, entries, identified, is_broken, site, now).run(paths, groups)


class _Settling:
    def __init__(
        self,
        ledger: Ledger,
        entries: Entries,
        identified: Identified,
        is_broken: Callable[[str], bool],
        site: Site,
        now: datetime,
    ) -> None:
        self._is_broken = is_broken
        self._now = int(now.timestamp())
        self._candidates = entries.candidates()
        self._may_be = {id_ for ids in self._candidates.values() for id_ in ids}
        self._told: set[str] = set()
        self._ledger = ledger
        self._entries = entries
        self._identified = identified
        self._site = site
        self._rows: dict[str, Row] = {}
        self._states: dict[str, tuple[str, Problem | None]] = {}
        self._ids: dict[str, tuple[str, str]] = {}
        self._refused: set[str] = set()
        self._records: dict[str, Record | None] = {}

    def run(self, paths: set[str], groups: tuple[Pairs, Pairs, Pairs]) -> Settled:
        self._gather(paths, groups)
        rows = sorted(self._rows.values(), key=lambda row: row.path)
        for row in rows:
            self._records[row.path] = self._record_of(row)
        self._told = {record.id for record in self._records.values() if record is not None}
        for row in rows:
            self._states[row.path] = self._own_state(row)
        self._copies(rows)
        self._addresses(rows)
        self._choose_ids(rows)
        changed = set()
        for row in rows:
            state, problem = self._states[row.path]
            record = self._records[row.path]
            id_, why = self._ids.get(row.path, (row.id, ""))
            if row.path in self._refused:
                problem = self._id_of_another(row)
            known = record.id if record is not None else None
            if self._entries.settle(row, id_=id_, record=known, state=state, problem=problem, why=why):
                changed.add(row.path)
        return Settled(frozenset(changed))

    # Who is concerned

    def _gather(self, paths: set[str], groups: tuple[Pairs, Pairs, Pairs]) -> None:
        """Take the entries at some paths and in some groups, then who is alike in text, in address, and in id."""
        by_text, by_place, by_id = groups
        for path in paths:
            row = self._entries.get(path)
            if row is not None and row.origin == "content":
                self._rows[path] = row
        # Who is like one of these is settled anew, too, and beside all that are like it in any way.
        rows = list(self._rows.values())
        while rows or by_text or by_place or by_id:
            alike: list[Row] = []
            for title, text in {*by_text, *((row.title_key, row.text_key) for row in rows)}:
                alike += [row for row in self._entries.alike("title_key", title) if row.text_key == text]
            for (place,) in {*by_place, *((row.place,) for row in rows)}:
                alike += self._entries.alike("place", place)
            for (id_,) in {*by_id, *((row.own_id,) for row in rows)}:
                alike += self._entries.alike("own_id", id_)
                alike += self._entries.alike("id", id_)
            rows = list({row.path: row for row in alike if row.path not in self._rows}.values())
            self._rows.update((row.path, row) for row in rows)
            by_text, by_place, by_id = set(), set(), set()

    def _record_of(self, row: Row) -> Record | None:
        if row.path in self._identified.records or row.path in self._identified.looked:
            return self._identified.records.get(row.path)
        return self._ledger.get(row.record) if row.record is not None else None

    # States

    def _own_state(self, row: Row) -> tuple[str, Problem | None]:
        record = self._records[row.path]
        if self._is_withdrawn(row):
            return "withdrawn", self._still_here(row) if record is not None else None
        if row.state == "draft":
            return "draft", None
        if record is not None:
            return "", None
        unclear = [self._ledger.get(id_) for id_ in self._candidates.get(row.path, ())]
        if unclear and not row.declared:
            known = [each for each in unclear if each is not None]
            if are_withdrawn(known):
                return "withdrawn", self._still_here(row)
            return "unclear", self._unclear(row, known)
        if not row.declared and self._ledger.has_withdrawn:
            for known_so in self._ledger.alike("title_key", row.title_key):
                if known_so.text_key == row.text_key and known_so.state is State.WITHDRAWN:
                    return "withdrawn", self._still_here(row)
        return "", None

    def _is_withdrawn(self, row: Row) -> bool:
        """Whether a story was taken back, by the verb or by itself; of one never published no text may be left."""
        record = self._records[row.path]
        if record is not None and record.state is State.WITHDRAWN:
            return True
        is_blank = row.state == "withdrawn" and record is None
        return row.withdrawn is not None and (row.withdrawn <= self._now or is_blank)

    def _copies(self, rows: list[Row]) -> None:
        """Of several stories with the same title, date and text the published one stays, or the first by path.

        A published one stays where it is a draft or withdrawn now, too: a copy of it is no new story.
        """
        for group in _groups(rows, lambda row: (row.title_key, row.text_key)):
            first = min(group, key=lambda row: (self._records[row.path] is None, self._is_hidden(row), row.path))
            is_withdrawn = self._states[first.path][0] == "withdrawn"
            if self._records[first.path] is None and self._is_hidden(first) and not is_withdrawn:
                continue
            for row in group:
                if row.path == first.path or self._records[row.path] is not None or row.declared:
                    continue
                if self._states[row.path][0] == "":
                    if is_withdrawn and self._records[first.path] is not None:
                        self._states[row.path] = "withdrawn", self._still_here(row)
                    else:
                        self._states[row.path] = "copy", self._copy(row, first)

    def _is_hidden(self, row: Row) -> bool:
        return self._states[row.path][0] != ""

    def _addresses(self, rows: list[Row]) -> None:
        """Of several stories at one address the published one stays, or the first by path."""
        for group in _groups(rows, lambda row: (row.place,), least=1):
            alive = [row for row in group if not self._is_hidden(row)]
            alive.sort(key=lambda row: (self._records[row.path] is None, row.path))
            holder = self._kept_at(alive[0]) if alive and self._records[alive[0].path] is None else ""
            first = holder or (alive[0].path if alive else "")
            for row in alive if holder else alive[1:]:
                self._states[row.path] = "address", self._shared(row, first)

    def _kept_at(self, row: Row) -> str:
        """Return the path of a published story at the same address that is kept as it was.

        Its file is there and cannot be read now, or it is not clear which file is its own.
        """
        for record in () if self._ledger.is_empty else self._ledger.alike("place", row.place):
            if record.state is State.WITHDRAWN or record.id in self._told:
                continue
            holder = self._entries.with_record(record.id)
            if holder is not None and holder.path not in self._rows:
                continue
            if self._is_broken(record.path) or record.id in self._may_be:
                return record.path
        return ""

    # Ids

    def _choose_ids(self, rows: list[Row]) -> None:
        """Give every entry its id: that of its record, the one that it declares, or one of its own."""
        taken: set[str] = set()
        for row in rows:
            record = self._records[row.path]
            if record is not None:
                self._ids[row.path] = record.id, f"the ledger: published so; now {row.entry.because.id} would differ"
                taken.add(record.id)
        for row in rows:
            # A published story may declare another id from now on, unless that is another story's.
            record = self._records[row.path]
            is_another = record is not None and row.declared and row.own_id != record.id
            if is_another and self._states[row.path][0] in ("", "draft"):
                if self._ledger.get(row.own_id) is None and row.own_id not in taken:
                    self._ids[row.path] = row.own_id, row.entry.because.id
                    taken.add(row.own_id)
                else:
                    self._refused.add(row.path)
        # Who may not be shown takes no id from who may.
        rows = sorted(rows, key=lambda row: (self._states[row.path][0] != "", row.path))
        for row in rows:
            if self._records[row.path] is None and row.declared:
                self._declared(row, taken)
        new = [row for row in rows if self._records[row.path] is None and not row.declared]
        for row in new:
            id_ = self._free_id(row, taken)
            taken.add(id_)
            why = "day and slug under site.id_authority"
            if id_ != row.own_id:
                why += ", with its folder or a number, as another story has the id without"
            self._ids[row.path] = id_, why

    def _declared(self, row: Row, taken: set[str]) -> None:
        known = self._ledger.get(row.own_id)
        if (known is None and row.own_id not in taken) or self._states[row.path][0] not in ("", "draft"):
            taken.add(row.own_id)
            self._ids[row.path] = row.own_id, row.entry.because.id
            return
        whose = "another story of this site"
        if known is not None:
            whose = f"the story last published from {known.path}" if known.path else "another story, published before"
        if known is not None and known.state is State.WITHDRAWN:
            whose = "a story that was withdrawn"
        is_draft = self._states[row.path][0] == "draft"
        problem = Problem(
            Level.WARNING if is_draft else Level.ERROR,
            "id-taken",
            self._place(row),
            f"its id {row.own_id} is that of {whose}",
            "give this one another slug, or an id of its own",
        )
        self._states[row.path] = ("draft" if is_draft else "id"), problem

    def _id_of_another(self, row: Row) -> Problem:
        """Say that a published story declares the id of another one: it keeps the one under which it was published."""
        return Problem(
            Level.WARNING,
            "id-taken",
            self._place(row),
            f"its id {row.own_id} is that of another story, so it keeps the one that it was published under",
            "take `id:` out of its front matter",
        )

    def _free_id(self, row: Row, taken: set[str]) -> str:
        """Return the id that a new story would have; where another has it, with its folder, then with a number."""
        if self._is_free(row.own_id, row, taken):
            return row.own_id
        head, _, slug = row.own_id.rpartition(":")
        folder = row.path.rpartition("/")[0]
        if folder:
            from urllib.parse import quote

            id_ = f"{head}:{quote(folder, safe='/-._~')}/{slug}"
            if self._is_free(id_, row, taken):
                return id_
        number = 2
        while not self._is_free(f"{row.own_id}-{number}", row, taken) and number < _MOST_FOLDERS:
            number += 1
        return f"{row.own_id}-{number}"

    def _is_free(self, id_: str, row: Row, taken: set[str]) -> bool:
        if id_ in taken or (not self._ledger.is_empty and self._ledger.get(id_) is not None):
            return False
        return id_ == row.own_id or all(other.path in self._rows for other in self._entries.with_id(id_))

    # Words

    def _place(self, row: Row) -> Place:
        return self._at(row.path)

    def _at(self, path: str) -> Place:
        root = self._site.content_path
        return Place(path if root == "." else f"{root}/{path}")

    def _unclear(self, row: Row, records: Iterable[Record]) -> Problem:
        in_order = sorted(records, key=lambda record: record.id)
        what = " or ".join(f"{record.id} (last in {record.path or 'feeds/'})" for record in in_order)
        message = f"this story may be one that was published before: {what}"
        remedy = "write `id:` and that id into its front matter; if it is another story, give it an id of its own"
        return Problem(Level.ERROR, "moved-unclear", self._place(row), message, remedy)

    def _copy(self, row: Row, original: Row) -> Problem:
        message = f"it has the title, the date and the text of {self._place(original)}, so it is left out as a copy"
        remedy = "delete one of the two; if it is another story, give it an id of its own"
        return Problem(Level.ERROR, "copy", self._place(row), message, remedy)

    def _shared(self, row: Row, other: str) -> Problem:
        message = f"its address {row.entry.url} is also that of {self._at(other)}, so it is left out"
        return Problem(Level.ERROR, "url-shared", self._place(row), message, "give each its own url or slug")

    def _still_here(self, row: Row) -> Problem | None:
        if row.entry.withdrawn is not None or row.entry.draft:
            return None
        message = "the story was withdrawn, and no feed will show it again"
        remedy = "delete the file, or write `withdrawn:` into its front matter"
        return Problem(Level.WARNING, "withdrawn-before", self._place(row), message, remedy)


def _groups(rows: Iterable[Row], key: Callable[[Row], tuple[str, ...]], least: int = 2) -> Iterable[list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return (group for group in found.values() if len(group) >= least)
