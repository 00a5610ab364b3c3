"""Whatever happens to a site from build to build, what lies there is what a build that knows nothing would make.

Random histories: stories are written, taken back and deleted, documents defaced, clocks moved, builds stopped. Eight of
them belong to every run; FEEDMILL_HISTORIES=200 tries as many.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from feedmill import workers
from feedmill.errors import Refused, Stopped
from tests.conftest import Finished, Mill

BEGIN = datetime(2024, 7, 1, tzinfo=UTC)
SEEDS = range(int(os.environ.get("FEEDMILL_HISTORIES", "8")))
MARK = re.compile(rb"mark[0-9]+x")

SITE = """
site: {title: 'Wire & <b>', url: 'https://wire.example/', id_authority: 'wire.example,2024'}
topics:
  china: {title: 'China %(title)s', match: [China]}
  ai: {title: AI, limit: 2, body: summary}
  money: {title: Money, formats: [json, atom]}
collections:
  chosen: {title: Chosen, stories: [s1, s3, s5]}
  any: {title: Any, topics: {any: [china, money]}, limit: 3}
feeds: {limit: %(limit)d, archive: %(archive)s, authors: %(authors)s}
content: {on_missing: %(missing)s}
brake: {lost: 100, shown_again: 99, emptied: 99, changed_ids: 99}
"""
MORE = {
    "summary": "'A summary & <p>more</p>'",
    "expires": "2024-07-02T12:00:00Z",
    "embargo": "2024-07-01T12:00:00Z",
    "draft": "true",
    "withdrawn": "{date: 2024-06-20, reason: Wrong}",
    "image": "/a.png",
    "authors": "[Ann, {name: 'Bob <d>', email: bob@wire.example}]",
    "tags": "[x, '<y>']",
    "updated": "2024-06-30T12:00:00Z",
    "related": "[{title: Elsewhere, url: 'https://else.example/'}, {title: Nowhere}]",
    "media": "[{url: 'https://m.example/a.mp3', type: audio/mpeg, length: 5}]",
    "nonsense": "x",
}
BODIES = [
    "Words of a story that is long enough to be told from others by its words, and no more: {mark}.\n",
    "{mark}\n\n    <entry>\n\n```\n  <entry>\n    <item>\n  }},\n  {{\n</entry>\n```\n\n[a link](/x) ![a map](m.png)\n",
    '<ul class="stories">\n    <li dir="auto">{mark}</li>\n   </ul>\n\nAnd more words after a list of one.\n',
]


class History:
    """A site and what happens to it. Every version of every story bears a mark of its own."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.mill, self.chance, self.now = Mill(directory), random.Random(seed), BEGIN
        self.goes_back = bool(seed % 2)
        self.marks = 0
        self.stories: dict[int, dict[str, str]] = {}
        self.settings = {
            "title": "",
            "limit": self.chance.choice([2, 4, 50]),
            "archive": self.chance.choice(["false", "false", "true"]),
            "authors": self.chance.choice(["false", "true"]),
            "missing": self.chance.choice(["drop", "keep", "withdraw"]),
        }
        directory.mkdir()
        self.mill.configure(SITE % self.settings)
        for number in range(10):
            self.write(number)

    def write(self, number: int) -> None:
        """Write a story, a new one or another version of one: mostly with a new body and one other thing changed."""
        chance = self.chance
        self.marks += 1
        mark = f"mark{self.marks}x"
        told = self.stories.get(number)
        if told is None or chance.random() < 0.3:
            told = {name: value for name, value in MORE.items() if chance.random() < 0.12}
            told["title"] = f"Story {number}"
            told["date"] = chance.choice([f"2024-06-{number % 28 + 1:02}"] * 3 + ["2024-07-02"])
            told["topics"] = chance.choice(["[china]", "[ai]", "[china, ai]", "[money]", "[other]"])
        else:
            name = chance.choice([*MORE, "title", "", "", ""])
            told = {**told, name: ""} if told.get(name) else {**told, name: MORE.get(name, "")}
            if name == "title":
                told["title"] = f"'Story {number} & <i>{mark}</i>'"
        self.stories[number] = told
        path = self.mill.story(f"s{number}.md", chance.choice(BODIES).format(mark=mark), **told)
        # No two states of a file are alike, however fast this goes.
        os.utime(path, (1_700_000_000 + self.marks, 1_700_000_000 + self.marks))

    def happen(self) -> None:
        chance = self.chance
        what = chance.choice(["write"] * 6 + ["delete", "add", "configure", "deface", "remove", "back"])
        number = chance.randrange(10)
        published = sorted(path for path in self.mill.feeds.rglob("*.*") if path.name != "manifest.json")
        if what == "write":
            self.write(number)
        elif what == "add":
            self.write(number + 10)
        elif what == "delete":
            (self.mill.directory / "content" / f"s{number}.md").unlink(missing_ok=True)
        elif what == "configure":
            self.settings |= chance.choice([{"title": chance.choice("xyz")}, {"limit": chance.choice([2, 4, 50])}])
            self.mill.configure(SITE % self.settings)
        elif what == "back":
            self.now -= timedelta(hours=self.goes_back)
        elif published:
            path = chance.choice(published)
            content = path.read_bytes()
            path.unlink()
            if what == "deface":
                path.write_bytes(chance.choice([content[: len(content) // 2], content.replace(b"mark", b"kram"), b""]))

    def assert_that_nothing_is_left_of_what_was_taken_back(self) -> None:
        directory = self.mill.directory
        taken_back = set()
        for path in (directory / "content").glob("*.md"):
            if b"\nwithdrawn:" in path.read_bytes():
                taken_back.update(MARK.findall(path.read_bytes()))
        for path in (*self.mill.feeds.rglob("*"), *(directory / ".feedmill").rglob("*")):
            if path.is_file():
                assert taken_back.isdisjoint(MARK.findall(path.read_bytes())), path


def outcome(mill: Mill, now: datetime) -> tuple[object, ...]:
    """Build, and return all that anybody can see of it, and the ledger."""
    directory = mill.directory
    try:
        built: Finished = mill.build(now)
    except Refused as refused:
        return "refused", refused.problems, refused.message
    feeds, contents = directory / "feeds", built.contents
    documents = {str(path.relative_to(feeds)): path.read_bytes() for path in feeds.rglob("*") if path.is_file()}
    with closing(sqlite3.connect(directory / ".feedmill" / "ledger.sqlite3")) as database:
        ledger = {
            table: sorted(database.execute(f"SELECT * FROM {table}"))
            for table in ("entry", "told", "feed", "archive", "archived", "document")
        }
        # By history the cache knows that a ledger is the one it saw last: no two are alike.
        ledger["about"] = sorted(database.execute("SELECT * FROM about WHERE key != 'history'"))
    return documents, ledger, contents.problems, contents.left_out, contents.found, built.plan


@pytest.mark.parametrize("seed", SEEDS)
def test_builds_in_a_row_make_what_one_would_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    history = History(tmp_path / "site", seed)
    chance = history.chance
    monkeypatch.setattr(workers, "_FEW", 1)
    for step in range(8):
        for _ in range(chance.randrange(4) if step else 0):
            history.happen()
        history.now += timedelta(hours=chance.choice([0, 1, 12, 24, 24 * 40]))
        processes = chance.choice([1, 1, 2, 3])
        stopped_at = chance.choice([None] * 6 + ["make_plan", "wait_for_disk", "publish", "keep_documents"])
        copy = tmp_path / f"copy{step}"
        shutil.copytree(history.mill.directory, copy)
        for path in (copy / ".feedmill").glob("cache*"):
            path.unlink()
        with monkeypatch.context() as patch:
            use(patch, processes)
            if stopped_at is not None:
                where = "feedmill.ledger" if stopped_at == "make_plan" else "feedmill.delivering"
                patch.setattr(f"{where}.{stopped_at}", stop)
                with pytest.raises((Stopped, Refused)):
                    history.mill.build(history.now)
                continue
            seen = outcome(history.mill, history.now)
            use(patch, 1)
            anew = outcome(Mill(copy), history.now)
            again = outcome(Mill(copy), history.now)
        assert seen == anew, f"seed {seed}, step {step}"
        assert again[:-1] == anew[:-1], f"seed {seed}, step {step}: what is built again is the same, but for the plan"
        if not history.goes_back and seen[0] != "refused":
            history.assert_that_nothing_is_left_of_what_was_taken_back()


def use(patch: pytest.MonkeyPatch, processes: int) -> None:
    patch.setattr(workers, "processors", lambda: processes)


def stop(*_: Any, **__: Any) -> NoReturn:
    raise Stopped(15)
