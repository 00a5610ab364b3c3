"""Entries beside the ledger → what every feed shows as of a moment, and why; and the plan of a build."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from feedmill import ledger
from feedmill.errors import Refused
from feedmill.gathering import Bodies, Gathered
from feedmill.ledger import Ahead, Ledger, Plan, Standing, State
from feedmill.model import Entry, Feed, Format, Level, Problem, Site
from feedmill.normalising import settle
from feedmill.policies import UpdatedBy
from feedmill.publishing import listed
from feedmill.reading import Detected
from feedmill.selecting import Known, Selection, Sieve, select, sieve_for, with_more
from feedmill.writing import MANIFEST, document_path, document_url

LEDGER = ".feedmill/ledger.sqlite3"
"""Where the ledger lies, beside feedmill.yaml."""

_OF_WITHDRAWALS = frozenset({"withdrawn", "date"})
"""The problems of a withdrawn story that are told still: those of the withdrawal itself."""


class Contents(Struct, frozen=True):
    """What content/ gives as of a moment: entries, feeds, and every problem, by place.

    `site` is that of feedmill.yaml with the topics and authors that content/ holds; `conventions` says by folder
    whose habits its files follow. `found` counts story files, `left_out` those that no feed can show because of a
    problem, and `hidden` says why the others that no feed shows are not shown. `ledger` is what subscribers have been
    told before, `standing` what that makes of the entries, and `members` all that belongs to each feed. `lying` are the
    paths of the documents that the last build left. `unseen` counts entries beside these with which a build has nothing
    to do: no feed's window reaches them, and nobody was told of them, or long ago: the ids of those are `resting`.
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
    lying: frozenset[str]
    unseen: int
    resting: frozenset[str]


class Remembered:
    """What subscribers have been told: read when it is first asked for, and not again in the same run.

    It is asked with the site as its content completes it, which is known no sooner, and is the same in all of a run.
    The ledger may have been read `ahead` by whoever builds more than once.
    """

    def __init__(self, directory: Path, ahead: Ahead | None = None) -> None:
        self._directory = directory
        self._ahead = ahead
        self._found: Ledger | None = None

    def __call__(self, site: Site) -> Ledger:
        """Return it. Raises LedgerError when it cannot be known for sure."""
        if self._found is None:
            self._found = remember(site, self._directory, self._ahead)
        return self._found


def sieve(
    site: Site, remembered: Ledger, now: datetime, lost: Collection[str] = frozenset(), *, is_seeking: bool = False
) -> Sieve | None:
    """Return what tells the stories with which a build has anything to do, None where it has with all of them.

    `lost` are the paths of stories of which no entry can be made after all. A build that `is_seeking` stories that were
    told, and that no file tells any more, has to do with every file that has changed.
    """
    settings = [site.settings, *(topic.settings for topic in site.topics.values())]
    settings += [collection.settings for collection in site.collections.values()]
    # What a build left that was stopped, or a ledger that was lost, is put in order with all stories at hand.
    is_settled = remembered.exists and not remembered.intended
    if not is_settled and (remembered.archives or any(each.archive for each in settings)):
        return None
    # Where words alone move the date of a story, it must be looked into to know that it rests.
    may_rest = is_settled and site.policies.updated is not UpdatedBy.CONTENT
    known = Known(
        paths={record.path: record.state is not State.WITHDRAWN for record in remembered.records.values()},
        ids=frozenset(remembered.records),
        resting=ledger.resting(remembered) if may_rest else lambda _: "",
        archived=remembered.archived,
        corrected_since=now - ledger.LATE,
    )
    return sieve_for(site, now, known, lost, keeps_fresh=is_seeking)


def hold(
    gathered: Gathered,
    bodies: Bodies,
    entries: Sequence[Entry],
    problems: Sequence[Problem],
    remembered: Ledger,
    directory: Path,
    now: datetime,
) -> Contents:
    """Hold `entries`, those of content/ that are sound, against what subscribers were told, which is `remembered`."""
    site = gathered.site
    root = directory / site.content_path
    standing = ledger.stand(
        remembered,
        entries,
        gathered.places,
        site,
        now,
        lambda path: _is_file(root / path),
        bodies.fingerprint,
        gathered.resting,
        some_are_broken=gathered.found > len(entries) + gathered.unseen,
    )
    recognised = standing.records or gathered.resting
    ledger.check_stories(remembered, recognised, len(standing.entries), site, directory / LEDGER)
    settled, collisions = settle(standing.entries, gathered.places, standing.records)
    everything = (*settled, *standing.kept)
    selection = select(everything, site, now)
    left_out = gathered.left_out + len(gathered.entries) - len(entries) + standing.left_out
    left_out += sum(problem.level is Level.ERROR for problem in collisions)
    gone = {
        gathered.places[path].path for path, record in standing.records.items() if record.id in standing.withdrawals
    }
    # Of a withdrawn story nothing is to be mended, and what is wrong with it would be quoted in the record of problems.
    problems = [p for p in (*gathered.problems, *problems) if p.place.path not in gone or p.code in _OF_WITHDRAWALS]
    feeds = _with_history(selection, everything, remembered, standing, site, now)
    shown = {entry.id for feed in feeds for entry in feed.entries} if standing.told_of_kept else set()
    staying = (problem for id_, problem in standing.told_of_kept.items() if id_ in shown)
    problems = (*problems, *standing.problems, *staying, *collisions, *selection.problems)
    return Contents(
        site=site,
        conventions=gathered.listing.conventions,
        entries=everything,
        feeds=feeds,
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
        hidden=selection.hidden,
        found=gathered.found,
        left_out=left_out,
        ledger=remembered,
        standing=standing,
        members=selection.members,
        lying=listed(directory / site.feeds_path, MANIFEST),
        unseen=gathered.unseen,
        resting=gathered.resting,
    )


