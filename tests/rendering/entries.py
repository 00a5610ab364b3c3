"""Entries and feeds that are made here rather than of files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from feedmill.config.loading import parse_site
from feedmill.config.site import Topic
from feedmill.model import Because, Entry, Feed, FeedKind, FeedSettings, Image, Media, Person, Related, Source

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SITE = replace(
    parse_site("site: {title: T & <U>, url: https://e.example/, id_authority: 'e.example,2024'}"),
    topics={"ai": Topic("ai", "Artificial & <so on>")},
    hub="https://hub.example/?a=1&b=2",
)


def entry(number: int, **changes: Any) -> Entry:
    """Return an entry that has nothing but what every one has. Those with higher numbers are newer."""
    when = NOON + timedelta(days=number)
    plain = Entry(
        id=f"tag:e.example,2024:{number}",
        url=f"https://e.example/{number}/",
        slug=str(number),
        title=f"Title {number}",
        published=when,
        updated=when + timedelta(hours=1),
        day=when.date(),
        content="",
        summary="",
        path=f"{number}.md",
        because=Because("", "", "", {}),
    )
    return replace(plain, **changes)


def rich(number: int, **changes: Any) -> Entry:
    """Return an entry that has everything."""
    given = {
        "title": 'AI & <chips>: "quoted"',
        "content": '<p title="a &amp; b">Words</p>\n<pre>\n  <entry>\n    <item>\n  },\n</pre>',
        "summary": "Short & <plain>",
        "authors": (Person("Ada & Co"), Person("Bo", "bo@e.example", "https://e.example/bo/?a=1&b=2")),
        "topics": ("ai",),
        "tags": ("export & <controls>",),
        "image": Image("https://e.example/map.png", "A <map>"),
        "language": "de",
        "rights": "© Ada & Bo",
        "source": Source("Elsewhere", "https://else.example/1"),
        "related": (Related("Before", "https://e.example/before/"), Related("Nowhere")),
        "media": (
            Media("https://e.example/talk.pdf", "application/pdf"),
            Media("https://e.example/talk.mp3", "audio/mpeg", 1000, 65, "Talk"),
        ),
        "series": "Silk & road",
    }
    return entry(number, **(given | changes))


def feed_of(*entries: Entry, **changes: Any) -> Feed:
    """Return a feed that shows these entries."""
    feed = Feed(
        name="china",
        kind=FeedKind.TOPIC,
        title="T: China & <more>",
        description="About & <more>",
        settings=FeedSettings(),
        entries=entries,
        updated=max((each.updated for each in entries), default=NOON),
        id="tag:e.example,2024:feeds/china",
    )
    return replace(feed, **changes)
