"""The ledger's file holds what was recorded last, however little of it a run had written when it was killed."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import shown_everywhere

STORIES = 60


def ledger_of(wire: Mill) -> Path:
    return wire.directory / ".feedmill" / "ledger.sqlite3"


def fill(wire: Mill) -> dict[str, str]:
    """Publish stories, half of them under ids that their files no longer give. Return titles by id."""
    wire.configure(CONFIGURATION + "feeds: {limit: 99}\n")
    for number in range(STORIES):
        wire.story(f"2024-05-01-s{number}.md", f"{number} {'words ' * 90}\n", title=f"Story {number}")
    wire.build()
    for number in range(0, STORIES, 2):
        path = wire.directory / f"content/2024-05-01-s{number}.md"
        path.rename(path.with_name(f"2024-05-01-moved{number}.md"))
    wire.build()
    return shown_everywhere(wire.feeds)


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return database.execute("SELECT id, path, title, title_key, text_key, state FROM entry ORDER BY id").fetchall()


def leave_a_journal(path: Path, *, is_grown: bool) -> None:
    """Let a process be killed in the middle of a transaction: at once, or as it writes beyond the end of the file."""
    child = os.fork()
    if not child:  # pragma: no cover - which ends here
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA cache_size = 1")
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE entry SET title_key = '', text_key = '', title = hex(randomblob(600))")
        if not is_grown:
            os.kill(os.getpid(), signal.SIGKILL)
        counted = "WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 500)"
        database.execute(f"INSERT INTO about {counted} SELECT 'k' || x, x FROM n")
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, resource.RLIM_INFINITY))
        database.execute("COMMIT")
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert path.with_name(f"{path.name}-journal").exists()


@pytest.mark.parametrize("is_grown", [False, True])
@pytest.mark.parametrize("verb", ["build", "plan", "status"])
def test_what_a_run_left_that_was_killed_while_it_committed_is_rolled_back(
    wire: Mill, verb: str, *, is_grown: bool
) -> None:
    before = fill(wire)
    path = ledger_of(wire)
    known = rows(path)
    leave_a_journal(path, is_grown=is_grown)
    wire.story("2024-05-02-new.md", "New.\n", title="New")
    assert wire.run(verb) == 0
    assert wire.run("build") == 0
    assert shown_everywhere(wire.feeds) == {"tag:wire.example,2024:2024-05-02:new": "New", **before}
    assert {row for row in rows(path) if row[2] != "New"} == set(known)
    assert not path.with_name(f"{path.name}-journal").exists()


def test_a_ledger_that_is_made_anew_is_not_overwritten_by_what_was_left_of_one_that_was_moved_away(
    wire: Mill, tmp_path: Path
) -> None:
    before = fill(wire)
    path = ledger_of(wire)
    leave_a_journal(path, is_grown=False)
    path.rename(tmp_path / "away")
    assert wire.run("build") == 0
    assert shown_everywhere(wire.feeds) == before
    known = rows(path)
    assert {row[0] for row in known} >= before.keys()
    assert wire.run("build") == 0
    assert rows(path) == known
