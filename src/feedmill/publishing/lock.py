"""One run at a time: a lock that the kernel releases, however the run ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from feedmill.errors import Locked, PublishingError

FILE_NAME = "lock"
_STEP = 0.05
"""Seconds between two attempts."""


@contextmanager
def run_lock(state: Path, *, wait: float = 0, holder: str = "") -> Iterator[None]:
    """Hold the lock in the state directory, which is made when it is not there.

    `holder` is what runs that find the lock held say about this one. Raises Locked when another run still holds it
    after `wait` seconds, and PublishingError when it cannot be made.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        handle = os.open(state / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise PublishingError(
            f"{state}: the lock cannot be made: {os.strerror(error.errno or 0)}",
            remedy="make the directory writable for the user who runs feedmill",
        ) from None
    try:
        _take(handle, state, wait)
        # Who holds it is a courtesy: a disk too full for a line is not a reason not to run.
        with suppress(OSError):
            os.ftruncate(handle, 0)
            os.pwrite(handle, holder.encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int, state: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = until - time.monotonic()
            if left <= 0:
                holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
                raise Locked(
                    "another run is at work here" + (f" ({holder})" if holder else ""),
                    remedy="nothing to do: it will finish by itself",
                ) from None
            time.sleep(min(_STEP, left))
        except OSError as error:
            raise PublishingError(
                f"{state / 'lock'}: cannot be locked: {os.strerror(error.errno or 0)}",
                remedy="keep the state directory on a file system that knows locks",
            ) from None
        else:
            return
