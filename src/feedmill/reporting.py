"""The cache → what there is to say of a site: how many stories, which are hidden, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from feedmill.accepting import without_accepted
from feedmill.feeds import ALL, hidden_because
from feedmill.model import Level, Place, Problem, Unknown
from feedmill.normalising import unknown_shortcodes
from feedmill.selecting import asked_of, choose, render, select_only
from feedmill.store import Row
from feedmill.withholding import withdrawn_paths, without_text
from feedmill.work import Work

_AT_ONCE = 2_000
"""How many stories are looked at whole before what was found is put away."""


def count_found(work: Work) -> int:
    """How many story files there are."""
    return work.sources.count("story", "broken")


def count_left_out(work: Work) -> int:
    """How many stories no feed can show because of an error."""
    doubtful = sum(problem.level is Level.ERROR for _, problem in work.entries.problems())
    return work.sources.count("broken") + doubtful + len(_lost(work))


def count_published(work: Work) -> int:
    """How many stories feeds may show now."""
    return work.entries.count(ALL, work.moment) - len(_lost(work))


def _lost(work: Work) -> set[str]:
    return {path for each in work.selected for path in each.lost}


def hidden(work: Work) -> dict[str, str]:
    """Why stories in which nothing is wrong are not shown now, by path. It looks at every entry."""
    found: dict[str, str] = {}
    for row in work.entries.where("origin = 'content' AND state IN ('', 'draft', 'withdrawn')"):
        reason = hidden_because(row.entry, row.state, work.now)
        if reason:
            found[row.path] = reason
    return dict(sorted(found.items()))


def conventions(work: Work) -> dict[str, tuple[str, str]]:
    """The convention of every folder directly below content/, and why it was chosen."""
    return work.sources.conventions()


def problems_now(work: Work) -> tuple[Problem, ...]:
    """Everything that is wrong with what was looked at, by place."""
    return problems_with(work, sorted(work.wanted))


def problems_with(work: Work, paths: Iterable[str], *, notices: bool = False) -> tuple[Problem, ...]:
    """Return everything that is wrong, of bodies those of some entries, by place; harmless things only as `notices`."""
    site = work.site
    shown = {member.id for each in work.selected for member in each.members}
    root = "" if site.content_path == "." else f"{site.content_path}/"
    problems = [*work.data_problems, *work.templates.problems, *work.sources.problems(), *work.problems_of_lists]
    problems += [problem for _, problem in work.entries.problems()]
    unknown: list[Unknown] = []
    lost = [path for each in work.selected for path in each.lost]
    for _, said, dropped, _ in work.bodies.found_in(dict.fromkeys([*paths, *lost])):
        problems += said
        unknown += dropped
    problems += unknown_shortcodes(unknown)
    problems += [problem for id_, problem in work.missing.problems.items() if id_ in shown]
    if not count_found(work):
        message, remedy = "there are no stories here", "add files ending in .md, .html or .txt"
        problems.append(Problem(Level.ERROR, "content-empty", Place(site.content_path), message, remedy))
    of_withdrawn = {f"{root}{path}": path for path in withdrawn_paths(work)}
    kept: list[Problem] = []
    for problem in problems:
        path = of_withdrawn.get(problem.place.path)
        kept += [problem] if path is None else without_text([problem], is_broken=work.is_broken(path))
    kept, unused = without_accepted(kept, site)
    kept += unused if notices else []
    told = (problem for problem in kept if notices or problem.level is not Level.NOTICE)
    return tuple(sorted(told, key=lambda problem: problem.place))


def check(work: Work, *, notices: bool = False) -> tuple[Problem, ...]:
    """Look at every story whole, and return everything that is wrong, by place; harmless things only as `notices`."""
    choose(work)
    paths = work.entries.paths()
    for at in range(0, len(paths), _AT_ONCE):
        some = [path for path in paths[at : at + _AT_ONCE] if not work.bodies.is_kept(path)]
        render(work, [asked for path in some if (asked := asked_of(work, path, ())) is not None])
    select_only(work)
    return problems_with(work, paths, notices=notices)


def count_checked_out(work: Work) -> int:
    """Return how many stories errors leave out, once `check` has looked at all of them."""
    doubtful = sum(problem.level is Level.ERROR for _, problem in work.entries.problems())
    return work.sources.count("broken") + doubtful + len(work.bodies.lost())


def problems_of(work: Work, row: Row) -> tuple[Problem, ...]:
    """Return what is wrong with a story, its body included."""
    if not work.bodies.is_kept(row.path):
        asked = asked_of(work, row.path, ())
        render(work, [asked] if asked is not None else [])
    found = [*problems_at(work, row.path)]
    for _, problems, unknown, _ in work.bodies.found_in([row.path]):
        found += [*problems, *unknown_shortcodes(unknown)]
    return tuple(sorted(found, key=lambda problem: problem.place))


def problems_at(work: Work, path: str) -> list[Problem]:
    """Return what was found wrong when a story was read, and with its identity."""
    found = work.sources.problems_of(path)
    return found + work.entries.problems_of(path)
