"""The way of the data: read, normalise, select, write, validate, publish.

Each stage takes values and gives values; none knows another. Verbs take as much of the way as they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache as once
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from feedmill import ledger
from feedmill.archives import archive, entries_to_archive, takes_all
from feedmill.cache import Cache, no_cache, state_of
from feedmill.contents import (
    LEDGER,
    Contents,
    Remembered,
    hold,
    make_plan,
    refuse,
    remember,
    shown_entries,
    sieve,
    with_archives,
    with_problems,
    withdrawn_paths,
)
from feedmill.errors import Refused
from feedmill.forking import processors
from feedmill.gathering import Bodies, Edits, Gathered, Since, gather, keep_gathered
from feedmill.ledger import Ahead, Archive, Ledger, Plan
from feedmill.model import Document, Entry, Feed, Problem, Site, Stored
from feedmill.publishing import Change, Published, Staged, moved_before, publish, stage, sweep, wait_for_disk
from feedmill.record import Record
from feedmill.recording import after_build
from feedmill.rendering import Rendered, judge_and_stage, nothing_known, render
from feedmill.selecting import Sieve
from feedmill.timing import TimeChange, first_by_feed, time_changes
from feedmill.writing import MANIFEST, write_manifest

__all__ = ["LEDGER", "Built", "Contents", "Progress", "TimeChange", "build", "foresee", "make_plan", "mill", "remember"]

Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage tells how many of how many are done."""


class Built(Struct, frozen=True):
    """A finished build: what subscribers see of it, and what is to be remembered of the run.

    `documents` are all but archives and the manifest, in their order. The entries of `contents` carry no bodies, which
    this run may not have needed: `whole_feeds` fetches them.
    """

    contents: Contents
    documents: tuple[Stored, ...]
    published: Published
    plan: Plan
    record: Record
    bodies: Bodies
    directory: Path

    def content_of(self, document: Stored) -> bytes:
        """Return the bytes of a document, as it lies below the feeds directory."""
        return (self.directory / document.path).read_bytes()

    def whole_feeds(self) -> tuple[Feed, ...]:
        """Return every feed with the bodies of its entries."""
        whole = self.bodies.whole
        return tuple(replace(feed, entries=tuple(map(whole, feed.entries))) for feed in self.contents.feeds)


def mill(site: Site, directory: Path, *, now: datetime, progress: Progress) -> Contents:
    """Go from content/ to feeds: read, normalise every story whole, remember, select."""
    gathered, bodies = gather(site, directory, no_cache(directory), progress)
    lost = bodies.make(gathered.entries, progress("Normalising"))
    whole = [bodies.whole(entry) for entry in gathered.entries if entry.path not in lost]
    progress("Selecting")
    remembered = remember(gathered.site, directory)
    return hold(gathered, bodies, whole, bodies.problems(gathered.entries), remembered, directory, now)


def foresee(site: Site, directory: Path, *, now: datetime, progress: Progress) -> list[TimeChange]:
    """Return what time alone will change in feeds after `now`, in its order. No body is needed for that."""
    gathered, bodies = gather(site, directory, no_cache(directory), progress)
    remembered = remember(gathered.site, directory)
    return time_changes(hold(gathered, bodies, gathered.entries, (), remembered, directory, now), now)


