"""A build killed at any system call that writes leaves every document whole, and the next one completes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from feedmill import workers
from feedmill.stories import read_file, render_entry
from tests.conftest import NOW, Mill
from tests.dying import build_that_dies
from tests.faults.tools import Versions, build, command, documents, restore, versions
from tests.parts import count, require_program, thorough

WRITING = (
    "write,writev,pwrite64,pwritev,copy_file_range,sendfile,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,sync,syncfs,sync_file_range,msync,truncate,ftruncate,"
    "fallocate,fchmod,fchmodat,utimensat"
)


def calls_of_a_build(made: Versions, strace: str, log: Path) -> list[tuple[str, int]]:
    """Return every call of a build that writes, renames or syncs, in order, each with its number among its kind."""
    done = build(made.wire, before=[strace, "-f", "-qq", "-e", f"trace={WRITING}", "-o", str(log)])
    assert done.returncode == 0, done.stderr
    numbers: Counter[str] = Counter()
    calls = []
    for name in re.findall(r"^\d+ +(\w+)\(", log.read_text("utf-8", "replace"), re.MULTILINE):
        numbers[name] += 1
        calls.append((name, numbers[name]))
    return calls


def test_a_build_killed_at_any_call_leaves_documents_whole_and_the_next_completes(wire: Mill, tmp_path: Path) -> None:
    strace = require_program("strace")
    made = versions(wire)
    calls = calls_of_a_build(made, strace, tmp_path / "trace")
    assert {"rename", "fsync", "write", "unlink"} <= {name for name, _ in calls}
    assert len(calls) > 100
    if not thorough():
        calls = calls[:: len(calls) // 5]
    for name, number in calls:
        restore(made)
        inject = ["-e", f"inject={name}:signal=KILL:when={number}"]
        killed = subprocess.run(
            [strace, "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", f"trace={name}", *inject, *command(wire)],
            capture_output=True,
            check=False,
        )
        assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), (name, number)
        made.assert_whole()
        made.assert_complete()


@pytest.mark.parametrize("error", ["EIO", "EXDEV"])
def test_a_rename_that_fails_is_a_clear_line_wherever_it_fails(wire: Mill, tmp_path: Path, error: str) -> None:
    """As a network mount may do."""
    strace = require_program("strace")
    made = versions(wire)
    renames = [number for name, number in calls_of_a_build(made, strace, tmp_path / "trace") if name == "rename"]
    assert len(renames) > 10
    for number in renames[:-1] if thorough() else renames[: -1 : len(renames) // 3]:
        restore(made)
        done = build(
            wire,
            "--all-problems",
            before=[strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e",
                    f"inject=rename:error={error}:when={number}"],
        )  # fmt: skip
        assert done.returncode == 5
        [line] = done.stderr.splitlines()
        said = {"EIO": "Input/output error", "EXDEV": "Invalid cross-device link"}[error]
        assert re.fullmatch(
            rf"feedmill: .*/feeds/.*: {said}; correct that and build again; every feed there is whole", line
        )
        made.assert_whole()
        assert not list(wire.feeds.rglob(".*")), "nothing is left beside the documents"
    made.assert_complete()


@pytest.mark.parametrize("call", ["write", "fsync", "utimensat", "fchmod"])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EDQUOT"])
def test_a_call_that_fails_in_the_middle_of_publishing_replaces_nothing(wire: Mill, call: str, error: str) -> None:
    strace = require_program("strace")
    made = versions(wire)
    failing = ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when=3"]
    done = build(wire, before=[strace, "-f", "-qq", "-o", "/dev/null", *failing])
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    made.assert_whole()
    made.assert_complete()


def test_a_build_that_dies_between_renames_is_completed_by_the_next(wire: Mill) -> None:
    """The ledger knows all that was to be published before the first document is replaced; there is no way back."""
    made = versions(wire)
    after = 0
    while True:
        restore(made)
        try:
            published = build_that_dies(wire, after)
        except pytest.fail.Exception:
            break  # it had no more to rename
        assert len(published) == after
        assert "manifest.json" not in published
        made.assert_whole()
        assert documents(wire.feeds) != made.new
        done = wire.build(NOW)
        assert not done.plan.changed_ids
        assert documents(wire.feeds) == made.new
        after += count(5, 1)
    assert after > 10


def reads_or_dies(context: Any, file: Any) -> Any:
    if "deadly" in file.story.relative:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_file(context, file)


def renders_or_dies(context: Any, wanted: Any) -> Any:
    if "deadly" in wanted.path:
        os.kill(os.getpid(), signal.SIGKILL)
    return render_entry(context, wanted)


@pytest.mark.parametrize(
    ("stage", "deadly"),
    [("feedmill.content.read_file", reads_or_dies), ("feedmill.selecting.render_entry", renders_or_dies)],
)
def test_a_story_that_has_its_worker_killed_is_told_of_and_all_others_are_published(
    wire: Mill, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stage: str, deadly: Any
) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    monkeypatch.setattr(stage, deadly)
    for number in range(40):
        wire.story(f"2024-05-01-s{number:02}.md", title=f"Story {number}", topics="[china]")
    wire.story("2024-05-01-s20-deadly.md", title="Deadly", topics="[china]")
    wire.configure((wire.directory / "feedmill.yaml").read_text("utf-8") + "feeds: {limit: 100}\n")
    assert wire.run("build") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("content/2024-05-01-s20-deadly.md: error: story-failed: ")
    assert "the process that worked on it was ended, twice" in line
    shown = (wire.feeds / "china.atom").read_text("utf-8")
    assert all(f">Story {number}<" in shown for number in range(40))
    assert "Deadly" not in shown
    monkeypatch.undo()
    wire.story("2024-05-01-s20-deadly.md", title="Harmless", topics="[china]")
    assert wire.run("build") == 0
    assert "Harmless" in (wire.feeds / "china.atom").read_text("utf-8")
