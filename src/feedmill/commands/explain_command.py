"""explain: why a story is, or is not, in each feed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from feedmill.config.site import Site
from feedmill.errors import UsageError
from feedmill.feeds import hidden_because, is_curated, why_in
from feedmill.model import Entry
from feedmill.reading import shown_name
from feedmill.reporting import problems_at, problems_of
from feedmill.running.open_site import reading
from feedmill.running.outcome import Outcome, RunContext, exit_code_for, problem_data
from feedmill.searching import broken_called, called, nearest, titled
from feedmill.selecting import select_only
from feedmill.store import Row
from feedmill.work import Work

HELP = "say why a story is, or is not, in each feed"
EXAMPLES = """examples:
  feedmill explain chips-without-borders                       by slug
  feedmill explain content/2024-05-01-chips-without-borders.md by file
  feedmill explain tag:example.org,2024:2024-05-01:chips       by id (or by address)

Exit codes: 0 explained; 1 the story has an error that leaves it out; 2 there is no such story."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which story."""
    parser.add_argument("story", metavar="STORY", type=shown_name, help="its slug, title, file, id or address")


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Explain. Raises UsageError when no story, or more than one, is meant."""
    with reading(context) as work:
        select_only(work)
        return _explained(arguments.story, work)


class _Standing(Struct, frozen=True):
    """Whether an entry is in a feed: its position from 1, or 0, and the reason."""

    feed: str
    position: int
    reason: str


def _explained(name: str, work: Work) -> Outcome:
    found = called(work, name) or titled(work, name)
    if len(found) > 1:
        paths = ", ".join(_shown(work.site, row.path) for row in found)
        raise UsageError(f"'{name}' means several stories: {paths}", remedy="name one by its file")
    if not found:
        return _left_out(name, work)
    row = found[0]
    entry, shown = row.entry, _shown(work.site, row.path)
    problems = problems_of(work, row)
    standings = list(_standings(row, entry, work))
    return Outcome(
        exit_code=exit_code_for(problems),
        lines=(*_facts(row, entry, work), *map(_standing_line, standings), *map(str, problems)),
        data={
            "path": shown,
            "convention": entry.because.convention,
            "title": entry.title,
            "id": {"value": entry.id, "rule": entry.because.id},
            "url": {"value": entry.url, "rule": entry.because.url},
            "published": {"value": entry.published.isoformat(), "rule": entry.because.published},
            "updated": entry.updated.isoformat(),
            "topics": dict(entry.because.topics),
            "feeds": [
                {"feed": standing.feed, "position": standing.position or None, "reason": standing.reason}
                for standing in standings
            ],
            "problems": problem_data(problems),
        },
    )


def _standings(row: Row, entry: Entry, work: Work) -> Iterator[_Standing]:
    """Say of every feed why it shows an entry, or why not."""
    hidden = hidden_because(entry, row.state, work.now)
    for each in work.selected:
        feed = each.feed
        if feed.moved_to:
            continue
        position = next((number for number, m in enumerate(each.members, 1) if m.path == row.path), 0)
        if is_curated(work.site, feed.name):
            names = {story.name for story in work.site.collections[feed.name].stories}
            reason = "listed by hand" if names & {entry.slug, entry.id, row.path} else ""
        else:
            reason = why_in(work.site, feed.name, entry)
        if not reason:
            yield _Standing(feed.name, 0, "it is not one of its stories")
        elif hidden:
            yield _Standing(feed.name, 0, hidden)
        elif row.path in each.lost:
            yield _Standing(feed.name, 0, "its body has an error")
        elif position:
            yield _Standing(feed.name, position, reason)
        else:
            rank = work.entries.rank(feed.name, row.path, work.moment)
            yield _Standing(feed.name, 0, f"number {rank} by date, and the feed shows {feed.settings.limit}")


def _shown(site: Site, path: str) -> str:
    return PurePosixPath(site.content_path, path).as_posix()


def _left_out(name: str, work: Work) -> Outcome:
    """Explain a story that errors leave out: it is named by its file, or by its slug or title."""
    paths = broken_called(work, name)
    if len(paths) > 1:
        shown = ", ".join(_shown(work.site, path) for path in paths)
        raise UsageError(f"'{name}' means several stories: {shown}", remedy="name one by its file")
    for path in paths:
        problems = tuple(problems_at(work, path))
        lines = (f"{_shown(work.site, path)} is in no feed, because:", *map(str, problems))
        data = {"path": _shown(work.site, path), "feeds": [], "problems": problem_data(problems)}
        return Outcome(exit_code=1, lines=lines, data=data)
    near = nearest(work, name)
    remedy = f"did you mean {near}?" if near else "name it by slug, title, file, id or address"
    raise UsageError(f"no story is called '{name}'", remedy=remedy)


def _facts(row: Row, entry: Entry, work: Work) -> list[str]:
    topics = "; ".join(f"{slug} ({why})" for slug, why in entry.because.topics.items())
    rows = [
        ("story", _shown(work.site, row.path)),
        ("convention", _convention(row, entry, work)),
        ("title", entry.title),
        ("id", f"{entry.id} ({entry.because.id})"),
        ("address", f"{entry.url} ({entry.because.url})"),
        ("published", f"{entry.published:%Y-%m-%dT%H:%M:%SZ} ({entry.because.published})"),
        ("updated", f"{entry.updated:%Y-%m-%dT%H:%M:%SZ}"),
        ("topics", topics or "none: it names none, and no topic's words stand in it"),
    ]
    return [f"{name:10} {value}" for name, value in rows]


def _convention(row: Row, entry: Entry, work: Work) -> str:
    folder = row.path.partition("/")[0] if "/" in row.path else ""
    known = work.sources.conventions().get(folder)
    return f"{entry.because.convention} ({known[1]})" if known else entry.because.convention


def _standing_line(standing: _Standing) -> str:
    verdict = f"in, number {standing.position}" if standing.position else "not in"
    return f"  {standing.feed:24} {verdict:14} {standing.reason}"
