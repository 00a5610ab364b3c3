"""Files → signatures: equal only when no file can have changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

_SLACK_NS = 2_000_000_000
"""The coarsest clock of a file system in use (FAT) ticks every two seconds."""


State = tuple[int, ...]
"""The times of a file's last change and of its last change of state, its size, and the number of its inode."""


def signature_of(root: str, paths: Iterable[str], seen: Callable[[str], State], began_ns: int) -> bytes:
    """Return what identifies the present state of files, empty when it cannot be relied upon.

    Size, both times, and the number of the inode: the time of the last change of state (ctime) cannot be set by
    programs, so that a file that is restored with its old time, or replaced by another of equal size, differs. A file
    that was changed within the clock's resolution of `began_ns`, the time of the file system when the run began, may
    change again without a trace, and is not relied upon. Nor is one that is not there. `seen` gives the states that
    were looked at when the run began, by path below `root`.
    """
    parts = []
    for path in paths:
        state = seen(path) or _look(f"{root}/{path}")
        if not state or state[1] > began_ns - _SLACK_NS:
            return b""
        parts.append(b"%d:%d:%d:%d" % state)
    return b" ".join(parts)


def _look(path: str) -> State:
    try:
        state = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def state_of(path: Path) -> bytes:
    """Return what identifies the present state of a file that only Feedmill writes, empty when it is not there."""
    state = _look(str(path))
    return b"%d:%d:%d:%d" % state if state else b""
