"""A document → what it says subscribers of its entries, whatever its format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import unescape
from typing import Any

from lxml.etree import _Element
from msgspec import Struct, field

from feedcheck.findings import line_of
from feedcheck.names import ATOM_NAMESPACE
from feedcheck.placing import Position
from feedcheck.regex import expression
from feedcheck.values.rfc822_dates import moment_of

_ATOM = f"{{{ATOM_NAMESPACE}}}"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_TAG = expression(r"<[^<>]*>")


class EntryFacts(Struct, frozen=True):
    """What a document says of one entry, as far as every format can say it.

    `words` are those of its content, or of its summary where there is no content: without markup, and without what
    white space and entities make different.
    """

    id: str
    title: str
    url: str
    published: datetime | None
    updated: datetime | None
    words: str = ""
    position: Position = field(default=Position())


def entries_of(content: bytes) -> list[EntryFacts]:
    """Read the entries of an Atom, RSS or JSON Feed document, in their order; none of what is not a feed."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        try:
            feed = json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return []
        return json_entries(feed)
    from feedcheck.xml_reading import read_xml  # a build says of trees that it has

    root = read_xml(content).root
    if root is None:
        return []
    return rss_entries(root) if root.tag == "rss" else atom_entries(root)


def atom_entries(feed: _Element, *, words: bool = True) -> list[EntryFacts]:
    """Read what an Atom feed says of its entries."""
    return [
        EntryFacts(
            _text(entry, f"{_ATOM}id"),
            _text(entry, f"{_ATOM}title"),
            next((link.get("href", "") for link in entry.iterchildren(f"{_ATOM}link") if _is_alternate(link)), ""),
            _rfc3339(_text(entry, f"{_ATOM}published")),
            _rfc3339(_text(entry, f"{_ATOM}updated")),
            "" if not words else _words(_inner(entry, f"{_ATOM}content") or _inner(entry, f"{_ATOM}summary")),
            Position(line_of(entry)),
        )
        for entry in feed.iterchildren(f"{_ATOM}entry")
    ]


def rss_entries(rss: _Element, *, words: bool = True) -> list[EntryFacts]:
    """Read what an RSS channel says of its items."""
    return [
        EntryFacts(
            _text(item, "guid"),
            _text(item, "title"),
            _text(item, "link"),
            _rfc822(_text(item, "pubDate")),
            _rfc3339(_text(item, f"{_ATOM}updated")),
            "" if not words else _words(_text(item, _ENCODED) or _text(item, "description")),
            Position(line_of(item)),
        )
        for channel in rss.iterchildren("channel")
        for item in channel.iterchildren("item")
    ]


def json_entries(feed: Any, *, words: bool = True) -> list[EntryFacts]:
    """Read what a JSON Feed says of its items."""
    items = feed.get("items") if isinstance(feed, dict) else None
    return [
        EntryFacts(
            _string(item.get("id")),
            _string(item.get("title")),
            _string(item.get("url")),
            _rfc3339(_string(item.get("date_published"))),
            _rfc3339(_string(item.get("date_modified"))),
            "" if not words else _words(_string(item.get("content_html")) or _string(item.get("content_text"))),
        )
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]


def _is_alternate(link: _Element) -> bool:
    return link.get("rel", "alternate") == "alternate"


def _text(owner: _Element, name: str) -> str:
    found = next(owner.iterchildren(name), None)
    return "" if found is None else (found.text or "").strip()


def _inner(owner: _Element, name: str) -> str:
    found = owner.find(name)
    return "" if found is None else "".join(map(str, found.itertext()))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(markup: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", markup)).split())


def _rfc3339(text: str) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(text)) if text else None
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    try:
        return _aware(moment_of(text)) if text else None
    except (ValueError, TypeError, IndexError):
        return None


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
