"""A record and a run → the next record: what is open, what was reported, what changed. Pure, and bounded in size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from feedmill.errors import FeedmillError
from feedmill.feeds import Selected
from feedmill.model import Level, Problem, Stored
from feedmill.operations.run_history import FeedState, OpenProblem, ProblemCount, Run, RunFailure, RunHistory

_DECODER = msgspec.msgpack.Decoder(RunHistory)
RUNS_KEPT = 200
PROBLEMS_KEPT = 1_000
COUNTS_KEPT = 400
_AGAIN_AFTER = timedelta(days=1)
_CLOCK_SLACK = timedelta(hours=1)


def after_build(
    record: RunHistory,
    *,
    feeds: Sequence[Selected],
    documents: Sequence[Stored],
    problems: Sequence[Problem],
    next_changes: Mapping[str, datetime],
    withdrawals: int,
    now: datetime,
) -> RunHistory:
    """Return the record once these documents stand and these problems are reported."""
    before = {state.name: state for state in record.feeds}
    open_before = {_identity(item.problem): item for item in record.problems}
    kept = sorted(problems, key=lambda problem: (problem.level is Level.WARNING, problem.place))[:PROBLEMS_KEPT]
    return replace(
        record,
        feeds=tuple(_feed_state(each, documents, next_changes, before.get(each.feed.name), now) for each in feeds),
        problems=tuple(_open(problem, open_before.get(_identity(problem)), now) for problem in kept),
        further=len(problems) - len(kept),
        counts=_counted(record.counts, problems, now),
        withdrawals=withdrawals,
        succeeded=now,
        failure=None,
    )


def after_failure(record: RunHistory, error: FeedmillError, now: datetime) -> tuple[RunHistory, bool]:
    """Return the record once an error has stopped a run, and whether a person has heard the same today."""
    failure, known = _heard(record.failure, "\n".join((error.message, *map(str, error.problems))), now)
    return replace(record, failure=failure), known


def after_complaint(record: RunHistory, complaint: str, now: datetime) -> tuple[RunHistory, bool]:
    """Return the record once something went wrong beside a run, and whether a person has heard the same today.

    An empty complaint means that nothing did.
    """
    failure, known = _heard(record.complaint, complaint, now) if complaint else (None, True)
    return replace(record, complaint=failure), known


def _heard(before: RunFailure | None, said: str, now: datetime) -> tuple[RunFailure, bool]:
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
    if before is None or before.digest != digest:
        return RunFailure(digest, now, now), False
    known = _is_fresh(before.told, now)
    return RunFailure(digest, before.since, before.told if known else now), known


def after_run(record: RunHistory, run: Run) -> RunHistory:
    """Return the record with one more run."""
    return replace(record, runs=(*record.runs, run)[-RUNS_KEPT:])


def without_texts(record: RunHistory, texts: Sequence[str]) -> RunHistory:
    """Return the record without anything that quotes one of some texts: those of withdrawn stories."""
    texts = [text for text in texts if text]

    def quotes(said: str) -> bool:
        return any(text in said for text in texts)

    if not texts:
        return record
    return replace(
        record,
        runs=tuple(replace(run, message="") if quotes(run.message) else run for run in record.runs),
        problems=tuple(item for item in record.problems if not quotes(str(item.problem))),
    )


def known_problems(record: RunHistory, problems: Sequence[Problem], now: datetime) -> frozenset[Problem]:
    """Return those problems of which a person heard less than a day ago, as known by the record before this run.

    Of problems beyond the number that is remembered, all are known once the record is full.
    """
    told = {_identity(item.problem): item.told for item in record.problems}
    full = len(record.problems) >= PROBLEMS_KEPT
    return frozenset(
        problem
        for problem in problems
        if (_is_fresh(told[_identity(problem)], now) if _identity(problem) in told else full)
    )


def _identity(problem: Problem) -> tuple[str, str, str]:
    """A problem stays the same when lines above it come or go."""
    return problem.code, problem.place.path, problem.message


def _is_fresh(told: datetime, now: datetime) -> bool:
    """Whether what was reported then need not be reported now; a clock that was far ahead counts for nothing."""
    return -_CLOCK_SLACK <= now - told < _AGAIN_AFTER


def _open(problem: Problem, before: OpenProblem | None, now: datetime) -> OpenProblem:
    if before is None:
        return OpenProblem(problem, now, now)
    return OpenProblem(problem, min(before.since, now), before.told if _is_fresh(before.told, now) else now)


def _counted(counts: tuple[ProblemCount, ...], problems: Sequence[Problem], now: datetime) -> tuple[ProblemCount, ...]:
    errors = sum(problem.level is Level.ERROR for problem in problems)
    warnings = len(problems) - errors
    if counts and (counts[-1].errors, counts[-1].warnings) == (errors, warnings):
        return counts
    past = tuple(count for count in counts if count.moment < now)
    return (*past, ProblemCount(now, errors, warnings))[-COUNTS_KEPT:]


def _feed_state(
    selected: Selected,
    documents: Sequence[Stored],
    next_changes: Mapping[str, datetime],
    before: FeedState | None,
    now: datetime,
) -> FeedState:
    feed = selected.feed
    own = [document for document in documents if document.feed == feed.name]
    digest = hashlib.sha256()
    for document in own:
        digest.update(bytes.fromhex(document.sha256))
    same = before is not None and before.digest == digest.hexdigest()
    return FeedState(
        name=feed.name,
        title=feed.title,
        entries=len(selected.members),
        bytes=sum(document.size for document in own),
        newest=max((datetime.fromtimestamp(member.published, UTC) for member in selected.members), default=None),
        changed=before.changed if before is not None and same else now,
        next_change=next_changes.get(feed.name),
        digest=digest.hexdigest(),
    )


def unpack_record(packed: bytes | None) -> RunHistory:
    """Return the record that was packed.

    One that is absent or of another version is empty: what it holds spares people a repeated message, and no feed
    depends on it.
    """
    try:
        return _DECODER.decode(packed) if packed else RunHistory()
    except (msgspec.MsgspecError, TypeError):
        return RunHistory()


def pack_record(record: RunHistory) -> bytes:
    """Return a record as bytes."""
    return msgspec.msgpack.encode(record)