def build(
    site: Site,
    directory: Path,
    *,
    now: datetime,
    progress: Progress,
    force: bool = False,
    record: Record | None = None,
    cache: Cache | None = None,
    edits: Edits | None = None,
    ahead: Ahead | None = None,
) -> Built:
    """Go the whole way, from content/ to feeds/, and record in the ledger what subscribers are told by it.

    `record` is what is remembered of the runs before, `cache` what need not be done again, and `edits` what has changed
    since, where no more has. The ledger may have been read `ahead`. A few stories of which no valid document can be
    made are left out, or stay as last published, as other broken stories do. Raises Refused, with nothing replaced,
    when a document fails validation nevertheless; or, unless by `force`, when a brake holds. Raises PublishingError
    when the feeds directory cannot be written, and LedgerError when the ledger cannot be used.
    """
    ledger.check_writable(directory / LEDGER)
    cache = cache or no_cache(directory)
    seeking = bool(cache.vain())
    since = Since(edits, _state_of_ledger(directory), now, seeking) if edits is not None else None
    memory = Remembered(directory, ahead)

    def first_sieve(site: Site) -> Sieve | None:
        return sieve(site, memory(site), now, is_seeking=seeking)

    gathered, bodies = gather(site, directory, cache, progress, first_sieve, since)
    # What is known of all files together is of the last build that finished. Should this one be stopped, it would stand
    # beside files that this one has read.
    vain = cache.vain()
    cache.keep_vain(())
    cache.keep_gathered(b"")
    cache.save()
    run = _Run(site, gathered, bodies, cache, memory, vain, record or Record(), directory, now, progress, force)
    feeds = directory / site.feeds_path
    try:
        made = run.make({})
        if made.findings and (blamed := made.blame(now)):
            made = run.make(blamed)
        if made.findings:
            raise Refused(
                f"{len(made.findings)} finding(s) in new documents, so nothing was replaced",
                remedy="the feeds are as they were; mend what is named",
                problems=made.findings,
            )
        progress("Publishing")
        wait_for_disk((*made.staged, made.manifest), feeds)
        with ledger.recording(directory / LEDGER, made.contents.ledger, made.ledger, made.intended):
            published = publish(made.staged, made.manifest, feeds, staying=made.staying)
    except BaseException:
        sweep(feeds)
        raise
    made.rendered.remember(cache, feeds)
    made.bodies.remember()
    cache.keep_vain({ledger.signs_of(record) for record in made.contents.standing.in_vain})
    # Of a story that was taken back not even its title stays.
    withdrawn = withdrawn_paths(made.contents, made.gathered.entries)
    cache.forget_stories(withdrawn)
    if edits is not None and not cache.has_met_others:
        keep_gathered(made.gathered, cache, edits.after, _state_of_ledger(directory), now, withdrawn)
    cache.save()
    return Built(made.contents, made.documents, published, made.plan, made.record, made.bodies, feeds)


class _Made(Struct, frozen=True):
    """What a build is about to publish: staged documents, and those `staying` as they lie; and what is remembered."""

    gathered: Gathered
    bodies: Bodies
    contents: Contents
    plan: Plan
    rendered: Rendered
    staged: tuple[Staged, ...]
    staying: tuple[Stored, ...]
    documents: tuple[Stored, ...]
    manifest: Staged
    ledger: Ledger
    record: Record
    findings: tuple[Problem, ...]

    @property
    def intended(self) -> dict[str, str]:
        """The digests of the documents that publishing will replace, by path."""
        all_ = (*self.staged, self.manifest)
        return {each.stored.path: each.stored.sha256 for each in all_ if each.change is not Change.UNTOUCHED}

    def blame(self, now: datetime) -> dict[str, Problem]:
        """Return the stories of which no valid document can be made, when they are few."""
        from feedmill.quarantine import entries_to_blame

        return entries_to_blame(map(self.bodies.whole, shown_entries(self.contents)), self.contents.site, now)


class _Wanting(Struct, frozen=True):
    """What a run cannot know of the stories that it has gathered: who takes the place of those `lost`, or `all`."""

    lost: frozenset[str]
    all: bool


