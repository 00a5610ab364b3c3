"""Other processes of a run, by fork: how many there may be, and one of them with the pipe through which it tells.

A build with nothing to do takes one, too: nothing is imported here that takes longer than a glance.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


class Fork:
    """A process that does some work, and the end of the pipe from which is read what it tells: `results`."""

    def __init__(self, work: Callable[[int, int], None], others: Iterable[Fork]) -> None:
        """Begin. `work` is given the pipe's other end, and the number of this process. Raises OSError when it cannot.

        The process says nothing, leaves nothing behind, and runs none of what this one would run at its end. `others`
        are those that were made before and not ended: a pipe that a child reads from does not break when its parent is
        gone, and who writes into it would wait for ever.
        """
        self.results, tells = os.pipe()
        parent = os.getpid()
        try:
            self._pid = os.fork()
            if not self._pid:
                for handle in (self.results, *(other.results for other in others)):
                    os.close(handle)
                work(tells, parent)
        except OSError:
            os.close(self.results)
            raise
        finally:
            # A signal may have raised something in the new process before it could tell that it is one.
            if os.getpid() != parent:
                os._exit(0)
            os.close(tells)

    def end(self) -> None:
        """Let go of the process, whatever it is at."""
        os.close(self.results)
        try:
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)
        except OSError:  # it has ended, and somebody has noticed
            return
