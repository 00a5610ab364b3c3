"""The record of runs comes back as it was written, and never stands in the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedmill.model import Level, Place, Problem
from feedmill.record import Failure, FeedState, OpenProblem, ProblemCount, Record, Run
from feedmill.recording import load_record, save_record

MOMENT = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
FULL = Record(
    runs=(Run("one", MOMENT, 1, 0.25, 2, 1, 3, "words — 三"),),
    feeds=(
        FeedState("all", "Wire", 2, 900, MOMENT, MOMENT, MOMENT, "ab"),
        FeedState("china", "China", 0, 300, None, MOMENT, None, "cd"),
    ),
    problems=(OpenProblem(Problem(Level.ERROR, "date", Place("a.md", 3, 1), "no", "yes"), MOMENT, MOMENT),),
    further=4,
    counts=(ProblemCount(MOMENT, 2, 1),),
    withdrawals=5,
    succeeded=MOMENT,
    failure=Failure("ef", MOMENT, MOMENT),
)


@pytest.mark.parametrize("record", [Record(), FULL], ids=["empty", "full"])
def test_a_record_comes_back_as_it_was_saved(tmp_path: Path, record: Record) -> None:
    save_record(record, tmp_path)
    assert load_record(tmp_path) == record
    assert [path.name for path in tmp_path.iterdir()] == ["runs.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b"\xff\xfe", b'{"version": 1}', b'{"version": 9, "runs": []}', b"[" * 100_000,
     b'{"version": 1, "runs": [{"id": 3}]}'],
)  # fmt: skip
def test_a_damaged_record_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "runs.json").write_bytes(content)
    assert load_record(tmp_path) == Record()


def test_a_record_that_cannot_be_read_or_is_not_there_is_an_empty_one(tmp_path: Path) -> None:
    assert load_record(tmp_path / "nowhere") == Record()
    (tmp_path / "runs.json").mkdir()
    assert load_record(tmp_path) == Record()


def test_a_record_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    save_record(FULL, tmp_path)
    (tmp_path / "runs.json.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        save_record(Record(), tmp_path)
    assert load_record(tmp_path) == FULL
