"""A cache that cannot be used costs time, is told once, and stops nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cache.conftest import Watched, story
from tests.conftest import NOW
from tests.faults.tools import build
from tests.parts import require_program

LATER = NOW + timedelta(hours=1)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5_000])


def foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA application_id = 12345")


def noise(path: Path) -> None:
    path.write_bytes(b"no database at all " * 400)


def torn(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "is_told"),
    [(cut, True), (foreign, True), (noise, True), (torn, True), (newer, False), (empty, False), (Path.unlink, False)],
)
def test_a_damaged_cache_is_told_and_made_anew(
    watched: Watched, damage: Callable[[Path], None], *, is_told: bool
) -> None:
    watched.build()
    before = watched.documents()
    cache = watched.wire.directory / ".feedmill" / "cache.sqlite3"
    damage(cache)
    story(watched.wire, 0, title="Older")
    seen = watched.build(LATER)
    assert seen.exit_code == 0
    lines = seen.said.splitlines()
    assert len(lines) == is_told
    assert all("cache.sqlite3: the cache is damaged" in line and "Traceback" not in line for line in lines)
    assert watched.documents() == before
    story(watched.wire, 1, title="Older")
    again = watched.build(LATER)
    assert again.said == ""
    assert again.stories in (["2024-05-02-s1.md"], seen.stories), "what was told in the midst is made anew only now"


@pytest.mark.parametrize(
    ("table", "column"),
    [("contents", "content"), ("bodies", "about"), ("documents", "documents"), ("shelves", "rows"), ("marks", "marks")],
)
@pytest.mark.parametrize("damage", ["X'FF' || substr({0}, 2)", "CAST({0} AS TEXT)", "42", "X''", "zeroblob(20)"])
def test_a_row_that_is_not_as_it_was_kept_is_made_again(watched: Watched, table: str, column: str, damage: str) -> None:
    story(watched.wire, 8, body="Wörds.\n", summary="Own")
    watched.build()
    before = watched.documents()
    with sqlite3.connect(watched.wire.directory / ".feedmill" / "cache.sqlite3") as database:
        database.execute(f"UPDATE {table} SET {column} = {damage.format(column)}")
    for path in watched.wire.feeds.glob("*.json"):
        path.unlink()
    seen = watched.build(LATER)
    assert (seen.exit_code, seen.said) == (0, "")
    assert watched.documents() == before
    for _ in range(3):  # it may be found in one build, and the cache be made anew by the next
        (watched.wire.directory / ".feedmill" / "snapshot").unlink(missing_ok=True)
        seen = watched.build(LATER)
        assert (seen.exit_code, seen.said) == (0, "")
        assert watched.documents() == before
    assert seen.written == []


def test_words_that_a_disk_has_changed_are_not_published(watched: Watched) -> None:
    story(watched.wire, 8, body="Truthful words.\n")
    watched.build()
    before = watched.documents()
    cache = watched.wire.directory / ".feedmill" / "cache.sqlite3"
    assert b"Truthful" in cache.read_bytes()
    cache.write_bytes(cache.read_bytes().replace(b"Truthful", b"Lyingful"))
    for path in watched.wire.feeds.glob("*.atom"):
        path.unlink()
    assert watched.build(LATER).exit_code == 0
    assert watched.documents() == before


def test_a_cache_that_another_process_holds_is_told_once_and_gone_without(watched: Watched) -> None:
    watched.build()
    path = watched.wire.directory / ".feedmill" / "cache.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        story(watched.wire, 8, body="Other.\n")
        began = time.monotonic()
        seen = watched.build(LATER)
        assert time.monotonic() - began < 4, "SQLite by itself would wait for five seconds"
        assert seen.exit_code == 0
        assert "database is locked" in seen.said
        assert "goes on without it" in seen.said
        assert b"Other." in watched.documents()["money.atom"]
        story(watched.wire, 8, body="Once more.\n")
        assert watched.build(LATER + timedelta(minutes=1)).said == ""
    finally:
        holder.close()
    watched.assert_as_if_built_anew(LATER)


@pytest.mark.parametrize("error", ["EROFS", "EACCES", "EIO"])
def test_a_cache_that_cannot_be_opened_for_writing_is_told_and_gone_without(watched: Watched, error: str) -> None:
    strace = require_program("strace")
    watched.build()
    cache = watched.wire.directory / ".feedmill" / "cache.sqlite3"
    story(watched.wire, 8, body="Other.\n")
    calls = ["-e", "trace=openat", "-P", str(cache), "-e", f"inject=openat:error={error}"]
    done = build(watched.wire, before=[strace, "-f", "-qq", "-o", "/dev/null", *calls])
    assert done.returncode == 0
    [line] = done.stderr.splitlines()
    assert "goes on without it" in line
    assert b"Other." in watched.documents()["money.atom"]


def test_a_directory_where_the_cache_should_be_is_told_and_gone_without(watched: Watched) -> None:
    (watched.wire.directory / ".feedmill" / "cache.sqlite3").mkdir(parents=True)
    seen = watched.build()
    assert seen.exit_code == 0
    assert "goes on without it" in seen.said
    assert "all.atom" in watched.documents()


@pytest.mark.parametrize(
    "content", [b"", b"x", b"feedmill snapshot 2\n\n", b"feedmill snapshot 2\na\tb\tc\nd", b"\n" * 9]
)
def test_a_damaged_snapshot_is_looked_past(watched: Watched, content: bytes) -> None:
    watched.build()
    (watched.wire.directory / ".feedmill" / "snapshot").write_bytes(content)
    seen = watched.build(LATER)
    assert (seen.exit_code, seen.said, seen.stories) == (0, "", [])
    assert "feedmill.pipeline" in seen.modules
    assert watched.build(LATER).did_nothing


def test_a_run_that_finds_the_lock_held_does_not_call_all_well(watched: Watched) -> None:
    import fcntl

    watched.build()
    with (watched.wire.directory / ".feedmill" / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert watched.build(LATER).exit_code == 4
