"""A run that nobody watches: locked, remembered, and told about once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from feedmill.commands.outcome import Context
from feedmill.errors import FeedmillError
from feedmill.model import Level, Problem
from feedmill.pipeline import Built
from feedmill.publishing import Change, run_lock
from feedmill.record import Record, Run
from feedmill.recording import after_failure, after_run, known_problems, load_record, save_record
from feedmill.site import FILE_NAME, load_site

STATE = ".feedmill"


@dataclass(slots=True)
class Attended:
    """One run while it goes on. `known` and `complaints` are filled when it has finished."""

    context: Context
    record: Record
    known: frozenset[Problem] = frozenset()
    complaints: list[str] = field(default_factory=list)

    def finish(self, built: Built, exit_code: int) -> None:
        """Remember a build that finished."""
        problems = built.contents.problems
        self.known = known_problems(self.record, problems, self.context.now)
        errors = sum(problem.level is Level.ERROR for problem in problems)
        run = Run(
            id=self.context.run_id,
            moment=self.context.now,
            exit_code=exit_code,
            seconds=round(self.context.elapsed(), 3),
            errors=errors,
            warnings=len(problems) - errors,
            changed=sum(change is not Change.UNTOUCHED for change in built.published.changes.values()),
        )
        self._keep(after_run(built.record, run))

    def fail(self, error: FeedmillError) -> None:
        """Remember a build that an error stopped, and mark the error when a person has heard of it today."""
        record, error.told_before = after_failure(self.record, error, self.context.now)
        run = Run(
            id=self.context.run_id,
            moment=self.context.now,
            exit_code=error.exit_code,
            seconds=round(self.context.elapsed(), 3),
            errors=len(error.problems),
            message=error.message,
        )
        self._keep(after_run(record, run))

    def _keep(self, record: Record) -> None:
        self.record = record
        state = self.context.directory / STATE
        try:
            save_record(record, state)
        except OSError as error:
            said = f"{state}: the run cannot be remembered: {os.strerror(error.errno or 0)}"
            self.complaints.append(f"{said}; the feeds are well, but problems will be told again and again")


@contextmanager
def attended(context: Context, *, wait: float = 0) -> Iterator[Attended]:
    """Hold the lock, waiting for it up to `wait` seconds, and remember how the run went.

    Raises Locked, PublishingError when there can be no lock, and whatever stops the run inside.
    """
    if not (context.directory / FILE_NAME).exists():
        load_site(context.directory)  # which says so; nothing is left behind in a directory that is no site
    state = context.directory / STATE
    holder = f"process {os.getpid()}, since {context.now:%Y-%m-%dT%H:%M:%SZ}"
    with run_lock(state, wait=wait, holder=holder):
        run = Attended(context, load_record(state))
        try:
            yield run
        except FeedmillError as error:
            run.fail(error)
            raise
