"""The way of the data: read, normalise, select, write, validate, publish.

Each stage takes values and gives values; none knows another. Verbs take as much of the way as they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feedmill import ledger
from feedmill.archives import archive, entries_to_archive
from feedmill.cache import Cache, no_cache
from feedmill.contents import (
    LEDGER,
    Contents,
    hold,
    make_plan,
    refuse,
    remember,
    shown_entries,
    with_archives,
    with_problems,
    withdrawn_paths,
)
from feedmill.errors import Refused
from feedmill.gathering import Bodies, Gathered, gather
from feedmill.ledger import Archive, Ledger, Plan
from feedmill.model import Document, Entry, Feed, Problem, Site, Stored
from feedmill.publishing import Published, differing, publish
from feedmill.quarantine import entries_to_blame
from feedmill.record import Record
from feedmill.recording import after_build
from feedmill.rendering import Rendered, render
from feedmill.selecting import next_changes
from feedmill.validating import validate_documents
from feedmill.writing import MANIFEST, write_manifest, write_status_page

__all__ = ["LEDGER", "Built", "Contents", "Progress", "build", "make_plan", "mill", "remember"]

Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage tells how many of how many are done."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build: what subscribers see of it, and what is to be remembered of the run.

    `documents` are all but archives and the manifest, in their order; `written` those that this run wrote. The entries
    of `contents` carry no bodies, which this run may not have needed: `whole_feeds` fetches them.
    """

    contents: Contents
    documents: tuple[Document | Stored, ...]
    written: tuple[Document, ...]
    published: Published
    plan: Plan
    record: Record
    bodies: Bodies

    def whole_feeds(self) -> tuple[Feed, ...]:
        """Return every feed with the bodies of its entries."""
        whole = self.bodies.whole
        return tuple(replace(feed, entries=tuple(map(whole, feed.entries))) for feed in self.contents.feeds)


def mill(site: Site, directory: Path, *, now: datetime, progress: Progress) -> Contents:
    """Go from content/ to feeds: read, normalise every story whole, remember, select."""
    gathered, bodies = gather(site, directory, no_cache(), progress)
    lost = bodies.make(gathered.entries, progress("Normalising"))
    whole = [bodies.whole(entry) for entry in gathered.entries if entry.path not in lost]
    progress("Selecting")
    return hold(gathered, bodies, whole, bodies.problems(gathered.entries), directory, now)


def build(
    site: Site,
    directory: Path,
    *,
    now: datetime,
    progress: Progress,
    force: bool = False,
    record: Record | None = None,
    cache: Cache | None = None,
) -> Built:
    """Go the whole way, from content/ to feeds/, and record in the ledger what subscribers are told by it.

    `record` is what is remembered of the runs before, `cache` what need not be done again. A few stories of which no
    valid document can be made are left out, or stay as last published, as other broken stories do. Raises Refused, with
    nothing replaced, when a document fails validation nevertheless; or, unless by `force`, when a brake holds. Raises
    PublishingError when the feeds directory cannot be written, and LedgerError when the ledger cannot be used.
    """
    ledger.check_writable(directory / LEDGER)
    cache = cache or no_cache()
    gathered, bodies = gather(site, directory, cache, progress)
    cache.save()
    run = _Run(gathered, bodies, cache, record or Record(), directory, now, progress, force)
    made, findings = run.make({})
    if findings and (blamed := entries_to_blame(map(bodies.whole, shown_entries(made.contents)), site, now)):
        made, findings = run.make(blamed)
    if findings:
        raise Refused(
            f"{len(findings)} finding(s) in new documents, so nothing was replaced",
            remedy="the feeds are as they were; mend what is named",
            problems=findings,
        )
    progress("Publishing")
    contents, rendered = made.contents, made.rendered
    feeds_path = directory / contents.site.feeds_path
    intended = differing((*rendered.written, made.manifest), feeds_path)
    with ledger.recording(directory / LEDGER, contents.ledger, made.ledger, intended):
        published = publish(rendered.written, made.manifest, feeds_path, staying=rendered.stored)
    rendered.remember(cache, feeds_path)
    bodies.forget_others(run.wanted(contents))
    # Of a story that was taken back not even its title stays.
    cache.forget_stories(withdrawn_paths(contents))
    cache.save()
    return Built(contents, rendered.feed_documents, rendered.written, published, made.plan, made.record, bodies)


