"""plan: what a build would change for subscribers, feed by feed."""

from __future__ import annotations

import argparse

from feedmill.commands.outcome import Context, Outcome, exit_code_for, problem_data
from feedmill.commands.planned import plan_data, plan_lines
from feedmill.errors import Refused
from feedmill.pipeline import make_plan, mill
from feedmill.site import load_site

HELP = "say what a build would change for subscribers, feed by feed; writes nothing"
EXAMPLES = """examples:
  feedmill plan                                       what subscribers will see of the next build
  feedmill plan --now 2025-01-01T00:00:00Z            … at that moment
  feedmill plan --json | jq '.plan.feeds[] | {name, shown_again}'

New, changed, withdrawn, left the window, shown again, lost. Exit codes: 0 a build would go through; 1 it would, but
stories are left out; 3 it would refuse."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A plan takes no options of its own."""


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Plan. Raises FeedmillError for what would stop a build before it could plan."""
    site = load_site(context.directory)
    contents = mill(site, context.directory, now=context.now, progress=context.progress)
    plan = make_plan(contents)
    refused = plan.brakes or contents.standing.refusals
    problems = (*contents.standing.refusals, *contents.problems)
    return Outcome(
        exit_code=Refused.exit_code if refused else exit_code_for(problems),
        lines=tuple(plan_lines(plan)),
        problems=problems,
        data={"now": context.now.isoformat(), "plan": plan_data(plan), "problems": problem_data(problems)},
    )
