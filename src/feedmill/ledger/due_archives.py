"""Feeds → which of their entries are to be archived, in which document (RFC 5005 §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from feedmill.feeds import Selected
from feedmill.ledger.records import Archive, Ledger, moment_text
from feedmill.store import Entries, Member

YEARLY = 100
"""Up to so many entries a closed year is one document; beyond it each month is."""
LATE = timedelta(days=30)
"""How long a correction of an archived story stands in the subscription document."""
Due = tuple[str, str, int]
"""The path of an entry, its id, and a moment: when it was published or updated."""


class Closing(Struct, frozen=True):
    """An archive that is due: the name of its period, and the paths of its entries."""

    name: str
    paths: tuple[str, ...]


def due_archives(
    selected: Selected,
    entries: Entries,
    ledger: Ledger,
    archives: Sequence[Archive],
    updated: Callable[[], Mapping[str, Sequence[Due]]],
    now: datetime,
) -> list[Closing]:
    """Return the archives that a feed needs now, oldest first.

    As soon as the subscription document no longer shows an entry, an archive must: a reader that walks back from the
    head finds every entry at any time. Closed periods are archived whole; of the current month as much as has left the
    window and half a window more, so that not every build makes a document. An entry that comes late, into a period
    that is archived already, goes into a further document after the last; and a corrected one goes along with whatever
    is archived next. `updated` gives by feed the archived entries that were ever updated, each with when.
    """
    feed, moment = selected.feed, int(now.timestamp())
    fresh = entries.not_archived(feed.name, moment)
    window = {member.id for member in selected.members if member.path not in selected.extra}
    lost = set(selected.lost)
    fresh = [each for each in fresh if each[0] not in lost]
    outside = [each for each in fresh if each[1] not in window]
    if not outside:
        return []
    years = entries.years(feed.name, moment)
    last = max((_order(archive.name) for archive in archives), default=(0, 0))
    groups: dict[tuple[int, int], list[Due]] = {}
    for each in fresh:
        groups.setdefault(max(_period(each, years, now), last), []).append(each)
    until = max(max(_period(each, years, now), last) for each in outside)
    current = (now.year, now.month)
    found = [(order, groups[order]) for order in sorted(groups) if order <= until and order < current]
    if until >= current:
        found.append((until, _part(groups[until], outside, feed.settings.limit)))
    corrected = [path for path, id_, when in updated().get(feed.name, ()) if _is_newer(feed.name, id_, when, ledger)]
    taken = {archive.name for archive in archives}
    closings = []
    for number, (order, members) in enumerate(found):
        name = _name(order)
        part = next(n for n in range(1, len(taken) + 2) if _part_name(name, n) not in taken)
        taken.add(_part_name(name, part))
        also = corrected if number == len(found) - 1 else []
        paths = dict.fromkeys([*(path for path, _, _ in members), *also])
        closings.append(Closing(_part_name(name, part), tuple(paths)))
    return closings


def _is_newer(feed: str, id_: str, updated: int, ledger: Ledger, *, than_first: bool = False) -> bool:
    """Whether an entry was updated after the newest archive of a feed that has it, or the first, was written."""
    told = [each.updated for archive, each in ledger.archives_with(id_) if archive.feed == feed]
    return bool(told) and moment_text(datetime.fromtimestamp(updated, UTC)) > (told[0] if than_first else told[-1])


def late_corrections(entries: Entries, ledger: Ledger, now: datetime) -> dict[str, list[Member]]:
    """Return by feed the archived entries corrected of late, which subscription documents show again for a while.

    Readers never fetch an archive twice, so a correction there would reach none (RFC 5005 §4).
    """
    late = entries.updated_since(int((now - LATE).timestamp()), int(now.timestamp()))
    paths = {
        feed: [path for path, id_, updated in found if _is_newer(feed, id_, updated, ledger, than_first=True)]
        for feed, found in late.items()
    }
    members = entries.members_at({path for found in paths.values() for path in found})
    return {feed: [members[path] for path in found if path in members] for feed, found in paths.items()}


def _period(entry: Due, years: Mapping[int, int], now: datetime) -> tuple[int, int]:
    published = datetime.fromtimestamp(entry[2], UTC)
    is_whole = published.year < now.year and years.get(published.year, 0) <= YEARLY
    return (published.year, 13 if is_whole else published.month)


def _order(name: str) -> tuple[int, int]:
    year, _, month = name.partition(".")[0].partition("-")
    return int(year), int(month or 13)


def _name(order: tuple[int, int]) -> str:
    year, month = order
    return f"{year:04}" if month == 13 else f"{year:04}-{month:02}"


def _part_name(name: str, part: int) -> str:
    return name if part == 1 else f"{name}.{part}"


def _part(entries: Sequence[Due], outside: Sequence[Due], limit: int) -> list[Due]:
    """Return the oldest entries of a period that is not over, up to the last that is outside, and some more."""
    ids = {id_ for _, id_, _ in outside}
    last = max((number for number, each in enumerate(entries, 1) if each[1] in ids), default=0)
    return list(entries[: last + limit // 2])
