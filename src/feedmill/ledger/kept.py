"""Entries as last published ⇄ JSON, for the time when nobody can read their stories any more."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from feedmill.characters import xml_legal
from feedmill.config.site import Site
from feedmill.ledger.records import Record, url_of
from feedmill.model import Because, Entry, Image, Media, Person, Related, Source

_NOT_KEPT = frozenset({"because", "draft", "embargo", "withdrawn", "correction", "id_declared", "files"})
_KEPT = tuple(name for name in Entry.__struct_fields__ if name not in _NOT_KEPT)
_LISTS = {"authors": Person, "related": Related, "media": Media}


def encoded(entry: Entry) -> str:
    """Return all that subscribers see of an entry, as JSON."""
    kept = {name: _plain(value) for name in _KEPT if (value := getattr(entry, name))}
    return msgspec.json.encode(kept).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return {name: given for name in value.__struct_fields__ if (given := getattr(value, name))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _legal(value: Any) -> Any:
    """Return what JSON gave with every text as XML may carry it: a ledger may have been imported from anywhere."""
    if isinstance(value, str):
        return xml_legal(value)
    if isinstance(value, list):
        return [_legal(item) for item in value]
    return {key: _legal(item) for key, item in value.items()} if isinstance(value, dict) else value


def without_text(record: Record, site: Site) -> Entry:
    """Return what is left of a published entry of which nothing but its record is known: title, date and address."""
    published = datetime.fromisoformat(record.published)
    return Entry(
        id=record.id,
        url=url_of(record.place, site.url) if record.place else site.url,
        slug="",
        title=record.title,
        published=published,
        updated=datetime.fromisoformat(record.updated) if record.updated else published,
        day=published.date(),
        content="",
        summary="",
        path=record.path or record.id,
        because=Because("the ledger", "the ledger", "the ledger", {}),
    )


def decoded(text: str, site: Site) -> Entry:
    """Return the entry that `encoded` wrote, with those of its topics that the site still has.

    Raises ValueError, KeyError, TypeError or AttributeError for a text that it did not write.
    """
    given: dict[str, Any] = _legal(json.loads(text))
    topics = tuple(slug for slug in given.get("topics", ()) if slug in site.topics)
    because = Because("the ledger", "the ledger", "the ledger", dict.fromkeys(topics, "as last published"))
    # Of a recovered entry nobody knows the file: its id stands for it.
    kept = {"content": "", "summary": "", "path": given["id"], "slug": "", **given}
    for name in ("published", "updated", "expires"):
        if name in kept:
            kept[name] = datetime.fromisoformat(kept[name])
    kept["day"] = date.fromisoformat(kept["day"]) if "day" in kept else kept["published"].date()
    for name, kind in _LISTS.items():
        kept[name] = tuple(kind(**item) for item in kept.get(name, ()))
    kept["tags"] = tuple(kept.get("tags", ()))
    kept["image"] = Image(**kept["image"]) if "image" in kept else None
    kept["source"] = Source(**kept["source"]) if "source" in kept else None
    return Entry(**{**kept, "topics": topics, "because": because})
