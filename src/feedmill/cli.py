"""The command line: the only place that reads the clock, prints, and sets exit codes."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

from feedmill.characters import visible, visible_in_json
from feedmill.errors import FeedmillError, PublishingError, Stopped, exit_code_of
from feedmill.model import Level
from feedmill.operations.logs import Log, LogFormat
from feedmill.running.outcome import Again, Outcome, RunContext, counted, problem_data
from feedmill.running.progress import ProgressBar
from feedmill.scan import Look

VERBS = (
    "init",
    "build",
    "plan",
    "check",
    "explain",
    "validate",
    "import",
    "status",
    "next",
    "install",
    "withdraw",
    "ledger",
    "completion",
)
"""Every verb; each has a module of its own in `commands`, and only the one that is needed is imported."""
_EXAMPLES = """examples:
  feedmill init                     a first feedmill.yaml and story in this directory
  feedmill build                    build the feeds
  feedmill plan                     what a build would change for subscribers
  feedmill check                    every problem in content and configuration
  feedmill explain my-story         why a story is, or is not, in each feed
  feedmill status                   how every feed is, and what is open

`feedmill VERB --help` shows examples for each verb."""
_UNKNOWN_WIDTH = 78
_TOLD_AT_ONCE = 100
"""How many problems cron is shown at once: a letter of thousands is read by nobody."""


def main(arguments: Sequence[str] | None = None, *, seen: Look | None = None) -> int:
    """Run one verb and return its exit code. `seen` is what a look at its site has seen already."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = command_parser(_verbs_for(arguments)).parse_args(arguments)
    format_ = LogFormat(options.log_format) if getattr(options, "log_format", None) else None
    with ProgressBar(enabled=sys.stderr.isatty() and not options.json and format_ is not LogFormat.JSON) as bar:
        log = Log(str(uuid.uuid4()), clock=lambda: _present(options), format_=format_, write=_log_writer(bar))
        try:
            return _run(options, bar, log, seen)
        except FeedmillError as error:
            with suppress(OSError):
                _fail(error, options, log)
            return _silence(error.exit_code)
        except BrokenPipeError:
            return _silence(0)
        except (KeyboardInterrupt, Stopped) as stop:
            code = stop.exit_code if isinstance(stop, Stopped) else 128 + signal.SIGINT
            bar.close()
            _say(f"feedmill: stopped by {signal.Signals(code - 128).name}; the feeds are whole", log)
            return code
        except Exception as error:
            if os.environ.get("FEEDMILL_DEBUG"):
                raise
            _say(
                f"feedmill: a fault in Feedmill itself: {type(error).__name__}: {error}; "
                "please report it with what FEEDMILL_DEBUG=1 prints; the feeds are whole",
                log,
            )
            return exit_code_of(error)


def _run(options: argparse.Namespace, bar: ProgressBar, log: Log, seen: Look | None) -> int:
    outcome: Outcome = _module(options.verb).run(options, _context(options, bar, log, seen))
    bar.close()
    try:
        _tell(outcome, options, log)
        sys.stdout.flush()
    except BrokenPipeError:
        return _silence(outcome.exit_code)
    except OSError as error:
        with suppress(OSError):
            _print(f"feedmill: {os.strerror(error.errno or 0)}: the work is done, but not all was said", sys.stderr)
        return _silence(PublishingError.exit_code)
    return outcome.exit_code


def _context(options: argparse.Namespace, bar: ProgressBar, log: Log, seen: Look | None = None) -> RunContext:
    began = time.monotonic()

    def tell(outcome: Outcome) -> None:
        bar.close()
        _tell(outcome, options, log)
        sys.stdout.flush()

    def fail(error: FeedmillError) -> None:
        bar.close()
        _fail(error, options, log)

    return RunContext(
        directory=options.directory,
        now=_present(options),
        progress=bar.stage,
        elapsed=lambda: time.monotonic() - began,
        log=log,
        is_talkative=_is_talkative(options),
        ask=_ask if sys.stdin.isatty() and sys.stderr.isatty() and not options.json else None,
        standard_input=sys.stdin.buffer.read,
        parser=command_parser,
        look=seen,
        again=Again(
            clock=lambda: datetime.now(UTC),
            tell=tell,
            fail=fail,
            renew=lambda: _context(options, bar, log.renewed(str(uuid.uuid4()))),
        ),
    )


def _silence(code: int) -> int:
    """Say nothing more, and return the code: a reader that went away (`feedmill check | head`) is not a fault."""
    # What is still buffered would fail again when the interpreter shuts down.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


def _present(options: argparse.Namespace) -> datetime:
    return options.now or datetime.now(UTC).replace(microsecond=0)


def _log_writer(bar: ProgressBar) -> Callable[[str, str], None]:
    """Return what writes a log line of a level: in colour at a terminal, plain for journald and cron."""

    def write(line: str, level: str) -> None:
        # Whoever reads the log may go away; the run goes on.
        with suppress(OSError):
            if bar.enabled:
                bar.say(line, level)
            else:
                _print(line, sys.stderr)

    return write


def _is_talkative(options: argparse.Namespace) -> bool:
    return bool(options.verbose or sys.stdout.isatty())


