"""A ledger of the first edition → one of today. The old file stays until a build records something."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

from feedmill.errors import LedgerError
from feedmill.ledger.ledger_database import REMEDY, Database
from feedmill.ledger.records import Archive, Archived, Ledger, Record, State
from feedmill.stories import place_of

_ENTRY = "id url path title key published updated first seen feeds left state withdrawn reason kept".split()


def migrated(old: sqlite3.Connection, into: Database) -> Database:
    """Fill `into`, which is empty, with what a ledger of version 1 holds. Raises LedgerError for a damaged one."""
    ledger = Ledger(into)
    try:
        with closing(old):
            about = dict(old.execute("SELECT key, value FROM about"))
            columns = ", ".join(f'"{name}"' for name in _ENTRY)
            found = old.execute(f"SELECT {columns} FROM entries")  # noqa: S608 - our own names
            rows = [dict(zip(_ENTRY, each, strict=True)) for each in found]
            packed = old.execute("SELECT archive FROM archives ORDER BY feed, position")
            archives = [json.loads(text) for (text,) in packed]
            feeds = dict(old.execute("SELECT name, title FROM feeds"))
        into.connection.execute("BEGIN")
        ledger.put(_record(row, about.get("site", "")) for row in rows)
        for row in rows:
            shown = row["feeds"].split()
            for feed in {*shown, *row["left"].split()}:
                # What was seen then is not told by the digests of today.
                ledger.tell(feed, {row["id"]: ""}, () if feed in shown else (row["id"],))
        ledger.put_feeds(feeds)
        positions: dict[str, int] = {}
        for each in archives:
            position = positions[each["feed"]] = positions.get(each["feed"], -1) + 1
            marks = {id_: "stub" if stands else "tombstone" for id_, stands in each.get("withdrawn", {}).items()}
            told = {id_: Archived(updated, marks.get(id_, "")) for id_, updated in each["told"].items()}
            ledger.put_archive(Archive(each["path"], each["feed"], each["name"], position), told)
        ledger.put_documents({each["path"]: each.get("sha256", "") for each in archives})
        ledger.put_about(**{key: value for key, value in about.items() if key in ("authority", "site", "feeds")})
        into.connection.execute("COMMIT")
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError(f"{into.path}: the ledger is damaged: {error}", remedy=REMEDY) from None
    return into


def _record(row: dict[str, Any], site_url: str) -> Record:
    """Return a record of today. What it was known by in words is not known: those of its file are not the same."""
    return Record(
        id=row["id"],
        place=place_of(row["url"], site_url) if site_url else row["url"],
        path=row["path"],
        title=row["title"],
        title_key=row["key"],
        published=row["published"],
        updated=row["updated"],
        first=row["first"],
        state=State(row["state"]),
        withdrawn=row["withdrawn"],
        reason=row["reason"],
        kept=row["kept"],
    )
