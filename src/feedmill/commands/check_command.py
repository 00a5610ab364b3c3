"""check: the problems in content and configuration."""

from __future__ import annotations

import argparse
from collections import Counter

from feedmill.model import Level, Problem
from feedmill.reporting import check, count_checked_out, count_found
from feedmill.running.convention_report import convention_data, convention_lines
from feedmill.running.open_site import reading
from feedmill.running.outcome import Outcome, RunContext, counted, exit_code_for, problem_data

HELP = "report every problem in content and configuration"
EXAMPLES = """examples:
  feedmill check            every problem as path:line:column, then a summary, worst first
  feedmill check --json     the same for programs and editors
  feedmill check --all-problems    harmless things, too: styles and classes that no reader shows

No feed is changed. Exit codes: 0 no errors (there may be warnings); 1 errors; 2 usage or configuration."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which problems are wanted."""
    parser.add_argument("--all-problems", action="store_true", help="report harmless things, too")


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Check. Raises FeedmillError for what stops the run."""
    with reading(context) as work:
        problems = check(work, notices=arguments.all_problems)
        found, left_out = count_found(work), count_checked_out(work)
        return Outcome(
            exit_code=exit_code_for(problems),
            lines=(*map(str, problems), *_summary(problems, found, left_out), *convention_lines(work)),
            data={
                "stories": {"found": found, "left_out": left_out},
                "conventions": convention_data(work),
                "problems": problem_data(problems),
            },
        )


def _summary(problems: tuple[Problem, ...], found: int, left_out: int) -> list[str]:
    stories = counted(found, "story", "stories")
    if not problems:
        return [f"{stories}, no problems"]
    counts = Counter((problem.level, problem.code) for problem in problems)
    first = {(problem.level, problem.code): problem.place for problem in reversed(problems)}
    rows = sorted(counts.items(), key=lambda row: (row[0][0] is Level.WARNING, -row[1], row[0][1]))
    lines = [f"{number:7,}  {kind[0].value:8} {kind[1]:20} first at {first[kind]}" for kind, number in rows]
    return ["", *lines, f"{stories}, {left_out:,} left out, {counted(len(problems), 'problem', 'problems')}"]
