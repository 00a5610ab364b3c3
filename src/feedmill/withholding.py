"""Of the files that hold withdrawn stories nothing is said, and no more is kept than they are known again by."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from feedmill.model import Level, Problem
from feedmill.store import FROM_CONTENT, Row
from feedmill.work import Work

_OF_WITHDRAWALS = frozenset({"withdrawn", "date", "withdrawn-before"})
"""The problems of a withdrawn story that are reported still: those of the withdrawal itself."""


def withhold(work: Work) -> None:
    """Take what withdrawn stories say out of the cache."""
    for path in withdrawn_paths(work):
        row = work.entries.get(path)
        if row is not None and row.origin == FROM_CONTENT:
            work.entries.blank(row)
        work.sources.withhold(path, without_text(work.sources.problems_of(path), is_broken=work.is_broken(path)))


def no_longer_withdrawn(work: Work) -> list[str]:
    """Return the paths of the files that are to be read again, as they no longer hold a withdrawn story."""
    return sorted(set(work.sources.withheld()) - withdrawn_paths(work))


def without_text(problems: Iterable[Problem], *, is_broken: bool) -> list[Problem]:
    """Return what may be said of a file that holds a withdrawn story, or held it last.

    Nothing is to be corrected in the story, and what is wrong with it would quote it. A file that cannot be read may
    have become another's: that is said, without a word of what stands in it.
    """
    found = []
    for problem in problems:
        if problem.code in _OF_WITHDRAWALS:
            found.append(problem)
        elif is_broken and problem.level is Level.ERROR:
            message = "the file of a withdrawn story cannot be read; if it is another story's now, no feed shows that"
            found.append(replace(problem, message=message, remedy="correct the file, or delete it"))
    return found


def withdrawn_paths(work: Work) -> set[str]:
    """The paths of the files that hold withdrawn stories, or held them last."""
    paths = set()
    for id_ in work.missing.withdrawals:
        row, known = work.entries.with_record(id_), work.ledger.get(id_)
        if row is not None:
            paths.add(row.path)
        elif known is not None and known.path and work.entries.get(known.path) is None:
            paths.add(known.path)  # an entry that lies there now is another story's
    paths |= {row.path for row in work.entries.where("state = 'withdrawn'")}
    return paths | {row.path for row in _never_published(work)}


def _never_published(work: Work) -> list[Row]:
    """The stories that were withdrawn before any feed showed them."""
    condition = "withdrawn <= ? AND record IS NULL AND origin = 'content'"
    return list(work.entries.where(condition, (work.moment,)))
