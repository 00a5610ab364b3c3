"""feedparser reads every Atom and RSS document; it knows no JSON Feed."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest

from feedmill.model import Feed, Format
from tests.conftest import Finished, Mill
from tests.peers.site import document_bytes
from tests.peers.telling import (
    ToldEntry,
    ToldFeed,
    ToldMedia,
    differences,
    expected_entries,
    expected_feed,
    shown_text,
)

pytestmark = pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])
VERSIONS = {Format.ATOM: "atom10", Format.RSS: "rss20"}


def parse(built: Finished, feed: Feed, format_: Format) -> Any:
    """Parse a document with feedparser's own cleaning off."""
    content = document_bytes(built, feed, format_)
    return feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)


def moment(parsed: time.struct_time) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def links(context: Any, rel: str) -> list[Any]:
    return [link for link in context.get("links", ()) if link.rel == rel]


def first_href(context: Any, rel: str) -> str:
    return next((str(link.href) for link in links(context, rel)), "")


def told_entry(entry: Any, format_: Format) -> ToldEntry:
    tags = entry.get("tags", [])
    source = entry.get("source", {})
    # feedparser tells a Media RSS title only of the last object of an entry, so none is asked for.
    media = tuple(
        ToldMedia(item["url"], item.get("type", ""), int(item.get("filesize", 0)), int(item.get("duration", 0)))
        for item in entry.get("media_content", [])
    )
    enclosures = tuple(
        ToldMedia(link.href, link.type, int(link.get("length", 0)), 0, link.get("title", ""))
        for link in links(entry, "enclosure")
    )
    return ToldEntry(
        id=entry.id,
        title=entry.title,
        link=entry.link,
        published=moment(entry.published_parsed),
        updated=moment(entry.updated_parsed),
        authors=tuple(author.name for author in entry.get("authors", [])),
        tags=tuple(tag.label or tag.term for tag in tags if not tag.scheme),
        content=entry.content[0].value if "content" in entry else "",
        summary=entry.get("summary", ""),
        enclosures=enclosures,
        series=next((tag.term for tag in tags if tag.scheme), ""),
        language=entry.title_detail.language if format_ is Format.ATOM else entry.get("language", ""),
        rights=entry.get("rights", ""),
        source=(source.get("title", ""), source.get("link") or source.get("href", "")),
        related=tuple((link.href, link.title) for link in links(entry, "related")),
        media=media,
    )


def without_media_titles(entry: ToldEntry) -> ToldEntry:
    media = tuple(ToldMedia(item.url, item.type, item.length, item.duration) for item in entry.media)
    return ToldEntry(**{**vars(entry), "media": media})


def test_feedparser_knows_the_version_and_finds_nothing_malformed(built: Finished, format_: Format) -> None:
    for feed in built.whole_feeds():
        parsed = parse(built, feed, format_)
        assert (feed.name, parsed.bozo, parsed.version) == (feed.name, False, VERSIONS[format_])


def test_feedparser_tells_every_entry_as_it_is(built: Finished, wire: Mill, format_: Format) -> None:
    wrong = []
    for feed in built.whole_feeds():
        told = [told_entry(entry, format_) for entry in parse(built, feed, format_).entries]
        expected = [without_media_titles(entry) for entry in expected_entries(feed, wire.site, format_)]
        wrong += differences(f"{feed.name}.{format_.value}", told, expected)
    assert wrong == []


def test_feedparser_shows_every_summary_in_full(built: Finished, wire: Mill, format_: Format) -> None:
    """An Atom summary is text unless its type says otherwise; an RSS description is HTML (RSS 2.0, item)."""
    wrong = []
    for feed in built.whole_feeds():
        told = []
        for entry in parse(built, feed, format_).entries:
            read = told_entry(entry, format_)
            summary = read.summary if format_ is Format.ATOM else shown_text(read.summary)
            told.append(ToldEntry(**{**vars(read), "summary": summary}))
        expected = expected_entries(feed, wire.site, format_)
        wrong += differences(f"{feed.name}.{format_.value}", told, expected, ["summary"])
    assert wrong == []


def test_feedparser_s_cleaning_finds_nothing_to_take_out_of_a_body(built: Finished, format_: Format) -> None:
    for feed in built.whole_feeds():
        cleaned = feedparser.parse(document_bytes(built, feed, format_))
        for entry, right in zip(cleaned.entries, parse(built, feed, format_).entries, strict=True):
            bodies = [[shown_text(item.value) for item in each.get("content", [])] for each in (entry, right)]
            assert bodies[0] == bodies[1]


def test_feedparser_tells_the_feed_as_it_is(built: Finished, wire: Mill, format_: Format) -> None:
    for feed in built.whole_feeds():
        about = parse(built, feed, format_).feed
        told = ToldFeed(
            title=about.title,
            home=about.link,
            self_link=first_href(about, "self"),
            language=about.language,
            id=about.get("id", ""),
            updated=moment(about.updated_parsed),
            description=about.subtitle,
            rights=about.rights,
            hub=first_href(about, "hub"),
        )
        assert told == expected_feed(feed, wire.site, format_)
