"""Entries and records → entries under their published ids: who is who after files have moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.ledger.records import Ledger, Record, State, key_of
from feedmill.ledger.words import Fingerprint
from feedmill.model import Entry, Level, Place, Problem


class Recognised(Struct, frozen=True):
    """Entries under their published ids.

    `records` gives the record of an entry by its path. `changed_ids` are published entries that their front matter now
    gives another id, as (record, entry). `unclear` are records that an entry might or might not be: they stay. `sought`
    are the records that files and declared ids left to be sought among all entries, `in_vain` those of them of which
    no entry bears any sign. `keys` are those of entries by path, as far as they were asked for.
    """

    entries: tuple[Entry, ...]
    records: Mapping[str, Record]
    problems: tuple[Problem, ...]
    changed_ids: tuple[tuple[Record, Entry], ...]
    unclear: frozenset[str]
    moved: Mapping[str, str]
    sought: tuple[Record, ...] = ()
    in_vain: tuple[Record, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


def recognise(
    entries: Sequence[Entry],
    ledger: Ledger,
    places: Mapping[str, Place],
    site_url: str,
    is_file: Callable[[str], bool],
    fingerprint: Callable[[Entry], Fingerprint],
    resting: Collection[str] = frozenset(),
) -> Recognised:
    """Find the record of every entry that was published before.

    A story is known by its front matter's id; by its file, while that still has its title or its words; where a file
    has title and date, or the words, of another, by them; else by its address, by identical title and date, by
    identical body. When two are possible, or a file's name is all that speaks for a story, that is a problem, never a
    guess: the entry is left out, and what was published stays. `is_file` says whether a file that a record names is
    still there, and `fingerprint` gives that of an entry's body. `resting` are the ids of records whose stories are
    known, and not among the entries.
    """
    if not ledger.records:
        return Recognised(tuple(entries), {}, (), (), frozenset(), {})
    search = _Search(entries, ledger, site_url, is_file, fingerprint, resting)
    search.run()
    problems = [_unclear(entry, records, places) for entry, records in search.unclear]
    held = {record.id for _, records in search.unclear for record in records}
    left_out = {entry.path for entry, _ in search.unclear}
    found, changed_ids = [], []
    moved: dict[str, str] = {}
    for entry in entries:
        record = search.found.get(entry.path)
        if entry.path in left_out:
            continue
        if record is not None and entry.id != record.id:
            if entry.id_declared:
                changed_ids.append((record, entry))
            else:
                because = replace(entry.because, id=f"the ledger: published so; now {entry.because.id} would differ")
                entry = replace(entry, id=record.id, because=because)
                moved[entry.id] = entry.url
        elif record is None and entry.id in ledger.records:
            problems.append(_taken(entry, ledger.records[entry.id], places))
            continue
        found.append(entry)
    records = {path: record for path, record in search.found.items() if path not in left_out}
    for record, entry in changed_ids:
        del records[entry.path]
        held.discard(record.id)
    return Recognised(
        tuple(found),
        records,
        tuple(problems),
        tuple(changed_ids),
        frozenset(held),
        moved,
        search.sought,
        search.in_vain(),
        search.keys,
    )


class _Keys(dict[str, str]):
    """The keys of entries by path, each made when it is first asked for: most entries are never sought."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        super().__init__()
        self._entries = entries

    def __missing__(self, path: str) -> str:
        """Make the key of an entry."""
        entry = self._entries[path]
        self[path] = key_of(entry.title, entry.published)
        return self[path]


