"""Feedmill as a process: signals, streams that are closed or full; never a traceback, always the right code."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import NOW, Mill
from tests.dying import hear_signals
from tests.parts import count

COMMAND = [sys.executable, "-m", "feedmill"]


def command(wire: Mill, verb: str, *options: str) -> list[str]:
    return [*COMMAND, "-C", str(wire.directory), verb, "--now", NOW.isoformat(), *options]


def in_shell(wire: Mill, redirection: str, verb: str, *options: str) -> subprocess.CompletedProcess[str]:
    line = f'"$@" {redirection}'
    return subprocess.run(
        ["/bin/bash", "-c", line, "bash", *command(wire, verb, *options)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("verb", "code"), [("build", 1), ("check", 1), ("status", 0)])
def test_closed_streams_change_nothing(wire: Mill, redirection: str, verb: str, code: int) -> None:
    wire.story("2024-05-01-good.md")
    wire.story("2024-05-02-bad.md", title="")
    done = in_shell(wire, redirection, verb, "--verbose")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    if verb == "build":
        assert (wire.feeds / "manifest.json").exists()
        lock = wire.directory / ".feedmill" / "lock"
        assert lock.read_text().startswith("process "), "no message went into a file that took a closed stream's place"


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize(
    ("verb", "redirection"),
    [
        ("check", ">/dev/full"),
        ("build", "2>/dev/full"),
        ("check", ">/dev/full 2>&1"),
        ("build", ">/dev/full 2>&1"),
    ],
)
def test_output_that_cannot_be_written_is_said_where_it_can_be(
    wire: Mill, verb: str, redirection: str, options: list[str]
) -> None:
    wire.story("2024-05-02-bad.md", title="")
    done = in_shell(wire, redirection, verb, *options)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    if redirection == ">/dev/full":
        assert done.stderr.splitlines()[-1] == (
            "feedmill: No space left on device: the work is done, but not all was said"
        )


def test_a_reader_of_the_log_that_goes_away_does_not_stop_the_build(wire: Mill) -> None:
    for number in range(40):
        wire.story(f"2024-05-02-bad{number}.md", title="")
    wire.story()
    done = in_shell(wire, "2>&1 | true; exit ${PIPESTATUS[0]}", "build", "--log-format", "text")
    assert done.returncode == 1
    assert (wire.feeds / "manifest.json").exists()


def test_a_reader_of_the_notes_that_goes_away_keeps_the_exit_code(wire: Mill) -> None:
    wire.story("2024-05-02-bad.md", title="")
    done = in_shell(wire, "2>/dev/null | true; exit ${PIPESTATUS[0]}", "build", "--verbose")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def wholes(wire: Mill) -> dict[str, bytes]:
    """Return every document. The number of the build in the manifest does not count."""
    found = {str(path.relative_to(wire.feeds)): path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()}
    return {path: re.sub(rb'"serial": \d+', b"", content) for path, content in found.items()}


def edit(wire: Mill, version: str) -> None:
    for number in range(60):
        wire.story(f"2024-05-01-s{number}.md", title=f"Story {number}", topics="[china]", summary=f"{version} {number}",
                   body="<p onclick='x'>words</p>\n" * 100)  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_signal_at_any_moment_leaves_everything_whole_and_exits_at_once(wire: Mill, number: signal.Signals) -> None:
    versions = []
    for version in ("new", "old"):
        edit(wire, version)
        assert subprocess.run(command(wire, "build"), check=False).returncode == 0
        versions.append(wholes(wire))
    new, old = versions
    began = time.monotonic()
    edit(wire, "new")
    assert subprocess.run(command(wire, "build"), check=False).returncode == 0
    whole = time.monotonic() - began
    chance = random.Random(6)
    said, codes = "", set()
    turns = count(6, 200)
    for turn in range(turns):
        edit(wire, "old" if turn % 2 == 0 else "new")
        with subprocess.Popen(
            command(wire, "build"), stderr=subprocess.PIPE, text=True, preexec_fn=hear_signals
        ) as process:
            time.sleep(whole * (turn + chance.random()) / turns)
            process.send_signal(number)
            sent = time.monotonic()
            said += process.communicate(timeout=20)[1]
            assert time.monotonic() - sent < 2, "at once"
            codes.add(process.returncode)
        for path, content in wholes(wire).items():
            assert content in (old[path], new[path]), path
            assert not path.endswith(".feedmill-new"), "nothing is left beside the documents"
    # While it loads the few lines that see to signals, the interpreter may print a traceback of its own.
    assert set(re.findall(r'File ".*/feedmill/(\w+\.py)", line \d+, in (.*)', said)) <= {("__main__.py", "<module>")}
    assert "Exception ignored" not in said
    assert codes <= {0, 128 + number, -number, *([1] if number == signal.SIGINT else [])}, "-n, 1: before it was loaded"
    assert 128 + number in codes
    assert f"feedmill: stopped by {number.name}; the feeds are whole" in said
    edit(wire, "old")
    assert subprocess.run(command(wire, "build"), check=False).returncode == 0
    assert wholes(wire) == old


def test_the_process_ends_when_all_that_it_began_has(tmp_path: Path) -> None:
    """It leaves without taking the interpreter down; but not while another thread is at work, nor with words unsaid."""
    done = tmp_path / "done"
    program = (
        "import sys, threading, time, pathlib\n"
        "from feedmill.__main__ import _leave\n"
        "def work():\n    time.sleep(0.3)\n    pathlib.Path(sys.argv[1]).touch()\n"
        "if len(sys.argv) > 1:\n    threading.Thread(target=work).start()\n"
        "sys.stdout.write('x' * 100_000)\n"
        "_leave(7)\n"
    )
    for arguments in ([], [str(done)]):
        left = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=False)
        assert (left.returncode, len(left.stdout), left.stderr) == (7, 100_000, b"")
    assert done.exists()


def test_a_signal_while_it_waits_for_the_lock_ends_the_wait(wire: Mill) -> None:
    from feedmill.publishing import run_lock

    wire.story()
    with run_lock(wire.directory / ".feedmill"):
        with subprocess.Popen(
            command(wire, "build", "--wait", "60"), stderr=subprocess.PIPE, text=True, preexec_fn=hear_signals
        ) as process:
            time.sleep(1)
            process.terminate()
            said = process.communicate(timeout=10)[1]
        assert process.returncode == 143
    assert said == "feedmill: stopped by SIGTERM; the feeds are whole\n"


def test_a_signal_that_the_caller_ignores_is_ignored(wire: Mill) -> None:
    wire.story()
    script = 'trap "" INT; "$@"'
    with subprocess.Popen(["/bin/sh", "-c", script, "sh", *command(wire, "build")]) as process:
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_a_build_has_no_need_of_a_home_or_an_environment(wire: Mill, tmp_path: Path) -> None:
    wire.story()
    done = subprocess.run(command(wire, "build"), env={}, cwd="/", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
