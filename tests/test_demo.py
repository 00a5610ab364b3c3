"""The demonstration site: clean, complete, and the committed feeds are what it makes."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedmill.config.front_matter_keys import INNER_KEYS, KEYS
from feedmill.located import Mapping, Sequence
from feedmill.publishing import Change
from tests.conftest import Mill, stories_in
from tests.parts import ROOT, require_shared

LATER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def demo(tmp_path: Path) -> Mill:
    made = Mill(tmp_path)
    shutil.copy(ROOT / "feedmill.yaml", made.directory)
    shutil.copytree(ROOT / "content", made.directory / "content")
    return made


def test_the_committed_feeds_are_what_the_content_makes_to_the_byte(demo: Mill) -> None:
    demo.build(LATER)
    made = {str(path.relative_to(demo.feeds)): path.read_bytes() for path in demo.feeds.rglob("*") if path.is_file()}
    feeds = ROOT / "feeds"
    committed = {str(path.relative_to(feeds)): path.read_bytes() for path in feeds.rglob("*") if path.is_file()}
    assert made.keys() == committed.keys()
    for path in made:
        assert made[path] == committed[path], f"feeds/{path}: run `make feeds`, look at it, and commit it"


def test_a_fresh_clone_without_a_ledger_touches_no_feed(demo: Mill) -> None:
    shutil.copytree(ROOT / "feeds", demo.feeds)
    before = {path: path.stat().st_mtime_ns for path in demo.feeds.rglob("*")}
    built = demo.build(LATER)
    assert set(built.published.changes.values()) == {Change.UNTOUCHED}
    assert all(feed.is_quiet for feed in built.plan.feeds)
    assert {path: path.stat().st_mtime_ns for path in demo.feeds.rglob("*")} == before


def test_the_demonstration_has_no_problems(demo: Mill) -> None:
    assert demo.problems(now=LATER) == []


def test_at_least_twelve_stories_are_shown_and_the_others_are_hidden_for_every_reason(demo: Mill) -> None:
    contents = demo.mill(LATER)
    assert len(contents.feeds[0].entries) >= 12
    assert {reason.split()[0] for reason in contents.hidden.values()} == {
        "a",
        "under",
        "expired",
        "withdrawn",
        "unlisted",
    }


def test_between_them_the_stories_use_every_key_of_the_front_matter() -> None:
    used: set[str] = set()
    inner: dict[str, set[str]] = {}
    for story in stories_in(ROOT / "content"):
        used |= set(story.metadata.values)
        for key, value in story.metadata.values.items():
            for item in value.items if isinstance(value, Sequence) else (value,):
                if isinstance(item, Mapping):
                    inner.setdefault(key, set()).update(item.values)
    assert used == set(KEYS)
    assert inner == {key: set(known) for key, known in INNER_KEYS.items()}


def test_no_sentence_of_the_capture_is_in_the_repository() -> None:
    words = require_shared("captures", "china-ai-topic-page.txt").read_text("utf-8").split()
    phrases = {" ".join(words[at : at + 9]) for at in range(len(words) - 8)}
    for path in (*(ROOT / "content").rglob("*"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.py")):
        if path.is_file():
            text = " ".join(path.read_text("utf-8").split())
            assert not [phrase for phrase in phrases if phrase in text], path
