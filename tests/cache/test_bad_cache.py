"""A cache that cannot be used costs time, is told once, and stops nothing."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedmill import build as build_module
from feedmill.work import Work
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
def test_a_damaged_cache_is_reported_and_made_again(
    watched: Watched, damage: Callable[[Path], None], *, is_told: bool
) -> None:
    watched.build()
    before = watched.documents()
    cache = watched.cache
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
    [
        ("folder", "row"), ("source", "file"), ("entry", "packed"), ("entry", "digest"), ("member", "path"),
        ("body", "content"), ("body", "digest"), ("fragment", "content"), ("fragment", "key"), ("document", "stored"),
        ("document", "state"), ("meta", "value"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["X'FF' || substr({0}, 2)", "42", "zeroblob(20)"])
def test_a_row_that_is_not_as_it_was_kept_is_made_again(
    watched: Watched, capsys: pytest.CaptureFixture[str], table: str, column: str, damage: str
) -> None:
    """It is told of at the most: whatever the cache says, the documents are as they should be."""
    wire = watched.wire
    story(wire, 8, body="Wörds.\n", summary="Own")
    assert wire.run("build") == 0
    before = watched.documents()
    with closing(sqlite3.connect(watched.cache)) as database, database:
        database.execute(f"UPDATE OR REPLACE {table} SET {column} = {damage.format(column)}")
    for path in wire.feeds.glob("*.json"):
        path.unlink()
    assert wire.run("build") == 0
    said = capsys.readouterr().err
    assert re.fullmatch(r"(?:.*cache\.sqlite3: the cache is damaged \(.*\), so it is made again\n)?", said)
    assert watched.documents() == before
    assert wire.run("build") == 0
    assert capsys.readouterr().err == ""
    assert watched.documents() == before


@pytest.mark.parametrize("size", [0, 5_000, 40_000])
@pytest.mark.parametrize("stage", ["prepare", "choose", "plan_of", "deliver"])
def test_a_cache_that_is_cut_off_while_a_build_reads_it_costs_a_line(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stage: str, size: int
) -> None:
    wire = watched.wire
    assert wire.run("build") == 0
    story(wire, 8, body="Other words.\n")
    honest = getattr(build_module, stage)
    cuts: list[int] = []

    def cut_off(work: Work, *arguments: Any) -> Any:
        if not cuts:
            cuts.append(watched.cache.stat().st_size)
            assert cuts[0] > size
            os.truncate(watched.cache, size)
            work.store.database.execute("PRAGMA cache_size = 1")
            work.store.database.execute("PRAGMA shrink_memory")
        return honest(work, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(build_module, stage, cut_off)
        assert wire.run("build") == 0
    assert cuts
    said = capsys.readouterr().err
    assert b"Other words" in watched.documents()["money.atom"]
    before = watched.documents()
    assert wire.run("build") == 0
    said += capsys.readouterr().err
    lines = said.splitlines()
    assert len(lines) <= 1, "told by this build, or by the next where this one had read all it needed"
    assert all("cache.sqlite3: the cache " in line for line in lines)
    assert watched.documents() == before
    assert wire.run("build") == 0
    assert capsys.readouterr().err == ""
    assert watched.documents() == before


def test_words_that_a_disk_has_changed_are_not_published(watched: Watched) -> None:
    story(watched.wire, 8, body="Truthful words.\n")
    watched.build()
    before = watched.documents()
    cache = watched.cache
    assert b"Truthful" in cache.read_bytes()
    cache.write_bytes(cache.read_bytes().replace(b"Truthful", b"Lyingful"))
    for path in watched.wire.feeds.glob("*.atom"):
        path.unlink()
    assert watched.build(LATER).exit_code == 0
    assert watched.documents() == before


def test_a_cache_that_another_process_holds_is_told_in_a_line_and_gone_without(watched: Watched) -> None:
    watched.build()
    path = watched.cache
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        story(watched.wire, 8, body="Other.\n")
        began = time.monotonic()
        seen = watched.build(LATER)
        assert time.monotonic() - began < 4, "SQLite by itself would wait for five seconds"
        assert seen.exit_code == 0
        [line] = seen.said.splitlines()
        assert "database is locked" in line
        assert "goes on without it" in seen.said
        assert b"Other." in watched.documents()["money.atom"]
        story(watched.wire, 8, body="Once more.\n")
        again = watched.build(LATER + timedelta(minutes=1))
        assert again.said == seen.said, "what was said before is remembered in the cache"
    finally:
        holder.close()
    watched.assert_as_if_built_anew(LATER)


@pytest.mark.parametrize("error", ["EROFS", "EACCES", "EIO"])
def test_a_cache_that_cannot_be_opened_for_writing_is_told_and_gone_without(watched: Watched, error: str) -> None:
    strace = require_program("strace")
    watched.build()
    cache = watched.cache
    story(watched.wire, 8, body="Other.\n")
    calls = ["-e", "trace=openat", "-P", str(cache), "-e", f"inject=openat:error={error}"]
    done = build(watched.wire, before=[strace, "-f", "-qq", "-o", "/dev/null", *calls])
    assert done.returncode == 0
    [line] = done.stderr.splitlines()
    assert "goes on without it" in line
    assert b"Other." in watched.documents()["money.atom"]


def test_a_directory_where_the_cache_should_be_is_told_and_gone_without(watched: Watched) -> None:
    (watched.cache).mkdir(parents=True)
    seen = watched.build()
    assert seen.exit_code == 0
    assert "goes on without it" in seen.said
    assert "all.atom" in watched.documents()


@pytest.mark.parametrize("content", ["", "x", "a\tb\tc\nd", "\t" * 6, "\t" * 9, None, 7, b"\xff"])
def test_a_look_that_makes_no_sense_of_what_was_remembered_leaves_it_to_a_build(
    watched: Watched, content: object
) -> None:
    watched.build()
    with sqlite3.connect(watched.cache) as database:
        if content is None:
            database.execute("DELETE FROM meta WHERE key = 'done'")
        else:
            database.execute("UPDATE meta SET value = ? WHERE key = 'done'", (content,))
    seen = watched.build(LATER)
    assert (seen.exit_code, seen.said, seen.stories) == (0, "", [])
    assert "feedmill.build" in seen.modules
    assert watched.build(LATER).did_nothing


def test_a_run_that_finds_the_lock_held_does_not_call_all_well(watched: Watched) -> None:
    import fcntl

    watched.build()
    with (watched.wire.directory / ".feedmill" / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert watched.build(LATER).exit_code == 4
