"""A run that nobody watches: locked, remembered, logged, measured, and each problem reported once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.config.loading import FILE_NAME, load_site
from feedmill.config.site import Site
from feedmill.errors import FeedmillError, exit_code_of
from feedmill.look import done, inputs_of, state_of_site
from feedmill.model import Level, Problem, Stored
from feedmill.operations.logs import Log
from feedmill.operations.run_history import Run, RunHistory
from feedmill.operations.runs import (
    after_complaint,
    after_failure,
    after_run,
    known_problems,
    pack_record,
    unpack_record,
)
from feedmill.publishing import Change, run_lock
from feedmill.running.open_site import DAMAGE, cache_of, site_from, without_damage
from feedmill.running.outcome import RunContext
from feedmill.scan import Folder, Look
from feedmill.store import Store
from feedmill.work import STATE

if TYPE_CHECKING:
    from feedmill.build import Built
    from feedmill.operations.pinging import Ping

DAY = timedelta(days=1)


class Attended(Struct):
    """One run while it goes on. `known` and `complaints` are filled when it has finished."""

    context: RunContext
    record: RunHistory
    all_problems: bool
    metrics: Path | None
    store: Store
    exit_code: int = 0
    known: frozenset[Problem] = frozenset()
    complaints: list[str] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)
    stage: tuple[str, float] | None = None
    inputs: bytes = b""
    ping_url: str = ""
    started: Ping | None = None

    def begin(self) -> Site:
        """Read feedmill.yaml, and notify the monitor of this site that a run begins, while it goes on.

        Raises ConfigurationError.
        """
        site = site_from(self.store, self.context.directory)
        self.inputs = inputs_of(str(self.context.directory), site.content_path, site.templates, self.store.began_ns)
        self.ping_url = site.ping_url
        self.started = self._ping("start")
        return site

    def build(self, site: Site, seen: Look | None, *, force: bool) -> Built:
        """Build, of what a look has `seen` of the content. A damaged cache is replaced, and the build begins again."""
        folders = None
        if seen is not None and (seen.content, seen.feeds) == (site.content_path, site.feeds_path):
            folders, self.store.began_ns = seen.folders, min(self.store.began_ns, seen.began_ns)
        try:
            return self._build(site, folders, force=force)
        except DAMAGE as error:
            self.store = without_damage(self.store, error)
            self.complain(self.store.complaint)
            return self._build(site, None, force=force)

    def _build(self, site: Site, folders: list[Folder] | None, *, force: bool) -> Built:
        from feedmill.build import build

        return build(
            site,
            self.context.directory,
            self.store,
            now=self.context.now,
            progress=self.progress,
            force=force,
            record=self.record,
            folders=folders,
        )

    def nothing_to_do(self, code: int) -> None:
        """Remember and log that a look found nothing to do."""
        self.exit_code = code
        errors = sum(item.problem.level is Level.ERROR for item in self.record.problems)
        run = Run(
            id=self.context.log.run,
            moment=self.context.now,
            exit_code=code,
            seconds=round(self.context.elapsed(), 3),
            errors=errors,
            warnings=len(self.record.problems) + self.record.further - errors,
        )
        self.context.log.tell("info", "build-unchanged", exit=code, feeds=len(self.record.feeds), seconds=run.seconds)
        self._keep(after_run(replace(self.record, succeeded=self.context.now), run))

    def progress(self, stage: str) -> Callable[[int, int], None]:
        """Pass a stage on to what shows progress, and take the time of the one before."""
        self._end_stage()
        self.stage = (stage.partition(" ")[0].lower(), self.context.elapsed())
        return self.context.progress(stage)

    def finish(self, built: Built, exit_code: int) -> None:
        """Remember and log a build that finished."""
        self._end_stage()
        self.exit_code = exit_code
        problems = built.problems
        for note in built.work.ledger.notes:
            self.complain(note)
        self.known = known_problems(self.record, problems, self.context.now)
        errors = sum(problem.level is Level.ERROR for problem in problems)
        run = Run(
            id=self.context.log.run,
            moment=self.context.now,
            exit_code=exit_code,
            seconds=round(self.context.elapsed(), 3),
            errors=errors,
            warnings=len(problems) - errors,
            changed=len(_changed(built, built.documents)) + built.published.count(Change.REMOVED),
        )
        due = (p for p in problems if p.level is Level.ERROR and p not in self.known)
        _log_problems(self.context.log, problems if self.all_problems else due)
        self._log_finished(built, run)
        self._keep(after_run(built.record, run))
        self._remember_done(built, exit_code)

    def _remember_done(self, built: Built, exit_code: int) -> None:
        """Let the next run see at once whether it has anything to do, until time changes a feed or a day is over.

        Problems are reported again after a day; so much is heard of a site once a day, whatever else is forgotten.
        """
        site, now = built.work.given, self.context.now
        told = [item.told + DAY for item in self.record.problems if item.problem.level is Level.ERROR]
        until = min([now + DAY, *told, *([built.next_change] if built.next_change is not None else [])])
        text = done(
            (site.content_path, site.feeds_path, site.templates),
            (_text(now), _text(until)),
            exit_code,
            in_silence=not (self.ping_url or self.metrics),
            made_of=state_of_site(str(self.context.directory), site.feeds_path, self.inputs),
        )
        self.store.set_meta("done", text if not self.complaints else "")

    def remember(self, error: FeedmillError) -> None:
        """Remember a build that an error stopped, and mark the error when a person has heard of it today."""
        record, known = after_failure(self.record, error, self.context.now)
        error.told_before = known and not self.all_problems
        run = Run(
            id=self.context.log.run,
            moment=self.context.now,
            exit_code=error.exit_code,
            seconds=round(self.context.elapsed(), 3),
            errors=len(error.problems),
            message=error.message,
        )
        self._keep(after_run(record, run))
        with suppress(*DAMAGE):
            self.store.set_meta("done", "")

    def _end_stage(self) -> None:
        if self.stage is not None:
            name, began = self.stage
            self.durations[name] = round(self.durations.get(name, 0) + self.context.elapsed() - began, 3)
            self.stage = None

    def _log_finished(self, built: Built, run: Run) -> None:
        log = self.context.log
        sizes = {state.name: state for state in built.record.feeds}
        for state in built.record.feeds:
            own = [document for document in built.documents if document.feed == state.name]
            if changed := len(_changed(built, own)):
                size = sizes[state.name].bytes
                log.tell("info", "feed-changed", feed=state.name, entries=state.entries, documents=changed, bytes=size)
        log.tell(
            "warning" if run.errors else "info",
            "build-finished",
            exit=run.exit_code,
            stories=built.found,
            left_out=built.left_out,
            feeds=len(built.feeds),
            changed=run.changed,
            untouched=built.published.count(Change.UNTOUCHED),
            errors=run.errors,
            warnings=run.warnings,
            seconds=run.seconds,
            **self.durations,
        )

    def _keep(self, record: RunHistory) -> None:
        """Write the metrics and the record. What goes wrong with either is reported, and stops nothing."""
        if self.metrics is not None:
            from feedmill import __version__
            from feedmill.operations.metrics import write_metrics

            path = self.context.directory / self.metrics
            try:
                write_metrics(record, path, version=__version__, now=self.context.now)
            except OSError as error:
                self.complain(f"{path}: the metrics cannot be written: {os.strerror(error.errno or 0)}")
        if self.store.complaint and self.store.complaint not in self.complaints:
            self.complain(self.store.complaint)
        self.record, known = after_complaint(record, "\n".join(self.complaints), self.context.now)
        if known and not self.all_problems:
            self.complaints.clear()
        with suppress(*DAMAGE):
            self.store.set_meta("record", pack_record(self.record))

    def complain(self, complaint: str) -> None:
        """Take down what went wrong beside the work."""
        self.complaints.append(complaint)
        self.context.log.tell("warning", "complaint", message=complaint)

    def _ping(self, signal: str) -> Ping | None:
        if not self.ping_url:
            return None
        # The library for it takes longer to import than a small site to build.
        from feedmill.operations.pinging import Ping

        return Ping(self.ping_url, signal, run=self.context.log.run, body=self.context.log.tail)

    def report(self, exit_code: int) -> None:
        """Notify the monitor how the run ended. That nobody answers is logged, and is not a fault of the run."""
        troubles = [self.started.wait()] if self.started is not None else []
        ended = self._ping(str(exit_code))
        troubles += [ended.wait()] if ended is not None else []
        for trouble in filter(None, troubles):
            self.context.log.tell("warning", "ping-failed", message=trouble)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def attended(
    context: RunContext, *, wait: float = 0, all_problems: bool = False, metrics: Path | None = None
) -> Iterator[Attended]:
    """Hold the lock, waiting for it up to `wait` seconds, and remember how the run went.

    Raises Locked, PublishingError when there can be no lock, and whatever stops the run inside.
    """
    state = context.directory / STATE
    holder = f"process {os.getpid()}, since {context.now:%Y-%m-%dT%H:%M:%SZ}"
    run: Attended | None = None
    try:
        if not os.path.exists(context.directory / FILE_NAME):  # noqa: PTH110 - a Path raises where none may look
            load_site(context.directory)  # which says so; nothing is left behind in a directory that is not a site
        with run_lock(state, wait=wait, holder=holder):
            store = cache_of(context.directory)
            run = Attended(context, unpack_record(store.meta("record")), all_problems, metrics, store)
            context.log.tell("info", "build-started", directory=str(context.directory.absolute()))
            try:
                yield run
            except FeedmillError as error:
                run.remember(error)
                run.store.commit()
                raise
            else:
                run.store.commit()
            finally:
                run.store.close()
    except Exception as error:
        _log_failure(context, error)
        if run is not None:
            run.report(exit_code_of(error))
        raise
    run.report(run.exit_code)


def _log_problems(log: Log, problems: Iterable[Problem]) -> None:
    """Log problems, one event each."""
    for problem in problems:
        log.tell(
            problem.level.value,
            "problem",
            code=problem.code,
            place=str(problem.place),
            message=problem.message,
            remedy=problem.remedy,
        )


def _log_failure(context: RunContext, error: Exception) -> None:
    """Log what stops a run: what led to it, unless it was reported today, and the error."""
    if isinstance(error, FeedmillError):
        message, remedy = error.message, error.remedy
        _log_problems(context.log, () if error.told_before else error.problems)
    else:
        message, remedy = f"a fault in Feedmill itself: {type(error).__name__}: {error}", "please report it"
    context.log.tell(
        "error",
        "build-failed",
        exit=exit_code_of(error),
        message=message,
        remedy=remedy,
        seconds=round(context.elapsed(), 3),
    )


def _changed(built: Built, documents: Iterable[Stored]) -> list[Stored]:
    changes = built.published.changes
    return [document for document in documents if changes[document.path] in (Change.NEW, Change.REPLACED)]
