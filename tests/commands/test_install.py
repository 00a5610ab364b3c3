"""install prints, and puts in place only when it is told to."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.conftest import Mill


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of its own, in which crontab and systemctl only note what they are given."""
    home = tmp_path_factory.mktemp("home")
    programs = home / "bin"
    programs.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("PATH", str(programs))
    return home


def program(home: Path, name: str, script: str) -> None:
    path = home / "bin" / name
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\ncd {home}\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


CRONTAB = (
    'case "$1" in -l) test -f table && cat table || { echo "no crontab for me" >&2; exit 1; };; -) cat > table;; esac'
)


def test_nothing_is_changed_without_write(wire: Mill, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(home.rglob("*"))
    assert wire.run("install", "cron") == 0
    mark, line = capsys.readouterr().out.splitlines()
    assert mark == f"# feedmill: {wire.directory}"
    assert line.startswith("*/5 * * * * /")
    assert f" -C {wire.directory} build --wait 120" in line
    assert wire.run("install", "systemd", "--every", "15") == 0
    said = capsys.readouterr().out
    assert f"# {home}/.config/systemd/user/feedmill-" in said
    assert "OnCalendar=*:0/15" in said
    assert wire.run("install", "systemd", "--json") == 0
    assert [name.rpartition(".")[2] for name in json.loads(capsys.readouterr().out)["units"]] == ["service", "timer"]
    assert sorted(home.rglob("*")) == before


def test_cron_is_installed_beside_what_is_there(wire: Mill, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(home, "crontab", CRONTAB)
    assert wire.run("install", "cron", "--write") == 0
    (home / "table").write_text("0 1 * * * backup\n" + (home / "table").read_text())
    assert wire.run("install", "cron", "--write", "--every", "10") == 0
    first, mark, line = (home / "table").read_text().splitlines()
    assert first == "0 1 * * * backup"
    assert mark == f"# feedmill: {wire.directory}"
    assert line.startswith("*/10 ")
    assert capsys.readouterr().out.splitlines()[-1] == line


@pytest.mark.parametrize(
    "script", ["echo 'you may not use crontab' >&2; exit 1", CRONTAB.replace("cat > table", "exit 3")]
)
def test_a_crontab_that_cannot_be_changed_stays(
    wire: Mill, home: Path, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    program(home, "crontab", script)
    assert wire.run("install", "cron", "--write") == 5
    assert not (home / "table").exists()
    assert capsys.readouterr().err.startswith("feedmill: crontab -")


def test_systemd_units_are_written_and_started(wire: Mill, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(home, "systemctl", 'echo "$@" >> calls')
    assert wire.run("install", "systemd", "--write") == 0
    assert wire.run("install", "systemd", "--write", "--every", "60") == 0
    folder = home / ".config" / "systemd" / "user"
    service, timer = sorted(folder.iterdir())
    assert f"-C {wire.directory} build" in service.read_text()
    assert "OnCalendar=hourly" in timer.read_text()
    assert (home / "calls").read_text().splitlines()[-2:] == [
        "--user daemon-reload", f"--user enable --now {timer.name}",
    ]  # fmt: skip
    assert f"wrote {timer}" in capsys.readouterr().out


def test_where_systemd_does_not_answer_the_operator_is_told_the_rest(
    wire: Mill, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(home, "systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
    assert wire.run("install", "systemd", "--write") == 5
    said = capsys.readouterr().err
    assert "systemctl --user daemon-reload: Failed to connect to bus" in said
    assert (
        "log in as this user and run `systemctl --user daemon-reload && systemctl --user enable --now feedmill-" in said
    )


@pytest.mark.parametrize("scheduler", ["cron", "systemd"])
def test_a_scheduler_that_is_not_here_is_a_clear_line(
    wire: Mill, home: Path, capsys: pytest.CaptureFixture[str], scheduler: str
) -> None:
    assert wire.run("install", scheduler, "--write") == 2
    assert "there is no " in capsys.readouterr().err


@pytest.mark.parametrize("every", ["0", "7", "x"])
def test_cron_can_only_say_parts_of_an_hour(wire: Mill, capsys: pytest.CaptureFixture[str], every: str) -> None:
    with pytest.raises(SystemExit):
        wire.run("install", "cron", "--every", every)


def test_there_must_be_a_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Mill(tmp_path).run("install", "cron") == 2
    assert "no feedmill.yaml" in capsys.readouterr().err
