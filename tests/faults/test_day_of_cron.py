"""A day of cron: builds all through a simulated day of edits, mistakes and dates that come."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feedmill.cli import main
from tests.conftest import CONFIGURATION, Mill
from tests.faults.tools import agree, documents
from tests.parts import count

DAY = datetime(2024, 7, 1, tzinfo=UTC)
STEP = timedelta(minutes=count(30, 1))
"""Builds are so far apart; one more comes whenever somebody has done something."""


CONFIGURED = "content: {on_missing: drop}\n" + CONFIGURATION
"""What is deleted is gone: otherwise a published story stays, and the day has nothing to tell."""


def script(wire: Mill) -> dict[str, Callable[[], object]]:
    """Return what people do at which time of the day."""
    content = wire.directory / "content"
    return {
        "00:00": lambda: [wire.story(f"2024-06-{day:02}-s.md", topics="[china]") for day in range(1, 29)],
        "02:30": lambda: wire.story(
            "2024-07-01-breaking.md", title="Breaking", date="2024-07-01T02:20:00Z", topics="[ai]"
        ),
        "04:00": lambda: wire.story("2024-07-01-soon.md", title="Soon", date="2024-07-01T12:00:00Z", topics="[china]"),
        "05:00": lambda: wire.story("brief.md", title="Brief", date="2024-06-20", expires="2024-07-01T15:00:00Z"),
        "08:00": lambda: wire.story("2024-07-01-slip.md", title="", topics="[ai]"),
        "09:00": lambda: wire.story("2024-07-01-slip.md", title="Mended", date="2024-07-01T07:00:00Z", topics="[ai]"),
        "10:10": lambda: wire.story("2024-06-01-s.md", title="Corrected", topics="[china]"),
        "16:00": lambda: wire.configure(CONFIGURED + "colections: {}\n"),
        "16:30": lambda: wire.configure(CONFIGURED),
        "18:00": lambda: wire.story("2024-06-02-s.md", topics="[china]", withdrawn="{date: 2024-07-01, reason: libel}"),
        "19:00": lambda: content.rename(content.with_name("away")),
        "19:20": lambda: content.with_name("away").rename(content),
        "20:00": lambda: wire.configure(CONFIGURED + "  chips: {title: Chips, match: [Breaking]}\n"),
        "21:00": lambda: (content / "2024-06-03-s.md").unlink(),
        "22:30": lambda: wire.write("2024-07-01-broken.md", b"---\ntitle: \xff\n---\n"),
    }


class Day:
    """The runs of the day: what each printed, and how it ended."""

    def __init__(self, wire: Mill, capsys: pytest.CaptureFixture[str], *options: str) -> None:
        wire.configure(CONFIGURED)
        self.said: dict[str, str] = {}
        self.codes: dict[str, int] = {}
        plan = script(wire)
        times = {f"{DAY + number * STEP:%H:%M}" for number in range(timedelta(days=1) // STEP)}
        for time in sorted(times | plan.keys()):
            if time in plan:
                plan[time]()
            moment = datetime.fromisoformat(f"2024-07-01T{time}Z")
            arguments = ["-C", str(wire.directory), "build", "--now", moment.isoformat(), *options]
            self.codes[time] = main(arguments)
            printed = capsys.readouterr()
            assert printed.out == ""
            if printed.err:
                self.said[time] = printed.err
        self.last = moment


def test_a_day_of_cron_ends_where_one_clean_build_does(
    wire: Mill, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    day = Day(wire, capsys)
    assert len(day.codes) >= timedelta(days=1) // STEP
    agree(wire.feeds)
    clean = Mill(tmp_path / "clean")
    clean.directory.mkdir()
    clean.configure((wire.directory / "feedmill.yaml").read_text())
    for path in (wire.directory / "content").iterdir():
        clean.write(path.name, path.read_bytes())
    (clean.directory / ".feedmill").mkdir()
    shutil.copy(wire.directory / ".feedmill" / "ledger.sqlite3", clean.directory / ".feedmill")
    assert main(["-C", str(clean.directory), "build", "--now", day.last.isoformat()]) == 1
    capsys.readouterr()
    assert documents(wire.feeds) == documents(clean.feeds)

    assert list(day.said) == ["08:00", "16:00", "19:00", "22:30"], "one letter for each mistake, and no other"
    assert "content/2024-07-01-slip.md" in day.said["08:00"]
    assert "did you mean 'collections'?" in day.said["16:00"]
    assert "there is no content directory here" in day.said["19:00"]
    assert "content/2024-07-01-broken.md:2:8: error: not-utf-8" in day.said["22:30"]
    wrong = {time: code for time, code in day.codes.items() if code}
    assert {code for time, code in wrong.items() if "08:00" <= time < "09:00"} == {1}
    assert {code for time, code in wrong.items() if "16:00" <= time < "16:30"} == {2}
    assert {code for time, code in wrong.items() if "19:00" <= time < "19:20"} == {2}
    assert {code for time, code in wrong.items() if time >= "22:30"} == {1}
    assert all(
        "08:00" <= t < "09:00" or "16:00" <= t < "16:30" or "19:00" <= t < "19:20" or t >= "22:30" for t in wrong
    )


def test_the_log_tells_a_person_the_story_of_the_day(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    day = Day(wire, capsys, "--log-format", "json")
    story: list[tuple[str, str, Any]] = []
    for time, said in day.said.items():
        for line in said.splitlines():
            row = json.loads(line)
            assert row["time"] == f"2024-07-01T{time}:00Z"
            if row["event"] == "feed-changed" and row["feed"] != "all":
                story.append((time, "changed", row["feed"]))
            elif row["event"] == "problem":
                story.append((time, "problem", row["code"]))
            elif row["event"] == "build-failed" and row["message"] not in {told for _, _, told in story}:
                story.append((time, "failed", row["message"]))
    assert [part for part in story if part[0] != "00:00"] == [
        ("02:30", "changed", "ai"),
        ("08:00", "problem", "title"),
        ("09:00", "changed", "ai"),
        ("10:10", "changed", "china"),
        ("12:00", "changed", "china"),
        ("16:00", "problem", "config-unknown-key"),
        ("16:00", "failed", "feedmill.yaml has 1 problem"),
        ("18:00", "changed", "china"),
        ("19:00", "failed", f"{wire.directory / 'content'}: there is no content directory here"),
        ("20:00", "changed", "chips"),
        ("21:00", "changed", "china"),
        ("22:30", "problem", "not-utf-8"),
    ]
