"""Entries and records → entries whose `updated` moves as the site wants it to."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from feedmill.ledger.records import Record
from feedmill.model import Entry
from feedmill.store import Row


def update_by_content(row: Row, record: Record, now: datetime) -> Entry:
    """Return an entry that is updated at `now` when its title or text differs from what was published.

    White space, markup and punctuation do not count. What the story itself declares counts when it is later.
    """
    entry = row.entry
    if not record.updated:
        return entry
    told = datetime.fromisoformat(record.updated)
    if entry.title != record.title or (record.text_key and row.text_key != record.text_key):
        told = now.replace(microsecond=0)
    return replace(entry, updated=max(told, entry.updated, entry.published))
