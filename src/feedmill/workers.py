"""Work over many stories, each within bounds of time and memory, on all processors where there are many.

A story is the unit of failure: whatever goes wrong while one is worked on costs that one alone.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from feedmill.errors import FeedmillError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Context = TypeVar("Context")
Item = TypeVar("Item")
Result = TypeVar("Result")

SECONDS = 10.0
"""How much time of a processor one story may take."""
WAIT = 60.0
"""How long one story may take, on a machine that is busy with other things."""
BYTES = 1 << 30
"""How much memory one story may take."""
_FEW = 8
"""Fewer items than so many are worked on sooner by this process alone, unless they are large."""
_LARGE = 256_000
_MOST = 8
"""More processes than so many bring little, and need memory each."""
_PROCESSOR_SECONDS = 3 * SECONDS
"""What no signal handler can end, because it is not Python, the kernel ends after so much more time of a processor."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux's <sys/prctl.h>


class Failure(Struct, frozen=True):
    """What kept a story from being worked on: a text that completes "it cannot be used: …"."""

    what: str


class _Job(Struct, Generic[Context, Item, Result], frozen=True):
    """What a process of a pool is to do with a batch."""

    work: Callable[[Context, Item], Result]
    judge: Callable[[Context, Sequence[Result]], list[Result]] | None


class _TooLong(BaseException):
    """The time of a story is over. No `except Exception` of a library may take it."""


class _NoProcess(Exception):
    """The machine allows no further process."""


class Workers(Generic[Context]):
    """Does work that is given a context, the same for all items, and one item. Both must be picklable, and results."""

    def __init__(self, context: Context, processes: int | None = None, working: Path | None = None) -> None:
        """Take the context. `processes` is how many may work at once; None for as many as there are processors.

        `working` is a file that lies there while this process itself works on stories. One that lies there already was
        left by a run that a story has ended: a process of its own does the work this time, and costs that story alone.
        """
        self._context, self._working = context, working
        self._processes = processors() if processes is None else processes
        self._was_ended = working is not None and working.exists()

    def each(
        self,
        work: Callable[[Context, Item], Result],
        items: Sequence[Item],
        *,
        size: Callable[[Item], int] = lambda _: 0,
        batch: int = 32,
        judge: Callable[[Context, Sequence[Result]], list[Result]] | None = None,
    ) -> Generator[tuple[Item, Result | Failure], None, None]:
        """Yield every item in its order with what `work` makes of it, or why it makes nothing.

        `size` gives roughly the bytes of an item, and `batch` how many a process takes at once; `judge` looks over the
        results of a batch, and returns as many. Closing it ends the processes. Raises what stops a run: FeedmillError.
        """
        is_little = self._processes < 2 or (len(items) < _FEW and sum(map(size, items)) < _LARGE)
        if is_little and not self._was_ended:
            yield from self._here(_Job(work, judge), items)
            return
        batches = [items[at : at + batch] for at in range(0, len(items), batch)]
        yield from self._pooled(_Job(work, judge), batches)
        if items and self._was_ended:
            self._remove_working()

    def _here(self, job: _Job[Context, Item, Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result | Failure]]:
        """Do the work in this process."""
        for at in range(0, len(items), _FEW):
            some = items[at : at + _FEW]
            with self._at_work(), _bounded():
                results = _results(job.work, self._context, some, job.judge)
            yield from zip(some, results, strict=True)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Have the file lie there. A disk that has no room for it, or is read-only, is not a reason not to work."""
        with suppress(OSError):
            if self._working is not None:
                self._working.touch()
        try:
            yield
        finally:
            self._remove_working()

    def _remove_working(self) -> None:
        with suppress(OSError):
            if self._working is not None:
                self._working.unlink()

    def _pooled(
        self, job: _Job[Context, Item, Result], batches: Sequence[Sequence[Item]]
    ) -> Iterator[tuple[Item, Result | Failure]]:
        from concurrent.futures.process import BrokenProcessPool

        waiting = deque(batches)
        while waiting:
            running: deque[tuple[Sequence[Item], Future[list[Any]]]] = deque()
            pool = self._pool(max(1, min(self._processes, len(waiting))))
            try:
                while waiting or running:
                    while waiting and len(running) < 2 * self._processes:
                        running.append((waiting[0], _submit(pool, job, waiting[0])))
                        waiting.popleft()
                    results = running[0][1].result()
                    yield from zip(running.popleft()[0], results, strict=True)
            except BrokenProcessPool:
                # One of these ended its process. Which one is seen when each is tried once more by itself.
                for suspects, _ in running:
                    for item in suspects:
                        yield item, self._alone(job, item)
            except _NoProcess:
                # The machine allows no more of them now.
                for some in (*(each for each, _ in running), *waiting):
                    yield from self._here(job, some)
                return
            finally:
                _end(pool)

    def _alone(self, job: _Job[Context, Item, Any], item: Item) -> Any:
        from concurrent.futures.process import BrokenProcessPool

        pool = self._pool(1)
        try:
            [result] = _submit(pool, job, [item]).result()
        except (BrokenProcessPool, _NoProcess):
            return Failure("the process that worked on it was ended, twice")
        finally:
            _end(pool)
        return result

    def _pool(self, processes: int) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # By fork nothing is imported again. The libraries of macOS have threads that Python does not know of.
        how = get_context("spawn" if sys.platform == "darwin" else "fork")
        return ProcessPoolExecutor(processes, how, _begin, (self._context, os.getpid()))


def processors() -> int:
    """Return how many processors this process may use at once."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, _MOST)