class _Run(Struct, frozen=True):
    """One build on its way from entries to documents. It may go twice, the second time without stories to blame."""

    site: Site
    gathered: Gathered
    bodies: Bodies
    cache: Cache
    memory: Remembered
    vain: frozenset[str]
    record: Record
    directory: Path
    now: datetime
    progress: Progress
    force: bool

    def make(self, blamed: Mapping[str, Problem]) -> _Made:
        """Select, make the bodies that documents show, write the documents that differ, judge and stage them."""
        lost = frozenset(blamed)
        run = self.looking_closer(_Wanting(lost, all=False)) if lost and self.gathered.unseen else self
        contents = run.select(blamed, lost)
        while isinstance(contents, _Wanting):
            run = run.looking_closer(contents)
            contents = run.select(blamed, contents.lost)
        return run.write(contents, run.held(contents))

    def select(self, blamed: Mapping[str, Problem], lost: frozenset[str]) -> Contents | _Wanting:
        """Select what feeds show. A story whose body has an error (one of the `lost`) gives way to the next one."""
        gathered = self.gathered
        # Of those that an earlier run found lost, what is wrong is to be told all the same.
        asked = {entry.path: entry for entry in gathered.entries if entry.path in lost and entry.path not in blamed}
        self.bodies.make(asked.values())
        while True:
            self.progress("Selecting")
            sound = [entry for entry in gathered.entries if entry.path not in lost]
            remembered = self.memory(gathered.site)
            contents = hold(gathered, self.bodies, sound, tuple(blamed.values()), remembered, self.directory, self.now)
            if gathered.unseen and self.wants_all(contents):
                return _Wanting(lost, all=True)
            wanted = {entry.path: entry for entry in self.wanted(contents)}
            asked |= wanted
            more = self.bodies.make(wanted.values(), self.progress("Normalising"))
            if not more:
                return with_problems(contents, self.bodies.problems(asked[path] for path in sorted(asked)))
            lost |= more
            if gathered.unseen:
                return _Wanting(lost, all=False)

    def wants_all(self, contents: Contents) -> bool:
        """Whether stories that were sifted out might matter: one is sought among all, or an archive takes all."""
        sought = {ledger.signs_of(record) for record in contents.standing.sought}
        feeds = self.directory / contents.site.feeds_path
        return not sought <= self.vain or takes_all(
            with_archives(contents), contents.members, contents.ledger, feeds, self.now
        )

    def looking_closer(self, wanting: _Wanting) -> _Run:
        """Return a run that has gathered what this one is wanting."""

        def closer(site: Site) -> Sieve | None:
            # Which files had changed is known no more, should that matter.
            if wanting.all or self.vain:
                return None
            return sieve(site, self.memory(site), self.now, wanting.lost)

        gathered, bodies = gather(self.site, self.directory, self.cache, self.progress, closer)
        return replace(self, gathered=gathered, bodies=bodies)

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
        """Write and stage the documents and the list of them, and say what is to be remembered once they are there."""
        site, withdrawals, bodies = contents.site, contents.standing.withdrawals, self.bodies
        feeds = self.directory / site.feeds_path
        findings: list[Problem] = []

        known = once(nothing_known)  # few builds judge anything here

        def put(documents: Sequence[Document]) -> tuple[list[Staged], list[Problem]]:
            return judge_and_stage(documents, feeds, self.now, known())

        archived = archive(
            with_archives(contents),
            contents.members,
            contents.ledger,
            withdrawals,
            {entry.id for entry in contents.entries if entry.path in contents.hidden},
            site,
            feeds,
            self.now,
            bodies,
            put,
            processors(),
        )
        findings.extend(archived.findings)
        with_links = [_with_archive(feed, archived.archives, site) for feed in contents.feeds]
        rendered = render(with_links, site, bodies, self.cache, feeds, self.now, processors(), self.progress("Writing"))
        findings.extend(rendered.findings)
        changes = time_changes(contents, self.now)
        record = self.remembered(contents, rendered.documents, changes)
        shown = [entry for entry in contents.entries if entry.path not in contents.hidden]
        others: list[Staged] = []
        if site.status_page:
            from feedmill.writing.status_page import write_status_page

            others, found = put([write_status_page(contents.feeds, shown, site, record)])
            findings.extend(found)
        staged = (*archived.staged, *rendered.staged, *others)
        staying = (*rendered.lying, *archived.stored)
        ids = {entry.id for entry in shown}
        moved = {id_: url for id_, url in contents.standing.moved.items() if id_ in ids}
        withdrawn = ledger.withdrawn_addresses(contents.ledger, withdrawals, contents.entries, site.url, self.now)
        after = ledger.record_feeds(
            contents.ledger,
            contents.feeds,
            contents.members.values(),
            contents.entries,
            contents.standing.records,
            contents.standing.keys,
            contents.standing.vanished,
            contents.resting,
            archived.archives,
            withdrawals,
            site,
            self.now,
            bodies,
        )
        # A ledger that was lost would know these by nothing else when they are mended, even if their feeds show them no
        # more. While they are broken, nobody can tell anew that they are called otherwise.
        broken = contents.standing.broken & moved_before(feeds, MANIFEST) if contents.standing.broken else ()
        moved |= {id_: after.records[id_].url for id_ in broken}
        next_change = changes[0].moment if changes else None
        listed = (*(each.stored for each in staged), *staying)
        manifest = stage(write_manifest(listed, withdrawn, moved, next_change, site), feeds)
        documents = (*rendered.documents, *(each.stored for each in others))
        return _Made(
            self.gathered,
            bodies,
            contents,
            plan,
            rendered,
            staged,
            staying,
            documents,
            manifest,
            after,
            record,
            tuple(findings),
        )

    def remembered(self, contents: Contents, documents: Sequence[Stored], changes: Sequence[TimeChange]) -> Record:
        """Return what is to be remembered of the run once the documents are published."""
        return after_build(
            self.record,
            feeds=contents.feeds,
            documents=documents,
            problems=contents.problems,
            next_changes=first_by_feed(changes),
            withdrawals=len(contents.standing.withdrawals),
            now=self.now,
        )


def _state_of_ledger(directory: Path) -> bytes:
    """Return what names the present state of the ledger, and of its write-ahead log, where somebody gave it one."""
    path = directory / LEDGER
    return b" ".join((state_of(path), state_of(path.with_name(f"{path.name}-wal"))))


def _with_archive(feed: Feed, archives: Mapping[str, tuple[Archive, ...]], site: Site) -> Feed:
    """Return a feed that leads to its newest archive, when it has one."""
    mine = archives.get(feed.name, ())
    return replace(feed, previous=site.feeds_url + mine[-1].path) if mine else feed
