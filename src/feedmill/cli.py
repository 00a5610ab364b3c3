"""The command line: the only place that reads the clock, prints, and sets exit codes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from feedmill import __version__
from feedmill.commands import build, check, explain, importing, init, ledger, plan, validate, withdraw
from feedmill.commands.outcome import Context, Outcome, counted, problem_data
from feedmill.errors import FeedmillError
from feedmill.model import Level
from feedmill.progress import Bar

VERBS: dict[str, ModuleType] = {
    "init": init,
    "build": build,
    "plan": plan,
    "check": check,
    "explain": explain,
    "validate": validate,
    "import": importing,
    "withdraw": withdraw,
    "ledger": ledger,
}
_EXAMPLES = """examples:
  feedmill init                     a first feedmill.yaml and story in this directory
  feedmill build                    build the feeds
  feedmill plan                     what a build would change for subscribers
  feedmill check                    every problem in content and configuration
  feedmill explain my-story         why a story is, or is not, in each feed

`feedmill VERB --help` shows examples for each verb."""
_EXIT_UNFORESEEN = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except FeedmillError as error:
        return _fail(error, as_json=options.json)
    except BrokenPipeError:
        # A reader that went away (`feedmill check | head`) is no fault; nothing more may be written on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("feedmill: stopped", file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("FEEDMILL_DEBUG"):
            raise
        print(
            f"feedmill: a fault in Feedmill itself: {type(error).__name__}: {error}; "
            "please report it with what FEEDMILL_DEBUG=1 prints; the feeds are whole",
            file=sys.stderr,
        )
        return _EXIT_UNFORESEEN


def _run(options: argparse.Namespace) -> int:
    terminal = sys.stderr.isatty() and not options.json
    with Bar(enabled=terminal) as bar:
        context = Context(
            directory=options.directory,
            now=options.now or datetime.now(UTC).replace(microsecond=0),
            progress=bar.stage,
            ask=_ask if sys.stdin.isatty() and terminal else None,
            standard_input=sys.stdin.buffer.read,
        )
        outcome: Outcome = VERBS[options.verb].run(options, context)
    _tell(outcome, options)
    sys.stdout.flush()
    return outcome.exit_code


def _tell(outcome: Outcome, options: argparse.Namespace) -> None:
    """Print an outcome: to programs all of it, to people at a terminal nearly all, to cron only what is wrong."""
    talkative = options.verbose or sys.stdout.isatty()
    told = [p for p in outcome.problems if talkative or p.level is Level.ERROR]
    for problem in told:
        _print(str(problem), sys.stderr)
    unsaid = len(outcome.problems) - len(told)
    if told and unsaid:
        _print(f"and {counted(unsaid, 'warning', 'warnings')}: see `feedmill check`", sys.stderr)
    text = (*outcome.lines, *(outcome.notes if talkative else ()))
    for line in text:
        _print(line, sys.stderr if options.json else sys.stdout)
    if options.json:
        _print(json.dumps({"exit": outcome.exit_code, **outcome.data}, ensure_ascii=False, indent=2), sys.stdout)


def _fail(error: FeedmillError, *, as_json: bool) -> int:
    for problem in error.problems:
        _print(str(problem), sys.stderr)
    _print(f"feedmill: {error.message}" + (f"; {error.remedy}" if error.remedy else ""), sys.stderr)
    if as_json:
        said = {
            "exit": error.exit_code,
            "error": {"message": error.message, "remedy": error.remedy},
            "problems": problem_data(error.problems),
        }
        _print(json.dumps(said, ensure_ascii=False, indent=2), sys.stdout)
    return error.exit_code


def _print(line: str, stream: object) -> None:
    """Print text of any origin on any terminal: what its encoding lacks, and control codes, are spelt out."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = "".join(c if (c >= " " and c != "\x7f") or c in "\n\t" else f"\\x{ord(c):02x}" for c in line)
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=stream)  # type: ignore[call-overload]


def _ask(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="feedmill",
        description="Turn a directory of stories into Atom, RSS and JSON feeds, one set per topic.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"feedmill {__version__}")
    parser.add_argument(
        "-C",
        dest="directory",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="work in DIR, which holds feedmill.yaml",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, module in VERBS.items():
        verb = verbs.add_parser(
            name,
            help=module.HELP,
            description=module.HELP[0].upper() + module.HELP[1:] + ".",
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        verb.add_argument("--json", action="store_true", help="print one JSON document on standard output")
        verb.add_argument("--verbose", action="store_true", help="tell what went well, too, without a terminal")
        verb.add_argument(
            "--now",
            metavar="RFC3339",
            type=_moment,
            help="take this as the present, like 2024-06-01T00:00:00Z",
        )
        module.add_arguments(verb)
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date; write 2024-06-01T00:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"'{text}' has no offset; write 2024-06-01T00:00:00Z")
    return moment.astimezone(UTC)
