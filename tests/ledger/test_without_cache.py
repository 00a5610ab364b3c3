"""Random histories of few stories that have much in common: the cache changes nothing of what becomes of them."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedmill.ledger import open_ledger
from tests.conftest import Mill
from tests.parts import count

PATHS = ("a.md", "b.md", "c.md", "sub/a.md")
TITLES = ("Alpha", "Beta")
TEXTS = ("Short.", "The first of two texts that are known again by themselves. " * 3, "And the second of them. " * 8)
CONFIGURATION = """\
site:
  title: Wire
  url: https://wire.example/
  id_authority: wire.example,2024
  timezone: UTC
  author: {{name: Wire}}
content: {{on_missing: {policy}}}
feeds: {{limit: {limit}, archive: {archives}}}
topics:
  china: {{title: China}}
"""
START = datetime(2024, 7, 1, tzinfo=UTC)


def documents_in(feeds: Path) -> dict[str, str]:
    """Return what lies below a feeds directory, by path."""
    return {str(path.relative_to(feeds)): path.read_text("utf-8") for path in feeds.rglob("*") if path.is_file()}


class History:
    """A site to which things happen, and what its readers and its operator see of it."""

    def __init__(self, directory: Path, seed: int) -> None:
        directory.mkdir()
        self.wire = Mill(directory / "site")
        self.twin = directory / "twin"
        self.random = random.Random(seed)
        self.now = START
        self.steps: list[str] = []
        (self.wire.directory / "content/sub").mkdir(parents=True)
        policy = self.random.choice(["keep", "drop", "withdraw"])
        limit = self.random.choice([2, 20])
        archives = self.random.choice(["false", "true"])
        self.wire.configure(CONFIGURATION.format(policy=policy, limit=limit, archives=archives))
        self.wire.write("anchor.md", "---\ntitle: Anchor\ndate: 2024-01-01\ntopics: [china]\n---\nStays.\n")

    def step(self) -> None:
        """Let one thing happen to one file or two."""
        pick = self.random.choice
        path = pick(PATHS)
        file = self.wire.directory / "content" / path
        there = [each for each in PATHS if (self.wire.directory / "content" / each).exists()]
        what = pick(["new", "copy", "move", "delete", "break", "retitle", "reword", "mark", "unmark", "swap", "time"])
        self.steps.append(f"{what} {path}")
        if what == "time":
            self.now += timedelta(days=pick([1, 40]))
        elif what == "new" or not there:
            day = pick(["2024-05-01", "2024-06-02"])
            self.wire.write(path, self.text(pick(TITLES), day, pick(TEXTS), pick(["", "", "", "slug: same\n"])))
        elif what in ("copy", "move"):
            source = self.wire.directory / "content" / pick(there)
            self.steps[-1] += f" from {source.name}"
            if source != file:
                shutil.copyfile(source, file)
                if what == "move":
                    source.unlink()
        elif what == "swap" and len(there) > 1:
            one, other = (self.wire.directory / "content" / each for each in self.random.sample(there, 2))
            first, second = one.read_bytes(), other.read_bytes()
            one.write_bytes(second)
            other.write_bytes(first)
        elif path in there:
            self.change(file, what)

    def text(self, title: str, day: str, text: str, more: str) -> str:
        return f"---\ntitle: {title}\ndate: {day}\ntopics: [china]\n{more}---\n{text}\n"

    def change(self, file: Path, what: str) -> None:
        """Change a file that is there."""
        pick = self.random.choice
        text = file.read_text("utf-8")
        head, _, body = text.removeprefix("---\n").partition("---\n")
        lines = head.splitlines()
        if what == "delete":
            file.unlink()
            return
        if what == "break":
            lines = lines[:-1] if "title: [" in lines else [*lines, "title: ["]
        elif what == "retitle":
            lines = [f"title: {pick(TITLES)}" if line.startswith("title: ") else line for line in lines]
        elif what == "reword":
            body = f"{pick(TEXTS)}\n"
        elif what == "mark":
            soon = (self.now + timedelta(days=1)).date()
            mark = pick(
                ["draft: true", f"embargo: {soon}", "withdrawn: true", f"withdrawn: {soon}", "id: tag:x,2024:own"]
            )
            lines = [*(line for line in lines if not line.startswith(mark[:5])), mark]
            self.steps[-1] += f" {mark}"
        elif what == "unmark":
            lines = [line for line in lines if line.split(":")[0] in ("title", "date", "topics")]
        head = "".join(f"{line}\n" for line in lines)
        file.write_text(f"---\n{head}---\n{body}", "utf-8")

    def look(self) -> None:
        """Look without building, or build: as if the cache had been deleted."""
        how = self.random.choice(["build", "build", "build", "look", "withdraw"])
        self.steps.append(how)
        if how == "look":
            # A verb that reads brings the cache up to date, and nothing else.
            assert self.wire.run("next") in (0, 1)
            return
        if how == "withdraw":
            self.withdraw()
        shutil.rmtree(self.twin, ignore_errors=True)
        shutil.copytree(self.wire.directory, self.twin)
        (self.twin / ".feedmill/cache.sqlite3").unlink(missing_ok=True)
        mine, other = self.wire.build(self.now, force=True), Mill(self.twin).build(self.now, force=True)
        story = "\n".join(self.steps)
        assert [str(p) for p in mine.built.problems] == [str(p) for p in other.built.problems], story
        theirs, documents = documents_in(Mill(self.twin).feeds), documents_in(self.wire.feeds)
        assert documents.keys() == theirs.keys(), story
        for name, content in documents.items():
            assert content == theirs[name], f"{name}\n{story}"

    def withdraw(self) -> None:
        """Take back something that was published."""
        site = self.wire.site
        path = self.wire.directory / ".feedmill/ledger.sqlite3"
        if path.exists():
            with closing(open_ledger(path, self.wire.feeds, site).database) as _:
                ids = [record.id for record in open_ledger(path, self.wire.feeds, site).records()]
            if ids:
                self.wire.run("withdraw", self.random.choice(ids), "--reason", "No.", "--now", self.now.isoformat())


@pytest.mark.parametrize("seed", range(count(20, 400)))
def test_a_build_without_the_cache_does_the_same(tmp_path: Path, seed: int) -> None:
    history = History(tmp_path / "history", seed)
    for _ in range(14):
        for _ in range(history.random.choice([1, 1, 2])):
            history.step()
        history.look()
