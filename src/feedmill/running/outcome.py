"""What a verb gives back to the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from feedmill.model import Level, Problem
from feedmill.operations.logs import Log
from feedmill.scan import Look

if TYPE_CHECKING:
    from feedmill.content import Progress
    from feedmill.errors import FeedmillError


class RunContext(Struct, frozen=True):
    """What the world gives a verb: where, when, whom to show progress, and whom to ask.

    `ask` puts one question to the person at the terminal; it is None when there is none. `is_talkative` is a
    run of which a person wants to hear what went well, too. `elapsed` gives the seconds since the run began; `log`
    takes the events of the run and knows its id. `look` is what a look at the site has seen already.
    `parser` makes the parser of the command line.
    """

    directory: Path
    now: datetime
    progress: Progress
    elapsed: Callable[[], float]
    log: Log
    ask: Callable[[str], str] | None = None
    is_talkative: bool = False
    standard_input: Callable[[], bytes] = lambda: b""
    again: Again | None = None
    look: Look | None = None
    parser: Callable[[], argparse.ArgumentParser] = argparse.ArgumentParser


class Again(Struct, frozen=True):
    """What the world gives a verb that works more than once: the clock, whom to inform, and a new context.

    `fail` reports an error that stops one time, but not the next.
    """

    clock: Callable[[], datetime]
    tell: Callable[[Outcome], None]
    fail: Callable[[FeedmillError], None]
    renew: Callable[[], RunContext]


class Outcome(Struct, frozen=True):
    """What to say and how to exit.

    `lines` are the verb's answer; `notes` are said only on a terminal or when asked to be verbose. Problems are
    kept apart, since programs, cron and people want different ones of them; `known` are those of which a person has
    heard today. `complaints` are what went wrong beside the work, which is done. Where `is_in_full`, all problems are
    reported, to every listener.
    """

    exit_code: int = 0
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    known: frozenset[Problem] = frozenset()
    complaints: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    is_in_full: bool = False


_LONGEST_WAIT = 86_400
Verb = Callable[[argparse.Namespace, RunContext], Outcome]


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


def seconds(text: str) -> float:
    """Read a number of seconds from the command line. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= _LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds from 0 to {_LONGEST_WAIT:,}")
    return number
