"""What cron and systemd are given is what they take, whatever the site's directory is called."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from feedmill.operations.scheduling import PERIODS, Units, crontab_lines, systemd_units, with_crontab_lines
from tests.parts import require_program

PLAIN = Path("/srv/wire")
STRANGE = Path('/srv/100% of "it"; it\'s $HOME \\ 三')


@pytest.mark.parametrize("directory", [PLAIN, STRANGE], ids=["plain", "strange"])
def test_a_crontab_line_runs_the_build_of_its_directory(directory: Path) -> None:
    mark, line = crontab_lines(directory, ["/opt/my tools/feedmill"], 5)
    assert mark == f"# feedmill: {directory}"
    fields = line.split(" ", 5)
    assert fields[:5] == ["*/5", "*", "*", "*", "*"]
    assert fields[5].count("%") == fields[5].count("\\%"), "cron ends the command at a percent sign"
    words = shlex.split(fields[5].replace("\\%", "%"))
    assert words == ["/opt/my tools/feedmill", "-C", str(directory), "build", "--wait", "120"]


@pytest.mark.parametrize(("minutes", "when"), [(1, "*"), (15, "*/15"), (60, "0")])
def test_cron_is_told_how_often(minutes: int, when: str) -> None:
    assert crontab_lines(PLAIN, ["feedmill"], minutes)[1].split()[0] == when


def test_a_line_stands_once_in_a_crontab_and_others_stay() -> None:
    first = crontab_lines(PLAIN, ["feedmill"], 5)
    other = crontab_lines(Path("/srv/other"), ["feedmill"], 5)
    table = with_crontab_lines("MAILTO=me\n0 1 * * * backup\n", first)
    table = with_crontab_lines(table, other)
    table = with_crontab_lines(table, crontab_lines(PLAIN, ["feedmill"], 15))
    assert table.splitlines()[:2] == ["MAILTO=me", "0 1 * * * backup"]
    assert sorted(line.split()[0] for line in table.splitlines() if "build" in line) == ["*/15", "*/5"]
    assert with_crontab_lines("", first) == "\n".join(first) + "\n"


def verified(units: Units, folder: Path, *options: str) -> str:
    """Return what systemd says of the units; nothing when it would run them."""
    analyze = require_program("systemd-analyze")
    for name, text in ((f"{units.name}.service", units.service), (f"{units.name}.timer", units.timer)):
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [analyze, *options, *(str(folder / f"{units.name}.{kind}") for kind in ("service", "timer"))],
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder), "SYSTEMD_LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.returncode} {done.stdout}{done.stderr}".strip()


@pytest.mark.parametrize("minutes", PERIODS)
@pytest.mark.parametrize("manager", ["--user", "--system"])
def test_systemd_accepts_the_units(tmp_path: Path, manager: str, minutes: int) -> None:
    units = systemd_units(PLAIN, ["/usr/bin/env"], minutes)
    assert verified(units, tmp_path, "verify", "--man=no", "--recursive-errors=one", manager) == "0"


def test_systemd_accepts_the_units_of_a_directory_of_any_name(tmp_path: Path) -> None:
    program = tmp_path / "my 100% tools" / "feedmill"
    program.parent.mkdir()
    program.symlink_to("/usr/bin/env")
    units = systemd_units(STRANGE, [str(program)], 5)
    assert verified(units, tmp_path, "verify", "--man=no", "--recursive-errors=one", "--user") == "0"


def test_a_mistake_in_a_unit_would_be_noticed(tmp_path: Path) -> None:
    units = systemd_units(PLAIN, ["/no/such/program"], 5)
    assert verified(units, tmp_path, "verify", "--man=no", "--user") != "0"


def test_the_units_say_what_an_operator_asks_of_them() -> None:
    units = systemd_units(PLAIN, ["/opt/feedmill"], 5)
    assert "Persistent=true" in units.timer.splitlines()
    assert "OnCalendar=*:0/5" in units.timer.splitlines()
    service = units.service.splitlines()
    assert "#OnFailure=notify-the-desk@%n.service" in service
    assert {"ProtectSystem=strict", "NoNewPrivileges=yes", "ReadWritePaths=/srv/wire", "SuccessExitStatus=1 4"} <= {
        *service
    }
    assert "ExecStart=/opt/feedmill -C /srv/wire build --wait 120 --log-format text" in service
    assert units.name == "feedmill-srv-wire"


@pytest.mark.parametrize("minutes", PERIODS)
def test_systemd_and_cron_run_equally_often(minutes: int) -> None:
    analyze = require_program("systemd-analyze")
    calendar = systemd_units(PLAIN, ["x"], minutes).timer.partition("OnCalendar=")[2].splitlines()[0]
    done = subprocess.run(
        [analyze, "calendar", "--iterations=4", calendar], env={"TZ": "UTC"}, capture_output=True, text=True, check=True
    )
    times = [line.split()[-2] for line in done.stdout.splitlines() if line.endswith(" UTC") and "(in UTC)" not in line]
    moments = [int(time[0:2]) * 60 + int(time[3:5]) for time in times if time.count(":") == 2]
    assert {(later - earlier) % 1440 for earlier, later in itertools.pairwise(moments)} == {minutes}
