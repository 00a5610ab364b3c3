"""validate: what the validator finds in feed documents, in files or on the web."""

from __future__ import annotations

import argparse

from feedcheck import command
from feedmill.running.outcome import Outcome, RunContext

HELP = command.SUMMARY
EXAMPLES = command.EXAMPLES.replace("PROGRAM", "feedmill validate")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which documents, and how strictly."""
    command.add_arguments(parser)


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Judge documents, each by itself, those of one feed beside each other, and each against its past."""
    reports = command.reports_of(
        arguments, now=context.now, directory=context.directory, standard_input=context.standard_input
    )
    return Outcome(
        exit_code=command.exit_code_of(reports, strict=arguments.strict),
        lines=tuple(command.report_lines(reports)),
        data={"documents": command.report_data(reports, strict=arguments.strict)},
    )
