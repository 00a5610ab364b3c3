"""A site whose builds are watched: which stories they open, which feeds they write, what they import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import NOW, Mill

_WATCHER = Path(__file__).with_name("watcher.py")


@dataclass(frozen=True)
class Seen:
    """What one build did. Paths of stories are below content/, which was listed so many times.

    Of the entries, those written are told by their paths, and those judged by their titles.
    """

    exit_code: int
    said: str
    stories: list[str]
    listings: int
    written: list[str]
    judged: list[str]
    entries_written: list[str]
    entries_judged: list[str]
    modules: frozenset[str]

    @property
    def did_nothing(self) -> bool:
        """Whether the build neither looked into a story nor wrote, judged or said anything."""
        return not (self.stories or self.written or self.judged or self.said)


@dataclass(frozen=True)
class Watched:
    """A site, and builds of it as cron starts them."""

    wire: Mill

    def build(self, now: datetime = NOW, *options: str, racy: bool = False) -> Seen:
        """Build. Files that have just been written count as settled, unless `racy`."""
        report = self.wire.directory / ".seen"
        moment = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        arguments = ["-C", str(self.wire.directory), "build", "--now", moment, *options]
        done = subprocess.run(
            [sys.executable, str(_WATCHER), str(report), *arguments],
            env={**os.environ, **({"RACY": "1"} if racy else {})},
            capture_output=True,
            text=True,
            check=False,
        )
        opened, listed, written, judged, entries, modules = json.loads(report.read_text("utf-8"))
        root = f"{self.wire.directory / 'content'}/"
        stories = sorted({path.removeprefix(root) for path in opened if path.startswith(root) and path.endswith(".md")})
        listings = listed.count(root.rstrip("/"))
        said = done.stdout + done.stderr
        return Seen(
            done.returncode, said, stories, listings, written, judged, entries[0], entries[1], frozenset(modules)
        )

    def documents(self) -> dict[str, bytes]:
        """Return every document as it lies there."""
        feeds = self.wire.feeds
        return {str(path.relative_to(feeds)): path.read_bytes() for path in feeds.rglob("*") if path.is_file()}

    def assert_as_if_built_anew(self, now: datetime = NOW) -> None:
        """The documents are what a build without a cache makes of the same."""
        found = self.documents()
        for path in (self.wire.directory / ".feedmill").glob("cache.sqlite3*"):
            path.unlink()
        (self.wire.directory / ".feedmill" / "snapshot").unlink(missing_ok=True)
        for path in self.wire.feeds.rglob("*"):
            if path.is_file() and path.name != "manifest.json":
                path.unlink()
        assert self.build(now).exit_code in (0, 1)
        assert self.documents() == found


def story(wire: Mill, number: int, title: str = "", body: str = "Words.\n", **more: str) -> Path:
    """Write one of the stories, number 0 the oldest; every third has the same topic."""
    topic = ("china", "ai", "money")[number % 3]
    title = title or f"Story {number}"
    return wire.story(f"2024-05-0{number + 1}-s{number}.md", body, title=title, topics=f"[{topic}]", **more)


@pytest.fixture
def watched(wire: Mill) -> Watched:
    """A site of three topics, four feeds and nine stories, each in two of the feeds; the newest six are shown."""
    wire.configure(
        "site: {title: Wire, url: 'https://wire.example/', id_authority: 'wire.example,2024'}\n"
        "topics: {china: {title: China}, ai: {title: AI}, money: {title: Money}}\n"
        "feeds: {limit: 2, archive: false}\nbrake: {lost: 100, shown_again: 99, emptied: 99}\n"
    )
    for number in range(9):
        story(wire, number)
    return Watched(wire)
