"""Small sites for tests, and the one way over them."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from feedmill.build import Built, build
from feedmill.cli import main
from feedmill.config.content_settings import ContentSettings
from feedmill.config.loading import load_site
from feedmill.config.site import Site
from feedmill.identifying import prepare
from feedmill.ledger import Plan
from feedmill.model import Document, Entry, Feed, Level, Problem, Stored, Story
from feedmill.problem_catalogue import CATALOGUE
from feedmill.publishing import Published
from feedmill.reading import Detected, Sample, read_story, story_files
from feedmill.reporting import check, count_checked_out, count_found, hidden
from feedmill.scan import walk
from feedmill.store import Store, memory_store, open_store
from feedmill.work import STATE, Work
from tests.parts import room_in_memory

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell has the jobs of its background ignore it, and what tests begin would do so too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

if room := room_in_memory():
    # pytest makes temporary directories in it, and each of its workers does.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", room)

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
    """Return every story below a directory that follows one convention, as it is read, in order of path."""
    folders = list(walk(str(root), ""))
    sample = Sample()
    for folder in folders:
        sample.add(folder)
    convention = sample.convention(root).name
    files = sorted((file for folder in folders for file in story_files(folder, root)[0]), key=lambda f: f.relative)
    read = (read_story(file, convention, ContentSettings(), shown_root="content") for file in files)
    return [each.story for each in read if each.story is not None and not each.is_page]


@dataclass(frozen=True)
class Contents:
    """What content/ gives, with whole entries: those that errors leave out are not among them."""

    site: Site
    entries: tuple[Entry, ...]
    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...]
    hidden: dict[str, str]
    found: int
    left_out: int
    conventions: Mapping[str, Detected]


def contents_of(work: Work, problems: tuple[Problem, ...], left_out: int) -> Contents:
    """Return what a run knows of a site's content. What is wrong with it is as the catalogue of problems has it."""
    for problem in problems:
        assert problem.code in CATALOGUE, problem
        assert problem.level in (CATALOGUE[problem.code].level, Level.WARNING, Level.NOTICE), problem
    rows = list(work.entries.where("state IN ('', 'draft', 'withdrawn') ORDER BY origin, path"))
    shown = [row for row in rows if not work.bodies.is_lost(row.path) and row.entry.title != "Withdrawn"]
    feeds = [
        msgspec.structs.replace(each.feed, entries=tuple(work.whole(member.path) for member in each.members))
        for each in work.selected
    ]
    return Contents(
        site=work.site,
        entries=tuple(work.whole(row.path) for row in shown),
        feeds=tuple(feeds),
        problems=problems,
        hidden=hidden(work),
        found=count_found(work),
        left_out=left_out,
        conventions={folder: Detected(*told) for folder, told in work.sources.conventions().items()},
    )


@dataclass(frozen=True)
class Finished:
    """A build that has finished, and the site's content as it was then."""

    built: Built
    contents: Contents
    directory: Path

    @property
    def documents(self) -> tuple[Stored, ...]:
        """All documents but archives and the manifest."""
        return self.built.documents

    @property
    def published(self) -> Published:
        return self.built.published

    @property
    def plan(self) -> Plan:
        return self.built.plan

    def content_of(self, document: Stored) -> bytes:
        """Return the bytes of a document, as it lies below the feeds directory."""
        return (self.directory / document.path).read_bytes()

    def whole_feeds(self) -> tuple[Feed, ...]:
        """Return every feed with the bodies of its entries."""
        return self.contents.feeds


def documents_of(built: Finished) -> list[Document]:
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
        """Look at all of the site, as `check` does, starting from nothing."""
        store = memory_store()
        with Work(self.site, self.directory, store, now=now, progress=no_progress) as work:
            prepare(work)
            problems = check(work)
            return contents_of(work, problems, count_checked_out(work))

    def store(self) -> Store:
        """Open the site's cache, relied upon at once: no file counts as one that may change again without a trace."""
        (self.directory / STATE).mkdir(exist_ok=True)
        return open_store(self.directory / STATE / "cache.sqlite3", "tests", 1 << 62)

    def build(self, now: datetime = NOW, *, force: bool = False) -> Finished:
        """Build with the cache of the builds before: every test is one of the cache, too."""
        with closing(self.store()) as store:
            try:
                built = build(self.site, self.directory, store, now=now, progress=no_progress, force=force)
            finally:
                store.commit()
            contents = contents_of(built.work, built.problems, built.left_out)
        return Finished(built, contents, self.feeds)

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
