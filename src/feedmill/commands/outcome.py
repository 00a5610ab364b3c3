"""What a verb gives back to the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from feedmill.model import Level, Problem
from feedmill.pipeline import Progress


@dataclass(frozen=True, slots=True)
class Context:
    """What the world gives a verb: where, when, whom to tell of progress, and whom to ask.

    `ask` puts one question to the person at the terminal; it is None when there is none.
    """

    directory: Path
    now: datetime
    progress: Progress
    ask: Callable[[str], str] | None = None
    standard_input: Callable[[], bytes] = lambda: b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to say and how to exit.

    `lines` are the verb's answer; `notes` are said only on a terminal or when asked to be verbose. Problems are
    told apart, since programs, cron and people want different ones of them.
    """

    exit_code: int = 0
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


Verb = Callable[[argparse.Namespace, Context], Outcome]


def problem_data(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Return problems for programs."""
    return [
        {
            "level": problem.level.value,
            "code": problem.code,
            "path": problem.place.path,
            "line": problem.place.line or None,
            "column": problem.place.column or None,
            "message": problem.message,
            "remedy": problem.remedy,
            **({"element": problem.element} if problem.element else {}),
            **({"clause": problem.clause} if problem.clause else {}),
        }
        for problem in problems
    ]


def exit_code_for(problems: tuple[Problem, ...]) -> int:
    """Return 1 when a problem left something out, else 0."""
    return int(any(problem.level is Level.ERROR for problem in problems))


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"
