"""plan: what a build would change for subscribers, feed by feed."""

from __future__ import annotations

import argparse

from feedmill.braking import plan_of
from feedmill.errors import Refused
from feedmill.reporting import problems_now
from feedmill.running.open_site import reading
from feedmill.running.outcome import Outcome, RunContext, exit_code_for, problem_data
from feedmill.running.plan_report import plan_data, plan_lines
from feedmill.selecting import choose

HELP = "say what a build would change for subscribers, feed by feed"
EXAMPLES = """examples:
  feedmill plan                                       what subscribers will see of the next build
  feedmill plan --now 2025-01-01T00:00:00Z            … at that moment
  feedmill plan --json | jq '.plan.feeds[] | {name, shown_again}'

New, changed (and what of it), withdrawn, left the window, shown again, lost. No feed is changed. Exit codes: 0 a build
would go through; 1 it would, but stories are left out; 3 it would refuse."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A plan takes no options of its own."""


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Plan. Raises FeedmillError for what would stop a build before it could plan."""
    with reading(context) as work:
        choose(work)
        plan = plan_of(work)
        refusals = work.missing.refusals
        problems = (*refusals, *problems_now(work))
        return Outcome(
            exit_code=Refused.exit_code if plan.brakes or refusals else exit_code_for(problems),
            lines=tuple(plan_lines(plan)),
            problems=problems,
            complaints=work.ledger.notes,
            data={"now": context.now.isoformat(), "plan": plan_data(plan), "problems": problem_data(problems)},
        )
