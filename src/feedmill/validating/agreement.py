"""The documents of one feed → problems: Atom, RSS and JSON tell the same stories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml.etree import _Element

from feedmill.model import Level, Place, Problem
from feedmill.validating.grammar import ATOM


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says of one entry, as far as every format says it."""

    id: str | None
    title: str | None
    url: str | None
    published: datetime | None
    updated: datetime | None


def disagreements(told: Mapping[str, list[Told]]) -> Iterator[Problem]:
    """Compare the documents of one feed, by path: same entries, same order, same words for each."""
    (first_path, first), *others = told.items()
    for path, entries in others:
        if [entry.id for entry in entries] != [entry.id for entry in first]:
            yield _problem(path, f"other entries, or another order, than {first_path}")
            continue
        for mine, theirs in zip(first, entries, strict=True):
            if mine != theirs:
                yield _problem(path, f"says something else of {mine.id} than {first_path}")


def told_by_atom(feed: _Element) -> list[Told]:
    """Read what an Atom feed says of its entries."""
    return [
        Told(
            entry.findtext(f"{ATOM}id"),
            entry.findtext(f"{ATOM}title"),
            next((link.get("href") for link in entry.iterfind(f"{ATOM}link[@rel='alternate']")), None),
            _rfc3339(entry.findtext(f"{ATOM}published")),
            _rfc3339(entry.findtext(f"{ATOM}updated")),
        )
        for entry in feed.iterfind(f"{ATOM}entry")
    ]


def told_by_rss(rss: _Element) -> list[Told]:
    """Read what an RSS channel says of its items."""
    return [
        Told(
            item.findtext("guid"),
            item.findtext("title"),
            item.findtext("link"),
            _rfc822(item.findtext("pubDate")),
            _rfc3339(item.findtext(f"{ATOM}updated")),
        )
        for item in rss.iterfind("channel/item")
    ]


def told_by_json(document: dict[str, Any]) -> list[Told]:
    """Read what a JSON Feed says of its items."""
    return [
        Told(
            item.get("id"),
            item.get("title"),
            item.get("url"),
            _rfc3339(item.get("date_published")),
            _rfc3339(item.get("date_modified")),
        )
        for item in document["items"]
    ]


def _rfc3339(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _rfc822(text: str | None) -> datetime | None:
    return parsedate_to_datetime(text) if text else None


def _problem(path: str, message: str) -> Problem:
    return Problem(Level.ERROR, "formats-disagree", Place(path), message, "report this as a fault of Feedmill")
