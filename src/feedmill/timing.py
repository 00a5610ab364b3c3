"""Contents → when time alone will next change a feed, and why: what a timer needs to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from feedmill import ledger
from feedmill.contents import Contents
from feedmill.model import Entry
from feedmill.selecting import belonging, hidden_because, leaves


class TimeChange(Struct, frozen=True, order=True):
    """At `moment` a document of `feed` changes though nobody edits anything: what happens to which story."""

    moment: datetime
    feed: str
    what: str
    title: str
    id: str


def time_changes(contents: Contents, now: datetime) -> list[TimeChange]:
    """Return everything that time alone will change after `now`, in its order.

    Stories come when their embargo or their date is reached; they go when they expire or a withdrawal takes effect;
    the stub of a withdrawn story goes after its time, and so does a late correction from the subscription document.
    Where it is not plain whether a document will differ (an archive, an author's name), that is told: a build too many
    does no harm, one too few does.
    """
    causes = (_coming, _going, _withdrawals, _stubs, _corrections)
    return sorted({change for cause in causes for change in cause(contents, now)})


def first_by_feed(changes: Sequence[TimeChange]) -> Mapping[str, datetime]:
    """Return the first change of every feed that has one, by its name."""
    found: dict[str, datetime] = {}
    for change in changes:
        found.setdefault(change.feed, change.moment)
    return found


def _coming(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    coming = [
        entry for entry in contents.entries if entry.published > now and not hidden_because(entry, entry.published)
    ]
    for feed, entry in belonging(contents.entries, coming, contents.site, now) if coming else ():
        yield TimeChange(entry.published, feed, _comes_because(entry), entry.title, entry.id)
    for entry in coming:
        for feed in _lists_naming(contents, entry):
            yield TimeChange(entry.published, feed, _comes_because(entry), entry.title, entry.id)


def _comes_because(entry: Entry) -> str:
    return "its embargo ends" if entry.embargo == entry.published else "its date is reached"


def _going(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    """Yield what goes: from a feed's window; from its archives, which hold whatever left the window; from lists."""
    going = [(entry, moment) for entry in contents.entries if (moment := leaves(entry)) is not None and moment > now]
    feeds = _feeds_telling(contents) if going else {}
    for entry, moment in going:
        if hidden_because(entry, now):
            continue
        what = "it expires" if moment == entry.expires else "its withdrawal takes effect"
        concerned = {*feeds.get(entry.id, ()), *_lists_naming(contents, entry)}
        if contents.site.author_feeds:  # whose name is that of some story of theirs
            concerned |= {f"authors/{person.slug}" for person in entry.authors if person.slug}
        if contents.site.status_page:  # which counts all stories
            concerned.add("all")
        for feed in concerned:
            yield TimeChange(moment, feed, what, entry.title, entry.id)


def _withdrawals(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    """Yield the stubs that will come wherever a story was ever told, though no feed may show it any more."""
    taken_back = [(entry, entry.withdrawn.moment) for entry in contents.entries if entry.withdrawn is not None]
    coming = [(entry, moment) for entry, moment in taken_back if moment > now]
    feeds = _feeds_telling(contents) if coming else {}
    for entry, moment in coming:
        record = contents.ledger.records.get(entry.id)
        told = {*record.feeds, *record.left} if record is not None else set()
        for feed in told | feeds.get(entry.id, set()):
            yield TimeChange(moment, feed, "its withdrawal takes effect", entry.title, entry.id)


def _feeds_telling(contents: Contents) -> dict[str, set[str]]:
    """Return by id the feeds that show an entry, or whose archives do, or will as soon as it leaves the window."""
    found: dict[str, set[str]] = {}
    for feed in contents.feeds:
        members = contents.members.get(feed.name, ())
        archived = contents.ledger.archived.get(feed.name, {})
        told = {entry.id for entry in feed.entries}
        told |= {entry.id for entry in members if feed.settings.archive or entry.id in archived}
        for id_ in told:
            found.setdefault(id_, set()).add(feed.name)
    return found


def _lists_naming(contents: Contents, entry: Entry) -> Iterator[str]:
    """Yield the collections listed by hand that name an entry, or would if no other bore the same name."""
    names = {entry.slug, entry.id, entry.path}
    for slug, collection in contents.site.collections.items():
        if any(story.name in names for story in collection.stories):
            yield slug


def _stubs(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    days = contents.site.policies.withdrawn_days
    addresses = ledger.withdrawn_addresses(
        contents.ledger, contents.standing.withdrawals, contents.entries, contents.site.url, now
    )
    for stub, feeds in ledger.stubs(contents.ledger, addresses, days, now):
        if stub.withdrawn is not None:
            until = stub.withdrawn.moment + timedelta(days=days)
            for feed in feeds:
                yield TimeChange(until, feed, "the stub of a withdrawn story goes", stub.title, stub.id)


def _corrections(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    for feed in contents.feeds:
        members: Sequence[Entry] = contents.members.get(feed.name, ())
        # Of what the feed shows beyond its window some is there for its correction's sake.
        window = replace(feed, entries=tuple(members[: feed.settings.limit]))
        for entry in ledger.late_corrections(window, members, contents.ledger, now):
            what = "an archived story's correction has been shown long enough"
            yield TimeChange(entry.updated + ledger.LATE, feed.name, what, entry.title, entry.id)