_given: list[Any] = []
"""In a process of a pool: the context of all its work."""


def _begin(context: object, parent: int) -> None:
    """Get a process of a pool ready: it ends at a signal, and with the run that began it."""
    _given[:] = [context]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _batch(job: _Job[Any, Item, Result], items: Sequence[Item]) -> list[Result | Failure]:
    with _bounded():
        return _results(job.work, _given[0], items, job.judge)


def _results(
    work: Callable[[Context, Item], Result],
    context: Context,
    items: Sequence[Item],
    judge: Callable[[Context, Sequence[Result]], list[Result]] | None,
) -> list[Result | Failure]:
    """Work on items, and judge the results: together, or each by itself where that fails."""
    results = [_attempt(work, context, item) for item in items]
    sound = [result for result in results if not isinstance(result, Failure)]
    if judge is None or not sound:
        return results
    judged = _attempt(judge, context, sound)
    if isinstance(judged, Failure):
        one_by_one = (_attempt(judge, context, [result]) for result in sound)
        found: Iterator[Result | Failure] = (each if isinstance(each, Failure) else each[0] for each in one_by_one)
    else:
        found = iter(judged)
    return [result if isinstance(result, Failure) else next(found) for result in results]


def _submit(pool: ProcessPoolExecutor, job: _Job[Any, Any, Any], items: Sequence[Any]) -> Future[list[Any]]:
    """Give a batch to a pool, which may begin a process for it. Raises _NoProcess when there can be none."""
    try:
        return pool.submit(_batch, job, items)
    except OSError as error:
        raise _NoProcess from error


def _end(pool: ProcessPoolExecutor) -> None:
    """Let go of a pool whatever its processes are at: nobody waits for them any more."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with suppress(OSError, ValueError):
            process.kill()
    for process in processes:
        with suppress(OSError, ValueError, AssertionError):
            process.join()


def _attempt(work: Callable[[Context, Item], Result], context: Context, item: Item) -> Result | Failure:
    """Do the work, for so long at the most."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_CPU)
    last = int(time.process_time() + _PROCESSOR_SECONDS) + 1
    if before[0] == resource.RLIM_INFINITY or last < before[0]:
        resource.setrlimit(resource.RLIMIT_CPU, (last, before[1]))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WAIT)
    try:
        return work(context, item)
    except FeedmillError:
        raise
    except _TooLong:
        return Failure(f"it takes longer than {SECONDS:g} seconds")
    except MemoryError:
        return Failure(f"it takes more than {BYTES / (1 << 30):g} GB of memory")
    except RecursionError:
        return Failure("it nests too deeply")
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        return Failure(f"{type(error).__name__}: {said}" if said else type(error).__name__)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_CPU, before)


@contextmanager
def _bounded() -> Iterator[None]:
    """Raise _TooLong and MemoryError in what takes too long or too much. Signals come to the main thread alone."""
    before = [(number, signal.signal(number, _ring)) for number in (signal.SIGPROF, signal.SIGALRM)]
    memory = _limit_memory()
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        if memory is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, memory)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise _TooLong


def _limit_memory() -> tuple[int, int] | None:
    """Allow this process so much more memory than it has; return the limits of before, None where there can be none."""
    try:
        import resource

        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - a Path costs as much as the rest
            pages = int(file.read().split()[0])
        before = resource.getrlimit(resource.RLIMIT_AS)
        limit = pages * resource.getpagesize() + BYTES
        if before[0] != resource.RLIM_INFINITY and before[0] <= limit:
            return None
        resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    except (OSError, ValueError, ImportError):
        return None
    return before
