"""next: when time alone will next change a feed."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from feedmill.running.open_site import reading
from feedmill.running.outcome import Outcome, RunContext
from feedmill.selecting import foresee

if TYPE_CHECKING:
    from feedmill.timing import TimeChange

HELP = "when time alone will next change a feed: embargoes, expiries, stubs that go"
EXAMPLES = """examples:
  feedmill next                                   what will change, and when, though nobody edits anything
  feedmill next --json | jq -r .next              the moment alone, for a timer; null when there is none
  systemd-run --user --on-calendar "$(date -u -d "$(feedmill next --json | jq -r .next)" '+%F %T UTC')" feedmill build

A build at that moment makes the change. One that runs every minute needs no timer: it looks by itself.
manifest.json has the moment, too, as next_change."""
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing beyond what all verbs share."""


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Answer. Raises FeedmillError for what stops a build, too."""
    with reading(context) as work:
        changes = foresee(work)
    first = changes[0].moment if changes else None
    return Outcome(
        lines=tuple(_lines(changes, context.now)),
        data={
            "now": context.now.isoformat(),
            "next": first.isoformat() if first is not None else None,
            "seconds": int((first - context.now).total_seconds()) if first is not None else None,
            "changes": [
                {
                    "moment": change.moment.isoformat(),
                    "feed": change.feed,
                    "what": change.what,
                    "id": change.id,
                    "title": change.title,
                }
                for change in changes
            ],
        },
    )


def _lines(changes: list[TimeChange], now: datetime) -> list[str]:
    """Return a line for each story and what happens to it, with all feeds that it changes."""
    if not changes:
        return ["nothing: until somebody edits something, no feed will change"]
    ordered = sorted(changes, key=lambda change: (change.moment, change.id, change.what, change.feed))
    lines = []
    for (moment, _, what, title), alike in groupby(ordered, key=lambda c: (c.moment, c.id, c.what, c.title)):
        feeds = ", ".join(change.feed for change in alike)
        lines.append(f"{moment:%Y-%m-%dT%H:%M:%SZ}  in {_span(moment - now)}: {what}: '{title}' ({feeds})")
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {more:,} more: see `feedmill next --json`"] if more > 0 else [])]


def _span(span: timedelta) -> str:
    """Return a length of time in its largest unit."""
    seconds = int(span.total_seconds())
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:,} {unit}"
    return f"{seconds} s"
