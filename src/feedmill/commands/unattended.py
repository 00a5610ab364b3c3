"""A run that nobody watches: locked, remembered, logged, measured, and told about once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.cache import FILE_NAME as CACHE
from feedmill.cache import Cache, open_cache
from feedmill.commands.outcome import Context
from feedmill.errors import FeedmillError, exit_code_of
from feedmill.logs import Log
from feedmill.model import Level, Problem, Site, Stored
from feedmill.program import program_text
from feedmill.publishing import LOCK, Change, run_lock
from feedmill.record import Record, Run
from feedmill.recording import after_complaint, after_failure, after_run, known_problems, load_record, save_record
from feedmill.site import FILE_NAME, load_site, read_configuration, site_of
from feedmill.snapshot import forget, look, save, surveyed
from feedmill.survey import Survey, state_of_configuration

if TYPE_CHECKING:
    from feedmill.gathering import Edits
    from feedmill.pinging import Ping
    from feedmill.pipeline import Built

STATE = ".feedmill"
DAY = timedelta(days=1)


class Attended(Struct):
    """One run while it goes on. `known` and `complaints` are filled when it has finished."""

    context: Context
    record: Record
    all_problems: bool
    metrics: Path | None
    cache: Cache
    exit_code: int = 0
    known: frozenset[Problem] = frozenset()
    complaints: list[str] = field(default_factory=list)
    durations: dict[str, float] = field(default_factory=dict)
    stage: tuple[str, float] | None = None
    ping_url: str = ""
    started: Ping | None = None
    seen: Survey | None = None

    def begin(self) -> Site:
        """Read feedmill.yaml, and tell whoever watches over the runs of this site that one begins, while it goes on.

        What else there is to be read is surveyed before anything of it is read, so that nothing changes unseen. Raises
        ConfigurationError.
        """
        configuration = state_of_configuration(str(self.context.directory))
        site = self._site()
        of = (str(self.context.directory), site.content_path, site.feeds_path)
        if self.context.surveyed is not None and self.context.surveyed.of == of:
            self.seen = self.context.surveyed
        else:
            with suppress(OSError):
                self.seen = Survey(*of, configuration)
        if self.seen is not None:
            self.cache.rely_on(self.seen.state, self.seen.knows)
        self.ping_url = site.ping_url
        self.started = self._ping("start")
        return site

    def _site(self) -> Site:
        """Return the site: from the cache, while feedmill.yaml is the same; its parser takes long to import."""
        source = read_configuration(self.context.directory)
        packed = self.cache.site(source)
        if packed:
            with suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(packed, type=Site)
        site = site_of(source)
        self.cache.keep_site(source, msgspec.msgpack.encode(site))
        return site

    def edits(self) -> Edits | None:
        """Return which files have changed since the last build, where it can be told that nothing else has."""
        if self.seen is None:
            return None
        from feedmill.gathering import Edits  # with which comes most of Feedmill

        before, unsettled = surveyed(str(self.context.directory))
        edited = self.seen.edited_since(before) if before else None
        after = hashlib.sha256(self.seen.told).digest()
        if edited is None:
            return Edits((), b"", after)
        return Edits(tuple(sorted({*edited, *unsettled})), hashlib.sha256(before).digest(), after)

    def has_nothing_to_do(self) -> bool:
        """Whether all is as the last build left it; if so that is remembered, as of a build that changed nothing."""
        directory, seen = str(self.context.directory), self.seen
        code = look(directory, _text(self.context.now), lambda *paths: seen or Survey(directory, *paths))
        if code is None:
            return False
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
        return True

    def progress(self, stage: str) -> Callable[[int, int], None]:
        """Pass a stage on to whoever shows progress, and take the time of the one before."""
        self._end_stage()
        self.stage = (stage.partition(" ")[0].lower(), self.context.elapsed())
        return self.context.progress(stage)

    def finish(self, built: Built, exit_code: int) -> None:
        """Remember and log a build that finished."""
        self._end_stage()
        self.exit_code = exit_code
        problems = built.contents.problems
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
        self._take_snapshot(built, exit_code)

    def _take_snapshot(self, built: Built, exit_code: int) -> None:
        """Let the next run see at a glance whether it has anything to do, until time changes a feed or a day is over.

        Problems are told again after a day; so much is heard of a site once a day, whatever else is forgotten.
        """
        directory, site, now = str(self.context.directory), built.contents.site, self.context.now
        told = [item.told + DAY for item in self.record.problems if item.problem.level is Level.ERROR]
        changes = [state.next_change for state in built.record.feeds if state.next_change is not None]
        until = min([now + DAY, *told, *changes])
        forget(directory)
        began = (self.context.directory / STATE / LOCK).stat().st_mtime_ns
        with suppress(OSError):
            seen = self.seen
            # Within one tick of the clock a folder's time tells nothing; that a story came then, the cache has met.
            if seen is not None and seen.is_still_so() and not (self.complaints or self.cache.has_met_others):
                save(
                    directory,
                    seen=seen,
                    content=site.content_path,
                    feeds=site.feeds_path,
                    documents=built.published.there,
                    valid=(_text(now), _text(until)),
                    exit_code=exit_code,
                    in_silence=not (self.ping_url or self.metrics),
                    unsettled=seen.unsettled(began),
                )

    def remember(self, error: FeedmillError) -> None:
        """Remember a build that an error stopped, and mark the error when a person has heard of it today."""
        forget(str(self.context.directory))
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

    def _end_stage(self) -> None:
        if self.stage is not None:
            name, began = self.stage
            self.durations[name] = round(self.context.elapsed() - began, 3)
            self.stage = None

    def _log_finished(self, built: Built, run: Run) -> None:
        log, contents = self.context.log, built.contents
        sizes = {state.name: state for state in built.record.feeds}
        for feed in contents.feeds:
            own = [document for document in built.documents if document.feed == feed.name]
            if changed := len(_changed(built, own)):
                size = sizes[feed.name].bytes
                log.tell(
                    "info", "feed-changed", feed=feed.name, entries=len(feed.entries), documents=changed, bytes=size
                )
        log.tell(
            "warning" if run.errors else "info",
            "build-finished",
            exit=run.exit_code,
            stories=contents.found,
            left_out=contents.left_out,
            feeds=len(contents.feeds),
            changed=run.changed,
            untouched=built.published.count(Change.UNTOUCHED),
            errors=run.errors,
            warnings=run.warnings,
            seconds=run.seconds,
            **self.durations,
        )

    def _keep(self, record: Record) -> None:
        """Write the metrics and the record. What goes wrong with either is told, and stops nothing."""
        state = self.context.directory / STATE
        if self.metrics is not None:
            from feedmill import __version__
            from feedmill.metrics import write_metrics

            path = self.context.directory / self.metrics
            try:
                write_metrics(record, path, version=__version__, now=self.context.now)
            except OSError as error:
                self.complain(f"{path}: the metrics cannot be written: {os.strerror(error.errno or 0)}")
        self.record, known = after_complaint(record, "\n".join(self.complaints), self.context.now)
        if known and not self.all_problems:
            self.complaints.clear()
        try:
            save_record(self.record, state)
        except OSError as error:
            self.complain(
                f"{state}: the run cannot be remembered: {os.strerror(error.errno or 0)}; "
                "the feeds are well, but problems will be told again and again"
            )

    def complain(self, complaint: str) -> None:
        """Take down what went wrong beside the work."""
        self.complaints.append(complaint)
        self.context.log.tell("warning", "complaint", message=complaint)

    def _ping(self, signal: str) -> Ping | None:
        if not self.ping_url:
            return None
        # The library for it takes longer to import than a small site to build.
        from feedmill.pinging import Ping

        return Ping(self.ping_url, signal, run=self.context.log.run, body=self.context.log.tail)

    def report(self, exit_code: int) -> None:
        """Tell whoever watches how the run ended. That nobody answers is logged, and is no fault of the run."""
        troubles = [self.started.wait()] if self.started is not None else []
        ended = self._ping(str(exit_code))
        troubles += [ended.wait()] if ended is not None else []
        for trouble in filter(None, troubles):
            self.context.log.tell("warning", "ping-failed", message=trouble)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def attended(
    context: Context, *, wait: float = 0, all_problems: bool = False, metrics: Path | None = None
) -> Iterator[Attended]:
    """Hold the lock, waiting for it up to `wait` seconds, and remember how the run went.

    Raises Locked, PublishingError when there can be no lock, and whatever stops the run inside.
    """
    state = context.directory / STATE
    holder = f"process {os.getpid()}, since {context.now:%Y-%m-%dT%H:%M:%SZ}"
    run: Attended | None = None
    try:
        if not os.path.exists(context.directory / FILE_NAME):  # noqa: PTH110 - a Path raises where none may look
            load_site(context.directory)  # which says so; nothing is left behind in a directory that is no site
        with run_lock(state, wait=wait, holder=holder):
            made_by = hashlib.sha256(program_text().encode()).hexdigest()
            # The file system's own clock, which need not be this machine's.
            with closing(open_cache(state / CACHE, made_by, (state / LOCK).stat().st_mtime_ns)) as cache:
                run = Attended(context, load_record(state), all_problems, metrics, cache)
                context.log.tell("info", "build-started", directory=str(context.directory.absolute()))
                if cache.complaint:
                    run.complain(cache.complaint)
                try:
                    yield run
                except FeedmillError as error:
                    run.remember(error)
                    raise
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


def _log_failure(context: Context, error: Exception) -> None:
    """Log what stops a run: what led to it, unless it was told today, and the error."""
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
