"""A real site of 2,083 stories: its domain moves, 200 files are renamed, and no reader sees a story twice."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.conftest import Mill
from tests.ledger.reader import shown, walk
from tests.parts import require_shared
from tests.test_corpus import ALIVE, CONFIGURATION

SETTINGS = CONFIGURATION.replace("CONTENT", "content").replace(
    "feeds: {limit: 5000, formats: [atom, json]}", "feeds: {archive: true, limit: 50, formats: [atom]}"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Mill:
    """Return the corpus, built once."""
    directory = tmp_path_factory.mktemp("digitalgov")
    shutil.copytree(require_shared("corpora", "digitalgov"), directory / "content")
    wire = Mill(directory)
    wire.configure(SETTINGS)
    wire.build(ALIVE)
    return wire


def test_a_walk_from_the_head_finds_every_story_once(published: Mill) -> None:
    contents = published.mill(ALIVE)
    base = "https://digital.gov/feeds/"
    for name in ("all", "usability", "accessibility"):
        members = {
            entry.id: entry.title
            for entry in contents.entries
            if (name == "all" or name in entry.topics) and entry.path not in contents.hidden
        }
        assert len(members) > 40
        assert walk(published.feeds, base, name) == members
    assert len(walk(published.feeds, base)) > 2_000
    assert len(shown(published.feeds)) == 50


def test_a_new_domain_and_200_renamed_files_show_nothing_again(
    published: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(published.directory, tmp_path / "site")
    published = Mill(tmp_path / "site")
    ids = set(walk(published.feeds, "https://digital.gov/feeds/"))
    chance = random.Random(2024)
    files = sorted((published.directory / "content" / "news").rglob("2*.md"))
    for number, path in enumerate(chance.sample(files, 200)):
        target = path.with_name(f"{path.stem[:11]}moved-{number}.md") if number % 2 else _elsewhere(path, number)
        path.rename(target)
    text = (published.directory / "feedmill.yaml").read_text()
    published.configure(text.replace("url: https://digital.gov/", "url: https://moved.example/"))
    assert published.run("plan", "--now", ALIVE.isoformat()) == 1, "the corpus has two stories with errors"
    assert capsys.readouterr().out.splitlines()[-1] == "In all 0 entries new, 0 shown again."
    plan = published.build(ALIVE).plan
    for feed in plan.feeds:
        assert (feed.new, feed.again, feed.lost, feed.withdrawn, feed.left) == ((), (), (), (), ()), feed.name
    assert plan.brakes == ()
    assert plan.changed_ids == ()
    assert set(walk(published.feeds, "https://moved.example/feeds/")) == ids


def _elsewhere(path: Path, number: int) -> Path:
    folder = path.parent / "elsewhere"
    folder.mkdir(exist_ok=True)
    return folder / f"{path.stem[:11]}{number}.md"
