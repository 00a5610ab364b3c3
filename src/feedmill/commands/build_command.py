"""build: the whole way, from content/ to feeds/."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from feedmill.look import look_again
from feedmill.operations.logs import LogFormat
from feedmill.publishing import Change
from feedmill.reporting import count_published, hidden
from feedmill.running.outcome import Outcome, RunContext, counted, exit_code_for, problem_data, seconds
from feedmill.running.unattended import Attended, attended

if TYPE_CHECKING:
    from feedmill.build import Built
    from feedmill.feeds import Selected

HELP = "build every feed from content/"
EXAMPLES = """examples:
  feedmill build                              build the feeds of this directory
  feedmill -C /srv/wire build                 … of another one, as cron would
  feedmill build --now 2024-06-01T00:00:00Z   … as they are at that moment
  feedmill build --json | jq .feeds           what became of each feed, for programs
  feedmill build --wait 30                    wait up to 30 seconds for another run to finish
  feedmill build --watch                      build again after every save, and say what changed
  feedmill build --log-format json            a line of JSON for everything that happens

Cron hears nothing when all is well, and of each problem once a day. Exit codes: 0 done; 1 done, but stories
were left out; 2 usage or configuration; 3 a brake holds or a document failed validation, nothing replaced;
4 another run is at work; 5 cannot write."""


_PATIENCE = 5.0
"""Seconds that one who watches waits for another run to finish: there is no hurry."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what overrides a brake, and how a run behaves that nobody watches."""
    parser.add_argument("--force", action="store_true", help="build even where a brake holds; never past validation")
    parser.add_argument(
        "--wait", metavar="SECONDS", type=seconds, default=0.0, help="wait this long for another run to finish"
    )
    parser.add_argument(
        "--log-format",
        choices=[item.value for item in LogFormat],
        help="write a log to standard error, one event per line, for journald and its kind",
    )
    parser.add_argument(
        "--metrics", metavar="FILE", type=Path, help="write Prometheus text about the run, sought from DIR"
    )
    parser.add_argument("--watch", action="store_true", help="build again after every save, until stopped")
    parser.add_argument("--all-problems", action="store_true", help="report problems, too, that were reported before")


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Build. Raises FeedmillError for what stops the run."""
    if arguments.watch:
        from feedmill.running.watching import watch

        watch(arguments, context, partial(_build, arguments, watching=True))
    return _build(arguments, context)[0]


def _build(
    arguments: argparse.Namespace, context: RunContext, *, watching: bool = False
) -> tuple[Outcome, Built | None]:
    """Build once; or find that there is nothing to do, which is not looked for while somebody watches."""
    wait = max(arguments.wait, _PATIENCE) if watching else arguments.wait
    with attended(context, wait=wait, all_problems=arguments.all_problems, metrics=arguments.metrics) as attending:
        site = attending.begin()
        seen = context.look
        wants_words = watching or arguments.json or arguments.force or arguments.all_problems or context.is_talkative
        if not wants_words:
            now = context.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            code, seen = look_again(str(context.directory), now, in_silence=False, before=seen)
            if code is not None:
                attending.nothing_to_do(code)
                return Outcome(exit_code=code, complaints=tuple(attending.complaints)), None
        built = attending.build(site, seen, force=arguments.force)
        attending.finish(built, exit_code_for(built.problems))
        return _outcome(built, attending, in_full=bool(arguments.json)), built


def _outcome(built: Built, attending: Attended, *, in_full: bool) -> Outcome:
    from feedmill.running.convention_report import convention_data, convention_lines
    from feedmill.running.plan_report import plan_data

    problems, work = built.problems, built.work
    return Outcome(
        exit_code=exit_code_for(problems),
        notes=(*(_feed_line(each, built) for each in built.selected), _summary(built), *convention_lines(work)),
        problems=problems,
        known=attending.known,
        complaints=tuple(attending.complaints),
        data={
            "now": attending.context.now.isoformat(),
            "conventions": convention_data(work),
            "stories": {
                "found": built.found,
                "published": count_published(work),
                "hidden": hidden(work),
                "left_out": built.left_out,
            },
            "feeds": [_feed_data(each, built) for each in built.selected],
            "documents": {path: change.value for path, change in sorted(built.published.changes.items())},
            "plan": plan_data(built.plan),
            "problems": problem_data(problems),
        }
        if in_full
        else {},
    )


def _feed_line(selected: Selected, built: Built) -> str:
    feed, count = selected.feed, len(selected.members)
    newest = f"newest {feed.updated:%Y-%m-%d}" if count else "empty"
    changed = sum(
        built.published.changes[document.path] in (Change.NEW, Change.REPLACED)
        for document in built.documents
        if document.feed == feed.name
    )
    what = counted(changed, "document changed", "documents changed") if changed else "unchanged"
    return f"{feed.name:24} {counted(count, 'story', 'stories'):>12}  {newest:17}  {what}"


def _summary(built: Built) -> str:
    published = built.published
    changed = published.count(Change.NEW) + published.count(Change.REPLACED)
    said = (
        f"{counted(built.found, 'story', 'stories')}, "
        f"{counted(len(built.feeds), 'feed', 'feeds')}: "
        f"{counted(changed, 'document', 'documents')} written, {published.count(Change.UNTOUCHED):,} untouched"
    )
    removed = published.count(Change.REMOVED)
    said += f", {removed:,} removed" if removed else ""
    return said + (f"; {counted(built.left_out, 'story', 'stories')} left out" if built.left_out else "")


def _feed_data(selected: Selected, built: Built) -> dict[str, object]:
    feed, count = selected.feed, len(selected.members)
    return {
        "name": feed.name,
        "kind": feed.kind.value,
        "title": feed.title,
        "entries": count,
        "newest": feed.updated.isoformat() if count else None,
        "documents": [
            {
                "path": document.path,
                "url": document.url,
                "bytes": document.size,
                "change": built.published.changes[document.path].value,
            }
            for document in built.documents
            if document.feed == feed.name
        ],
    }
