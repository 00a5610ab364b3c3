"""All stories → those that a build can have anything to do with: what bounds its time and memory on a large site.

Most stories of a large site are in no feed's window, were never told to anybody, and stand in nobody's way. They make
no difference to any document, so that a build need not hold them. What could make one is kept: too much is, rather than
too little.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

from feedmill.model import Head, Site, TopicRule
from feedmill.selecting.choosing import fits

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def sieve_for(
    site: Site,
    now: datetime,
    told: Mapping[str, bool],
    ids: Collection[str],
    lost: Collection[str] = frozenset(),
    *,
    keeps_fresh: bool = False,
) -> Sieve | None:
    """Return what sifts the stories of a site as of `now`, None where every story makes a difference.

    That is where stories are archived or counted, or where all of an author's name them. `told` are the paths of
    stories that subscribers were told of, with whether feeds may show them still, and `ids` are theirs; `lost` the
    paths of stories of which no entry can be made after all. Where it `keeps_fresh`, what was read only now is kept.
    """
    settings = [site.settings, *(topic.settings for topic in site.topics.values())]
    settings += [collection.settings for collection in site.collections.values()]
    if site.author_feeds or site.status_page or any(each.archive for each in settings):
        return None
    return Sieve(site, now, told, ids, lost, keeps_fresh=keeps_fresh)


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
        told: Mapping[str, bool],
        ids: Collection[str],
        lost: Collection[str] = frozenset(),
        crowd: Collection[int] = frozenset(),
        *,
        keeps_fresh: bool = False,
        fresh: Collection[str] = frozenset(),
    ) -> None:
        """Begin with none. The arguments are those of `sieve_for`.

        `crowd` are ids and addresses of several stories, `fresh` the paths of stories that an earlier sieve took fresh.
        """
        self._site, self._now, self._told, self._told_ids = site, now, told, frozenset(ids)
        self._lost, self._crowd = frozenset(lost), frozenset(crowd)
        self._keeps_fresh, self._fresh = keeps_fresh, set(fresh)
        self._named = frozenset(story.name for each in site.collections.values() for story in each.stories)
        self._all = _Window(site.settings.limit)
        self._of_topics = {slug: _Window(topic.settings.limit) for slug, topic in site.topics.items()}
        self._of_rules: list[tuple[TopicRule, _Window]] = [
            (each.rule, _Window(each.settings.limit)) for each in site.collections.values() if each.rule is not None
        ]
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
        shown = self._told.get(head.path)
        if shown is not None or head.id in self._told_ids:
            self._kept[number] = kept
            if not shown:
                return
        if self._keeps_fresh and (is_fresh or head.path in self._fresh):
            self._fresh.add(head.path)
            self._kept[number] = kept
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

    def kept(self) -> list[bytes]:
        """Return what was kept, in the order in which it came."""
        found = dict(self._kept)
        for window in (self._all, *self._of_topics.values(), *(window for _, window in self._of_rules)):
            found.update(window.items())
        return [found[number] for number in sorted(found)]

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
            self._told,
            self._told_ids,
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
