"""What a test needs from outside: skipped, saying so, where it is absent, unless everything is required."""

import os
import shutil
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
ROOT = Path(__file__).resolve().parents[1]


def require(found: object, what: str) -> None:
    """Skip the test when a part is missing; fail it under FEEDMILL_REQUIRE_ALL=1."""
    if found:
        return
    if os.environ.get("FEEDMILL_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is required here and missing")
    pytest.skip(f"{what} is not here")


def require_program(name: str) -> str:
    """Return the path of a program."""
    found = shutil.which(name)
    require(found, f"the program {name}")
    assert found is not None
    return found


def require_shared(*parts: str) -> Path:
    """Return a path of the shared material beside the checkout."""
    path = SHARED.joinpath(*parts)
    require(path.exists(), f"the shared material {'/'.join(parts)}")
    return path


def room_in_memory() -> str | None:
    """Return a directory that lies in memory and is as good as one on a disk; None where there is none.

    A build there takes a third of the time, for the most of it is waiting for fsync. Thorough tests are on disks.
    """
    place = Path("/dev/shm")  # a tmpfs, on Linux
    if thorough() or not os.access(place, os.W_OK):
        return None
    found = os.statvfs(place)
    is_good = found.f_bavail * found.f_frsize > 2 << 30 and not found.f_flag & os.ST_NOEXEC
    return str(place) if is_good else None


def thorough() -> bool:
    """Whether faults are tried at their full number (`make test-thorough`), rather than at one that `make test` can."""
    return os.environ.get("FEEDMILL_THOROUGH") == "1"


def count(short: int, full: int) -> int:
    """Return how often a fault is tried."""
    return full if thorough() else short
