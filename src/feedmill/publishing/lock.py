"""One run at a time: a lock that the kernel releases, however the run ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedmill.errors import Locked, PublishingError


@contextmanager
def run_lock(state: Path) -> Iterator[None]:
    """Hold the lock in the state directory, which is made when it is not there.

    Raises Locked at once when another run holds it, and PublishingError when it cannot be made.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        handle = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise PublishingError(
            f"{state}: the lock cannot be made: {os.strerror(error.errno or 0)}",
            remedy="make the directory writable for the user who runs feedmill",
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Locked("another run is at work here", remedy="nothing to do: it will finish by itself") from None
        yield
    finally:
        os.close(handle)
