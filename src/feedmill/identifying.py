"""content/ and the ledger → the cache: scan ▸ read ▸ normalise ▸ identify."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from feedmill import ledger as told
from feedmill.config.policies import UpdatedBy
from feedmill.content import Changes, Content, with_data
from feedmill.ledger import Identified, Ledger, Settled
from feedmill.scan import Folder
from feedmill.stories import StoryContext
from feedmill.withholding import no_longer_withdrawn
from feedmill.work import WORKING, Work
from feedmill.workers import Workers


def prepare(work: Work, folders: Iterable[Folder] | None = None) -> None:
    """Bring the cache up to date with content/ and the ledger. `folders` is a scan that was made already."""
    ledger = work.ledger
    if (work.directory / work.given.content_path).is_dir():
        work.site, work.data_problems = with_data(work.given, work.directory)
    context = StoryContext(work.site, work.now)
    work.workers = Workers(context, working=work.directory / WORKING)
    content = Content(context, work.directory, work.store, work.entries, work.workers, work.progress)
    content.refresh(folders)
    changes = content.changes
    work.progress("Identifying")
    history = ledger.about().get("history", "")
    is_anew = changes.is_anew or not ledger.exists or work.store.meta("history") != history
    work.identified, work.settled = _identify(work, changes, is_anew=is_anew)
    if work.sources.withheld():
        bring_back(work)
        if again := no_longer_withdrawn(work):
            content.read_again(again)
            before = work.settled.changed
            work.identified, work.settled = _identify(work, changes, is_anew=is_anew)
            work.settled = replace(work.settled, changed=before | work.settled.changed)
    # What a run found that published nothing is still to be done.
    unmatched, concerned = _pending(work)
    unmatched |= work.identified.open.keys()
    still = {id_: record for id_ in unmatched if (record := ledger.get(id_)) is not None}
    work.identified = replace(work.identified, open=still)
    bring_back(work)
    _remember_archived(work, None if is_anew else {*work.settled.changed, *changes.fresh})
    touched = {*work.settled.changed, *changes.fresh}
    for row in work.entries.in_doubt():
        if row.path in touched:
            concerned |= {row.id, row.record or row.id}
    concerned |= work.missing.dropped
    if is_anew and ledger.archives():
        concerned |= {record.id for record in ledger.records() if _is_hidden(work, record.id)}
    work.concerned = frozenset(concerned)
    set_pending(work, frozenset(unmatched), work.concerned)
    work.store.set_meta("history", history if ledger.exists else "")


def bring_back(work: Work) -> None:
    """Put into the cache what feeds are to show of the ledger, as far as it is known by now."""
    work.missing = told.bring_back(
        work.ledger, work.entries, work.bodies, work.sources, work.identified, work.site, work.now
    )
    _remember_archived(work, work.entries.from_ledger())


def _remember_archived(work: Work, paths: Iterable[str] | None) -> None:
    """Let the cache know which of some entries stand in archives; None means all."""
    if not work.has_archives:
        return
    if paths is None:
        for archive in work.ledger.archives():
            work.entries.set_archived(archive.feed, work.ledger.archived_in(archive.path))
        return
    for path in paths:
        row = work.entries.get(path)
        for archive, _ in work.ledger.archives_with(row.id) if row is not None else ():
            work.entries.set_archived(archive.feed, [row.id] if row is not None else ())


def _pending(work: Work) -> tuple[set[str], set[str]]:
    """Return the ids of records that no story holds, and of entries that archives may have to let go of."""
    packed = work.store.meta("pending")
    unmatched, concerned = msgspec.msgpack.decode(packed, type=tuple[set[str], set[str]]) if packed else ((), ())
    return set(unmatched), set(concerned)


def set_pending(work: Work, unmatched: frozenset[str], concerned: frozenset[str]) -> None:
    """Remember what is still to be done: see _pending."""
    packed = msgspec.msgpack.encode((sorted(unmatched), sorted(concerned)))
    if packed != work.store.meta("pending"):
        work.store.set_meta("pending", packed)


def _is_hidden(work: Work, id_: str) -> bool:
    rows = work.entries.with_id(id_)
    return bool(rows) and all(row.state or row.shown_until <= work.moment for row in rows)


def _identify(work: Work, changes: Changes, *, is_anew: bool) -> tuple[Identified, Settled]:
    ledger, entries = work.ledger, work.entries
    by_text, by_place, by_id = changes.groups
    touched = set(changes.fresh)
    if is_anew:
        entries.forget_records()
        known = told.identify(ledger, entries, None, (), work.is_broken)
        touched |= {row.path for row in entries.in_doubt()}
        touched |= {row.path for row in entries.where("id != own_id")}
        by_text |= set(entries.repeated("title_key", "text_key"))
        by_place |= set(entries.repeated("place"))
        by_id |= set(entries.repeated("own_id"))
        if not ledger.is_empty:
            for record in ledger.records():
                touched |= {row.path for row in entries.alike("own_id", record.id)}
            told.check_stories(ledger, len(known.records), work.sources.count("story"), work.site)
        # Of what is new to the cache nothing need be settled that no other shares.
        touched -= set() if not ledger.is_empty else changes.fresh
    else:
        # What a build has written into the ledger may tell more of who was in doubt.
        in_doubt = "state IN ('unclear', 'copy', 'address', 'id') OR state = 'withdrawn' AND record IS NULL"
        touched |= {row.path for row in entries.where(in_doubt)}
        known = told.identify(ledger, entries, touched, _touched_records(ledger, changes), work.is_broken)
    by_place |= {(place,) for place in known.places}
    touched |= {row.path for row in entries.where("withdrawn <= ? AND state = ''", (work.moment,))}
    settled = told.settle(
        ledger, entries, known, touched, (by_text, by_place, by_id), work.is_broken, work.site, work.now
    )
    entries.set_stale(known.stale)
    _update(work, known)
    return known, settled


def _touched_records(ledger: Ledger, changes: Changes) -> set[str]:
    """Return the ids of the records that have anything in common with what went, or with what was there before."""
    by_text, by_place, by_id = changes.groups
    found = changes.freed | {id_ for (id_,) in by_id}
    signs = [("path", path) for path in changes.paths]
    signs += [("title_key", title) for title, _ in by_text]
    signs += [("text_key", text) for _, text in by_text if not text.startswith("-")]
    signs += [("place", place) for (place,) in by_place]
    for sign, value in signs:
        found.update(record.id for record in ledger.alike(sign, value))
    return found


def _update(work: Work, known: Identified) -> None:
    """Let `updated` move as the site wants it to, and never back in what subscribers see."""
    by_content = work.site.policies.updated is UpdatedBy.CONTENT
    for path in {*known.records, *(row.path for row in work.entries.stale())}:
        row = work.entries.get(path)
        record = work.ledger.get(row.record) if row is not None and row.record is not None else None
        if row is not None and record is not None:
            entry = told.with_updated(row, record, work.now, by_content=by_content)
            if entry.updated != row.entry.updated:
                work.entries.change(row, entry)
