"""Entries that get in each other's way: two with one id, two with one address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from feedmill.model import Entry, Level, Place, Problem


def one_story_per_id(entries: Sequence[Entry], places: Mapping[str, Place]) -> tuple[list[Entry], list[Problem]]:
    """Keep one entry per id: one that is no draft, then the oldest, then the first by path.

    The others are errors. `places` tells where the story of each entry's path stands.
    """
    owners: dict[str, Entry] = {}
    problems = []
    for entry in sorted(entries, key=lambda entry: (entry.draft, entry.published, entry.path)):
        owner = owners.setdefault(entry.id, entry)
        if owner is not entry:
            problems.append(
                Problem(
                    Level.ERROR,
                    "id-taken",
                    places[entry.path],
                    f"its id {entry.id} is that of {places[owner.path]}",
                    "give one of them another slug or id",
                )
            )
    return [entry for entry in entries if owners[entry.id] is entry], problems


def shared_addresses(entries: Iterable[Entry], places: Mapping[str, Place]) -> list[Problem]:
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
