"""Entries and records → entries whose `updated` moves as the site wants it to."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from feedmill.ledger.records import Record
from feedmill.model import Entry
from feedmill.store import Row


def with_updated(row: Row, record: Record, now: datetime, *, by_content: bool) -> Entry:
    """Return an entry that was updated when subscribers were last told, unless its story declares a later moment.

    `by_content`: at `now` when its title or text differs from what was published; white space, markup and punctuation
    do not count. A moment of the future that was once published counts no more.
    """
    entry = row.entry
    if not record.updated:
        return entry
    told = datetime.fromisoformat(record.updated)
    if told > now:
        told = entry.updated
    if by_content and (entry.title != record.title or (record.text_key and row.text_key != record.text_key)):
        told = now.replace(microsecond=0)
    return replace(entry, updated=max(told, entry.updated, entry.published))
