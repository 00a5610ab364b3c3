"""Entries → feeds as of a moment, and why each entry is in a feed or is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from feedmill.model import (
    Collection,
    Entry,
    Feed,
    FeedKind,
    FeedSettings,
    Level,
    Problem,
    Site,
    Topic,
    TopicRule,
)


class Selection(Struct, frozen=True):
    """All feeds, the problems of choosing, and the entries that no feed shows by path, each with the reason.

    `members` are all entries that belong to a feed, by its name, in its order, whether or not its limit shows them.
    """

    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...]
    hidden: dict[str, str]
    members: dict[str, tuple[Entry, ...]]


class Standing(Struct, frozen=True):
    """Whether an entry is in a feed: its position from 1, or 0, and the reason."""

    feed: str
    position: int
    reason: str


class _Rule(Struct, frozen=True):
    """One feed before its entries are chosen. `why` says of an entry why it belongs, empty if it does not.

    `topic` is the topic whose entries alone can belong; empty where any might. `order` is None for newest first.
    """

    name: str
    kind: FeedKind
    title: str
    description: str
    settings: FeedSettings
    why: Callable[[Entry], str]
    order: Callable[[Entry], tuple[object, ...]] | None = None
    topic: str = ""


class _Visible(Struct, frozen=True):
    """The entries that may be shown, newest first, and those of each topic."""

    entries: tuple[Entry, ...]
    by_topic: dict[str, list[Entry]]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> _Visible:
        in_order = tuple(sorted(entries, key=_newest_first))
        by_topic: dict[str, list[Entry]] = {}
        for entry in in_order:
            for topic in entry.topics:
                by_topic.setdefault(topic, []).append(entry)
        return cls(in_order, by_topic)

    def candidates(self, rule: _Rule) -> list[Entry]:
        """Return all entries that belong to a feed, in its order."""
        possible = self.by_topic.get(rule.topic, ()) if rule.topic else self.entries
        found = [entry for entry in possible if rule.why(entry)]
        return found if rule.order is None else sorted(found, key=rule.order)


def select(entries: Iterable[Entry], site: Site, now: datetime) -> Selection:
    """Choose the entries of every feed as of `now` (aware).

    Newest first, equal dates by id; a curated collection in its own order. A feed shows an entry once.
    """
    entries, hidden = _visible(entries, now)
    visible = _Visible.of(entries)
    problems: list[Problem] = []
    feeds = []
    members: dict[str, tuple[Entry, ...]] = {}
    for rule in _rules(site, entries, problems):
        members[rule.name] = tuple(visible.candidates(rule))
        chosen = members[rule.name][: rule.settings.limit]
        feeds.append(
            Feed(
                name=rule.name,
                kind=rule.kind,
                title=rule.title,
                description=rule.description,
                settings=rule.settings,
                entries=chosen,
                updated=newest(chosen, site.id_authority),
                id=f"tag:{site.id_authority}:feeds/{quote(rule.name)}",
            )
        )
    return Selection(tuple(feeds), tuple(problems), hidden, members)


def explain(entry: Entry, entries: Iterable[Entry], site: Site, now: datetime) -> list[Standing]:
    """Say of every feed why it shows an entry as of `now`, or why not."""
    visible, hidden = _visible(entries, now)
    standings = []
    for rule in _rules(site, visible, []):
        reason = rule.why(entry)
        if reason and entry.path in hidden:
            standings.append(Standing(rule.name, 0, hidden[entry.path]))
        elif reason:
            rank = _Visible.of(visible).candidates(rule).index(entry) + 1
            late = rank > rule.settings.limit
            older = f"number {rank} by date, and the feed shows {rule.settings.limit}"
            standings.append(Standing(rule.name, 0 if late else rank, older if late else reason))
        else:
            standings.append(Standing(rule.name, 0, "it is not one of its stories"))
    return standings


def belonging(
    entries: Iterable[Entry], more: Sequence[Entry], site: Site, now: datetime
) -> Iterator[tuple[str, Entry]]:
    """Yield each of the entries `more` with the name of every feed to which it would belong, were it shown.

    `entries` are all that the site has: those visible at `now` are what collections name their stories among.
    """
    visible = [*_visible(entries, now)[0], *more]
    for rule in _rules(site, visible, []):
        yield from ((rule.name, entry) for entry in more if rule.why(entry))


def leaves(entry: Entry) -> datetime | None:
    """Return when a published entry will no longer be shown, None for never."""
    moments = [entry.expires, entry.withdrawn.moment if entry.withdrawn is not None else None]
    return min((moment for moment in moments if moment is not None), default=None)


def hidden_because(entry: Entry, now: datetime) -> str:
    """Return why no feed may show an entry at `now`; empty when they may."""
    if entry.draft:
        return "a draft"
    if entry.withdrawn is not None and entry.withdrawn.moment <= now:
        return f"withdrawn {_when(entry.withdrawn.moment)}"
    if entry.published > now:
        what = "under embargo" if entry.embargo == entry.published else "dated in the future"
        return f"{what} until {_when(entry.published)}"
    if entry.expires is not None and entry.expires <= now:
        return f"expired {_when(entry.expires)}"
    return ""


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _visible(entries: Iterable[Entry], now: datetime) -> tuple[list[Entry], dict[str, str]]:
    visible, hidden = [], {}
    for entry in entries:
        reason = hidden_because(entry, now)
        if reason:
            hidden[entry.path] = reason
        else:
            visible.append(entry)
    return visible, hidden


def _newest_first(entry: Entry) -> tuple[object, ...]:
    return (-entry.published.timestamp(), entry.id)


def _rules(site: Site, visible: Sequence[Entry], problems: list[Problem]) -> list[_Rule]:
    rules = [
        _Rule(
            "all",
            FeedKind.ALL,
            site.title,
            site.description,
            site.settings,
            lambda _: "every story",
        )
    ]
    rules.extend(_topic_rule(site, topic) for topic in site.topics.values())
    rules.extend(_collection_rule(site, item, visible, problems) for item in site.collections.values())
    if site.author_feeds:
        rules.extend(_author_rules(site, visible))
    return rules


def _topic_rule(site: Site, topic: Topic) -> _Rule:
    return _Rule(
        topic.slug,
        FeedKind.TOPIC,
        f"{site.title}: {topic.title}",
        topic.description or topic.title,
        topic.settings,
        _topic_reason(topic.slug),
        topic=topic.slug,
    )


def _topic_reason(slug: str) -> Callable[[Entry], str]:
    return lambda entry: entry.because.topics.get(slug, "") if slug in entry.topics else ""


def _collection_rule(site: Site, collection: Collection, visible: Sequence[Entry], problems: list[Problem]) -> _Rule:
    why, order = (
        (_rule_reason(collection.rule), None)
        if collection.rule is not None
        else _curated(collection, visible, problems)
    )
    return _Rule(
        collection.slug,
        FeedKind.COLLECTION,
        f"{site.title}: {collection.title}",
        collection.description or collection.title,
        collection.settings,
        why,
        order,
    )


def _rule_reason(rule: TopicRule) -> Callable[[Entry], str]:
    def why(entry: Entry) -> str:
        return f"its topics are {', '.join(entry.topics) or 'none'}" if fits(rule, entry.topics) else ""

    return why


def fits(rule: TopicRule, topics: Iterable[str]) -> bool:
    """Whether an entry of these topics belongs to a collection."""
    own = set(topics)
    if not own.issuperset(rule.all) or not own.isdisjoint(rule.none):
        return False
    return not rule.any or not own.isdisjoint(rule.any)


def _curated(
    collection: Collection, visible: Sequence[Entry], problems: list[Problem]
) -> tuple[Callable[[Entry], str], Callable[[Entry], tuple[object, ...]]]:
    """Return the rule and order of a list of stories made by hand, each named by slug, id or path."""
    by_name: dict[str, list[Entry]] = {}
    for entry in visible:
        for name in {entry.slug, entry.id, entry.path}:
            by_name.setdefault(name, []).append(entry)
    ranks: dict[str, int] = {}
    for number, story in enumerate(collection.stories):
        found = by_name.get(story.name, [])
        if len(found) == 1:
            ranks.setdefault(found[0].id, number)
        else:
            missing = f"no story '{story.name}' is published" if not found else f"'{story.name}' names several stories"
            remedy = "name a story by slug, id or path" if not found else "name it by its path or id"
            message = f"{missing}, so collection '{collection.slug}' goes without it"
            problems.append(Problem(Level.WARNING, "collection-story", story.place, message, remedy))

    def why(entry: Entry) -> str:
        return "listed by hand" if entry.id in ranks else ""

    return why, lambda entry: (ranks[entry.id],)


def _author_rules(site: Site, visible: Sequence[Entry]) -> list[_Rule]:
    names: dict[str, str] = {}
    for entry in visible:
        for person in entry.authors:
            if person.slug:
                names[person.slug] = min(person.name, names.get(person.slug, person.name))
    return [
        _Rule(
            f"authors/{slug}",
            FeedKind.AUTHOR,
            f"{site.title}: {name}",
            f"Stories by {name}",
            site.settings,
            _author_reason(slug),
        )
        for slug, name in sorted(names.items())
    ]


def _author_reason(slug: str) -> Callable[[Entry], str]:
    return lambda entry: "written by its author" if any(p.slug == slug for p in entry.authors) else ""


def newest(entries: Iterable[Entry], authority: str) -> datetime:
    """Return when the newest of a feed's entries was updated.

    A feed that is empty has the date of the id authority, as nothing in it is older.
    """
    parts = [int(part) for part in authority.rpartition(",")[2].split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    return max((entry.updated for entry in entries), default=datetime(year, month, day, tzinfo=UTC))


def with_more(feed: Feed, more: Iterable[Entry], *, in_order: bool) -> Feed:
    """Return a feed that shows further entries beyond its limit, each in its place by date, or all at the end."""
    shown = {entry.id for entry in feed.entries}
    added = [entry for entry in more if entry.id not in shown]
    entries = (*feed.entries, *sorted(added, key=_newest_first))
    if in_order:
        entries = tuple(sorted(entries, key=_newest_first))
    updated = max((entry.updated for entry in added), default=feed.updated)
    return replace(feed, entries=entries, updated=max(updated, feed.updated))
