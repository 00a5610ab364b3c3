"""Readers written in JavaScript read every document: feedsmith all formats, rss-parser Atom and RSS."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from feedmill.model import Feed, Format
from tests.conftest import Finished, Mill
from tests.parts import require, require_program
from tests.peers.telling import (
    ENTRY_ASPECTS,
    ToldEntry,
    ToldFeed,
    ToldMedia,
    differences,
    expected_entries,
    expected_feed,
    shown_text,
)

NODE = Path(__file__).parent / "node"
RSS_PARSER_ASPECTS = "id title link published updated authors tags content enclosures".split()
"""rss-parser has no word for the rest."""

every_reading = pytest.mark.parametrize(
    ("reader", "format_"),
    [
        ("feedsmith", Format.ATOM),
        ("feedsmith", Format.RSS),
        ("feedsmith", Format.JSON),
        ("rss-parser", Format.ATOM),
        ("rss-parser", Format.RSS),
    ],
)


def read(reader: str, paths: list[Path]) -> list[Any]:
    node = require_program("node")
    require((NODE / "node_modules").is_dir(), "what `npm ci --prefix tests/peers/node` installs")
    done = subprocess.run([node, NODE / "read.mjs", reader, *paths], capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told: list[Any] = json.loads(done.stdout)
    assert len(told) == len(paths)
    return told


def read_all(reader: str, built: Finished, wire: Mill, format_: Format) -> list[tuple[Feed, Any]]:
    """Read every feed of the build in one format."""
    feeds = built.whole_feeds()
    told = read(reader, [wire.feeds / f"{feed.name}.{format_.value}" for feed in feeds])
    return list(zip(feeds, told, strict=True))


def told_entry(told: Any) -> ToldEntry:
    return ToldEntry(
        id=told["id"],
        title=told["title"],
        link=told["link"],
        published=datetime.fromisoformat(told["published"]),
        updated=datetime.fromisoformat(told["updated"]),
        authors=tuple(told["authors"]),
        tags=tuple(told["tags"]),
        content=told.get("content", ""),
        summary=told.get("summary", ""),
        enclosures=tuple(ToldMedia(**item) for item in told["enclosures"]),
        series=told.get("series", ""),
        language=told.get("language", ""),
        rights=told.get("rights", ""),
        source=tuple(told.get("source", ("", ""))),
        related=tuple((url, title) for url, title in told.get("related", ())),
        media=tuple(ToldMedia(**item) for item in told.get("media", ())),
    )


def told_feed(told: Any) -> ToldFeed:
    updated = told.pop("updated", None)
    return ToldFeed(**told, updated=datetime.fromisoformat(updated) if updated else None)


@every_reading
def test_a_javascript_reader_tells_every_entry_as_it_is(
    built: Finished, wire: Mill, reader: str, format_: Format
) -> None:
    aspects = ENTRY_ASPECTS if reader == "feedsmith" else RSS_PARSER_ASPECTS
    wrong = []
    for feed, told in read_all(reader, built, wire, format_):
        entries = [told_entry(entry) for entry in told["entries"]]
        wrong += differences(
            f"{feed.name}.{format_.value}", entries, expected_entries(feed, wire.site, format_), aspects
        )
    assert wrong == []


@every_reading
def test_a_javascript_reader_shows_every_summary_in_full(
    built: Finished, wire: Mill, reader: str, format_: Format
) -> None:
    wrong = []
    for feed, told in read_all(reader, built, wire, format_):
        entries = [told_entry(entry) for entry in told["entries"]]
        if reader == "feedsmith" and format_ is Format.RSS:
            # feedsmith hands out the description as it is: HTML (RSS 2.0, item).
            entries = [replace(entry, summary=shown_text(entry.summary)) for entry in entries]
        expected = expected_entries(feed, wire.site, format_)
        wrong += differences(f"{feed.name}.{format_.value}", entries, expected, ["summary"])
    assert wrong == []


@pytest.mark.parametrize("format_", list(Format))
def test_feedsmith_tells_the_feed_as_it_is(built: Finished, wire: Mill, format_: Format) -> None:
    for feed, told in read_all("feedsmith", built, wire, format_):
        assert told_feed(told["feed"]) == expected_feed(feed, wire.site, format_)


@pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])
def test_rss_parser_finds_the_title_the_site_and_the_feed_s_own_address(
    built: Finished, wire: Mill, format_: Format
) -> None:
    for feed, told in read_all("rss-parser", built, wire, format_):
        right = expected_feed(feed, wire.site, format_)
        assert told_feed(told["feed"]) == ToldFeed(right.title, right.home, right.self_link)


def test_the_lock_file_names_no_registry() -> None:
    lock = (NODE / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(lock)["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
    assert "registry" not in lock