def _tell(outcome: Outcome, options: argparse.Namespace, log: Log) -> None:
    """Print an outcome: to programs all of it, to people at a terminal nearly all, to cron only new errors."""
    talkative = _is_talkative(options)
    if not log.is_written:
        _tell_problems(outcome, everything=talkative or outcome.is_in_full or _all_problems(options))
        for line in outcome.complaints:
            _print(f"feedmill: {line}", sys.stderr)
    text = (*outcome.lines, *(outcome.notes if talkative else ()))
    for line in text:
        _print(line, sys.stderr if options.json else sys.stdout)
    if options.json:
        # A verb that answers more than once answers each time on a line of its own.
        indent = None if outcome.is_in_full else 2
        _print_json({"exit": outcome.exit_code, **outcome.data}, sys.stdout, indent)


def _tell_problems(outcome: Outcome, *, everything: bool) -> None:
    if everything:
        for problem in outcome.problems:
            _print(str(problem), sys.stderr)
        return
    errors = [problem for problem in outcome.problems if problem.level is Level.ERROR]
    new = [problem for problem in errors if problem not in outcome.known]
    for problem in new[:_TOLD_AT_ONCE]:
        _print(str(problem), sys.stderr)
    further = len(new) - _TOLD_AT_ONCE
    rest = (
        (f"{further:,} more errors" if further > 1 else "1 more error") if further > 0 else "",
        f"{counted(len(errors) - len(new), 'error', 'errors')} reported before" if len(errors) > len(new) else "",
        counted(len(outcome.problems) - len(errors), "warning", "warnings")
        if len(outcome.problems) > len(errors)
        else "",
    )
    if new and any(rest):
        _print(f"and {', '.join(part for part in rest if part)}: see `feedmill check`", sys.stderr)


def _all_problems(options: argparse.Namespace) -> bool:
    return bool(getattr(options, "all_problems", False))


def _say(line: str, log: Log) -> None:
    """Say one line, as an event of the log when there is one."""
    if log.is_written:
        log.tell("error", "stopped", message=line)
    else:
        _print(line, sys.stderr)


def _fail(error: FeedmillError, options: argparse.Namespace, log: Log) -> None:
    everything = options.verbose or sys.stderr.isatty() or _all_problems(options)
    if not log.is_written and (everything or not error.told_before):
        for problem in error.problems:
            _print(str(problem), sys.stderr)
        _print(f"feedmill: {error.message}" + (f"; {error.remedy}" if error.remedy else ""), sys.stderr)
    if options.json:
        said = {
            "exit": error.exit_code,
            "error": {"message": error.message, "remedy": error.remedy},
            "problems": problem_data(error.problems),
        }
        _print_json(said, sys.stdout, 2)


def _print(line: str, stream: object) -> None:
    """Print one line of any origin on any terminal: what could act on it, and what its encoding lacks, is spelt out."""
    _write(visible(line), stream)


def _print_json(value: object, stream: object, indent: int | None) -> None:
    _write(visible_in_json(json.dumps(value, ensure_ascii=False, indent=indent)), stream)


def _write(shown: str, stream: object) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=stream)  # type: ignore[call-overload]


def _ask(question: str) -> str:
    try:
        return input("\n".join(map(visible, question.split("\n")))).strip()
    except EOFError:
        return ""


def _module(verb: str) -> ModuleType:
    return import_module(f"feedmill.commands.{verb}_command")


def _verbs_for(arguments: Sequence[str]) -> list[str]:
    """Return the verb that is called, or all of them where it is not plain which: for help, and for a slip."""
    words = list(arguments)
    while words[:1] == ["-C"]:
        del words[:2]
    return words[:1] if words and words[0] in VERBS else list(VERBS)


class _Version(argparse.Action):
    """Says the version, which takes longer to find out than most runs of cron take."""

    def __call__(self, parser: argparse.ArgumentParser, *_given: object) -> None:
        """Print it and exit."""
        from feedmill import __version__

        _print(f"feedmill {__version__}", sys.stdout)
        parser.exit()


class _Help(argparse.RawDescriptionHelpFormatter):
    """Writes help as wide as the terminal; one is made for every argument, and the width sought only to write."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_UNKNOWN_WIDTH)

    def format_help(self) -> str:
        """Write it."""
        # It brings the libraries of four kinds of archives with it.
        from shutil import get_terminal_size

        self._width = get_terminal_size().columns - 2
        self._max_help_position = min(self._max_help_position, max(self._width - 20, self._indent_increment * 2))
        return super().format_help()


def command_parser(verbs_shown: Sequence[str] = VERBS) -> argparse.ArgumentParser:
    """Return the parser of the command line, with all verbs, or with those that are needed."""
    parser = argparse.ArgumentParser(
        prog="feedmill",
        description="Turn a directory of stories into Atom, RSS and JSON feeds, one set per topic.",
        epilog=_EXAMPLES,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show which Feedmill this is, and exit")
    parser.add_argument(
        "-C",
        dest="directory",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="work in DIR, which holds feedmill.yaml",
    )
    # Without `prog`, the parser would write its usage to find out its name.
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, prog="feedmill")
    for name in verbs_shown:
        module = _module(name)
        verb = verbs.add_parser(
            name,
            help=module.HELP,
            description=module.HELP[0].upper() + module.HELP[1:] + ".",
            epilog=module.EXAMPLES,
            formatter_class=_Help,
        )
        verb.add_argument("--json", action="store_true", help="print one JSON document on standard output")
        verb.add_argument("--verbose", action="store_true", help="say what went well, too, without a terminal")
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
        raise argparse.ArgumentTypeError(f"'{text}' is not a valid date; write 2024-06-01T00:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"'{text}' has no offset; write 2024-06-01T00:00:00Z")
    return moment.astimezone(UTC)
