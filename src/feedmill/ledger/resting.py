"""The ledger → which stories rest: they have left their feeds, and are as they were when they did."""

from __future__ import annotations

from collections.abc import Callable

from feedmill.ledger.records import Ledger, Record, State, key_of
from feedmill.model import Head


def resting(ledger: Ledger) -> Callable[[Head], str]:
    """Return what gives the id of the record of a story that rests, and nothing for any other.

    It rests where its file has still the id, address, title and date that the ledger knows, and no record but its own
    names that file. Unless a feed shows it again, its record stays as it is (`record_feeds`).
    """
    by_path: dict[str, Record | None] = {}
    for record in ledger.records.values():
        if record.path:
            by_path[record.path] = None if record.path in by_path else record

    def id_of(head: Head) -> str:
        record = by_path.get(head.path)
        if record is None or record.state is not State.LEFT or record.feeds:
            return ""
        if (record.id, record.url) != (head.id, head.url) or record.key != key_of(head.title, head.published):
            return ""
        return record.id

    return id_of
