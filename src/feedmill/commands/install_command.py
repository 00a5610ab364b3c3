"""install: what makes cron or systemd run the build, printed or put in place for this user."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from feedmill.characters import visible
from feedmill.config.loading import load_site
from feedmill.errors import PublishingError, UsageError
from feedmill.operations.scheduling import PERIODS, Units, crontab_lines, systemd_units, with_crontab_lines
from feedmill.running.outcome import Outcome, RunContext

HELP = "make cron or systemd build the feeds regularly"
EXAMPLES = """examples:
  feedmill install cron                          print the line for your crontab
  feedmill -C /srv/wire install systemd          print a service and a timer
  feedmill -C /srv/wire install systemd --write  … and install them for this user
  feedmill install cron --every 15 --write       every quarter of an hour

Nothing is changed without --write. Again with --write replaces what was installed for the same directory."""

_TIMEOUT = 30
"""Seconds for crontab or systemctl to answer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare for which scheduler, how often, and whether to put it in place."""
    parser.add_argument("scheduler", choices=["cron", "systemd"])
    parser.add_argument(
        "--every", metavar="MINUTES", type=int, choices=PERIODS, default=5, help="minutes between builds (default 5)"
    )
    parser.add_argument("--write", action="store_true", help="put it in place for this user")


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Print or install. Raises UsageError when the scheduler is not here, PublishingError when it cannot be written."""
    load_site(context.directory)
    directory = context.directory.resolve()
    if visible(str(directory)) != str(directory):
        raise UsageError(
            f"{directory}: no scheduler takes a path with control characters or separators of lines", remedy="rename it"
        )
    if arguments.scheduler == "cron":
        lines = crontab_lines(directory, _program(), arguments.every)
        return _install_cron(lines) if arguments.write else Outcome(lines=lines, data={"crontab": list(lines)})
    units = systemd_units(directory, _program(), arguments.every)
    return _install_units(units) if arguments.write else _print_units(units)


def _program() -> list[str]:
    """Return how this very Feedmill is called, whatever PATH holds."""
    beside = Path(sys.executable).with_name("feedmill")
    return [str(beside)] if beside.exists() else [sys.executable, "-m", "feedmill"]


def _install_cron(lines: tuple[str, str]) -> Outcome:
    listed = _call(["crontab", "-l"])
    if listed.returncode and "no crontab" not in listed.stderr:
        raise PublishingError(f"crontab -l: {listed.stderr.strip() or 'failed'}", remedy="nothing was changed")
    before = "" if listed.returncode else listed.stdout
    after = with_crontab_lines(before, lines)
    if after != before:
        done = _call(["crontab", "-"], given=after)
        if done.returncode:
            raise PublishingError(f"crontab -: {done.stderr.strip() or 'failed'}", remedy="the crontab is as it was")
    return Outcome(lines=("in your crontab:", *lines), data={"crontab": list(lines)})


def _print_units(units: Units) -> Outcome:
    folder = _unit_folder()
    return Outcome(
        lines=(
            f"# {folder / units.name}.service",
            *units.service.split("\n"),
            f"# {folder / units.name}.timer",
            *units.timer.rstrip().split("\n"),
        ),
        data={"units": {f"{units.name}.service": units.service, f"{units.name}.timer": units.timer}},
    )


def _install_units(units: Units) -> Outcome:
    folder = _unit_folder()
    texts = {folder / f"{units.name}.service": units.service, folder / f"{units.name}.timer": units.timer}
    for path, text in texts.items():
        _replace(path, text)
    steps = (
        ["systemctl", "--user", "daemon-reload"],
        ["systemctl", "--user", "enable", "--now", f"{units.name}.timer"],
    )
    wrote = [f"wrote {path}" for path in texts]
    data = {"written": [str(path) for path in texts]}
    for step in steps:
        done = _call(step)
        if done.returncode:
            said = done.stderr.strip() or "failed"
            raise PublishingError(
                f"the units are in {folder}, but {' '.join(step)}: {said}",
                remedy=f"log in as this user and run `{' && '.join(map(' '.join, steps))}`",
            )
    hint = "to build without anybody logged in, too: loginctl enable-linger"
    return Outcome(lines=(*wrote, f"started {units.name}.timer", hint), data=data)


def _unit_folder() -> Path:
    configuration = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(configuration) if configuration else Path.home() / ".config") / "systemd" / "user"


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise PublishingError(f"{path}: {os.strerror(error.errno or 0)}", remedy="correct that and try again") from None


def _call(command: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    program = shutil.which(command[0])
    if program is None:
        raise UsageError(f"there is no {command[0]} here", remedy="install it, or take the other of cron and systemd")
    try:
        return subprocess.run(
            [program, *command[1:]],
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PublishingError(f"{' '.join(command)}: {error}", remedy="try again") from None
