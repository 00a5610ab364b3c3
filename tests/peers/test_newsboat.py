"""newsboat, a feed reader for terminals, fetches the feeds over HTTP and keeps each story once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from feedmill.model import BodyMode, Feed, Format
from tests.conftest import Finished, Mill
from tests.parts import require_program
from tests.peers.loopback import Served, serving
from tests.peers.site import feed_called
from tests.peers.telling import shown_text

pytestmark = pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])


@dataclass(frozen=True)
class Row:
    """A story as newsboat keeps it."""

    guid: str
    title: str
    url: str
    published: datetime
    content: str


class Newsboat:
    """newsboat with a home of its own, subscribed to some feeds."""

    def __init__(self, home: Path, addresses: Sequence[str]) -> None:
        self.program = require_program("newsboat")
        self.home = home
        home.mkdir()
        (home / "urls").write_text("".join(f"{address}\n" for address in addresses), encoding="utf-8")
        (home / "config").touch()

    def reload(self) -> list[Row]:
        """Fetch all feeds, and return every story in the cache."""
        files = {"-u": "urls", "-c": "cache.db", "-C": "config"}
        options = [text for option, name in files.items() for text in (option, str(self.home / name))]
        subprocess.run(
            [self.program, *options, "-x", "reload"],
            # Without the proxies of the environment.
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            capture_output=True,
            timeout=20,
            check=True,
        )
        with closing(sqlite3.connect(self.home / "cache.db")) as cache:
            rows = cache.execute("SELECT guid, title, url, pubDate, content FROM rss_item WHERE deleted = 0")
            return [Row(g, t, u, datetime.fromtimestamp(date, UTC), c) for g, t, u, date, c in rows]

    def feeds(self) -> dict[str, tuple[str, str]]:
        """Return the title and the link of each feed, by its address."""
        with closing(sqlite3.connect(self.home / "cache.db")) as cache:
            rows = cache.execute("SELECT rssurl, title, url FROM rss_feed")
            return {address: (title, url) for address, title, url in rows}


def address(served: Served, feed: Feed, format_: Format) -> str:
    return f"{served.url}{quote(feed.name)}.{format_.value}"


def expected_rows(feed: Feed) -> list[Row]:
    """newsboat keeps the body, or else the summary."""
    full = feed.settings.body is BodyMode.FULL
    return [
        Row(entry.id, entry.title, entry.url, entry.published, entry.content if full else entry.summary)
        for entry in feed.entries
    ]


def by_id(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.guid)


def test_newsboat_keeps_every_story_of_a_feed_once(
    built: Finished, wire: Mill, tmp_path: Path, format_: Format
) -> None:
    with serving(wire.feeds) as served:
        for number, feed in enumerate(built.whole_feeds()):
            newsboat = Newsboat(tmp_path / f"newsboat-{number}", [address(served, feed, format_)])
            rows = newsboat.reload()
            if feed.settings.body is BodyMode.SUMMARY:
                # newsboat keeps HTML: an Atom summary made so, an RSS description as it is (RSS 2.0, item).
                rows = [replace(row, content=shown_text(row.content)) for row in rows]
            assert by_id(rows) == by_id(expected_rows(feed))


def test_newsboat_names_every_feed_and_links_its_page(
    built: Finished, wire: Mill, tmp_path: Path, format_: Format
) -> None:
    with serving(wire.feeds) as served:
        addresses = {address(served, feed, format_): feed for feed in built.whole_feeds()}
        newsboat = Newsboat(tmp_path / "newsboat", list(addresses))
        newsboat.reload()
    assert newsboat.feeds() == {
        where: (
            feed.title,
            wire.site.url if feed.name == "all" else f"{wire.site.feeds_url}{quote(feed.name)}.html",
        )
        for where, feed in addresses.items()
    }


def test_newsboat_knows_a_story_again_in_every_feed(
    built: Finished, wire: Mill, tmp_path: Path, format_: Format
) -> None:
    with serving(wire.feeds) as served:
        newsboat = Newsboat(tmp_path / "newsboat", [address(served, feed, format_) for feed in built.whole_feeds()])
        rows = newsboat.reload()
    entries = feed_called(built, "all").entries
    assert sorted((row.guid, row.title, row.url, row.published) for row in rows) == sorted(
        (entry.id, entry.title, entry.url, entry.published) for entry in entries
    )


def test_a_second_reload_adds_nothing(built: Finished, wire: Mill, tmp_path: Path, format_: Format) -> None:
    with serving(wire.feeds) as served:
        newsboat = Newsboat(tmp_path / "newsboat", [address(served, feed_called(built, "all"), format_)])
        first = newsboat.reload()
        assert by_id(newsboat.reload()) == by_id(first)
        assert len(served.requests) == 2
    assert len(first) == 8


def test_an_edited_story_is_changed_where_it_stands_and_a_new_one_added(
    built: Finished, wire: Mill, tmp_path: Path, format_: Format
) -> None:
    with serving(wire.feeds) as served:
        newsboat = Newsboat(tmp_path / "newsboat", [address(served, feed_called(built, "all"), format_)])
        first = newsboat.reload()
        story = wire.directory / "content" / "plain.txt"
        story.write_text(story.read_text(encoding="utf-8").replace("Only text", "Nothing but text"), encoding="utf-8")
        wire.story("2024-06-20-fresh.md", title="Fresh")
        rebuilt = feed_called(wire.build(), "all")
        second = newsboat.reload()
    assert by_id(second) == by_id(expected_rows(rebuilt))
    new = set(second) - set(first)
    assert {row.title for row in new} == {"Plain", "Fresh"}
    assert len(second) == len(first) + 1
