"""Rules of selection: which feeds there are, what belongs to each and why, and what each shows at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.site import Collection, Site, TopicRule
from feedmill.model import AT_ONCE, Entry, Feed, FeedKind, FeedSettings, Level, Problem, Withdrawal

if TYPE_CHECKING:
    from feedmill.store import Entries, Member

ALL = "all"


class Selected(Struct, frozen=True):
    """A feed, and what it shows in its order. `lost` are the paths of stories that it would show but for an error.

    `extra` are those entries, of those shown, that stand beyond its limit, by path.
    """

    feed: Feed
    members: tuple[Member, ...]
    lost: tuple[str, ...] = ()
    extra: frozenset[str] = frozenset()


def feeds_of(site: Site, entry: Entry) -> tuple[tuple[str, str], ...]:
    """Return the names of the feeds to which an entry belongs, each with the name of the author whose feed it is.

    Collections that are listed by hand are not among them.
    """
    found = [(ALL, "")]
    found += [(slug, "") for slug in entry.topics if slug in site.topics]
    found += [(slug, "") for slug, each in site.collections.items() if each.rule and fits(each.rule, entry.topics)]
    if site.author_feeds:
        found += [(f"authors/{slug}", name) for slug, name in _authors_of(entry).items()]
    return tuple(found)


def _authors_of(entry: Entry) -> dict[str, str]:
    names: dict[str, str] = {}
    for person in entry.authors:
        if person.slug:
            names[person.slug] = min(person.name, names.get(person.slug, person.name))
    return names


def rules_of(site: Site) -> tuple[object, ...]:
    """Return all of a site on which it depends what belongs to which feed."""
    rules = [(slug, each.rule) for slug, each in site.collections.items()]
    return (sorted(site.topics), rules, site.author_feeds)


def fits(rule: TopicRule, topics: Iterable[str]) -> bool:
    """Whether an entry of these topics belongs to a collection."""
    own = set(topics)
    if not own.issuperset(rule.all) or not own.isdisjoint(rule.none):
        return False
    return not rule.any or not own.isdisjoint(rule.any)


def why_in(site: Site, feed: str, entry: Entry) -> str:
    """Return why an entry belongs to a feed, empty where it does not. Not of collections listed by hand."""
    if feed == ALL:
        return "every story"
    if feed in site.topics:
        return entry.because.topics.get(feed, "named by the story") if feed in entry.topics else ""
    collection = site.collections.get(feed)
    if collection is not None:
        if collection.rule is None or not fits(collection.rule, entry.topics):
            return ""
        return f"its topics are {', '.join(entry.topics) or 'none'}"
    return "written by its author" if feed.removeprefix("authors/") in _authors_of(entry) else ""


def is_curated(site: Site, feed: str) -> bool:
    """Whether the stories of a feed are listed by hand."""
    return feed in site.collections and bool(site.collections[feed].stories)


def feed_heads(site: Site, authors: Sequence[tuple[str, str]]) -> Iterator[Feed]:
    """Yield every feed, without what it shows. `authors` are the feeds of authors, each with the author's name."""
    yield _head(site, ALL, FeedKind.ALL, site.title, site.description, site.settings)
    for topic in site.topics.values():
        title = f"{site.title}: {topic.title}"
        yield _head(site, topic.slug, FeedKind.TOPIC, title, topic.description or topic.title, topic.settings)
    for item in site.collections.values():
        title = f"{site.title}: {item.title}"
        yield _head(site, item.slug, FeedKind.COLLECTION, title, item.description or item.title, item.settings)
    for name, author in authors:
        yield _head(site, name, FeedKind.AUTHOR, f"{site.title}: {author}", f"Stories by {author}", site.settings)


def _head(site: Site, name: str, kind: FeedKind, title: str, description: str, settings: FeedSettings) -> Feed:
    id_ = f"tag:{site.id_authority}:feeds/{quote(name)}"
    return Feed(name, kind, title, description, settings, oldest(site), id_)