def _is_file(path: Path) -> bool:
    """Whether a file is there, or may be: in a folder that cannot be looked into nothing is known to be missing."""
    try:
        return path.is_file()
    except OSError:
        return True


def remember(site: Site, directory: Path, ahead: Ahead | None = None) -> Ledger:
    """Return what subscribers have been told. Raises LedgerError when that cannot be known for sure."""
    feeds = directory / site.feeds_path
    path = directory / LEDGER
    found = ahead.still(path) if ahead is not None else None
    found = found or ledger.load(path) or ledger.recover(feeds, site) or Ledger()
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
    withdrawn_from = ledger.withdrawn_addresses(remembered, standing.withdrawals, entries, site.url, now)
    stubs = list(ledger.stubs(remembered, withdrawn_from, site.policies.withdrawn_days, now))
    moved = ledger.moved_feeds(remembered, entries, selection.hidden, selection.feeds, site)
    feeds = []
    for feed in (*selection.feeds, *moved):
        in_order = feed.name not in curated_feeds(site)
        mine = [entry for entry, names in stubs if feed.name in names]
        late = ledger.late_corrections(feed, selection.members.get(feed.name, ()), remembered, now)
        withdrawn = {entry.id: entry.withdrawn for entry in mine if entry.withdrawn is not None}
        feeds.append(replace(with_more(feed, [*mine, *late], in_order=in_order), withdrawn=withdrawn))
    return tuple(feeds)


def curated_feeds(site: Site) -> frozenset[str]:
    """Return the names of the feeds whose stories are chosen by hand."""
    return frozenset(name for name, collection in site.collections.items() if collection.stories)


def make_plan(contents: Contents, seen: Callable[[Entry], str] = ledger.seen_of) -> Plan:
    """Say what subscribers will see of a build, feed by feed, and which brakes would hold it.

    `seen` gives the digest of all that they see of an entry, which is made of a whole one.
    """
    ids = {entry.path: entry.id for entry in contents.entries}
    return ledger.make_plan(
        contents.ledger,
        contents.feeds,
        {name: {entry.id for entry in members} for name, members in contents.members.items()},
        {ids[path]: reason for path, reason in contents.hidden.items()},
        contents.standing.changed_ids,
        contents.standing.withdrawals.keys(),
        contents.site.policies.brake,
        curated_feeds(contents.site),
        seen,
        _gone(contents),
    )


def _gone(contents: Contents) -> dict[str, list[str]]:
    """Return the addresses of documents that subscribers fetch now and that a build would not make, by feed."""
    made = {document_path(feed, format_) for feed in contents.feeds for format_ in feed.settings.formats}
    gone: dict[str, list[str]] = {}
    for path in sorted(contents.lying - made):
        name, _, suffix = path.rpartition(".")
        if suffix in {format_.value for format_ in Format} and not name.startswith("archive/"):
            gone.setdefault(name, []).append(document_url(contents.site, path))
    return gone


def with_problems(contents: Contents, more: Sequence[Problem]) -> Contents:
    """Return contents with further problems, all by their place."""
    return replace(contents, problems=tuple(sorted((*contents.problems, *more), key=lambda problem: problem.place)))


def withdrawn_paths(contents: Contents, gathered: Iterable[Entry]) -> list[str]:
    """Return the paths of the files that tell withdrawn stories, or told them last and can no longer be read.

    Of those `gathered`, that may be one of which it is not clear which published story it tells.
    """
    records = contents.ledger.records
    told = [records[id_].path for id_ in contents.standing.withdrawals if id_ in records]
    entries = (*contents.entries, *gathered)
    return list(dict.fromkeys([*filter(None, told), *(entry.path for entry in entries if entry.withdrawn is not None)]))


def shown_entries(contents: Contents) -> Iterator[Entry]:
    """Yield every entry that a feed shows, once."""
    yield from {entry.path: entry for feed in contents.feeds for entry in feed.entries}.values()


def with_archives(contents: Contents) -> list[Feed]:
    """Return the feeds that are archived: all but those whose stories are chosen by hand."""
    return [feed for feed in contents.feeds if feed.name not in curated_feeds(contents.site)]


def refuse(contents: Contents, plan: Plan, manifest: Path) -> None:
    """Raise Refused where a build would do more to subscribers than the site wants. `manifest` tells of one before."""
    if not contents.found and manifest.exists():
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