class _Search:
    """Pairs entries with records, from the surest sign to the weakest; each round takes only what is left."""

    def __init__(
        self,
        entries: Sequence[Entry],
        ledger: Ledger,
        site_url: str,
        is_file: Callable[[str], bool],
        fingerprint: Callable[[Entry], Fingerprint],
        resting: Collection[str],
    ) -> None:
        self.entries = {entry.path: entry for entry in entries}
        self.records = {id_: ledger.records[id_] for id_ in [id_ for id_ in ledger.records if id_ not in resting]}
        self.all_records = ledger.records
        self.found: dict[str, Record] = {}
        self.sought: tuple[Record, ...] = ()
        self.unclear: list[tuple[Entry, tuple[Record, ...]]] = []
        self.keys = _Keys({entry.path: entry for entry in entries})
        self.sites = (site_url, ledger.about.get("site", site_url))
        self.is_file = is_file
        self.fingerprint = fingerprint
        self.paths = frozenset(self.entries)
        self._words: dict[str, str] = {}

    @cached_property
    def copies(self) -> Mapping[str, int]:
        """How many stories have the same words."""
        return Counter(record.words for record in self.all_records.values())

    def run(self) -> None:
        # No other record names the file of a story that rests.
        by_path = {record.path: record for record in self.records.values() if record.path}
        declared = {entry.path: entry.id for entry in self.entries.values() if entry.id_declared}
        # Of several that declare one id, the file that was known by it keeps it.
        for is_known in (True, False):
            for path, id_ in declared.items():
                record = self.records.get(id_)
                if record is not None and path in self.entries and (record.path == path) is is_known:
                    self._pair(self.entries[path], record)
        rewritten: list[tuple[Entry, Record]] = []
        for path, entry in list(self.entries.items()):
            record = by_path.get(path)
            if record is not None and record.id in self.records:
                if self.keys[path] == record.key or record.key == "" or self._has_its_words(entry, record):
                    self._pair(entry, record)
                else:
                    rewritten.append((entry, record))
        if not self.records:
            return
        self.sought = tuple(self._open())
        self._exchanged(rewritten)
        for entry, record in rewritten:
            if entry.path in self.entries and record.id in self.records and entry.title == record.title:
                self._pair(entry, record)
        self._rewritten(rewritten)
        for entry in list(self.entries.values()):
            record = self.records.get(entry.id)
            if record is not None and self._signs(entry, record) and not self._has_file(record, entry):
                self._pair(entry, record)
        self._round(lambda record: self._place(record.url), lambda entry: self._place(entry.url))
        self._round(lambda record: record.key, lambda entry: self.keys[entry.path])
        self._round(lambda record: record.words, self._telling_words)
        for entry in list(self.entries.values()):
            record = self.records.get(entry.id)
            if record is not None and not self._has_file(record, entry):
                self._pair(entry, record)
        self._named_alike(rewritten)

    def words(self, entry: Entry) -> str:
        if entry.path not in self._words:
            self._words[entry.path] = self.fingerprint(entry).words
        return self._words[entry.path]

    def _pair(self, entry: Entry, record: Record) -> None:
        self.found[entry.path] = record
        self.entries.pop(entry.path, None)
        self.records.pop(record.id, None)

    def _signs(self, entry: Entry, record: Record) -> bool:
        """Whether more than day and slug speaks for it that an entry is the one that bore its id."""
        return (
            self._place(entry.url) == self._place(record.url)
            or self.keys[entry.path] == record.key
            or (self.words(entry) == record.words != "")
        )

    def _has_file(self, record: Record, entry: Entry) -> bool:
        """Whether a record's story still lies in its own file, so that another file does not tell it."""
        return bool(record.path) and record.path != entry.path and self.is_file(record.path)

    def _has_its_words(self, entry: Entry, record: Record) -> bool:
        """Whether a file has still the words of its record, and no other story has the same."""
        return record.words != "" and self.copies[record.words] == 1 and self.words(entry) == record.words

    def _exchanged(self, rewritten: Iterable[tuple[Entry, Record]]) -> None:
        """Know a story that lies in another one's file now: the two were exchanged, or one was put over the other."""
        mine = [entry for entry, _ in rewritten]
        self._round(lambda record: record.key, lambda entry: self.keys[entry.path], mine)
        self._round(lambda record: record.words, self._telling_words, mine)

    def _rewritten(self, rewritten: Iterable[tuple[Entry, Record]]) -> None:
        """Ask where a file tells another story now, and another file seems to tell the one that it told before."""
        asked: dict[str, tuple[Entry, dict[str, Record]]] = {}
        for entry, record in rewritten:
            if entry.path not in self.entries or record.id not in self.records:
                continue
            elsewhere = [
                other
                for other in self.entries.values()
                if other is not entry
                and (
                    self.keys[other.path] == record.key
                    or self._same_words(other, record)
                    or (other.title == record.title != entry.title)
                )
            ]
            for one in (entry, *elsewhere) if elsewhere else ():
                asked.setdefault(one.path, (one, {}))[1][record.id] = record
        for entry, records in asked.values():
            self._ask(entry, tuple(records.values()))

    def _named_alike(self, rewritten: Iterable[tuple[Entry, Record]]) -> None:
        """Ask where nothing but its file's name speaks for it that a story was published before.

        One that declares an id is another story. What was withdrawn stays away without being asked about.
        """
        for entry, record in rewritten:
            if entry.path in self.entries and record.id in self.records and not entry.id_declared:
                if record.state is State.WITHDRAWN:
                    self._pair(entry, record)
                else:
                    self._ask(entry, (record,))

    def _same_words(self, entry: Entry, record: Record) -> bool:
        return bool(record.words) and self._telling_words(entry) == record.words

    def in_vain(self) -> tuple[Record, ...]:
        """Return the records that were sought everywhere, and found nowhere."""
        return tuple(self._open())

    def _open(self) -> list[Record]:
        """Return the records to be sought. What lies in a file that cannot be read now is not looked for elsewhere."""
        found = self.records.values()
        return [r for r in found if not r.path or r.path in self.paths or not self.is_file(r.path)]

    def _round(
        self,
        sign: Callable[[Record], str],
        sign_of: Callable[[Entry], str],
        among: Iterable[Entry] | None = None,
    ) -> None:
        """Pair what agrees in one sign, where exactly one entry (of those `among`) and one record do."""
        open_records = [record for record in self._open() if sign(record)]
        if not open_records or not self.entries:
            return
        records: dict[str, list[Record]] = {}
        for record in open_records:
            records.setdefault(sign(record), []).append(record)
        entries: dict[str, list[Entry]] = {}
        for entry in self.entries.values() if among is None else among:
            if entry.path in self.entries:
                entries.setdefault(sign_of(entry), []).append(entry)
        for value, mine in entries.items():
            theirs = records.get(value, [])
            if len(mine) == len(theirs) == 1:
                self._pair(mine[0], theirs[0])
            elif value and theirs:
                for entry in mine:
                    self._ask(entry, tuple(theirs))

    def _ask(self, entry: Entry, records: tuple[Record, ...]) -> None:
        self.unclear.append((entry, records))
        self.entries.pop(entry.path, None)
        for record in records:
            self.records.pop(record.id, None)

    def _place(self, url: str) -> str:
        """Return an address without the site's domain, which may have moved."""
        for site in self.sites:
            if url.startswith(site):
                return url[len(site) :] or "/"
        return url

    def _telling_words(self, entry: Entry) -> str:
        return self.words(entry) if self.fingerprint(entry).is_telling else ""


def _unclear(entry: Entry, records: Sequence[Record], places: Mapping[str, Place]) -> Problem:
    in_order = sorted(records, key=lambda record: record.id)
    what = " or ".join(f"{record.id} (last in {record.path or 'feeds/'})" for record in in_order)
    return Problem(
        Level.ERROR,
        "moved-unclear",
        places[entry.path],
        f"this story may be one that was published before: {what}",
        "write `id:` and that id into its front matter; if it is another story, give it an id of its own",
    )


def _taken(entry: Entry, record: Record, places: Mapping[str, Place]) -> Problem:
    level = Level.WARNING if entry.draft else Level.ERROR
    whose = f"the story last published from {record.path}" if record.path else "another story, published before"
    if record.state is State.WITHDRAWN:
        whose = "a story that was withdrawn"
    message = f"its id {entry.id} is that of {whose}"
    return Problem(level, "id-taken", places[entry.path], message, "give this one another slug, or an id of its own")
