"""A site → what runs its build regularly: a crontab line, or a systemd service and timer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

PERIODS = (1, 2, 3, 5, 10, 15, 20, 30, 60)
"""Minutes between two runs: those that divide an hour, which is all that cron can say."""
_WAIT = "120"
"""Seconds that a run waits for the one before it, instead of leaving at once."""

_SERVICE = """\
# Feedmill for {directory}. Printed by `feedmill install systemd`.
[Unit]
Description=Feedmill builds the feeds of {directory}
# Who hears of a failed run: a unit of yours that sends a message, such as
#OnFailure=notify-the-desk@%n.service

[Service]
Type=oneshot
ExecStart={command}
# 1: stories were left out, and the journal says which. 4: another run was at work for too long.
SuccessExitStatus=1 4
TimeoutStartSec=15min
Nice=10
UMask=0022

# It reads its stories, writes below its own directory, and may send pings.
ReadWritePaths={writable}
ProtectSystem=strict
PrivateTmp=yes
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
"""
_TIMER = """\
# Feedmill for {directory}. Printed by `feedmill install systemd`.
[Unit]
Description=Feedmill builds the feeds of {directory} every {minutes} min

[Timer]
OnCalendar={calendar}
# A machine that was off builds once as soon as it is on again: an embargo may have ended meanwhile.
Persistent=true
AccuracySec=10s

[Install]
WantedBy=timers.target
"""


class Units(Struct, frozen=True):
    """A service and the timer that starts it, as texts; `name` is theirs without an extension."""

    name: str
    service: str
    timer: str


def crontab_lines(directory: Path, program: Sequence[str], minutes: int) -> tuple[str, str]:
    """Return the comment by which the line is found again, and the line (crontab(5)). Paths are absolute."""
    command = shlex.join([*program, "-C", str(directory), "build", "--wait", _WAIT])
    when = "0" if minutes == 60 else "*" if minutes == 1 else f"*/{minutes}"
    # An unescaped percent sign ends the command.
    return f"# feedmill: {directory}", f"{when} * * * * {command}".replace("%", "\\%")


def with_crontab_lines(crontab: str, lines: tuple[str, str]) -> str:
    """Return a crontab in which the lines stand once; everything else in it is kept as it is."""
    mark, line = lines
    # crontab(5) ends a line at LF alone: in a comment of somebody's, another separator is text.
    kept = crontab.removesuffix("\n").split("\n") if crontab else []
    while mark in kept:
        at = kept.index(mark)
        del kept[at : at + 2]
    return "\n".join([*kept, mark, line]) + "\n"


def systemd_units(directory: Path, program: Sequence[str], minutes: int) -> Units:
    """Return a service and a timer for the manager of a user (systemd.service(5), systemd.timer(5))."""
    arguments = [*program, "-C", str(directory), "build", "--wait", _WAIT, "--log-format", "text"]
    shown = str(directory).replace("%", "%%")
    calendar = "hourly" if minutes == 60 else f"*:0/{minutes}"
    return Units(
        name=f"feedmill-{re.sub(r'[^A-Za-z0-9]+', '-', str(directory)).strip('-') or 'root'}",
        service=_SERVICE.format(
            directory=shown, command=" ".join(map(_quoted, arguments)), writable=_quoted(str(directory), command=False)
        ),
        timer=_TIMER.format(directory=shown, minutes=minutes, calendar=calendar),
    )


def _quoted(text: str, *, command: bool = True) -> str:
    """Quote a word for a unit file: percent signs are specifiers there, and dollar signs variables in commands."""
    text = text.replace("\\", "\\\\").replace("%", "%%")
    if command:
        text = text.replace("$", "$$")
    return text if re.fullmatch(r"[\w@%+=:,./$-]+", text, re.ASCII) else '"' + text.replace('"', '\\"') + '"'
