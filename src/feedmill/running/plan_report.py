"""How a plan is shown: to people as lines, to programs as data."""

from __future__ import annotations

from typing import Any

from feedmill.ledger import FeedPlan, Plan, Seen
from feedmill.running.outcome import counted

_MOST_TITLES = 10
"""How many entries of one kind are named for each feed; programs are given all."""
_KINDS = (
    ("new", "+", "new"),
    ("changed", "~", "changed"),
    ("withdrawn", "x", "withdrawn"),
    ("left", "-", "left the window"),
    ("again", "!", "shown again"),
    ("lost", "!", "lost"),
)


def plan_lines(plan: Plan) -> list[str]:
    """Return a plan in words: what subscribers of each feed will see, then why a build would refuse."""
    lines = []
    for feed in plan.feeds:
        if not feed.is_quiet:
            lines.extend(_feed_lines(feed))
    quiet = sum(feed.is_quiet for feed in plan.feeds)
    if quiet:
        lines.append(f"{counted(quiet, 'feed', 'feeds')} unchanged")
    lines.extend(f"! the id of '{seen.title}' would change: {seen.id} to {seen.why}" for seen in plan.changed_ids)
    again = {seen.id for feed in plan.feeds for seen in feed.again}
    new = {seen.id for feed in plan.feeds for seen in feed.new}
    lines.append(f"In all {counted(len(new), 'entry', 'entries')} new, {len(again):,} shown again.")
    lines.extend(f"A build would refuse: {what}; {remedy}" for what, remedy in plan.brakes)
    return lines


def _feed_lines(feed: FeedPlan) -> list[str]:
    groups = [(mark, words, _of(feed, key)) for key, mark, words in _KINDS]
    counts = [f"{len(seen):,} {words}" for _, words, seen in groups if seen]
    counts += [counted(len(feed.gone), "document gone", "documents gone")] if feed.gone else []
    moves = [f"moves to {feed.moved_to}"] if feed.moved_to else []
    if feed.moved_from:
        entries = counted(len(feed.moved), "entry", "entries")
        moves.append(f"takes the place of {', '.join(feed.moved_from)}, with the same {entries}")
    lines = [f"{feed.name}: " + "; ".join([*moves, *([", ".join(counts)] if counts else [])])]
    for mark, words, seen in groups:
        lines.extend(
            f"  {mark} {words}: {item.title or item.id}" + (f" ({item.why})" if item.why else "")
            for item in seen[:_MOST_TITLES]
        )
        if len(seen) > _MOST_TITLES:
            lines.append(f"  {mark} and {len(seen) - _MOST_TITLES:,} more")
    lines.extend(f"  ! gone: {address}" for address in feed.gone)
    return lines


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan for programs."""
    return {
        "feeds": [
            {
                "name": feed.name,
                "title": feed.title,
                "before": feed.before,
                "after": feed.after,
                "moved_from": list(feed.moved_from),
                "moved_to": feed.moved_to,
                "documents_gone": list(feed.gone),
                **{name: [_seen_data(seen) for seen in _of(feed, key)] for key, name in _NAMES.items()},
            }
            for feed in plan.feeds
        ],
        "changed_ids": [{"id": seen.id, "title": seen.title, "to": seen.why} for seen in plan.changed_ids],
        "brakes": [{"message": what, "remedy": remedy} for what, remedy in plan.brakes],
    }


_NAMES = {
    "new": "new",
    "changed": "changed",
    "withdrawn": "withdrawn",
    "left": "left_the_window",
    "again": "shown_again",
    "lost": "lost",
    "moved": "moved",
}


def _of(feed: FeedPlan, key: str) -> tuple[Seen, ...]:
    found: tuple[Seen, ...] = getattr(feed, key)
    return found


def _seen_data(seen: Seen) -> dict[str, str]:
    data = {"id": seen.id, "title": seen.title}
    return {**data, "why": seen.why} if seen.why else data
