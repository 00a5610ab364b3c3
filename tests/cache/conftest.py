"""A site whose builds are watched: which stories they open, which feeds they write, what they import."""

from __future__ import annotations

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
    """What one build did. Paths of stories are below content/, whose own folder was listed so many times.

    `written` are the feeds of which documents were made, `judged` the paths of documents that were looked at whole;
    `rendered` and `validated` the paths of stories of which fragments were made, and looked at.
    """

    exit_code: int
    said: str
    stories: list[str]
    listings: int
    written: list[str]
    judged: list[str]
    rendered: list[str]
    validated: list[str]
    modules: frozenset[str]

    @property
    def did_nothing(self) -> bool:
        """Whether the build neither looked into a story nor wrote, judged or said anything."""
        return not (self.stories or self.written or self.judged or self.rendered or self.said)


@dataclass(frozen=True)
class Watched:
    """A site, and builds of it as cron starts them."""

    wire: Mill

    @property
    def cache(self) -> Path:
        return self.wire.directory / ".feedmill" / "cache.sqlite3"

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
        events: dict[str, list[str]] = {}
        for line in report.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]:
            what, _, name = line.partition("\t")
            events.setdefault(what, []).append(name)
        root = f"{self.wire.directory / 'content'}/"
        opened = {path.removeprefix(root) for path in events.get("opened", []) if path.startswith(root)}

        def of(what: str) -> list[str]:
            return sorted({name for name in events.get(what, []) if name})

        return Seen(
            exit_code=done.returncode,
            said=done.stdout + done.stderr,
            stories=sorted(path for path in opened if path.endswith(".md")),
            listings=events.get("listed", []).count(root.rstrip("/")),
            written=of("written"),
            judged=of("judged"),
            rendered=of("rendered"),
            validated=of("validated"),
            modules=frozenset(of("imported")),
        )

    def documents(self) -> dict[str, bytes]:
        """Return every document as it lies there."""
        feeds = self.wire.feeds
        return {str(path.relative_to(feeds)): path.read_bytes() for path in feeds.rglob("*") if path.is_file()}

    def assert_as_if_built_anew(self, now: datetime = NOW) -> None:
        """The documents are what a build without a cache makes of the same."""
        found = self.documents()
        for path in self.cache.parent.glob("cache.sqlite3*"):
            path.unlink()
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
