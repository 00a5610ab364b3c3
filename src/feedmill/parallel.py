"""Work over many items on several processors, by fork: same results in the same order as on one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, NoReturn, TypeVar

Item = TypeVar("Item")

_LENGTH = 8
_WORTH_A_FORK = 4
"""Fewer items than so many for each process are done sooner by one."""


def processors() -> int:
    """Return how many processors this process may use at once. More than eight bring little, and memory each."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # What another thread holds at the moment of a fork, nobody releases in the child; and the libraries of macOS have
    # threads that Python does not know of.
    can_fork = hasattr(os, "fork") and sys.platform != "darwin" and _is_one_thread()
    return min(usable, 8) if can_fork else 1


def _is_one_thread() -> bool:
    """Whether this process has no threads but the first. Before somebody imports the library it has none."""
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


def spread(work: Callable[[Item], bytes], items: Sequence[Item], processes: int) -> Iterator[bytes]:
    """Yield what `work` makes of every item, in their order, on up to `processes` processes.

    This process takes its share. A child that fails, or is killed, costs only time: its items are worked on here, where
    an error is raised as it would have been. When this process is killed, its children end with the item at hand.
    """
    count = max(min(processes, len(items) // _WORTH_A_FORK), 1)
    children: list[tuple[int, IO[bytes]]] = []
    try:
        for first in range(1, count):
            results = _results_file()
            parent, pid = os.getpid(), os.fork()
            if not pid:
                _work_and_exit(work, items[first::count], results, parent)
            children.append((pid, results))
        own = [work(item) for item in items[::count]]
        made = [own]
        for number, (pid, results) in enumerate(children):
            os.waitpid(pid, 0)
            children[number] = (0, results)
            made.append(list(_read(results)))
    finally:
        for pid, results in children:
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            results.close()
    for at, item in enumerate(items):
        share = made[at % count]
        yield share[at // count] if at // count < len(share) else work(item)


def _results_file() -> IO[bytes]:
    # A run that needs no other process does not need the library either, nor what it brings with it.
    from tempfile import TemporaryFile

    return TemporaryFile(prefix="feedmill-")


def _work_and_exit(work: Callable[[Item], bytes], items: Sequence[Item], results: IO[bytes], parent: int) -> NoReturn:
    """Work as a child: say nothing, leave nothing behind, and run none of what this process would run at its end."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        for item in items:
            if os.getppid() != parent:  # which was killed: nobody waits, and its lock shall be free
                break
            made = work(item)
            results.write(len(made).to_bytes(_LENGTH, "big"))
            results.write(made)
        results.flush()
    finally:
        os._exit(0)


def _read(results: IO[bytes]) -> Iterator[bytes]:
    """Yield the results that a child wrote whole."""
    results.seek(0)
    while len(head := results.read(_LENGTH)) == _LENGTH:
        length = int.from_bytes(head, "big")
        made = results.read(length)
        if len(made) < length:
            return
        yield made
