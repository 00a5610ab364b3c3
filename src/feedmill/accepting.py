"""Problems that a desk knows and accepts → those that are left: an accepted one counts for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.model import Level, Problem

_PIECE = expression(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANT = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def without_accepted(problems: Iterable[Problem], site: Site) -> tuple[list[Problem], list[Problem]]:
    """Return the problems that problems.accept does not take, and a notice for each of its patterns that takes none."""
    accepted = site.policies.accepted
    root = "" if site.content_path == "." else f"{site.content_path}/"
    left: list[Problem] = []
    used: set[tuple[str, str]] = set()
    for problem in problems:
        path = problem.place.path.removeprefix(root)
        taking = [each.pattern for each in accepted.get(problem.code, ()) if _expression(each.pattern).fullmatch(path)]
        used.update((problem.code, pattern) for pattern in taking)
        if not taking:
            left.append(problem)
    unused = [
        Problem(
            Level.NOTICE,
            "accept-unused",
            each.place,
            f"problems.accept has {code} at {each.pattern}, and there is no such problem",
            "remove it, so that it hides nothing that comes later",
        )
        for code, patterns in accepted.items()
        for each in patterns
        if (code, each.pattern) not in used
    ]
    return left, unused


@lru_cache(256)
def _expression(pattern: str) -> re.Pattern[str]:
    """Return what a pattern of paths means: `*` and `?` within one folder, `**` through any number."""
    return re.compile("".join(_MEANT.get(piece) or re.escape(piece) for piece in _PIECE.findall(pattern)))
