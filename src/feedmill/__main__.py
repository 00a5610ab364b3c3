"""The command as a process: its streams and signals; `feedmill` and `python -m feedmill` are this."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # what `signal` dresses up, which takes longer than a glance
import gc
import os
import sys
import time

# Nothing more is imported here: until signals are seen to, Python answers INT with a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

    from feedmill.scan import Look

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def command() -> NoReturn:
    """Run the command line and exit.

    Until all is imported, and again while the interpreter shuts down, a signal simply ends the process: there is
    nothing to put in order then, and Python would print a traceback.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    _read_names_as_utf_8()
    _open_missing_streams()
    # What a run makes, it needs to its end: looking for what could be thrown away only costs time, at a glance a tenth.
    gc.disable()
    code, seen = _nothing_to_do(sys.argv[1:])
    if code is not None:
        # Nothing was said that is yet to be written, and to take the interpreter down costs a twentieth of the time.
        os._exit(code)
    gc.set_threshold(1_000_000, 50, 50)
    gc.enable()
    from feedmill.cli import main
    from feedmill.errors import Stopped

    try:
        try:
            _stop_on_signals()
            code = main(seen=seen)
        finally:
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, signal.SIG_DFL)
    except Stopped as stopped:
        code = stopped.exit_code
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process. To take the interpreter down would cost a tenth of a short build's time: all is in order."""
    threading = sys.modules.get("threading")
    if threading is None or threading.active_count() == 1:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            sys.exit(code)  # says what is to be said of a stream that is gone
        os._exit(code)
    sys.exit(code)


def _nothing_to_do(arguments: list[str]) -> tuple[int | None, Look | None]:
    """Return the exit code of a build, called as cron calls it, that has nothing to do; None of anything else.

    And what was seen on the way, if anything. On a terminal a person wants to hear it all the same.
    """
    directory, now, verbs = ".", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), 0
    rest = iter(arguments)
    for argument in rest:
        if argument == "build":
            verbs += 1
        elif argument == "-C":
            directory = next(rest, "")
        elif argument == "--now":
            now = next(rest, "")
        else:
            return None, None
    if verbs != 1 or not directory or not _is_plain(now) or sys.stdout.isatty() or sys.stderr.isatty():
        return None, None
    from feedmill.look import look

    return look(directory, now, in_silence=True)


def _is_plain(moment: str) -> bool:
    """Whether a moment is written like 2024-06-01T00:00:00Z, on a day that every month has: texts in order of time."""
    pattern = "".join("0" if character in "0123456789" else character for character in moment)
    return pattern == "0000-00-00T00:00:00Z" and "01" <= moment[5:7] <= "12" and "01" <= moment[8:10] <= "28"


def _read_names_as_utf_8() -> None:
    """Start again in UTF-8 mode where the locale says otherwise: names of files become slugs, ids and addresses."""
    if sys.getfilesystemencoding().lower() not in ("utf-8", "utf8"):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - itself


def _open_missing_streams() -> None:
    """Give a process that was started with closed streams (`>&-`) others: its files must not become them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is the stream's own
            setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8"))


def _stop_on_signals() -> None:
    """Let TERM and INT raise Stopped, so that what a run holds is put in order. A second one ends it at once."""
    from feedmill.errors import Stopped

    caught: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGALRM:
            caught.append(number)
            signal.signal(number, signal.SIG_DFL)
        raise Stopped(caught[0])

    def unraisable(lost: sys.UnraisableHookArgs) -> None:
        # What a library in another language called cannot raise: the signal would be lost, so it comes again.
        if isinstance(lost.exc_value, Stopped):
            signal.setitimer(signal.ITIMER_REAL, 0.005)
        else:
            sys.__unraisablehook__(lost)

    sys.unraisablehook = unraisable
    signal.signal(signal.SIGALRM, stop)
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


if __name__ == "__main__":
    command()