def oldest(site: Site) -> datetime:
    """Return the date of a feed without entries: that of the id authority, as nothing in it is older."""
    year, month, day = (*(int(part) for part in site.id_authority.rpartition(",")[2].split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC)


def select(
    site: Site,
    entries: Entries,
    now: datetime,
    late: Mapping[str, Sequence[Member]],
    withdrawn: dict[str, Withdrawal],
    problems: list[Problem],
) -> list[Selected]:
    """Return what every feed shows at `now`: newest first, equal dates by id; a list made by hand in its own order.

    `late` gives by feed the corrections of archived entries that it shows again, and `withdrawn` the withdrawals of
    entries by id. Adds to `problems` what a list made by hand names and nobody has published.
    """
    moment = int(now.timestamp())
    authors = entries.authors(moment) if site.author_feeds else []
    found = []
    for feed in feed_heads(site, authors):
        if is_curated(site, feed.name):
            listed = _curated(site.collections[feed.name], entries, moment, problems)[: feed.settings.limit]
        else:
            listed = entries.members(feed.name, moment, feed.settings.limit)
        lost = tuple(member.path for member in listed if member.lost)
        shown = [member for member in listed if not member.lost]
        ids = {member.id for member in shown}
        more = [*entries.members(feed.name, moment, -1, extra=True), *late.get(feed.name, ())]
        extra = {member.id: member for member in more if member.id not in ids and not member.lost}
        in_order = sorted(extra.values(), key=newest_first)
        members = [*shown, *in_order]
        if extra and not is_curated(site, feed.name):
            members.sort(key=newest_first)
        gone = {id_: withdrawn[id_] for id_ in extra if id_ in withdrawn}
        found.append(
            Selected(
                replace(feed, updated=newest(members, site), withdrawn=gone),
                tuple(members),
                lost,
                frozenset(member.path for member in in_order),
            )
        )
    return found


def newest_first(member: Member) -> tuple[int, str]:
    """Return by what members of a feed are put in order."""
    return (-member.published, member.id)


def newest(members: Iterable[Member], site: Site) -> datetime:
    """Return when the newest of a feed's entries was updated."""
    updated = max((member.updated for member in members), default=None)
    return oldest(site) if updated is None else datetime.fromtimestamp(updated, UTC)


def _curated(collection: Collection, entries: Entries, now: int, problems: list[Problem]) -> list[Member]:
    """Return the stories of a list made by hand, each named by slug, id or path."""
    found: dict[str, Member] = {}
    for story in collection.stories:
        named = entries.named(story.name, now)
        if len(named) == 1:
            found.setdefault(named[0].path, named[0])
        else:
            missing = f"'{story.name}' names several stories" if named else f"no story '{story.name}' is published"
            remedy = "name it by its path or id" if named else "name a story by slug, id or path"
            message = f"{missing}, so collection '{collection.slug}' goes without it"
            problems.append(Problem(Level.WARNING, "collection-story", story.place, message, remedy))
    return list(found.values())


def moves(site: Site) -> Iterator[tuple[str, str]]:
    """Yield pairs of a feed's name and that of one whose place it has taken."""
    found = [(ALL, site.moved_from)]
    found += [(topic.slug, topic.moved_from) for topic in site.topics.values()]
    found += [(collection.slug, collection.moved_from) for collection in site.collections.values()]
    for new, names in found:
        yield from ((new, old) for old in names)


def hidden_because(entry: Entry, state: str, now: datetime) -> str:
    """Return why no feed may show an entry at `now`, whose `state` the cache knows; empty when they may."""
    if entry.draft:
        return "unlisted" if entry.unlisted else "a draft"
    if entry.withdrawn is not None and entry.withdrawn.moment <= now:
        return "withdrawn" if entry.withdrawn.moment == AT_ONCE else f"withdrawn {_when(entry.withdrawn.moment)}"
    if state:
        return STATES.get(state, state)
    if entry.published > now:
        what = "under embargo" if entry.embargo == entry.published else "dated in the future"
        return f"{what} until {_when(entry.published)}"
    if entry.expires is not None and entry.expires <= now:
        return f"expired {_when(entry.expires)}"
    return ""


STATES = {
    "withdrawn": "withdrawn",
    "unclear": "it may be a story that was published before",
    "copy": "a copy of another story",
    "address": "another story has its address",
    "id": "another story has its id",
}
"""What keeps an entry from every feed, whatever the time, in words."""


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
