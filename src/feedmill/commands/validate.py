"""validate: the findings about feed documents."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

from feedmill.commands.outcome import Context, Outcome, counted, exit_code_for, problem_data
from feedmill.errors import UsageError
from feedmill.model import Level, Place, Problem
from feedmill.validating import judge

HELP = "judge Atom, RSS, JSON Feed and OPML documents"
EXAMPLES = """examples:
  feedmill validate feeds/china.atom
  feedmill validate feeds/*.atom feeds/*.rss feeds/*.json feeds/feeds.opml
  curl -s https://example.org/feeds/all.rss | feedmill validate -

Exit codes: 0 no errors; 1 errors; 2 a document cannot be read."""

MAX_BYTES = 50_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which documents."""
    parser.add_argument(
        "documents", metavar="FILE", nargs="+", help="a document, sought from DIR, or - for standard input"
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Judge documents. Raises UsageError when one cannot be read."""
    verdicts: dict[str, tuple[Problem, ...]] = {}
    for name in arguments.documents:
        content = context.standard_input() if name == "-" else _read(context.directory / name, name)
        shown = "standard input" if name == "-" else name
        if len(content) > MAX_BYTES:
            message = f"larger than {MAX_BYTES:,} bytes"
            verdicts[shown] = (Problem(Level.ERROR, "too-large", Place(shown), message, "publish fewer entries"),)
        else:
            verdicts[shown] = tuple(judge(shown, content))
    problems = tuple(problem for found in verdicts.values() for problem in found)
    counts = Counter(problem.code for problem in problems)
    summary = f"{counted(len(verdicts), 'document', 'documents')}, {counted(len(problems), 'finding', 'findings')}"
    return Outcome(
        exit_code=exit_code_for(problems),
        lines=(
            *map(str, problems),
            *(f"{number:7,}  {code}" for code, number in counts.most_common()),
            summary,
        ),
        data={
            "documents": [
                {"document": name, "valid": not found, "findings": problem_data(found)}
                for name, found in verdicts.items()
            ]
        },
    )


def _read(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{name}: cannot be read: {os.strerror(error.errno or 0)}", remedy="name a feed document"
        ) from None
