"""Entries that get in each other's way: two with one id, two with one address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from feedmill.model import Entry, Level, Place, Problem


def settle(
    entries: Sequence[Entry], places: Mapping[str, Place], published: Collection[str] = ()
) -> tuple[list[Entry], list[Problem]]:
    """Keep one entry per id, and warn of entries that lie at one address.

    The id stays with the entry whose path is among `published`: it has borne the id before. Else one that is no draft
    keeps it, then the oldest; of several equally old none is kept. `places` tells where the story of each entry's path
    stands.
    """
    kept, problems = _one_story_per_id(entries, places, published)
    return kept, [*problems, *_shared_addresses(kept, places)]


def _one_story_per_id(
    entries: Sequence[Entry], places: Mapping[str, Place], published: Collection[str]
) -> tuple[list[Entry], list[Problem]]:
    """The entries that must give way are errors (drafts: warnings): an id never passes from one story to another."""
    owners: dict[str, Entry] = {}
    unclear: set[str] = set()
    problems: list[Problem] = []
    rank = {entry.path: (entry.path not in published, entry.draft, entry.published) for entry in entries}
    for entry in sorted(entries, key=lambda entry: (*rank[entry.path], entry.path)):
        owner = owners.setdefault(entry.id, entry)
        if owner is not entry:
            tied = rank[entry.path] == rank[owner.path]
            pairs = [(entry, owner), (owner, entry)] if tied and owner.id not in unclear else [(entry, owner)]
            problems.extend(_taken(one, other, places) for one, other in pairs)
            unclear.update({entry.id} if tied else ())
    return [entry for entry in entries if owners[entry.id] is entry and entry.id not in unclear], problems


def _taken(entry: Entry, other: Entry, places: Mapping[str, Place]) -> Problem:
    message = f"its id {entry.id} is that of {places[other.path]}"
    level = Level.WARNING if entry.draft else Level.ERROR
    return Problem(level, "id-taken", places[entry.path], message, "give one of them another slug or id")


def _shared_addresses(entries: Iterable[Entry], places: Mapping[str, Place]) -> list[Problem]:
    """Warn of entries that lie at one address: readers that know stories by their links show one of them."""
    owners: dict[str, Entry] = {}
    problems = []
    for entry in entries:
        owner = owners.setdefault(entry.url, entry)
        if owner is not entry:
            problems.append(
                Problem(
                    Level.WARNING,
                    "url-shared",
                    places[entry.path],
                    f"its address {entry.url} is also that of {places[owner.path]}",
                    "some readers will show only one of the two: give each its own url or slug",
                )
            )
    return problems
