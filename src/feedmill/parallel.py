"""Work over many items on several processors, by fork: same results in the same order as on one."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

Item = TypeVar("Item")

_LENGTH = 8
_WORTH_A_FORK = 4
"""Fewer items than so many for each process are done sooner by one."""
_ROOM = 1 << 20
"""Bytes of results that a child may be ahead by."""
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux's <fcntl.h>


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


def spread(
    work: Callable[[Item], bytes], items: Sequence[Item], processes: int, *, is_busy: bool = False
) -> Generator[bytes, None, None]:
    """Yield what `work` makes of every item, in their order, on up to `processes` processes.

    This process takes its turn, every item the next process; or, where it `is_busy` with the results, two turns while
    others take three. No more is held than what processes are ahead of each other. A child that fails, or is killed,
    costs only time: its items are worked on here, where an error is raised as it would have been. When this process is
    killed, its children end with the item at hand.
    """
    count = max(min(processes, len(items) // _WORTH_A_FORK), 1)
    if count == 1:
        yield from map(work, items)
        return
    turns = [0, *range(1, count)] + ([*range(1, count), 0, *range(1, count)] if is_busy else [])
    own = _Own(work, [item for at, item in enumerate(items) if turns[at % len(turns)] == 0])
    children: list[_Child[Item]] = []
    try:
        for number in range(1, count):
            share = [item for at, item in enumerate(items) if turns[at % len(turns)] == number]
            children.append(_Child(work, share, [child.results for child in children]))
        for at, item in enumerate(items):
            turn = turns[at % len(turns)]
            if turn == 0:
                yield own.next()
                continue
            child = children[turn - 1]
            while not child.is_ready() and own.goes_ahead():
                pass
            made = child.next()
            yield work(item) if made is None else made
    finally:
        for child in children:
            child.end()


class _Own(Generic[Item]):
    """The share of this process: an item is worked on when its turn comes, or before, while a child is waited for."""

    def __init__(self, work: Callable[[Item], bytes], items: Sequence[Item]) -> None:
        self._work = work
        self._items = iter(items)
        self._ahead: deque[bytes | Exception] = deque()

    def next(self) -> bytes:
        """Return what is made of the next item. Raises what the work raises."""
        if not self._ahead:
            return self._work(next(self._items))
        made = self._ahead.popleft()
        if isinstance(made, Exception):
            raise made
        return made

    def goes_ahead(self) -> bool:
        """Work on an item whose turn has not come. Whether there was one."""
        for item in self._items:
            try:
                self._ahead.append(self._work(item))
            except Exception as error:
                self._ahead.append(error)
            return True
        return False


class _Child(Generic[Item]):
    """A process that works on its share, and the pipe through which its results come."""

    def __init__(self, work: Callable[[Item], bytes], items: Sequence[Item], others: Sequence[int]) -> None:
        self.results, results = os.pipe()
        parent, self._pid = os.getpid(), os.fork()
        if not self._pid:
            # A pipe that a child reads from does not break when its parent is gone: it would wait for ever.
            for other in (self.results, *others):
                os.close(other)
            _work_and_exit(work, items, results, parent)
        os.close(results)

    def is_ready(self) -> bool:
        """Whether there is something to be read: a result, or the end."""
        return bool(select.select([self.results], [], [], 0)[0])

    def next(self) -> bytes | None:
        """Return the next result, None when the child ended before it."""
        head = self._read(_LENGTH)
        return self._read(int.from_bytes(head, "big")) if head else None

    def _read(self, length: int) -> bytes | None:
        parts = []
        while length and (part := os.read(self.results, min(length, _ROOM))):
            parts.append(part)
            length -= len(part)
        return None if length else b"".join(parts)

    def end(self) -> None:
        """Let go of the child, whatever it is at."""
        os.close(self.results)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _work_and_exit(work: Callable[[Item], bytes], items: Sequence[Item], results: int, parent: int) -> NoReturn:
    """Work as a child: say nothing, leave nothing behind, and run none of what this process would run at its end."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        with suppress(ImportError, OSError):
            from fcntl import fcntl

            fcntl(results, _SET_PIPE_SIZE, _ROOM)
        for item in items:
            if os.getppid() != parent:  # which was killed: nobody waits, and its lock shall be free
                break
            made = work(item)
            rest = memoryview(len(made).to_bytes(_LENGTH, "big") + made)
            while rest:
                rest = rest[os.write(results, rest) :]
    finally:
        os._exit(0)
