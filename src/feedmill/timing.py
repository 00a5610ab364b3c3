"""Entries and the ledger → when time alone will next change a feed, and why: what a timer needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from feedmill.config.site import Site
from feedmill.feeds import Selected
from feedmill.ledger import LATE, Ledger, stands_until
from feedmill.model import Entry, Withdrawal
from feedmill.store import Entries, Row


class TimeChange(Struct, frozen=True, order=True):
    """At `moment` a document of `feed` changes though nobody edits anything: what happens to which story."""

    moment: datetime
    feed: str
    what: str
    title: str
    id: str


def time_changes(
    selected: Sequence[Selected],
    entries: Entries,
    ledger: Ledger,
    withdrawals: Mapping[str, Withdrawal],
    site: Site,
    now: datetime,
) -> list[TimeChange]:
    """Return everything that time alone will change after `now`, in its order.

    Stories come when their embargo or their date is reached; they go when they expire or a withdrawal takes effect;
    the stub of a withdrawn story goes after its time, and so does a late correction from the subscription document.
    Where it is not plain whether a document will differ (an archive, an author's name), it is taken as a change. A
    build too many does no harm; one too few does.
    """
    return _Changes(selected, entries, ledger, withdrawals, site, now).run()


def first_by_feed(changes: Iterable[TimeChange]) -> Mapping[str, datetime]:
    """Return the first change of every feed that has one, by its name."""
    found: dict[str, datetime] = {}
    for change in changes:
        found.setdefault(change.feed, change.moment)
    return found


class _Changes:
    def __init__(
        self,
        selected: Sequence[Selected],
        entries: Entries,
        ledger: Ledger,
        withdrawals: Mapping[str, Withdrawal],
        site: Site,
        now: datetime,
    ) -> None:
        self._selected, self._entries, self._ledger = selected, entries, ledger
        self._withdrawals, self._site, self._now = withdrawals, site, now
        self._moment = int(now.timestamp())

    def run(self) -> list[TimeChange]:
        causes = (self._coming, self._going, self._withdrawing, self._stubs, self._corrections)
        return sorted({change for cause in causes for change in cause()})

    def _coming(self) -> Iterator[TimeChange]:
        for row in self._entries.coming(self._moment):
            entry = row.entry
            if row.shown_until <= row.shown_from:
                continue
            what = "its embargo ends" if entry.embargo == entry.published else "its date is reached"
            for feed in {*self._entries.feeds_with(row.path), *self._lists_naming(entry, row)}:
                yield TimeChange(entry.published, feed, what, entry.title, entry.id)

    def _going(self) -> Iterator[TimeChange]:
        """Yield what goes: from a feed's window; from its archives, which hold whatever left the window; from lists."""
        shown: dict[str, set[str]] = {}
        for each in self._selected:
            for member in each.members:
                shown.setdefault(member.path, set()).add(each.feed.name)
        archived = {each.feed.name for each in self._selected if each.feed.settings.archive}
        archived |= {archive.feed for archive in self._ledger.archives()}
        for row in self._entries.ending(self._moment):
            entry = row.entry
            if row.origin != "content" and entry.withdrawn is not None:
                continue  # a stub
            moment = datetime.fromtimestamp(row.shown_until, UTC)
            what = "it expires" if moment == entry.expires else "its withdrawal takes effect"
            feeds = {*shown.get(row.path, ()), *self._lists_naming(entry, row)}
            feeds |= archived & set(self._entries.feeds_with(row.path))
            if entry.withdrawn is not None and row.record is not None:
                feeds |= self._ledger.feeds_that_told(row.record)
            if self._site.author_feeds:  # whose name is that of some story of theirs
                feeds |= {f"authors/{person.slug}" for person in entry.authors if person.slug}
            if self._site.status_page:  # which counts all stories
                feeds.add("all")
            for feed in feeds:
                yield TimeChange(moment, feed, what, entry.title, entry.id)

    def _withdrawing(self) -> Iterator[TimeChange]:
        """Yield withdrawals to come of stories that nothing shows any more: their stubs come then."""
        for row in self._entries.where("withdrawn > ? AND record IS NOT NULL", (self._moment,)):
            entry = row.entry
            if entry.withdrawn is not None and row.record is not None and row.shown_until <= self._moment:
                for feed in self._ledger.feeds_that_told(row.record):
                    yield TimeChange(entry.withdrawn.moment, feed, "its withdrawal takes effect", entry.title, entry.id)

    def _stubs(self) -> Iterator[TimeChange]:
        days = self._site.policies.withdrawn_days
        for id_, withdrawal in self._withdrawals.items():
            until = stands_until(withdrawal, days)
            if until > self._now:
                for feed in self._ledger.feeds_that_told(id_):
                    yield TimeChange(until, feed, "the stub of a withdrawn story goes", "Withdrawn", id_)

    def _corrections(self) -> Iterator[TimeChange]:
        for each in self._selected:
            for member in each.members if each.extra else ():
                row = self._entries.get(member.path) if member.path in each.extra else None
                if row is not None and row.origin == "content":
                    what = "an archived story's correction has been shown long enough"
                    until = datetime.fromtimestamp(row.updated, UTC) + LATE
                    yield TimeChange(until, each.feed.name, what, row.entry.title, row.id)

    def _lists_naming(self, entry: Entry, row: Row) -> Iterator[str]:
        """Yield the collections listed by hand that name an entry, or would if no other bore the same name."""
        names = {entry.slug, entry.id, row.path}
        for slug, collection in self._site.collections.items():
            if any(story.name in names for story in collection.stories):
                yield slug
