"""A progress bar for work that takes long, nothing for work that does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_PATIENCE = 1.0
"""Seconds of silence before the bar appears."""
_STEP = 0.1
"""Seconds between two changes of the bar."""
_STYLES = {"error": "red", "warning": "yellow", "info": ""}


class ProgressBar:
    """A bar on standard error, gone when the work is done. Does nothing unless enabled."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._began = time.monotonic()
        self._shown: Progress | None = None
        self._console: Console | None = None
        self._next = self._began + _PATIENCE

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None

    def stage(self, name: str) -> Callable[[int, int], None]:
        """Return what a stage calls with how many of how many things are done."""
        if not self.enabled:
            return lambda done, total: None
        task: TaskID | None = None

        def tell(done: int, total: int) -> None:
            nonlocal task
            now = time.monotonic()
            if now < self._next and not (task is not None and done == total):
                return
            self._next = now + _STEP
            bar = self._open()
            if task is None:
                task = bar.add_task(name, total=total)
            bar.update(task, completed=done)

        return tell

    def say(self, line: str, level: str) -> None:
        """Print a line in the colour of its level (error, warning, info), above the bar if there is one."""
        from rich.text import Text

        self._screen().print(Text(line, _STYLES[level]), soft_wrap=True)

    def _screen(self) -> Console:
        if self._console is None:
            # rich takes longer to import than a small site to build.
            from rich.console import Console

            self._console = Console(stderr=True)
        return self._console

    def _open(self) -> Progress:
        if self._shown is None:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn())
            self._shown = Progress(*columns, console=self._screen(), transient=True)
            self._shown.start()
        return self._shown
