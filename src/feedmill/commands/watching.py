"""build --watch: a build after every save, and whenever time alone changes a feed, until it is stopped."""

from __future__ import annotations

import argparse
import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from feedmill.commands.outcome import Context, Outcome, counted
from feedmill.errors import FeedmillError, Locked, Unreadable, UsageError
from feedmill.model import Problem
from feedmill.site import FILE_NAME, load_site

if TYPE_CHECKING:
    from feedmill.pipeline import Built

_LONGEST_SLEEP = 30.0
"""Seconds after which the clock is looked at in any case: machines are suspended, and clocks are set."""
_STEP = 50
"""Milliseconds of quiet after a save before a build: editors save in several steps."""
_CONFIGURES = (FILE_NAME, "hugo.", "_config.yml", "eleventy.", ".eleventy.", "pelicanconf.py", "config.toml")
_EDITORS = ("~", ".swp", ".swx", ".swo", ".tmp", ".bak", ".part", ".crdownload", "4913", "___")
_TOLD = 5
_RETRY = {Locked.exit_code: timedelta(seconds=2), Unreadable.exit_code: timedelta(seconds=30)}
"""By exit code, how long after what builds are tried again though nothing was saved."""

BuildOnce = Callable[[Context], tuple[Outcome, "Built | None"]]


def watch(arguments: argparse.Namespace, context: Context, build_once: BuildOnce) -> NoReturn:
    """Build now, and again after every save. Ends by a signal only; HUP reads the configuration anew.

    Raises UsageError where watchfiles is not installed, and for a moment that is not the present.
    """
    if arguments.now is not None:
        raise UsageError("--watch goes with the present time", remedy="leave out --now")
    try:
        import watchfiles  # noqa: F401 - an extra
    except ImportError:
        raise UsageError("--watch needs watchfiles", remedy="pip install 'feedmill[watch]'") from None
    again = context.again
    if again is None:
        raise UsageError("--watch needs a clock", remedy="run it from the command line")
    saved: SimpleQueue[str | OSError] = SimpleQueue()
    signal.signal(signal.SIGHUP, lambda _number, _frame: saved.put(FILE_NAME))
    known: frozenset[Problem] = frozenset()
    changes: datetime | None = None
    failure = ""
    while True:
        with _watched(context.directory, saved):
            try:
                outcome, built = build_once(context)
            except FeedmillError as error:
                if str(error) != failure:
                    again.fail(error)
                failure = str(error)
                # What is wrong in a file is mended by a save; what is wrong with the machine, or waits for another run,
                # passes by itself.
                pause = _RETRY.get(error.exit_code)
                changes = again.clock() + pause if pause is not None else None
            else:
                failure = ""
                if built is None:
                    raise AssertionError("who watches has every build made")
                again.tell(_told(outcome, built, known, context))
                known = frozenset(outcome.problems)
                changes = min((state.next_change for state in built.record.feeds if state.next_change), default=None)
            # What a build made is done with. (While it runs nothing is looked for: see __main__.)
            gc.collect()
            _wait(saved, changes, again.clock)
        context = again.renew()


def _wait(saved: SimpleQueue[str | OSError], changes: datetime | None, clock: Callable[[], datetime]) -> None:
    """Wait until something was saved, or the moment of a change by time has come."""
    while True:
        left = _LONGEST_SLEEP
        if changes is not None:
            left = min(left, max(0.0, (changes - clock()).total_seconds()))
        try:
            first = saved.get(timeout=left)
        except Empty:
            if changes is not None and clock() >= changes:
                return
        else:
            heard = [first]
            while not saved.empty():
                heard.append(saved.get())
            for trouble in heard:
                if isinstance(trouble, OSError):
                    raise Unreadable(
                        f"saves cannot be watched: {trouble}",
                        remedy="allow more watches (sysctl fs.inotify.max_user_watches), or build by cron",
                    )
            return


@contextmanager
def _watched(directory: Path, saved: SimpleQueue[str | OSError]) -> Iterator[None]:
    """Let threads put into `saved` what is saved in a site, from before its build begins.

    A thread, because what waits in another language hears of no signal.
    """
    from watchfiles import watch as wait_for_saves

    stop = threading.Event()

    def put(place: Path, matters: Callable[[Path], bool], *, recursive: bool) -> None:
        heard = wait_for_saves(
            place,
            watch_filter=lambda _change, path: matters(Path(path)),
            step=_STEP,
            debounce=10 * _STEP,
            stop_event=stop,
            rust_timeout=500,
            recursive=recursive,
            ignore_permission_denied=True,
        )
        try:
            for found in heard:
                for _, path in found:
                    saved.put(path)
        except OSError as error:
            saved.put(error)

    threads = [
        threading.Thread(target=put, args=(place, matters), kwargs={"recursive": recursive}, daemon=True)
        for place, matters, recursive in _places(directory)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _places(directory: Path) -> Iterator[tuple[Path, Callable[[Path], bool], bool]]:
    """Yield where saves matter: a place, which of the files there, and whether its folders count."""
    here = directory.resolve()

    def configures(path: Path) -> bool:
        return path.name.startswith(_CONFIGURES)

    try:
        site = load_site(directory)
    except FeedmillError:
        yield here, configures, False
        return
    root, feeds = (here / site.content_path).resolve(), (here / site.feeds_path).resolve()
    # The content directory itself may come and go.
    for place in dict.fromkeys((here, root.parent)):
        if place.is_dir():
            yield place, lambda path: configures(path) or path == root, False

    def is_content(path: Path) -> bool:
        if path.is_relative_to(feeds) or path.name.endswith(_EDITORS) or path.name.startswith(("#", "___")):
            return False
        parts = path.relative_to(root).parts if path.is_relative_to(root) else path.parts
        return "node_modules" not in parts and not any(part.startswith(".") for part in parts)

    if root.is_dir():
        yield root, is_content, True


def _told(outcome: Outcome, built: Built, known: frozenset[Problem], context: Context) -> Outcome:
    """Return what to say of a build: the feeds that it changed, what subscribers will see, and new problems."""
    new = tuple(problem for problem in outcome.problems if problem not in known)
    mended = len(known - set(outcome.problems))
    changed = [document for document in built.documents if built.published.changes[document.path] != "untouched"]
    feeds = dict.fromkeys(document.feed for document in changed if document.feed)
    what = f"{counted(len(changed), 'document', 'documents')} changed" if changed else "unchanged"
    where = f" in {', '.join(feeds)}" if feeds else ""
    lines = [f"{context.now:%H:%M:%SZ}  {what}{where}"]
    lines += _titles(built)
    if mended:
        lines.append(f"  {counted(mended, 'problem', 'problems')} mended")
    return replace(outcome, lines=tuple(lines), notes=(), problems=new, known=frozenset(), is_in_full=True)


def _titles(built: Built) -> Iterator[str]:
    """Yield a line for each story that subscribers see come, change or go, with the feeds of which."""
    for what in ("new", "changed", "withdrawn", "again", "lost"):
        seen: dict[str, tuple[str, list[str]]] = {}
        for plan in built.plan.feeds:
            for item in getattr(plan, what):
                seen.setdefault(item.id, (item.title, []))[1].append(plan.name)
        shown = list(seen.values())
        for title, feeds in shown[:_TOLD]:
            yield f"  {'shown again' if what == 'again' else what}: {title} ({', '.join(feeds)})"
        if len(shown) > _TOLD:
            yield f"  and {len(shown) - _TOLD:,} more {what}"
