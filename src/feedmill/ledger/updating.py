"""Entries and records → entries whose `updated` moves as the site wants it to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feedmill.ledger.records import Record
from feedmill.ledger.words import words_of
from feedmill.model import Entry


def update_by_content(entry: Entry, record: Record | None, now: datetime) -> Entry:
    """Return an entry that is `updated` at `now` when its title or words differ from what was published.

    Markup, white space and addresses do not count. What the story itself declares counts when it is later.
    """
    if record is None or not record.updated:
        return entry
    told = datetime.fromisoformat(record.updated)
    same_words = not record.words or entry.content == "" or record.body == "" or words_of(entry) == record.words
    if entry.title != record.title or not same_words:
        told = now
    return replace(entry, updated=max(told, entry.updated, entry.published))
