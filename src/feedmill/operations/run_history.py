"""What is remembered of runs as frozen values: runs, the state of every feed, open problems."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from feedmill.model import Problem


class Run(Struct, frozen=True):
    """One run of a build: when, how long (seconds), how it ended, and what it found and changed.

    `message` is what a run that failed said; empty for one that finished.
    """

    id: str
    moment: datetime
    exit_code: int
    seconds: float
    errors: int = 0
    warnings: int = 0
    changed: int = 0
    message: str = ""


class FeedState(Struct, frozen=True):
    """One feed as it was last published.

    `bytes` counts its documents together. `newest` is when its newest entry was published, None when it is empty.
    `changed` is the run that last changed a document of it; `next_change` the next moment at which an entry will
    come or go because of a date. `digest` is that of its documents.
    """

    name: str
    title: str
    entries: int
    bytes: int
    newest: datetime | None
    changed: datetime
    next_change: datetime | None
    digest: str


class OpenProblem(Struct, frozen=True):
    """A problem that the last run found: since which run it is there, and when it was last reported to a person."""

    problem: Problem
    since: datetime
    told: datetime


class ProblemCount(Struct, frozen=True):
    """From `moment` on, until the next count, so many errors and warnings were open."""

    moment: datetime
    errors: int
    warnings: int


class RunFailure(Struct, frozen=True):
    """What went wrong: `digest` is that of all that was said of it, `told` when a person last heard it."""

    digest: str
    since: datetime
    told: datetime


class RunHistory(Struct, frozen=True):
    """All that is remembered, oldest first. Bounded: see `runs`.

    `further` counts open problems beyond those that are remembered one by one. `succeeded` is the last run that
    finished, with or without problems. `failure` is what stopped the last run, `complaint` what went wrong beside it.
    """

    runs: tuple[Run, ...] = ()
    feeds: tuple[FeedState, ...] = ()
    problems: tuple[OpenProblem, ...] = ()
    further: int = 0
    counts: tuple[ProblemCount, ...] = ()
    withdrawals: int = 0
    succeeded: datetime | None = None
    failure: RunFailure | None = None
    complaint: RunFailure | None = None
