"""A build killed at any system call that writes leaves every document whole, and the next one completes."""

from __future__ import annotations

import re
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Mill
from tests.faults.tools import Versions, build, command, restore, versions
from tests.parts import require_program, thorough

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
        calls = calls[:: len(calls) // 8]
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
    for number in renames[:-1] if thorough() else renames[:-1:8]:
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
            rf"feedmill: .*/feeds/.*: {said}; mend that and build again; every feed there is whole", line
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
