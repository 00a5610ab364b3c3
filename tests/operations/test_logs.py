"""The log: one event per line, for journald, cron, programs and terminals."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from feedmill.operations.logs import Event, Log, LogFormat, json_line, text_line
from feedmill.publishing import run_lock
from tests.conftest import CONFIGURATION, Mill

MOMENT = datetime(2024, 7, 1, 9, 30, tzinfo=UTC)
HOSTILE = 'two\nlines "quoted" a=b \x1b[2J \x85 — 三'


def test_a_text_line_is_one_line_whatever_it_tells() -> None:
    line = text_line(Event(MOMENT, "error", "problem", "0123456789", {"message": HOSTILE, "line": 3, "none": None}))
    assert line.startswith("2024-07-01T09:30:00Z error   problem        run=01234567 message=")
    assert line.endswith(" line=3")
    assert len(line.splitlines()) == 1 or "\x85" in line
    assert "\n" not in line
    assert "\x1b" not in line


def test_a_json_line_tells_the_same() -> None:
    line = json_line(Event(MOMENT, "error", "problem", "0123456789", {"message": HOSTILE, "line": 3, "none": None}))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2024-07-01T09:30:00Z", "level": "error", "event": "problem", "run": "0123456789",
        "message": HOSTILE, "line": 3,
    }  # fmt: skip


def test_the_tail_is_kept_though_nothing_is_written_and_stays_short() -> None:
    written: list[str] = []
    log = Log("run", clock=lambda: MOMENT, format_=None, write=lambda line, level: written.append(line))
    for number in range(1_000):
        log.tell("info", "event", number=number)
    assert written == []
    assert log.tail.splitlines()[-1].endswith("number=999")
    assert len(log.tail.splitlines()) < 100


def events(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_a_build_logs_what_it_did(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story(topics="[china]", sumary="a warning is for check")
    assert wire.run("build", "--log-format", "json") == 0
    said = capsys.readouterr()
    assert said.out == ""
    told = events(said.err)
    assert [(row["event"], row.get("feed")) for row in told] == [
        ("build-started", None), ("feed-changed", "all"), ("feed-changed", "china"), ("feed-changed", "ai"),
        ("build-finished", None),
    ]  # fmt: skip
    assert {row["time"] for row in told} == {"2024-07-01T00:00:00Z"}
    [run] = {row["run"] for row in told}
    assert UUID(run).version == 4
    assert (told[2]["entries"], told[2]["documents"]) == (1, 4)
    assert told[2]["bytes"] == sum(path.stat().st_size for path in wire.feeds.glob("china.*"))
    finished = told[-1]
    assert {key: finished[key] for key in ("level", "exit", "stories", "left_out", "feeds", "changed", "warnings")} == {
        "level": "info", "exit": 0, "stories": 1, "left_out": 0, "feeds": 3, "changed": 13, "warnings": 1,
    }  # fmt: skip
    stages = ("reading", "identifying", "selecting", "rendering", "writing", "publishing")
    assert all(0 <= finished[stage] <= finished["seconds"] for stage in stages)

    assert wire.run("build", "--log-format", "json") == 0
    assert [row["event"] for row in events(capsys.readouterr().err)] == ["build-started", "build-finished"]


def test_a_problem_is_logged_as_often_as_it_is_told(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story("2024-05-01-bad.md", title="")
    told = []
    for options in ([], [], ["--all-problems"]):
        assert wire.run("build", "--log-format", "json", *options) == 1
        told.append(events(capsys.readouterr().err))
    problems = [[row for row in run if row["event"] == "problem"] for run in told]
    assert [len(rows) for rows in problems] == [1, 0, 1]
    assert problems[0][0]["code"] == "title"
    assert problems[0][0]["place"] == "content/2024-05-01-bad.md"
    assert {run[-1]["level"] for run in told} == {"warning"}


def test_whatever_stops_a_run_is_in_the_log_and_only_there(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.configure(CONFIGURATION + "colections: {}\n")
    assert wire.run("build", "--log-format", "json") == 2
    told = events(capsys.readouterr().err)
    assert [row["event"] for row in told] == ["build-started", "problem", "build-failed"]
    assert told[1]["remedy"] == "did you mean 'collections'?"
    assert told[2]["exit"] == 2
    with run_lock(wire.directory / ".feedmill"):
        assert wire.run("build", "--log-format", "text") == 4
    [line] = capsys.readouterr().err.splitlines()
    assert " error   build-failed " in line
    assert "another run is at work here" in line
    (wire.directory / "feedmill.yaml").unlink()
    assert wire.run("build", "--log-format", "text") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "no feedmill.yaml in" in line


def at_a_terminal(wire: Mill, *options: str, **environment: str) -> bytes:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "build", *options]
    settings = {**os.environ, "TERM": "xterm-256color", **environment}
    with subprocess.Popen(command, stderr=theirs, stdin=subprocess.DEVNULL, env=settings) as process:
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65_536):
                said += piece
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert process.wait(timeout=60) == 1
    return said


def test_colours_are_for_terminals(wire: Mill) -> None:
    wire.story("2024-05-01-bad.md", title="")
    assert b"\x1b[31m" in at_a_terminal(wire, "--log-format", "text", "--all-problems")
    assert b"\x1b" not in at_a_terminal(wire, "--log-format", "text", "--all-problems", NO_COLOR="1")
    assert b"\x1b" not in at_a_terminal(wire, "--log-format", "json", "--all-problems")
    command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "build", "--log-format", "text"]
    done = subprocess.run(
        [*command, "--all-problems"], env={**os.environ, "TERM": "xterm-256color"}, capture_output=True, check=False
    )
    assert b"\x1b" not in done.stderr
    assert b"build-finished" in done.stderr


def test_only_formats_that_there_are_can_be_asked_for(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        wire.run("build", "--log-format", "xml")
    assert "json" in capsys.readouterr().err
    assert {item.value for item in LogFormat} == {"text", "json"}
