"""Files → signatures: equal only when no file can have changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_SLACK_NS = 2_000_000_000
"""The coarsest clock of a file system in use (FAT) ticks every two seconds."""


def signature_of(paths: Iterable[str], began_ns: int) -> bytes:
    """Return what identifies the present state of files, empty when it cannot be relied upon.

    Size, both times, and the number of the inode: the time of the last change of state (ctime) cannot be set by
    programs, so that a file that is restored with its old time, or replaced by another of equal size, differs. A file
    that was changed within the clock's resolution of `began_ns`, the time of the file system when the run began, may
    change again without a trace, and is not relied upon. Nor is one that is not there.
    """
    parts = []
    for path in paths:
        try:
            state = os.stat(path)  # noqa: PTH116 - of every file in every run
        except OSError:
            return b""
        if state.st_ctime_ns > began_ns - _SLACK_NS:
            return b""
        parts.append(b"%d:%d:%d:%d" % (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return b" ".join(parts)


def state_of(path: Path) -> bytes:
    """Return what identifies the present state of a file that only Feedmill writes, empty when it is not there."""
    try:
        state = path.stat()
    except OSError:
        return b""
    return b"%d:%d:%d:%d" % (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
