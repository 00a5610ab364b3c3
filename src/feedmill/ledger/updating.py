"""Entries and records → entries whose `updated` moves as the site wants it to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from feedmill.ledger.records import Record
from feedmill.ledger.words import Fingerprint
from feedmill.model import Entry


def update_by_content(
    entry: Entry, record: Record | None, fingerprint: Callable[[Entry], Fingerprint], now: datetime
) -> Entry:
    """Return an entry that is `updated` at `now` when its title or words differ from what was published.

    Markup, white space and addresses do not count. What the story itself declares counts when it is later.
    """
    if record is None or not record.updated:
        return entry
    told = datetime.fromisoformat(record.updated)
    said = fingerprint(entry).words if record.words and record.body else ""
    if entry.title != record.title or (said and said != record.words):
        told = now
    return replace(entry, updated=max(told, entry.updated, entry.published))
