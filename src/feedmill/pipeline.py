"""The way of the data: read, normalise, select, write, validate, publish.

Each stage takes values and gives values; none knows another. Verbs take as much of the way as they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from feedmill import ledger
from feedmill.archives import archive
from feedmill.errors import Refused
from feedmill.ledger import Archive, Ledger, Plan, Standing
from feedmill.model import Document, Entry, Feed, Level, Problem, Site
from feedmill.normalising import Normalised, normalise, settle
from feedmill.publishing import Published, differing, publish
from feedmill.quarantine import entries_to_blame
from feedmill.reading import Detected, Reading, read_authors, read_stories, read_topics
from feedmill.record import Record
from feedmill.recording import after_build
from feedmill.selecting import Selection, next_changes, select, with_more
from feedmill.validating import validate_documents
from feedmill.writing import MANIFEST, write_documents, write_manifest, write_status_page

LEDGER = ".feedmill/ledger.sqlite3"
"""Where the ledger lies, beside feedmill.yaml."""

Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage tells how many of how many are done."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What content/ gives as of a moment: entries, feeds, and every problem, by place.

    `site` is that of feedmill.yaml with the topics and authors that content/ holds; `conventions` says by folder
    whose habits its files follow. `found` counts story files, `left_out` those that no feed can show because of a
    problem, and `hidden` says why the others that no feed shows are not shown. `ledger` is what subscribers have been
    told before, `standing` what that makes of the entries, and `members` all that belongs to each feed.
    """

    site: Site
    conventions: Mapping[str, Detected]
    entries: tuple[Entry, ...]
    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...]
    hidden: dict[str, str]
    found: int
    left_out: int
    ledger: Ledger
    standing: Standing
    members: Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: what subscribers see of it, and what is to be remembered of the run."""

    contents: Contents
    documents: tuple[Document, ...]
    published: Published
    plan: Plan
    record: Record


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What content/ says by itself, before anything is known of what was published."""

    site: Site
    reading: Reading
    normalised: Normalised
    problems: tuple[Problem, ...]


def mill(site: Site, directory: Path, *, now: datetime, progress: Progress) -> Contents:
    """Go from content/ to feeds: read, normalise, remember, select."""
    return _contents(_gather(site, directory, progress), directory, now, progress)


def _gather(site: Site, directory: Path, progress: Progress) -> _Gathered:
    reading = read_stories(
        directory / site.content_path,
        shown_root=site.content_path,
        settings=site.content,
        site_directory=directory,
        output=directory / site.feeds_path,
        on_progress=progress("Reading stories"),
    )
    site, data_problems = _with_data(site, directory / site.content_path)
    normalised = normalise(reading.stories, site, pages=reading.pages, on_progress=progress("Normalising"))
    return _Gathered(site, reading, normalised, (*reading.problems, *data_problems, *normalised.problems))


def _contents(
    gathered: _Gathered,
    directory: Path,
    now: datetime,
    progress: Progress,
    blamed: Mapping[str, Problem] = MappingProxyType({}),
) -> Contents:
    """Hold what content/ says against what subscribers were told. Stories that are `blamed` count as broken."""
    progress("Selecting")
    site, reading, normalised = gathered.site, gathered.reading, gathered.normalised
    root = directory / site.content_path
    sound = [entry for entry in normalised.entries if entry.path not in blamed]
    remembered = remember(site, directory)
    standing = ledger.stand(
        remembered,
        sound,
        normalised.places,
        site,
        now,
        lambda path: (root / path).is_file(),
        some_are_broken=reading.found > len(sound),
    )
    ledger.check_stories(remembered, standing.records, len(standing.entries), site, directory / LEDGER)
    settled, collisions = settle(standing.entries, normalised.places, standing.records)
    entries = (*settled, *standing.kept)
    selection = select(entries, site, now)
    left_out = sum(problem.level is Level.ERROR for problem in collisions) + len(blamed)
    problems = (*gathered.problems, *blamed.values(), *standing.problems, *collisions, *selection.problems)
    return Contents(
        site=site,
        conventions=reading.conventions,
        entries=entries,
        feeds=_with_history(selection, entries, remembered, standing, site, now),
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
        hidden=selection.hidden,
        found=reading.found,
        left_out=reading.found - len(reading.stories) + normalised.left_out + standing.left_out + left_out,
        ledger=remembered,
        standing=standing,
        members=selection.members,
    )


