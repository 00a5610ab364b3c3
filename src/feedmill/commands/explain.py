"""explain: why a story is, or is not, in each feed."""

from __future__ import annotations

import argparse
import difflib
from pathlib import PurePosixPath

from feedmill.commands.outcome import Context, Outcome, problem_data
from feedmill.errors import UsageError
from feedmill.model import Entry, Problem, Site
from feedmill.pipeline import Contents, mill
from feedmill.selecting import Standing, explain
from feedmill.site import load_site

HELP = "say why a story is, or is not, in each feed"
EXAMPLES = """examples:
  feedmill explain chips-without-borders                       by slug
  feedmill explain content/2024-05-01-chips-without-borders.md by file
  feedmill explain tag:example.org,2024:2024-05-01:chips       by id (or by address)

Exit codes: 0 explained; 1 the story has an error that leaves it out; 2 there is no such story."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which story."""
    parser.add_argument("story", metavar="STORY", help="its slug, file, id or address")


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Explain. Raises UsageError when no story, or more than one, is meant."""
    site = load_site(context.directory)
    contents = mill(site, context.directory, now=context.now, progress=context.progress)
    found = [entry for entry in contents.entries if arguments.story in _names(entry, site)]
    if len(found) > 1:
        paths = ", ".join(_shown(site, entry.path) for entry in found)
        raise UsageError(f"'{arguments.story}' means several stories: {paths}", remedy="name one by its file")
    if not found:
        return _left_out(arguments.story, contents, site)
    entry = found[0]
    problems = _problems_of(_shown(site, entry.path), contents)
    standings = explain(entry, contents.entries, contents.site, context.now)
    return Outcome(
        lines=(*_facts(entry, contents), *map(_standing_line, standings), *map(str, problems)),
        data={
            "path": _shown(site, entry.path),
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


def _shown(site: Site, path: str) -> str:
    return PurePosixPath(site.content_path, path).as_posix()


def _names(entry: Entry, site: Site) -> set[str]:
    return {entry.slug, entry.id, entry.url, entry.path, _shown(site, entry.path)}


def _problems_of(path: str, contents: Contents) -> tuple[Problem, ...]:
    stem = path.rpartition(".")[0]
    return tuple(
        problem
        for problem in contents.problems
        if problem.place.path == path or problem.place.path in (f"{stem}.yaml", f"{stem}.yml")
    )


def _left_out(name: str, contents: Contents, site: Site) -> Outcome:
    """Explain a story that errors leave out, which only its file can name."""
    for path in (name, _shown(site, name)):
        problems = _problems_of(path, contents)
        if problems:
            lines = (f"{path} is in no feed, because:", *map(str, problems))
            data = {"path": path, "feeds": [], "problems": problem_data(problems)}
            return Outcome(exit_code=1, lines=lines, data=data)
    known = {name for entry in contents.entries for name in (entry.slug, _shown(site, entry.path))}
    near = difflib.get_close_matches(name, sorted(known), 1)
    remedy = f"did you mean {near[0]}?" if near else "name it by slug, file, id or address"
    raise UsageError(f"no story is called '{name}'", remedy=remedy)


def _facts(entry: Entry, contents: Contents) -> list[str]:
    site = contents.site
    topics = "; ".join(f"{slug} ({why})" for slug, why in entry.because.topics.items())
    rows = [
        ("story", _shown(site, entry.path)),
        ("convention", _convention(entry, contents)),
        ("title", entry.title),
        ("id", f"{entry.id} ({entry.because.id})"),
        ("address", f"{entry.url} ({entry.because.url})"),
        ("published", f"{entry.published:%Y-%m-%dT%H:%M:%SZ} ({entry.because.published})"),
        ("updated", f"{entry.updated:%Y-%m-%dT%H:%M:%SZ}"),
        ("topics", topics or "none: it names none, and no topic's words stand in it"),
    ]
    return [f"{name:10} {value}" for name, value in rows]


def _convention(entry: Entry, contents: Contents) -> str:
    folder = entry.path.partition("/")[0] if "/" in entry.path else ""
    detected = contents.conventions.get(folder)
    return f"{entry.because.convention} ({detected.because})" if detected else entry.because.convention


def _standing_line(standing: Standing) -> str:
    verdict = f"in, number {standing.position}" if standing.position else "not in"
    return f"  {standing.feed:24} {verdict:14} {standing.reason}"
