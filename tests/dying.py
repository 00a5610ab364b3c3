"""Builds that die, processes that hear signals, and machines that have no more processes."""

from __future__ import annotations

import errno
import os
import signal
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import NOW, Mill


class DyingAfter:
    """Renames so many files in the place of `os.replace`, and then stops the build. `done` are their new names."""

    def __init__(self, count: int) -> None:
        self.count, self.done, self._replace = count, list[Path](), os.replace

    def __call__(self, source: Path, target: Path, **places: int) -> None:
        if len(self.done) == self.count:
            raise KeyboardInterrupt
        self._replace(source, target, **places)
        self.done.append(Path(target))


def build_that_dies(wire: Mill, after: int, now: datetime = NOW) -> list[str]:
    """Begin a build that dies after so many renames. Return what it published by then."""
    dying = DyingAfter(after)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            wire.build(now)
    return [path.relative_to(wire.feeds).as_posix() for path in dying.done if path.is_relative_to(wire.feeds)]


def hear_signals() -> None:
    """Before a child begins: let it hear what its parents ignore, as a shell has what it runs beside itself do."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class NoForkAfter:
    """Makes so many processes in the place of `os.fork`, and then has no more. `asked` counts all."""

    def __init__(self, count: int) -> None:
        self.count, self.asked, self._fork = count, 0, os.fork

    def __call__(self) -> int:
        self.asked += 1
        if self.asked > self.count:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return self._fork()
