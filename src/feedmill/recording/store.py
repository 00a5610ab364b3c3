"""A record ↔ .feedmill/runs.json, replaced by a rename."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from feedmill.model import Level, Place, Problem
from feedmill.record import Failure, FeedState, OpenProblem, ProblemCount, Record, Run

FILE_NAME = "runs.json"
CHECKED = "checked"
_VERSION = 1
_MAX_BYTES = 10_000_000


def load_record(state: Path) -> Record:
    """Read the record in a state directory.

    One that is absent, damaged or of another version is empty: what it holds spares people a repeated message, and
    no feed depends on it.
    """
    try:
        with (state / FILE_NAME).open("rb") as file:
            data = json.loads(file.read(_MAX_BYTES))
        return _checked(_record(data), state) if data["version"] == _VERSION else Record()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Record()


def _checked(record: Record, state: Path) -> Record:
    """Add the runs that found nothing to do, which take no time to be remembered one by one."""
    try:
        moment, times = (state / CHECKED).read_text("ascii").split()
        checked = _moment(moment)
    except (OSError, ValueError):
        return record
    if not record.runs or checked < record.runs[-1].moment:
        return record
    return replace(record, checked=checked, unchanged=int(times))


def save_record(record: Record, state: Path) -> None:
    """Write the record. Raises OSError, the old one being whole.

    It is not forced to disk: after a power cut an empty record only means that problems are told once more.
    """
    kept = msgspec.to_builtins(replace(record, checked=None, unchanged=0))
    content = json.dumps({"version": _VERSION, **kept}, ensure_ascii=False)
    temporary = state / f"{FILE_NAME}.new"
    try:
        temporary.write_bytes(content.encode("utf-8", "surrogatepass"))
        temporary.replace(state / FILE_NAME)
        (state / CHECKED).unlink(missing_ok=True)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _record(data: dict[str, Any]) -> Record:
    return Record(
        runs=tuple(Run(**{**row, "moment": _moment(row["moment"])}) for row in data["runs"]),
        feeds=tuple(_feed(row) for row in data["feeds"]),
        problems=tuple(_problem(row) for row in data["problems"]),
        further=int(data["further"]),
        counts=tuple(ProblemCount(**{**row, "moment": _moment(row["moment"])}) for row in data["counts"]),
        withdrawals=int(data["withdrawals"]),
        succeeded=_maybe(data["succeeded"]),
        failure=_failure(data["failure"]),
        complaint=_failure(data["complaint"]),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)


def _feed(row: dict[str, Any]) -> FeedState:
    moments = {"newest": _maybe(row["newest"]), "changed": _moment(row["changed"])}
    return FeedState(**{**row, **moments, "next_change": _maybe(row["next_change"])})


def _problem(row: dict[str, Any]) -> OpenProblem:
    said = row["problem"]
    problem = Problem(**{**said, "level": Level(said["level"]), "place": Place(**said["place"])})
    return OpenProblem(problem, _moment(row["since"]), _moment(row["told"]))


def _failure(row: dict[str, Any] | None) -> Failure | None:
    return None if row is None else Failure(row["digest"], _moment(row["since"]), _moment(row["told"]))
