"""What every feed shows → documents in place, and a ledger that knows what subscribers see: publish ▸ record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedmill import ledger
from feedmill.archives import Archives, archive, has_archives, needs_of
from feedmill.documents import Documents, Made, check
from feedmill.feeds import Selected
from feedmill.identifying import set_pending
from feedmill.ledger import Plan, Recording
from feedmill.model import BodyMode, Document, Feed, Format, Level, Place, Problem, Stored
from feedmill.operations.run_history import RunHistory
from feedmill.operations.runs import after_build, without_texts
from feedmill.publishing import Change, Published, Staged, publish, stage, sweep, wait_for_disk
from feedmill.publishing.manifest_reading import read_manifest
from feedmill.rendering import MANIFEST, write_manifest
from feedmill.reporting import count_found, count_left_out, problems_now
from feedmill.scan import state_of
from feedmill.selecting import render_missing
from feedmill.store import InPlace, keep_documents
from feedmill.timing import first_by_feed
from feedmill.withholding import withhold
from feedmill.work import Work

_LARGE, _TOO_LARGE = 1_000_000, 5_000_000
"""Bytes of a feed from which a build notices, and warns of, its size."""


class Built(Struct, frozen=True):
    """A finished build: what subscribers see of it, and what is to be remembered of the run.

    `documents` are all but archives and the manifest, in their order; `selected` is what each feed shows.
    """

    work: Work
    feeds: tuple[Feed, ...]
    selected: tuple[Selected, ...]
    problems: tuple[Problem, ...]
    found: int
    left_out: int
    documents: tuple[Stored, ...]
    published: Published
    plan: Plan
    record: RunHistory
    next_change: datetime | None


def deliver(work: Work, plan: Plan, record: RunHistory) -> Built:
    """Render the documents that differ, put them in place, and record what subscribers see by it."""
    staged: list[Staged] = []
    staying: list[Stored] = []
    shows: dict[str, str] = {}

    def put(document: Document, show: str = "") -> Stored:
        check(document)
        staged.append(stage(document, work.feeds_directory))
        shows[document.path] = show
        return staged[-1].stored

    def take(made: Made) -> Stored:
        if made.document is not None:
            return put(made.document, made.shows)
        if made.stored is None:
            raise AssertionError("a document is made, or lies there")
        staying.append(made.stored)
        shows[made.stored.path] = made.shows
        return made.stored

    try:
        archives = _archive(work, put)
        staying.extend(archives.staying)
        with_links = [
            replace(each, feed=replace(each.feed, previous=archives.previous.get(each.feed.name, "")))
            for each in work.selected
        ]
        made = Documents(
            work.site,
            work.feeds_directory,
            work.in_place,
            work.bodies.fragments,
            work.all_whole,
            work.templates,
            work.now,
        )
        tell = work.progress("Writing")
        stored: list[Stored] = []
        for number, each in enumerate(with_links, 1):
            stored += [take(one) for one in made.of_feed(each)]
            tell(number, len(with_links))
        stored += [take(one) for one in made.lists(with_links)]
        problems_found = (*problems_now(work), *archives.problems, *_large(stored, work.site.feeds_path))
        problems = tuple(sorted(problems_found, key=lambda problem: problem.place))
        changes = work.time_changes()
        titles = [old.title for id_ in work.missing.new if (old := work.ledger.get(id_)) is not None]
        record = after_build(
            without_texts(record, titles),
            feeds=work.selected,
            documents=stored,
            problems=problems,
            next_changes=first_by_feed(changes),
            withdrawals=len(work.missing.withdrawals),
            now=work.now,
        )
        if work.site.status_page:
            from feedmill.operations.status_page import write_status_page

            visible = [row.entry for row in work.entries.visible(work.moment)]
            feeds = [each.feed for each in with_links]
            stored.append(put(write_status_page(feeds, visible, work.site, record, work.templates.render)))
        next_change = changes[0].moment if changes else None
        manifest, gone, serial = _list(work, staged, staying, next_change)
        wait_for_disk((*staged, manifest), work.feeds_directory)
        work.progress("Publishing")
        all_ = [*(each.stored for each in staged), *staying]
        recording = ledger.recording_of(
            work.ledger,
            work.entries,
            with_links,
            [row.path for row in work.entries.stale()],
            work.missing.withdrawals,
            work.missing.broken,
            archives.told,
            archives.gone,
            {one.path: one.sha256 for one in all_},
            serial,
            work.site,
            work.now,
            work.whole,
            work.bodies.is_lost,
        )
        recording.write(work.ledger)
    except BaseException:
        sweep(work.feeds_directory)
        raise
    published = publish(staged, manifest, work.feeds_directory, gone=gone, staying=staying)
    _keep(work, all_, shows, recording)
    return Built(
        work=work,
        feeds=tuple(each.feed for each in with_links),
        selected=tuple(with_links),
        problems=problems,
        found=count_found(work),
        left_out=count_left_out(work),
        documents=tuple(stored),
        published=published,
        plan=plan,
        record=record,
        next_change=next_change,
    )


def _large(documents: Sequence[Stored], feeds_path: str) -> Iterator[Problem]:
    """Yield a problem of each feed that is large: a reader fetches all of it again with every new story."""
    for one in documents:
        if one.format is not None and one.size > _LARGE:
            level = Level.WARNING if one.size > _TOO_LARGE else Level.NOTICE
            said = f"it is {one.size / 1_000_000:.1f} MB, which every reader fetches again with every new story"
            remedy = "lower `limit`, write `body: summary`, or keep what leaves the feed in archives (`archive: true`)"
            yield Problem(level, "feed-size", Place(f"{feeds_path}/{one.path}"), said, remedy)


def _archive(work: Work, put: Callable[[Document], object]) -> Archives:
    if not has_archives(work.selected, work.ledger, work.site):
        return Archives((), (), frozenset(), {})
    needs = needs_of(
        work.selected,
        work.entries,
        work.ledger,
        work.in_place,
        work.concerned,
        work.missing.withdrawals,
        work.site,
        work.feeds_directory,
        work.now,
    )
    kinds: dict[str, set[tuple[Format, BodyMode]]] = {}
    for path, body in needs.paths(work.selected, work.entries, work.ledger):
        kinds.setdefault(path, set()).add((Format.ATOM, body))
    # Bodies that only archives show are many, and are not asked for again.
    render_missing(work, kinds, keeps_bodies=False)
    lost = {path for path, _, _, is_lost in work.bodies.found_in(kinds) if is_lost}
    if lost:
        needs = needs.without(lost)
    return archive(
        needs,
        work.selected,
        work.entries,
        work.ledger,
        work.in_place,
        work.missing.withdrawals,
        work.missing.dropped,
        work.site,
        work.feeds_directory,
        work.now,
        lambda paths, body: work.bodies.fragments(paths, Format.ATOM, body),
        put,
    )


def _list(
    work: Work, staged: Sequence[Staged], staying: Sequence[Stored], next_change: datetime | None
) -> tuple[Staged, set[str], int]:
    """Return the manifest, staged, the documents that are to go, and the serial of this build."""
    before = read_manifest(work.feeds_directory)
    serial = max(work.ledger.serial, before.serial)
    listed = [*(each.stored for each in staged), *staying]
    made = {one.path for one in listed} | {MANIFEST}
    gone = {
        path
        for path in (work.ledger.documents().keys() | before.documents) - made
        if (work.feeds_directory / path).is_file()
    }
    withdrawn = {}
    for id_, withdrawal in work.missing.withdrawals.items():
        known = work.ledger.get(id_)
        if known is not None:
            row = work.entries.with_record(id_)
            url = ledger.url_of(row.place if row is not None else known.place, work.site.url)
            if row is not None and not row.is_public(work.moment):
                url = work.site.url
            keys = (row.title_key, row.text_key) if row is not None else (known.title_key, known.text_key)
            withdrawn[id_] = (url, withdrawal, *keys)
    moved = {
        row.id: row.entry.url
        for row in work.entries.where("id != own_id AND state = '' AND origin = 'content'")
        if row.shown_from <= work.moment < row.shown_until
    }

    # A ledger that was lost would know a broken story by nothing else when it can be read again.
    for id_ in before.moved.keys() - moved.keys():
        known = work.ledger.get(id_)
        if known is not None and work.is_broken(known.path):
            moved[id_] = ledger.url_of(known.place, work.site.url)

    def made_with(number: int) -> Document:
        return write_manifest(listed, withdrawn, moved, next_change, work.site, number)

    manifest = stage(made_with(serial), work.feeds_directory)
    # Not of a document that is put back, nor of a build that was killed after the ledger had recorded it: whatever
    # happened on the way, the same publications lead to the same number.
    is_news = {one.path: one.sha256 for one in listed} != work.ledger.documents()
    says_more = before.serial == serial and manifest.change is not Change.UNTOUCHED
    if is_news or says_more or not serial:
        serial += 1
        manifest = stage(made_with(serial), work.feeds_directory)
    return manifest, gone, serial


def _keep(work: Work, listed: Sequence[Stored], shows: dict[str, str], recording: Recording) -> None:
    """Remember in the cache what lies there now, and that its entries are identified against the ledger of now."""
    in_place = [InPlace(shows.get(one.path, ""), one, state_of(f"{work.feeds_directory}/{one.path}")) for one in listed]
    keep_documents(work.store, in_place)
    work.bodies.keep_only({*work.wanted, *(path for each in work.selected for path in each.lost)})
    withhold(work)
    for written, told_there in recording.archives:
        work.entries.set_archived(written.feed, told_there)
    work.entries.forget_archived(work.moment)
    work.entries.set_recorded((record.path, record.id) for record in recording.records)
    set_pending(work, frozenset(), frozenset())
    work.store.set_meta("history", work.ledger.about().get("history", ""))
