"""build --watch: a build after every save, and whenever time alone changes a feed, until it is stopped."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.loading import FILE_NAME, load_site
from feedmill.config.site import Site
from feedmill.errors import FeedmillError, Locked, Unreadable, UsageError
from feedmill.model import Problem
from feedmill.running.outcome import Again, Outcome, RunContext, counted

if TYPE_CHECKING:
    from feedmill.build import Built

_LONGEST_SLEEP = 30.0
"""Seconds after which the clock is looked at in any case: machines are suspended, and clocks are set."""
_STEP = 50
"""Milliseconds of quiet after a save before a build: editors save in several steps."""
_CONFIGURES = (FILE_NAME, "hugo.", "_config.yml", "eleventy.", ".eleventy.", "pelicanconf.py", "config.toml")
_EDITORS = ("~", ".swp", ".swx", ".swo", ".tmp", ".bak", ".part", ".crdownload", "4913", "___")
_TOLD = 5
_RETRY = {Locked.exit_code: timedelta(seconds=2), Unreadable.exit_code: timedelta(seconds=30)}
"""By exit code, how long after what builds are tried again though nothing was saved."""

BuildOnce = Callable[[RunContext], tuple[Outcome, "Built | None"]]
_Heard = bool | OSError
"""Of a save, whether it may change what is to be watched; or why saves cannot be heard of."""


def watch(arguments: argparse.Namespace, context: RunContext, build_once: BuildOnce) -> NoReturn:
    """Build now, and again after every save. Ends by a signal only; HUP reads the configuration again.

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
    saved: SimpleQueue[_Heard] = SimpleQueue()
    signal.signal(signal.SIGHUP, lambda _number, _frame: saved.put(True))
    builder = _Rebuilds(again, build_once)
    while True:
        with _watched(context.directory, saved) as is_all_there:
            is_heard = True
            while is_heard:
                builder.build(context)
                has_moved = _wait(saved, builder.changes, again.clock)
                # Of what could not be read nothing is heard, though it can be now.
                is_heard = is_all_there() and not has_moved and not builder.was_kept_out
                context = again.renew()


class _Rebuilds:
    """Builds again and again, and reports each time what the last one did not.

    Time alone `changes` feeds next. The last build `was_kept_out` where something could not be read.
    """

    def __init__(self, again: Again, build_once: BuildOnce) -> None:
        self._again = again
        self._build_once = build_once
        self._known: frozenset[Problem] = frozenset()
        self._failure = ""
        self.changes: datetime | None = None
        self.was_kept_out = False

    def build(self, context: RunContext) -> None:
        """Build once. What goes wrong is reported, and ends nothing."""
        try:
            outcome, built = self._build_once(context)
        except FeedmillError as error:
            if str(error) != self._failure:
                self._again.fail(error)
            self._failure = str(error)
            # What is wrong in a file is corrected by a save; what is wrong with the machine, or waits for another run,
            # passes by itself.
            pause = _RETRY.get(error.exit_code)
            self.changes = self._again.clock() + pause if pause is not None else None
            return
        if built is None:
            raise AssertionError("who watches has every build made")
        self._failure = ""
        self._again.tell(_told(outcome, built, self._known, context))
        self._known = frozenset(outcome.problems)
        self.was_kept_out = any(problem.code == "unreadable" for problem in outcome.problems)
        self.changes = built.next_change
        # What a build made is done with. (While it runs nothing is looked for: see __main__.)
        gc.collect()


def _wait(saved: SimpleQueue[_Heard], changes: datetime | None, clock: Callable[[], datetime]) -> bool:
    """Wait until something was saved, or the moment of a change by time has come.

    Return whether what is to be watched may lie elsewhere now: after some saves, and from time to time, as of a folder
    above content nothing is heard. Raises Unreadable where saves cannot be heard of.
    """
    while True:
        left = _LONGEST_SLEEP
        if changes is not None:
            left = min(left, max(0.0, (changes - clock()).total_seconds()))
        try:
            first = saved.get(timeout=left)
        except Empty:
            if changes is not None and clock() >= changes:
                return True
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
            return any(heard)


