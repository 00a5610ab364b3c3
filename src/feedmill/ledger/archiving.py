"""Feeds → which of their entries are to be archived, in which document (RFC 5005 §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from feedmill.ledger.records import Ledger, moment_text
from feedmill.model import Entry, Feed

YEARLY = 100
"""Up to so many entries a closed year is one document; beyond it each month is."""
LATE = timedelta(days=30)
"""How long a correction of an archived story stands in the subscription document."""


class Closing(Struct, frozen=True):
    """An archive that is due: the feed, the name of its period, and its entries, newest first."""

    feed: Feed
    name: str
    entries: tuple[Entry, ...]


def due_archives(feed: Feed, members: Sequence[Entry], ledger: Ledger, now: datetime) -> list[Closing]:
    """Return the archives that a feed needs now, oldest first.

    As soon as the subscription document no longer shows an entry, an archive must: a reader that walks back from the
    head finds every entry at any time. `members` are all entries of the feed, newest first. Closed periods are
    archived whole; of the current month as much as has left the window and half a window more, so that not every
    build makes a document. An entry that comes late, into a period that is archived already, goes into a further
    document after the last; and a corrected one goes along with whatever is archived next.
    """
    written = ledger.archived.get(feed.name, {})
    window = {entry.id for entry in feed.entries}
    fresh = [entry for entry in reversed(members) if entry.id not in written]
    outside = [entry for entry in fresh if entry.id not in window]
    if not outside:
        return []
    years: dict[int, int] = {}
    for entry in members:
        years[entry.published.year] = years.get(entry.published.year, 0) + 1
    last = max((_order(archive.name) for archive in ledger.archives.get(feed.name, ())), default=(0, 0))
    groups: dict[tuple[int, int], list[Entry]] = {}
    for entry in fresh:
        groups.setdefault(max(_period(entry, years, now), last), []).append(entry)
    until = max(max(_period(entry, years, now), last) for entry in outside)
    current = (now.year, now.month)
    found = [(order, groups[order]) for order in sorted(groups) if order <= until and order < current]
    if until >= current:
        found.append((until, _part(groups[until], outside, feed.settings.limit)))
    corrected = [entry for entry in members if entry.id in written and moment_text(entry.updated) > written[entry.id]]
    taken = {archive.name for archive in ledger.archives.get(feed.name, ())}
    closings = []
    for number, (order, entries) in enumerate(found):
        name = _name(order, years, now)
        part = next(n for n in range(1, len(taken) + 2) if _part_name(name, n) not in taken)
        taken.add(_part_name(name, part))
        also = corrected if number == len(found) - 1 else []
        closings.append(Closing(feed, _part_name(name, part), tuple(_newest_first([*entries, *also]))))
    return closings


def late_corrections(feed: Feed, members: Sequence[Entry], ledger: Ledger, now: datetime) -> list[Entry]:
    """Return archived entries corrected of late, which the subscription document shows again for a while.

    Readers never fetch an archive twice, so a correction there would reach none (RFC 5005 §4).
    """
    since = now - LATE
    recent = [entry for entry in members if entry.updated > since]
    archived = ledger.archived.get(feed.name, {}) if recent else {}
    window = {entry.id for entry in feed.entries}
    sought = {entry.id for entry in recent if entry.id in archived and entry.id not in window}
    if not sought:
        return []
    first: dict[str, str] = {}
    for archive in ledger.archives[feed.name]:
        for id_ in sought & archive.told.keys():
            first.setdefault(id_, archive.told[id_])
    return [entry for entry in recent if entry.id in sought and moment_text(entry.updated) > first[entry.id]]


def _period(entry: Entry, years: Mapping[int, int], now: datetime) -> tuple[int, int]:
    year = entry.published.year
    return (year, 13 if year < now.year and years[year] <= YEARLY else entry.published.month)


def _order(name: str) -> tuple[int, int]:
    year, _, month = name.partition(".")[0].partition("-")
    return int(year), int(month or 13)


def _name(order: tuple[int, int], years: Mapping[int, int], now: datetime) -> str:
    year, month = order
    return f"{year:04}" if month == 13 else f"{year:04}-{month:02}"


def _part_name(name: str, part: int) -> str:
    return name if part == 1 else f"{name}.{part}"


def _part(entries: Sequence[Entry], outside: Sequence[Entry], limit: int) -> list[Entry]:
    """Return the oldest entries of a period that is not over, up to the last that is outside, and some more."""
    ids = {entry.id for entry in outside}
    last = max((number for number, entry in enumerate(entries, 1) if entry.id in ids), default=0)
    return list(entries[: last + limit // 2])


def _newest_first(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (-entry.published.timestamp(), entry.id))