@dataclass(frozen=True, slots=True)
class _Made:
    """What a build is about to publish, and what is remembered afterwards."""

    contents: Contents
    plan: Plan
    rendered: Rendered
    manifest: Document
    ledger: Ledger
    record: Record


@dataclass(frozen=True, slots=True)
class _Run:
    """One build on its way from entries to documents. It may go twice, the second time without stories to blame."""

    gathered: Gathered
    bodies: Bodies
    cache: Cache
    record: Record
    directory: Path
    now: datetime
    progress: Progress
    force: bool

    def make(self, blamed: Mapping[str, Problem]) -> tuple[_Made, list[Problem]]:
        """Select, make the bodies that documents show, write the documents that differ, and judge them."""
        contents = self.select(blamed)
        plan = self.held(contents)
        self.progress("Writing")
        made = self.write(contents, plan)
        written = (*made.rendered.judged, made.manifest)
        return made, validate_documents(written, now=self.now, on_progress=self.progress("Validating"))

    def select(self, blamed: Mapping[str, Problem]) -> Contents:
        """Select what feeds show. A story whose body has an error gives way to the next one."""
        lost: frozenset[str] = frozenset(blamed)
        asked: dict[str, Entry] = {}
        while True:
            self.progress("Selecting")
            sound = [entry for entry in self.gathered.entries if entry.path not in lost]
            contents = hold(self.gathered, self.bodies, sound, tuple(blamed.values()), self.directory, self.now)
            wanted = {entry.path: entry for entry in self.wanted(contents)}
            asked |= wanted
            more = self.bodies.make(wanted.values(), self.progress("Normalising"))
            if not more:
                return with_problems(contents, self.bodies.problems(asked.values()))
            lost |= more

    def wanted(self, contents: Contents) -> Iterator[Entry]:
        """Yield the entries whose bodies a document shows, or will show when an embargo has passed; and drafts."""
        yield from shown_entries(contents)
        yield from (entry for entry in contents.entries if entry.draft or entry.published > self.now)
        feeds = self.directory / contents.site.feeds_path
        yield from entries_to_archive(with_archives(contents), contents.members, contents.ledger, feeds, self.now)

    def held(self, contents: Contents) -> Plan:
        """Return the plan. Raises Refused where a build would do more to subscribers than the site wants."""
        plan = make_plan(contents, self.bodies.seen)
        if not self.force:
            refuse(contents, plan, self.directory / contents.site.feeds_path / MANIFEST)
        return plan

    def write(self, contents: Contents, plan: Plan) -> _Made:
        """Write the documents, the list of them, and what is to be remembered once they are published."""
        site, withdrawals, bodies = contents.site, contents.standing.withdrawals, self.bodies
        archived = archive(
            with_archives(contents),
            contents.members,
            contents.ledger,
            withdrawals,
            {entry.id for entry in contents.entries if entry.path in contents.hidden},
            site,
            self.directory / site.feeds_path,
            self.now,
            bodies.whole,
        )
        feeds = [_with_archive(feed, archived.archives, site) for feed in contents.feeds]
        rendered = render(feeds, site, bodies, self.cache, self.directory / site.feeds_path)
        record = self.remembered(contents, rendered.feed_documents)
        shown = [entry for entry in contents.entries if entry.path not in contents.hidden]
        if site.status_page:
            rendered = rendered.with_document(write_status_page(contents.feeds, shown, site, record))
        rendered = rendered.with_archives(archived.documents, archived.stored)
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
            self.now,
            bodies,
        )
        manifest = write_manifest(rendered.written, rendered.stored, withdrawn, moved, site)
        return _Made(contents, plan, rendered, manifest, after, record)

    def remembered(self, contents: Contents, documents: Sequence[Document | Stored]) -> Record:
        """Return what is to be remembered of the run once the documents are published."""
        return after_build(
            self.record,
            feeds=contents.feeds,
            documents=documents,
            problems=contents.problems,
            next_changes=next_changes(contents.entries, contents.site, contents.feeds, self.now),
            withdrawals=len(contents.standing.withdrawals),
            now=self.now,
        )


def _with_archive(feed: Feed, archives: Mapping[str, tuple[Archive, ...]], site: Site) -> Feed:
    """Return a feed that leads to its newest archive, when it has one."""
    mine = archives.get(feed.name, ())
    return replace(feed, previous=site.feeds_url + mine[-1].path) if mine else feed
