"""What cron hears: nothing when all is well, each problem once a day, everything when asked."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedmill.cli import main
from feedmill.running.open_site import record_of
from tests.conftest import Mill

NOW = datetime(2024, 7, 1, tzinfo=UTC)


class Cron:
    """Runs builds at simulated moments and hears what they print."""

    def __init__(self, wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
        self.wire, self.capsys = wire, capsys

    def run(self, hour: float, *options: str) -> tuple[int, list[str]]:
        now = (NOW + timedelta(hours=hour)).isoformat()
        code = main(["-C", str(self.wire.directory), "build", "--now", now, *options])
        said = self.capsys.readouterr()
        assert said.out == ""
        return code, said.err.splitlines()


@pytest.fixture
def cron(wire: Mill, capsys: pytest.CaptureFixture[str]) -> Cron:
    wire.story("2024-05-01-good.md")
    return Cron(wire, capsys)


def test_a_problem_is_told_once_and_again_the_next_day(cron: Cron) -> None:
    cron.wire.story("2024-05-02-bad.md", title="")
    heard = [cron.run(hour) for hour in range(0, 50, 5)]
    assert {code for code, _ in heard} == {1}, "the exit code still tells programs"
    assert [index for index, (_, said) in enumerate(heard) if said] == [0, 5]
    assert heard[0][1] == heard[5][1]
    assert heard[0][1][0].startswith("content/2024-05-02-bad.md: error: title: ")


def test_a_new_problem_is_told_alone(cron: Cron) -> None:
    cron.wire.story("2024-05-02-bad.md", title="")
    cron.run(0)
    cron.wire.story("2024-05-03-worse.md", title="", sumary="a warning")
    _, said = cron.run(1)
    assert [line.split(":")[0] for line in said] == [
        "content/2024-05-03-worse.md",
        "and 1 error reported before, 1 warning",
    ]
    assert cron.run(2) == (1, [])


def test_all_problems_tells_all(cron: Cron) -> None:
    cron.wire.story("2024-05-02-bad.md", title="", sumary="a warning")
    cron.run(0)
    _, said = cron.run(1, "--all-problems")
    assert [line.split(": ")[1] for line in said] == ["error", "warning"]


def test_thousands_of_problems_are_told_in_a_letter_that_can_be_read(cron: Cron) -> None:
    for number in range(130):
        cron.wire.story(f"2024-05-02-{number}.md", title="")
    _, said = cron.run(0)
    assert len(said) == 101
    assert said[-1] == "and 30 more errors: see `feedmill check`"
    assert cron.run(1) == (1, [])


def test_an_error_that_stops_the_run_is_told_once_too(cron: Cron) -> None:
    cron.run(0)
    configuration = (cron.wire.directory / "feedmill.yaml").read_text()
    cron.wire.configure("sight: {}\n")
    code, said = cron.run(1)
    assert code == 2
    assert any("unknown key 'sight'" in line for line in said)
    assert cron.run(2) == (2, [])
    assert cron.run(3, "--all-problems") == (2, said)
    assert cron.run(25) == (2, said)
    cron.wire.configure(configuration)
    assert cron.run(26) == (0, [])
    cron.wire.configure("sight: {}\n")
    assert cron.run(27) == (2, said)


def test_the_record_tells_how_every_run_went(cron: Cron) -> None:
    cron.run(0)
    cron.wire.story("2024-05-02-bad.md", title="")
    cron.run(1)
    cron.wire.configure("sight: {}\n")
    cron.run(2)
    record = record_of(cron.wire.directory)
    assert [(run.exit_code, run.errors > 0, run.changed > 0) for run in record.runs] == [
        (0, False, True), (1, True, False), (2, True, False),
    ]  # fmt: skip
    assert record.succeeded == NOW + timedelta(hours=1)
    assert len({run.id for run in record.runs}) == 3


def test_a_run_that_cannot_be_remembered_is_done_and_says_so(cron: Cron) -> None:
    (cron.wire.directory / ".feedmill" / "cache.sqlite3").mkdir(parents=True)
    code, said = cron.run(0)
    assert code == 0
    assert len(said) == 1
    assert "the cache cannot be used (Is a directory), so this run goes on without it" in said[0]
    assert (cron.wire.feeds / "all.atom").exists()


def test_nothing_is_left_behind_where_there_is_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(tmp_path), "build"]) == 2
    assert "no feedmill.yaml" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_another_verb_has_seen_of_content_is_built(wire: Mill) -> None:
    def run(*words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "feedmill", "-C", str(wire.directory), *words, "--now", "2024-07-01T00:00:00Z"],
            capture_output=True,
            check=True,
        )

    wire.story("2024-05-01-edited.md", "Old words.\n", title="Edited", topics="[china]")
    time.sleep(2.5)  # what changed just before it is looked at is looked at again in any case
    run("build")
    wire.story("2024-05-01-edited.md", "New words.\n", title="Edited", topics="[china]")
    time.sleep(2.5)
    run("plan")
    run("build")
    assert b"New words" in (wire.feeds / "china.atom").read_bytes()