def remember(site: Site, directory: Path) -> Ledger:
    """Return what subscribers have been told. Raises LedgerError when that cannot be known for sure."""
    feeds = directory / site.feeds_path
    found = ledger.load(directory / LEDGER) or ledger.recover(feeds, site) or Ledger()
    return ledger.complete(ledger.check_site(found, site, directory / LEDGER), feeds, site)


def _with_history(
    selection: Selection,
    entries: Sequence[Entry],
    remembered: Ledger,
    standing: Standing,
    site: Site,
    now: datetime,
) -> tuple[Feed, ...]:
    """Add what feeds show for the sake of those who have read them before.

    Those are feeds that have moved, stubs where withdrawn stories were, and corrections of stories archived already.
    """
    withdrawn_from = ledger.withdrawn_addresses(remembered, standing.withdrawals, entries)
    stubs = list(ledger.stubs(remembered, withdrawn_from, site.policies.withdrawn_days, now))
    moved = ledger.moved_feeds(remembered, entries, selection.hidden, selection.feeds, site)
    feeds = []
    for feed in (*selection.feeds, *moved):
        in_order = feed.name not in _curated(site)
        mine = [entry for entry, names in stubs if feed.name in names]
        late = ledger.late_corrections(feed, selection.members.get(feed.name, ()), remembered, now)
        withdrawn = {entry.id: entry.withdrawn for entry in mine if entry.withdrawn is not None}
        feeds.append(replace(with_more(feed, [*mine, *late], in_order=in_order), withdrawn=withdrawn))
    return tuple(feeds)


def _curated(site: Site) -> frozenset[str]:
    return frozenset(name for name, collection in site.collections.items() if collection.stories)


def _with_data(site: Site, root: Path) -> tuple[Site, list[Problem]]:
    """Return the site with the topics and authors of its content directory; those of feedmill.yaml count first."""
    problems: list[Problem] = []
    shown, content = site.content_path, site.content
    if content.topics_from:
        topics, said = read_topics(root, content.topics_from, shown_root=shown, settings=site.settings)
        problems.extend(said)
        site = replace(site, topics={**topics, **site.topics})
    if content.authors_from:
        authors, said = read_authors(root, content.authors_from, shown_root=shown, site_url=site.url)
        problems.extend(said)
        site = replace(site, authors={**authors, **site.authors})
    return site, problems


def make_plan(contents: Contents) -> Plan:
    """Say what subscribers will see of a build, feed by feed, and which brakes would hold it."""
    ids = {entry.path: entry.id for entry in contents.entries}
    return ledger.make_plan(
        contents.ledger,
        contents.feeds,
        {name: {entry.id for entry in members} for name, members in contents.members.items()},
        {ids[path]: reason for path, reason in contents.hidden.items()},
        contents.standing.changed_ids,
        contents.standing.withdrawals.keys(),
        contents.site.policies.brake,
        _curated(contents.site),
    )


def build(
    site: Site,
    directory: Path,
    *,
    now: datetime,
    progress: Progress,
    force: bool = False,
    record: Record | None = None,
) -> Built:
    """Go the whole way, from content/ to feeds/, and record in the ledger what subscribers are told by it.

    `record` is what is remembered of the runs before. A few stories of which no valid document can be made are left
    out, or stay as last published, as other broken stories do. Raises Refused, with nothing replaced, when a document
    fails validation nevertheless; or, unless by `force`, when a brake holds. Raises PublishingError when the feeds
    directory cannot be written, and LedgerError when the ledger cannot be used.
    """
    ledger.check_writable(directory / LEDGER)
    gathered = _gather(site, directory, progress)
    contents = _contents(gathered, directory, now, progress)
    plan = _held(contents, directory, force=force)
    progress("Writing")
    made = _make(contents, directory, record or Record(), now)
    findings = validate_documents(made.judged, now=now, on_progress=progress("Validating"))
    if findings and (blamed := entries_to_blame(contents.feeds, contents.site, now)):
        contents = _contents(gathered, directory, now, progress, blamed)
        plan = _held(contents, directory, force=force)
        made = _make(contents, directory, record or Record(), now)
        findings = validate_documents(made.judged, now=now)
    if findings:
        raise Refused(
            f"{len(findings)} finding(s) in new documents, so nothing was replaced",
            remedy="the feeds are as they were; mend what is named",
            problems=findings,
        )
    progress("Publishing")
    feeds_path = directory / contents.site.feeds_path
    intended = differing((*made.documents, made.manifest), feeds_path)
    with ledger.recording(directory / LEDGER, contents.ledger, made.ledger, intended):
        published = publish(made.documents, made.manifest, feeds_path, staying=made.staying)
    return Built(contents, made.documents, published, plan, made.record)