@contextmanager
def _watched(directory: Path, saved: SimpleQueue[_Heard]) -> Iterator[Callable[[], bool]]:
    """Let threads put into `saved` what is heard of a site, from before its build begins.

    A thread, because what waits in another language hears of no signal. Yields what says whether the site and its
    content are still there where they are listened to: when a folder or a link above them changes, nothing is heard.
    """
    from watchfiles import watch as wait_for_saves

    stop = threading.Event()
    site: Site | None = None
    with suppress(FeedmillError):  # which a build reports
        site = load_site(directory)
    named = [directory, directory / site.content_path] if site is not None else [directory]
    there = [_inode(path) for path in named]

    def put(place: _Place) -> None:
        heard = wait_for_saves(
            place.path,
            watch_filter=lambda _change, path: place.matters(Path(path)),
            step=_STEP,
            debounce=10 * _STEP,
            stop_event=stop,
            rust_timeout=500,
            recursive=place.is_content,
            ignore_permission_denied=True,
        )
        try:
            for _ in heard:
                saved.put(not place.is_content)
        except OSError as error:
            saved.put(error)

    threads = [threading.Thread(target=put, args=(place,), daemon=True) for place in _places(directory, site)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: [_inode(path) for path in named] == there
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _inode(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return found.st_dev, found.st_ino


class _Place(Struct, frozen=True):
    """Where saves matter, and which of the files there do.

    Of content the folders below count, too. A save there does not change what is to be watched.
    """

    path: Path
    matters: Callable[[Path], bool]
    is_content: bool


def _places(directory: Path, site: Site | None) -> Iterator[_Place]:
    """Yield where saves matter. Of a site that is not known its configuration does."""
    here = _resolved(directory)

    def configures(path: Path) -> bool:
        return path.name.startswith(_CONFIGURES)

    if site is None:
        yield _Place(here, configures, is_content=False)
        return
    named = here / site.content_path
    root, feeds = _resolved(named), _resolved(here / site.feeds_path)
    link = _resolved(named.parent) / named.name
    # The content directory itself may come and go, or be a link that leads elsewhere next.
    for place in dict.fromkeys((here, link.parent, root.parent)):
        if place.is_dir():
            yield _Place(place, lambda path: configures(path) or path in (link, root), is_content=False)

    def is_content(path: Path) -> bool:
        if path.is_relative_to(feeds) or path.name.endswith(_EDITORS) or path.name.startswith(("#", "___")):
            return False
        parts = path.relative_to(root).parts if path.is_relative_to(root) else path.parts
        return "node_modules" not in parts and not any(part.startswith(".") for part in parts)

    templates = _resolved(here / site.templates)
    if site.templates and templates.is_dir():
        yield _Place(templates, lambda path: not path.name.endswith(_EDITORS), is_content=False)
    if root.is_dir():
        yield _Place(root, is_content, is_content=True)


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))  # a Path that leads to itself could not be resolved by its own means


def _told(outcome: Outcome, built: Built, known: frozenset[Problem], context: RunContext) -> Outcome:
    """Return what to say of a build: the feeds that it changed, what subscribers will see, and new problems."""
    new = tuple(problem for problem in outcome.problems if problem not in known)
    corrected = len(known - set(outcome.problems))
    changed = [document for document in built.documents if built.published.changes[document.path] != "untouched"]
    feeds = dict.fromkeys(document.feed for document in changed if document.feed)
    what = f"{counted(len(changed), 'document', 'documents')} changed" if changed else "unchanged"
    where = f" in {', '.join(feeds)}" if feeds else ""
    lines = [f"{context.now:%H:%M:%SZ}  {what}{where}"]
    lines += _titles(built)
    if corrected:
        lines.append(f"  {counted(corrected, 'problem', 'problems')} corrected")
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
