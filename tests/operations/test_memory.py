"""What a run adds to the record: states of feeds, open problems, and whether a person has heard of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedmill.errors import PublishingError, Refused
from feedmill.feeds import Selected
from feedmill.model import Document, Feed, FeedKind, FeedSettings, Level, Place, Problem
from feedmill.operations.run_history import FeedState, OpenProblem, ProblemCount, Run, RunFailure, RunHistory
from feedmill.operations.runs import (
    COUNTS_KEPT,
    PROBLEMS_KEPT,
    RUNS_KEPT,
    after_build,
    after_complaint,
    after_failure,
    after_run,
    known_problems,
    pack_record,
    unpack_record,
)
from feedmill.publishing import as_stored

NOW = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = Selected(Feed("all", FeedKind.ALL, "Wire", "", FeedSettings(), NOW, "tag:x"), ())


def problem(number: int = 1, *, line: int = 1, level: Level = Level.ERROR) -> Problem:
    return Problem(level, "date", Place(f"content/{number:05}.md", line, 1), "wrong", "correct it")


def built(record: RunHistory, *problems: Problem, now: datetime = NOW, content: bytes = b"one") -> RunHistory:
    document = as_stored(Document("all.atom", "https://e.example/all.atom", "text/xml", content, NOW, feed="all"))
    return after_build(
        record,
        feeds=[FEED],
        documents=[document],
        problems=problems,
        next_changes={},
        withdrawals=0,
        now=now,
    )


def test_a_problem_is_known_for_a_day_and_told_again_then() -> None:
    record, heard = RunHistory(), []
    for hour in range(0, 60, 6):
        now = NOW + hour * HOUR
        if not known_problems(record, [problem()], now):
            heard.append(hour)
        record = built(record, problem(), now=now)
    assert heard == [0, 24, 48]
    assert record.problems[0].since == NOW


def test_a_problem_that_only_moved_within_its_file_is_the_same() -> None:
    record = built(RunHistory(), problem(line=3))
    assert known_problems(record, [problem(line=9)], NOW + HOUR) == {problem(line=9)}
    assert known_problems(record, [problem(2, line=3)], NOW + HOUR) == frozenset()


def test_a_problem_that_was_corrected_and_came_back_is_told_again() -> None:
    record = built(built(RunHistory(), problem()), now=NOW + HOUR)
    assert known_problems(record, [problem()], NOW + 2 * HOUR) == frozenset()


@pytest.mark.parametrize(("jump", "known"), [(-2 * HOUR, False), (-timedelta(seconds=40), True), (400 * HOUR, False)])
def test_a_clock_that_jumps_silences_nothing_for_long(jump: timedelta, known: bool) -> None:
    record = built(RunHistory(), problem())
    assert bool(known_problems(record, [problem()], NOW + jump)) is known
    record = built(record, problem(), now=NOW + jump)
    assert known_problems(record, [problem()], NOW + jump + HOUR), "once told at the new time, it is quiet"


def test_an_error_that_stops_every_run_is_known_for_a_day_and_forgotten_with_success() -> None:
    record, known = after_failure(RunHistory(), PublishingError("disk full"), NOW)
    assert not known
    record, known = after_failure(record, PublishingError("disk full"), NOW + HOUR)
    assert known
    again, known = after_failure(record, PublishingError("disk full"), NOW + 24 * HOUR)
    assert not known
    assert again.failure is not None
    assert again.failure.since == NOW
    _, known = after_failure(record, Refused("disk full", problems=[problem()]), NOW + HOUR)
    assert not known
    assert built(record).failure is None


def test_what_goes_wrong_beside_a_run_is_known_for_a_day_and_forgotten_when_nothing_does() -> None:
    record, known = after_complaint(RunHistory(), "the hub does not answer", NOW)
    assert not known
    record, known = after_complaint(record, "the hub does not answer", NOW + HOUR)
    assert known
    record, known = after_complaint(record, "", NOW + HOUR)
    assert (record.complaint, known) == (None, True)


def test_a_feed_remembers_when_its_documents_last_changed() -> None:
    record = built(built(RunHistory()), now=NOW + HOUR)
    assert record.feeds[0].changed == NOW
    record = built(record, now=NOW + 2 * HOUR, content=b"two")
    assert record.feeds[0].changed == NOW + 2 * HOUR
    assert record.succeeded == NOW + 2 * HOUR


def test_problem_counts_are_kept_where_they_change() -> None:
    record = RunHistory()
    for hour, problems in enumerate([[], [problem()], [problem(2)], [problem(level=Level.WARNING)], []]):
        record = built(record, *problems, now=NOW + hour * HOUR)
    assert [(count.moment, count.errors, count.warnings) for count in record.counts] == [
        (NOW, 0, 0), (NOW + HOUR, 1, 0), (NOW + 3 * HOUR, 0, 1), (NOW + 4 * HOUR, 0, 0),
    ]  # fmt: skip
    record = built(record, problem(), now=NOW + 2 * HOUR)
    assert [count.moment for count in record.counts] == [NOW, NOW + HOUR, NOW + 2 * HOUR], "the clock went back"


def test_the_record_is_bounded() -> None:
    record = RunHistory()
    for number in range(RUNS_KEPT + 3):
        record = after_run(record, Run(str(number), NOW, 0, 0.0))
    assert [record.runs[0].id, record.runs[-1].id, len(record.runs)] == ["3", str(RUNS_KEPT + 2), RUNS_KEPT]
    for number in range(COUNTS_KEPT + 3):
        record = built(record, *[problem()] * (number % 2), now=NOW + number * HOUR)
    assert len(record.counts) == COUNTS_KEPT
    many = [problem(number, level=Level.WARNING if number < 9 else Level.ERROR) for number in range(PROBLEMS_KEPT + 3)]
    record = built(record, *many)
    assert (len(record.problems), record.further) == (PROBLEMS_KEPT, 3)
    assert known_problems(record, many, NOW + HOUR) == frozenset(many)


FULL = RunHistory(
    runs=(Run("one", NOW, 1, 0.25, 2, 1, 3, "words — 三"),),
    feeds=(
        FeedState("all", "Wire", 2, 900, NOW, NOW, NOW, "ab"),
        FeedState("china", "China", 0, 300, None, NOW, None, "cd"),
    ),
    problems=(OpenProblem(problem(), NOW, NOW),),
    further=4,
    counts=(ProblemCount(NOW, 2, 1),),
    withdrawals=5,
    succeeded=NOW,
    failure=RunFailure("ef", NOW, NOW),
)


@pytest.mark.parametrize("record", [RunHistory(), FULL], ids=["empty", "full"])
def test_a_record_comes_back_as_it_was_kept(record: RunHistory) -> None:
    assert unpack_record(pack_record(record)) == record


@pytest.mark.parametrize("packed", [None, b"", b"{", b"\xff\xfe", b"\x93\x01\x02\x03", b"\x81\xa4runs\x91\x03"])
def test_a_damaged_record_is_an_empty_one(packed: bytes | None) -> None:
    assert unpack_record(packed) == RunHistory()