@dataclass(frozen=True, slots=True)
class _Made:
    """What a build is about to publish: documents, those that stay as they are, and what is remembered afterwards."""

    documents: tuple[Document, ...]
    manifest: Document
    staying: tuple[str, ...]
    ledger: Ledger
    record: Record

    @property
    def judged(self) -> tuple[Document, ...]:
        """The documents that follow a standard: all but the list of redirects."""
        return tuple(each for each in (*self.documents, self.manifest) if each.media_type != "text/plain")


def _make(contents: Contents, directory: Path, record: Record, now: datetime) -> _Made:
    site, withdrawals = contents.site, contents.standing.withdrawals
    archived = archive(
        [feed for feed in contents.feeds if feed.name not in _curated(site)],
        contents.members,
        contents.ledger,
        withdrawals,
        {entry.id for entry in contents.entries if entry.path in contents.hidden},
        site,
        directory / site.feeds_path,
        now,
    )
    feeds = [_with_archive(feed, archived.archives, site) for feed in contents.feeds]
    documents = (*archived.documents, *write_documents(feeds, site))
    record = _remembered(record, contents, documents, now)
    shown = [entry for entry in contents.entries if entry.path not in contents.hidden]
    if site.status_page:
        documents = (*documents, write_status_page(contents.feeds, shown, site, record))
    ids = {entry.id for entry in shown}
    moved = {id_: url for id_, url in contents.standing.moved.items() if id_ in ids}
    withdrawn = ledger.withdrawn_addresses(contents.ledger, withdrawals, contents.entries)
    after = ledger.record_feeds(
        contents.ledger,
        contents.feeds,
        contents.entries,
        contents.standing.records,
        archived.archives,
        withdrawals,
        site,
        now,
    )
    return _Made(
        documents,
        write_manifest(documents, archived.stored, withdrawn, moved, site),
        tuple(item.path for item in archived.stored),
        after,
        record,
    )


def _remembered(record: Record, contents: Contents, documents: tuple[Document, ...], now: datetime) -> Record:
    """Return what is to be remembered of the run once the documents are published."""
    return after_build(
        record,
        feeds=contents.feeds,
        documents=documents,
        problems=contents.problems,
        next_changes=next_changes(contents.entries, contents.site, contents.feeds, now),
        withdrawals=len(contents.standing.withdrawals),
        now=now,
    )


def _with_archive(feed: Feed, archives: Mapping[str, tuple[Archive, ...]], site: Site) -> Feed:
    """Return a feed that leads to its newest archive, when it has one."""
    mine = archives.get(feed.name, ())
    return replace(feed, previous=site.feeds_url + mine[-1].path) if mine else feed


def _held(contents: Contents, directory: Path, *, force: bool) -> Plan:
    """Return the plan. Raises Refused where a build would do more to subscribers than the site wants."""
    plan = make_plan(contents)
    if force:
        return plan
    if not contents.found and (directory / contents.site.feeds_path / MANIFEST).exists():
        raise Refused(
            "there are no stories any more, so nothing was replaced",
            remedy="put the stories back, or mean it with --force",
            problems=contents.problems,
        )
    if contents.standing.refusals:
        raise Refused(
            "the files of published stories have vanished, so nothing was replaced",
            remedy="put them back, or mean it with --force",
            problems=contents.standing.refusals,
        )
    if plan.brakes:
        raise Refused(
            "; ".join(f"{what} ({remedy})" for what, remedy in plan.brakes),
            remedy="nothing was replaced: look at `feedmill plan`, or mean it with --force",
        )
    return plan
