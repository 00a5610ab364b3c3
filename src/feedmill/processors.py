"""How many processors there are for a run."""

from __future__ import annotations

import os
import sys


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
