"""Contents → when time alone will next change a feed, and why: what a timer needs to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedmill import ledger
from feedmill.contents import Contents
from feedmill.model import Entry
from feedmill.selecting import belonging, hidden_because, leaves


@dataclass(frozen=True, slots=True, order=True)
class TimeChange:
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
    Archives need no entry of their own: a build archives at once what has left the window.
    """
    found = [*_coming(contents, now), *_going(contents, now), *_stubs(contents, now), *_corrections(contents, now)]
    return sorted(set(found))


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
        what = "its embargo ends" if entry.embargo == entry.published else "its date is reached"
        yield TimeChange(entry.published, feed, what, entry.title, entry.id)


def _going(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    """Yield what leaves a feed's window, or its archives, from which the expired and withdrawn are taken, too."""
    for feed in contents.feeds:
        archived = {id_ for archive in contents.ledger.archives.get(feed.name, ()) for id_ in archive.told}
        told = {entry.id: entry for entry in feed.entries}
        told |= {entry.id: entry for entry in contents.members.get(feed.name, ()) if entry.id in archived}
        for entry in told.values():
            moment = leaves(entry)
            if moment is not None and moment > now:
                what = "it expires" if moment == entry.expires else "its withdrawal takes effect"
                yield TimeChange(moment, feed.name, what, entry.title, entry.id)


def _stubs(contents: Contents, now: datetime) -> Iterator[TimeChange]:
    days = contents.site.policies.withdrawn_days
    addresses = ledger.withdrawn_addresses(contents.ledger, contents.standing.withdrawals, contents.entries)
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
