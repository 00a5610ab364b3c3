"""Small sites for tests, and the pipeline over them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedmill.cache import open_cache
from feedmill.cli import main
from feedmill.content_settings import ContentSettings
from feedmill.ledger import Ahead, read_ahead
from feedmill.model import Document, Problem, Site, Story
from feedmill.pipeline import LEDGER, Built, Contents, build, mill
from feedmill.reading import list_stories, read_story
from feedmill.site import load_site

NOW = datetime(2024, 7, 1, tzinfo=UTC)

CONFIGURATION = """\
site:
  title: Test Wire
  url: https://wire.example/
  id_authority: wire.example,2024
  timezone: America/New_York
  author: {name: Test Wire}
topics:
  china: {title: China, aliases: [prc], match: [China, Chinese]}
  ai: {title: Artificial intelligence, match: [AI, language model*]}
"""


def stories_in(root: Path) -> list[Story]:
    """Return every story below a directory, as it is read."""
    listing = list_stories(root, shown_root="content")
    read = (
        read_story(file, listing.convention_of(file), ContentSettings(), shown_root="content") for file in listing.files
    )
    return [each.story for each in read if each.story is not None and not each.is_page]


def documents_of(built: Built) -> list[Document]:
    """Return what a build has published, as it was before."""
    return [
        Document(
            path=each.path,
            url=each.url,
            media_type=each.media_type,
            content=built.content_of(each),
            modified=each.modified,
            feed=each.feed,
            format=each.format,
            entries=each.entries,
        )
        for each in built.documents
    ]


def no_progress(_stage: str) -> Callable[[int, int], None]:
    """Tell nobody."""
    return lambda done, total: None


@dataclass(frozen=True)
class Mill:
    """A site in a directory of its own."""

    directory: Path
    ahead: list[Ahead | None] = field(default_factory=list, compare=False)
    """The ledger as the last build left it."""

    @property
    def site(self) -> Site:
        return load_site(self.directory)

    @property
    def feeds(self) -> Path:
        return self.directory / "feeds"

    def configure(self, text: str) -> None:
        (self.directory / "feedmill.yaml").write_text(text, encoding="utf-8")

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below content/."""
        target = self.directory / "content" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def story(self, path: str = "2024-05-01-story.md", body: str = "Words.\n", **metadata: str) -> Path:
        """Write a story whose metadata are given as YAML texts. A title is supplied."""
        metadata = {"title": "A story", **metadata}
        head = "".join(f"{key}: {value}\n" for key, value in metadata.items() if value)
        return self.write(path, f"---\n{head}---\n{body}")

    def mill(self, now: datetime = NOW) -> Contents:
        return mill(self.site, self.directory, now=now, progress=no_progress)

    def build(self, now: datetime = NOW, *, force: bool = False) -> Built:
        """Build with the cache of the builds before, relied upon at once: every test is one of the cache, too.

        And with the ledger read ahead, as by who watches.
        """
        (self.directory / ".feedmill").mkdir(exist_ok=True)
        ahead = self.ahead.pop() if self.ahead else None
        with closing(open_cache(self.directory / ".feedmill" / "cache.sqlite3", "tests", 1 << 62)) as cache:
            built = build(
                self.site, self.directory, now=now, progress=no_progress, force=force, cache=cache, ahead=ahead
            )
            built.whole_feeds()
        self.ahead.append(read_ahead(self.directory / LEDGER))
        return built

    def forget(self) -> None:
        """Remove all that earlier builds left: feeds, ledger and cache."""
        for name in ("feeds", ".feedmill"):
            shutil.rmtree(self.directory / name, ignore_errors=True)

    def problems(self, code: str | None = None, now: datetime = NOW) -> list[Problem]:
        return [problem for problem in self.mill(now).problems if code in (None, problem.code)]

    def run(self, *arguments: str) -> int:
        """Run the command as a user would, at the tests' moment."""
        verb, *rest = arguments
        return main(["-C", str(self.directory), verb, "--now", NOW.isoformat(), *rest])


@pytest.fixture
def wire(tmp_path: Path) -> Mill:
    """A site with two topics and an empty content directory."""
    made = Mill(tmp_path)
    made.configure(CONFIGURATION)
    (tmp_path / "content").mkdir()
    return made
