"""All stories → those that a build can have anything to do with: what bounds its time and memory on a large site.

Most stories of a large site are in no feed's window, stand in nobody's way, and were never told to anybody; or they
were, and have rested since, in archives or nowhere. They make no difference to any document, so that a build need not
hold them. What could make one is kept: too much is, rather than too little.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

from msgspec import Struct

from feedmill.model import Head, Site, TopicRule
from feedmill.selecting.choosing import fits

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Known(Struct, frozen=True):
    """What subscribers have been told, as far as a sieve asks.

    `paths` are those of the stories that they were told of, with whether feeds may show them still, and `ids` are
    theirs. `resting` gives the id of a story that left its feeds and is as it was then, nothing for another. `archived`
    are the ids in the archives of each feed, by its name. What was updated after `corrected_since` may be a correction
    of something archived, which feeds show again.
    """

    paths: Mapping[str, bool]
    ids: frozenset[str]
    resting: Callable[[Head], str]
    archived: Mapping[str, Collection[str]]
    corrected_since: datetime


def sieve_for(
    site: Site, now: datetime, known: Known, lost: Collection[str] = frozenset(), *, keeps_fresh: bool = False
) -> Sieve | None:
    """Return what sifts the stories of a site as of `now`, None where every story makes a difference.

    That is where stories are counted, or where all of an author's name them. `lost` are the paths of stories of which
    no entry can be made after all. Where it `keeps_fresh`, what was read only now is kept.
    """
    if site.author_feeds or site.status_page:
        return None
    return Sieve(site, now, known, lost, keeps_fresh=keeps_fresh)


class _Window:
    """The newest of the entries that it is given, as many as a feed shows, and all that are as old as the last."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1)
        self._most = 2 * self._limit + 50
        self._items: list[tuple[datetime, int, bytes]] = []
        self.since = _LONG_AGO

    def add(self, published: datetime, number: int, kept: bytes) -> None:
        self._items.append((published, number, kept))
        if len(self._items) >= self._most:
            self._narrow()

    def items(self) -> Mapping[int, bytes]:
        self._narrow()
        return {number: kept for _, number, kept in self._items}

    def _narrow(self) -> None:
        self._items.sort(key=itemgetter(0), reverse=True)
        if len(self._items) >= self._limit:
            self.since = self._items[self._limit - 1][0]
            self._items = [item for item in self._items if item[0] >= self.since]
            self._most = len(self._items) + self._limit + 50


class Sieve:
    """Takes the heads of all stories, one by one, and keeps what a build must look at."""

    def __init__(
        self,
        site: Site,
        now: datetime,
        known: Known,
        lost: Collection[str] = frozenset(),
        crowd: Collection[int] = frozenset(),
        *,
        keeps_fresh: bool = False,
        fresh: Collection[str] = frozenset(),
    ) -> None:
        """Begin with none. The arguments are those of `sieve_for`.

        `crowd` are ids and addresses of several stories, `fresh` the paths of stories that an earlier sieve took fresh.
        """
        self._site, self._now, self._known = site, now, known
        self._lost, self._crowd = frozenset(lost), frozenset(crowd)
        self._keeps_fresh, self._fresh = keeps_fresh, set(fresh)
        self._named = frozenset(story.name for each in site.collections.values() for story in each.stories)
        self._all = _Window(site.settings.limit)
        self._of_topics = {slug: _Window(topic.settings.limit) for slug, topic in site.topics.items()}
        self._of_rules: list[tuple[TopicRule, _Window]] = [
            (each.rule, _Window(each.settings.limit)) for each in site.collections.values() if each.rule is not None
        ]
        self._archives_of_topics = {
            slug: known.archived.get(slug, ()) for slug, topic in site.topics.items() if topic.settings.archive
        }
        self._archives_of_rules: list[tuple[TopicRule, Collection[str]]] = [
            (each.rule, known.archived.get(each.slug, ()))
            for each in site.collections.values()
            if each.rule is not None and each.settings.archive
        ]
        self._has_archives = bool(site.settings.archive or self._archives_of_topics or self._archives_of_rules)
        self._resting: dict[int, str] = {}
        self._kept: dict[int, bytes] = {}
        self._ids, self._urls = array("q"), array("q")

    def add(self, head: Head, kept: bytes, *, is_fresh: bool) -> None:
        """Take the next story, with what is to be kept of it if it is one to look at, and whether it was read now."""
        number = len(self._ids)
        id_, url = hash(head.id), hash(head.url)
        self._ids.append(id_)
        self._urls.append(url)
        if not head.is_plain or head.published > self._now or head.path in self._lost:
            self._kept[number] = kept
            return
        if (resting := self._known.resting(head)) and head.updated <= self._known.corrected_since:
            self._resting[number] = resting
        else:
            shown = self._known.paths.get(head.path)
            if shown is not None or head.id in self._known.ids:
                self._kept[number] = kept
                if not shown:
                    return
        if self._has_archives and not self._is_archived(head):
            self._kept[number] = kept
        if self._keeps_fresh and (is_fresh or head.path in self._fresh):
            # It may turn out to be a story that no feed may show, and must not stand for one in a window.
            self._fresh.add(head.path)
            self._kept[number] = kept
            return
        if self._named and not self._named.isdisjoint((head.slug, head.id, head.path)):
            self._kept[number] = kept
        if self._crowd and (id_ in self._crowd or url in self._crowd):
            self._kept[number] = kept
            return
        published = head.published
        if published >= self._all.since:
            self._all.add(published, number, kept)
        for topic in head.topics:
            window = self._of_topics.get(topic)
            if window is not None and published >= window.since:
                window.add(published, number, kept)
        for rule, window in self._of_rules:
            if published >= window.since and fits(rule, head.topics):
                window.add(published, number, kept)

    def _is_archived(self, head: Head) -> bool:
        """Whether a story stands in the archives of all feeds that have any and to which it belongs."""
        if self._site.settings.archive and head.id not in self._known.archived.get("all", ()):
            return False
        for topic in head.topics:
            if topic in self._archives_of_topics and head.id not in self._archives_of_topics[topic]:
                return False
        return all(head.id in archived for rule, archived in self._archives_of_rules if fits(rule, head.topics))

    def kept(self) -> tuple[list[bytes], frozenset[str]]:
        """Return what was kept, in the order in which it came; and the ids of stories that rest, which were not."""
        found = dict(self._kept)
        for window in (self._all, *self._of_topics.values(), *(window for _, window in self._of_rules)):
            found.update(window.items())
        resting = frozenset([id_ for number, id_ in self._resting.items() if number not in found])
        return [found[number] for number in sorted(found)], resting

    @property
    def taken(self) -> int:
        """How many stories it has been given."""
        return len(self._ids)

    def with_crowd(self) -> Sieve | None:
        """Return a sieve to begin again with, where several stories have one id or address; None where none have.

        Which of them a feed may show is decided among all of them, and none counts for its window before.
        """
        crowd = _repeated(self._ids) | _repeated(self._urls)
        if crowd <= self._crowd:
            return None
        return Sieve(
            self._site,
            self._now,
            self._known,
            self._lost,
            crowd,
            keeps_fresh=self._keeps_fresh,
            fresh=self._fresh,
        )


def _repeated(values: array[int]) -> frozenset[int]:
    if len(set(values)) == len(values):
        return frozenset()
    in_order = sorted(values)
    return frozenset(one for one, other in pairwise(in_order) if one == other)
