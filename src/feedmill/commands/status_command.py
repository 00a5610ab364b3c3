"""status: how every feed is, and how the last runs went; writes nothing."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any

from feedmill.config.loading import load_site
from feedmill.operations.run_history import FeedState, Run, RunHistory
from feedmill.running.open_site import record_of
from feedmill.running.outcome import Outcome, RunContext, counted, problem_data

HELP = "show how every feed is, and what is open"
EXAMPLES = """examples:
  feedmill status             every feed, the last run, open problems
  feedmill status --json | jq '.feeds[] | select(.entries == 0) | .name'

It shows what the last build left in .feedmill/ and reads no story. With `feeds: {status: true}` in feedmill.yaml,
a build also writes a page, feeds/status.html. Exit codes: 0 shown; 2 usage or configuration."""

_SHOWN = 20
"""How many problems are shown; `check` shows all."""
_ENDINGS = {
    0: "done",
    1: "done, but stories were left out",
    2: "usage or configuration was wrong",
    3: "refused, nothing replaced",
    5: "input or output failed",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing beyond what all verbs share."""


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Show the record. Raises ConfigurationError where there is no site."""
    load_site(context.directory)
    record = record_of(context.directory)
    return Outcome(lines=tuple(_lines(record, context.now)), data=_data(record, context.now))


def _lines(record: RunHistory, now: datetime) -> list[str]:
    if not record.runs:
        return ["no build has run here yet: run `feedmill build`"]
    last = record.runs[-1]
    lines = [f"last check    {_ago(last.moment, now)}, took {last.seconds:.2f} s: {_ending(last)}"]
    if last.message:
        lines.append(f"              {last.message}")
    if record.failure is not None:
        lines.append(f"failing since {_ago(record.failure.since, now)}")
    if record.succeeded is None:
        lines.append("last success  never")
    elif record.succeeded != last.moment:
        lines.append(f"last success  {_ago(record.succeeded, now)}")
    lines.append("")
    rows = [("feed", "entries", "bytes", "newest entry", "age", "last change", "next change by time")]
    rows += [_row(state, now) for state in record.feeds]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if index in (1, 2) else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.append("")
    return lines + _problem_lines(record)


def _row(state: FeedState, now: datetime) -> tuple[str, str, str, str, str, str, str]:
    return (
        state.name,
        f"{state.entries:,}",
        f"{state.bytes:,}",
        _moment(state.newest) if state.newest else "-",
        _span(now - state.newest) if state.newest else "-",
        _moment(state.changed),
        _moment(state.next_change) if state.next_change else "-",
    )


def _problem_lines(record: RunHistory) -> list[str]:
    number = len(record.problems) + record.further
    if not number:
        return ["no problems"]
    lines = [f"{item.problem} (since {item.since:%Y-%m-%d})" for item in record.problems[:_SHOWN]]
    if number > _SHOWN:
        lines.append(f"and {number - _SHOWN:,} more: see `feedmill check`")
    return [f"{counted(number, 'open problem', 'open problems')}:", *lines]


def _ending(run: Run) -> str:
    return f"{_ENDINGS.get(run.exit_code, 'failed')} (exit code {run.exit_code})"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{_moment(moment)} ({_span(now - moment)} ago)" if moment <= now else _moment(moment)


def _span(span: timedelta) -> str:
    """Return a length of time in its largest unit."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:,} {unit}"
    return f"{seconds} s"


def _data(record: RunHistory, now: datetime) -> dict[str, Any]:
    return {
        "now": now.isoformat(),
        "runs": [_run_data(run) for run in reversed(record.runs)],
        "last_success": _iso(record.succeeded),
        "failing_since": _iso(record.failure.since) if record.failure else None,
        "feeds": [
            {
                "name": state.name,
                "title": state.title,
                "entries": state.entries,
                "bytes": state.bytes,
                "newest": _iso(state.newest),
                "age_seconds": int((now - state.newest).total_seconds()) if state.newest else None,
                "changed": _iso(state.changed),
                "checked": _iso(record.succeeded),
                "next_change": _iso(state.next_change),
            }
            for state in record.feeds
        ],
        "withdrawals": record.withdrawals,
        "problems": [
            {**problem_data((item.problem,))[0], "since": _iso(item.since), "told": _iso(item.told)}
            for item in record.problems
        ],
        "further_problems": record.further,
    }


def _run_data(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "moment": _iso(run.moment),
        "exit": run.exit_code,
        "seconds": run.seconds,
        "errors": run.errors,
        "warnings": run.warnings,
        "changed": run.changed,
        "message": run.message or None,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
