"""Entries beside the ledger: under their published ids, with what is kept and what is withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedmill.ledger.keeping import keep
from feedmill.ledger.recognising import recognise
from feedmill.ledger.records import Ledger, Record, State
from feedmill.ledger.updating import update_by_content
from feedmill.ledger.withdrawing import all_withdrawals
from feedmill.ledger.words import Fingerprint
from feedmill.model import Entry, Level, Place, Problem, Site, Withdrawal
from feedmill.policies import UpdatedBy


class Standing(Struct, frozen=True):
    """What the ledger makes of a site's entries.

    `records` gives the record of an entry by its path; `kept` are entries as last published, whose story is broken or
    missing, and `vanished` the ids of those of them whose file has vanished, or tells another story now; `told_of_kept`
    is what to say of each of them for as long as a feed shows it, by id; `withdrawals` are by id; `changed_ids` are
    published entries that would bear another id; `refusals` stop the build; `left_out` counts stories with errors;
    `moved` are the addresses by id of entries whose id only the ledger knows; `broken` are the ids of published stories
    of which no entry can be made; `sought` are records that were sought among all entries, because no file tells them
    any more, and `in_vain` those of which there was no sign; `keys` are those of entries by path, as far as they were
    asked for.
    """

    entries: tuple[Entry, ...]
    records: Mapping[str, Record]
    kept: tuple[Entry, ...]
    told_of_kept: Mapping[str, Problem]
    vanished: frozenset[str]
    problems: tuple[Problem, ...]
    withdrawals: Mapping[str, Withdrawal]
    changed_ids: tuple[tuple[Record, Entry], ...]
    refusals: tuple[Problem, ...]
    left_out: int
    moved: Mapping[str, str]
    broken: frozenset[str]
    sought: tuple[Record, ...]
    in_vain: tuple[Record, ...]
    keys: Mapping[str, str]


def stand(
    ledger: Ledger,
    entries: Sequence[Entry],
    places: Mapping[str, Place],
    site: Site,
    now: datetime,
    is_file: Callable[[str], bool],
    fingerprint: Callable[[Entry], Fingerprint],
    resting: Collection[str] = frozenset(),
    *,
    some_are_broken: bool,
) -> Standing:
    """Put the entries of a site beside what was published as of `now`.

    `places` tells where the story of each entry's path stands, `is_file` whether a file that a record names is there,
    and `fingerprint` that of an entry's body. `resting` are the ids of published entries that are as they were, and not
    among these.
    """
    now = now.replace(microsecond=0)  # as the ledger writes moments, so that what it says again is the same
    known = recognise(entries, ledger, places, site.url, is_file, fingerprint, resting)
    told = {record.id for record in known.records.values()} | {record.id for record, _ in known.changed_ids}
    told.update(resting)
    taken = {entry.path for entry in known.entries}
    kept = keep(ledger, told, known.unclear, site, now, is_file, taken, some_are_broken=some_are_broken)
    pairs = [(entry, known.records[entry.path]) for entry in known.entries if entry.path in known.records]
    withdrawals = all_withdrawals(ledger, pairs, kept.withdrawals, now)
    found, problems = [], list(known.problems)
    for entry in known.entries:
        record = known.records.get(entry.path)
        if site.policies.updated is UpdatedBy.CONTENT:
            entry = update_by_content(entry, record, fingerprint, now)
        if record is not None and record.id in withdrawals:
            withdrawal = withdrawals[record.id]
            if record.state is State.WITHDRAWN and entry.withdrawn is None:
                problems.append(_still_here(entry, withdrawal, places))
            # A clock that was set back takes back nothing that subscribers have been told.
            entry = replace(entry, withdrawn=replace(withdrawal, moment=min(withdrawal.moment, now)))
        found.append(entry)
    return Standing(
        entries=tuple(found),
        records=known.records,
        kept=kept.entries,
        told_of_kept=kept.told,
        vanished=kept.vanished,
        problems=tuple(problems),
        withdrawals=withdrawals,
        changed_ids=known.changed_ids,
        refusals=kept.refusals,
        left_out=sum(problem.level is Level.ERROR for problem in known.problems),
        moved=known.moved,
        broken=kept.broken,
        sought=known.sought,
        in_vain=known.in_vain,
        keys=known.keys,
    )


def _still_here(entry: Entry, withdrawal: Withdrawal, places: Mapping[str, Place]) -> Problem:
    return Problem(
        Level.WARNING,
        "withdrawn-before",
        places[entry.path],
        f"the story was withdrawn on {withdrawal.moment:%Y-%m-%d}, and no feed will show it again",
        "delete the file, or write `withdrawn:` into its front matter",
    )
