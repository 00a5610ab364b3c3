"""status tells how every feed is, in words and to programs, without a story being read."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest

from feedmill.cli import main
from tests.conftest import CONFIGURATION, NOW, Mill


def run(wire: Mill, verb: str, hours: float, *options: str) -> int:
    return main(["-C", str(wire.directory), verb, "--now", (NOW + timedelta(hours=hours)).isoformat(), *options])


@pytest.fixture
def lived(wire: Mill, capsys: pytest.CaptureFixture[str]) -> Mill:
    """A site with some runs behind it: one that changed things, one with a problem, one that failed."""
    wire.story("2024-06-30-new.md", date="2024-06-30T18:00:00Z", topics="[china]")
    wire.story("2024-07-09-later.md", date="2024-07-09T12:00:00Z", topics="[china]", title="Secret until then")
    run(wire, "build", 0)
    wire.story("2024-05-02-bad.md", title="")
    run(wire, "build", 1)
    wire.configure("sight: {}\n")
    run(wire, "build", 2)
    wire.configure(CONFIGURATION)
    capsys.readouterr()
    return wire


def test_status_in_words(lived: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(lived.directory / "content")
    assert run(lived, "status", 3) == 0
    head, table, problems = capsys.readouterr().out.split("\n\n")
    lines = head.splitlines()
    assert lines[0].startswith("last check    2024-07-01T02:00:00Z (60 min ago), took 0.")
    assert lines[0].endswith("s: usage or configuration was wrong (exit code 2)")
    assert lines[1].strip() == "feedmill.yaml has 5 problems"
    assert lines[2:] == [
        "failing since 2024-07-01T02:00:00Z (60 min ago)",
        "last success  2024-07-01T01:00:00Z (2 h ago)",
    ]
    size = sum(path.stat().st_size for path in lived.feeds.glob("china.*"))
    assert [line.split() for line in table.splitlines()][2] == [
        "china", "1", f"{size:,}", "2024-06-30T18:00:00Z", "9", "h", "2024-07-01T00:00:00Z", "2024-07-09T12:00:00Z",
    ]  # fmt: skip
    assert table.splitlines()[3].split()[3:5] == ["-", "-"]
    assert problems.splitlines()[0] == "1 open problem:"
    assert problems.splitlines()[1].startswith("content/2024-05-02-bad.md: error: title: ")
    assert problems.rstrip().endswith("(since 2024-07-01)")


def test_status_for_programs(lived: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lived, "status", 3, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["exit"] for row in told["runs"]] == [2, 1, 0], "the newest first"
    assert told["last_success"] == "2024-07-01T01:00:00+00:00"
    assert told["failing_since"] == "2024-07-01T02:00:00+00:00"
    china = told["feeds"][1]
    assert {key: china[key] for key in ("name", "entries", "newest", "age_seconds", "changed", "next_change")} == {
        "name": "china", "entries": 1, "newest": "2024-06-30T18:00:00+00:00", "age_seconds": 9 * 3600,
        "changed": "2024-07-01T00:00:00+00:00", "next_change": "2024-07-09T12:00:00+00:00",
    }  # fmt: skip
    assert china["checked"] == told["last_success"]
    assert told["problems"][0]["code"] == "title"
    assert told["problems"][0]["since"] == "2024-07-01T01:00:00+00:00"


def test_a_long_list_of_problems_is_cut(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        wire.story(f"2024-05-02-{number}.md", title="")
    run(wire, "build", 0)
    capsys.readouterr()
    assert run(wire, "status", 1) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "and 10 more: see `feedmill check`"


def test_where_nothing_has_run_status_says_what_to_do(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(wire, "status", 0) == 0
    assert capsys.readouterr().out == "no build has run here yet: run `feedmill build`\n"
    assert not (wire.directory / ".feedmill").exists()


def test_a_site_without_problems_says_so(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    run(wire, "build", 0)
    assert run(wire, "status", 0) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(": done (exit code 0)")
    assert said[-1] == "no problems"
