"""Feeds whose place another one has taken → feeds as they were, for those who still fetch them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from feedmill.characters import xml_legal
from feedmill.ledger.records import Ledger, State
from feedmill.model import Entry, Feed, FeedKind, Site


def moved_feeds(
    ledger: Ledger, entries: Iterable[Entry], hidden: Mapping[str, str], feeds: Iterable[Feed], site: Site
) -> Iterator[Feed]:
    """Yield every published feed that `moved_from` names: its old title and entries, and the feed that it moved to.

    Nothing new comes into it. Its entries are told as they are now, under the same ids; `hidden` are the paths of those
    that no feed may show.
    """
    made = {feed.name: feed for feed in feeds}
    by_id = {entry.id: entry for entry in entries if entry.path not in hidden}
    for new, old in _moves(site):
        if old in made or new not in made or old not in ledger.feeds:
            continue
        ids = [record.id for record in ledger.records.values() if old in record.feeds and record.state is State.LIVE]
        title = xml_legal(ledger.feeds[old])
        shown = [by_id[id_] for id_ in ids if id_ in by_id]
        yield Feed(
            name=old,
            kind=FeedKind.TOPIC,
            title=title,
            description=title,
            settings=made[new].settings,
            entries=tuple(sorted(shown, key=lambda entry: (-entry.published.timestamp(), entry.id))),
            updated=max((entry.updated for entry in shown), default=made[new].updated),
            id=made[new].id.replace(f"feeds/{new}", f"feeds/{old}"),
            moved_to=new,
        )


def _moves(site: Site) -> Iterator[tuple[str, str]]:
    """Yield pairs of a feed's name and that of one whose place it has taken."""
    found = [("all", site.moved_from)]
    found += [(topic.slug, topic.moved_from) for topic in site.topics.values()]
    found += [(collection.slug, collection.moved_from) for collection in site.collections.values()]
    for new, names in found:
        yield from ((new, old) for old in names)
