"""What a build saw and left, so that the next one can tell at a glance that there is nothing to do.

A cron job asks that every minute: nothing is imported here that takes longer than the answer.
"""

from __future__ import annotations

import fcntl
import os

from feedmill.forking import processors
from feedmill.survey import ENCODING, Survey, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FILE_NAME = "snapshot"
CHECKED = "checked"
"""The file that says when a glance found nothing to do last, and how often in a row."""
_MAGIC = b"feedmill snapshot 2"
_STATE = ".feedmill"
_LOCK = "lock"
_UNSETTLED = 7
_FEW = 100
_LEDGER = (".feedmill/ledger.sqlite3", ".feedmill/ledger.sqlite3-journal", ".feedmill/ledger.sqlite3-wal")
_BETWEEN = "\t"


def save(
    directory: str,
    *,
    seen: Survey,
    content: str,
    feeds: str,
    documents: Iterable[str],
    valid: tuple[str, str],
    exit_code: int,
    in_silence: bool,
    unsettled: Sequence[str],
) -> None:
    """Write down what a build that finished saw and left. Raises OSError.

    `seen` is the survey made before it read anything, and `documents` the paths of all that it published. For as long
    as the time is in `valid` (like 2024-06-01T00:00:00Z, the end excluded), a build of the same would end with
    `exit_code` and say nothing. Where somebody wants to hear of every run, not even that is `in_silence`. The files at
    the paths `unsettled` may have changed since all the same, so that a build has to look at these whenever it is; at
    all where they are many.
    """
    if len(unsettled) > _FEW:
        return
    if unsettled:
        valid = (valid[0], valid[0])
    paths = sorted(documents)
    if any(_BETWEEN in text for text in (content, feeds, *unsettled, *paths)):
        return
    silence = "silence" if in_silence else "word"
    left = _left(directory, feeds, paths)
    head = (content, feeds, *valid, str(exit_code), silence, left, "\0".join(unsettled), *paths)
    target = os.path.join(directory, _STATE, FILE_NAME)
    with open(f"{target}.new", "wb") as file:
        file.write(b"\n".join((_MAGIC, _BETWEEN.join(head).encode(*ENCODING), seen.told)))
    os.replace(f"{target}.new", target)


def surveyed(directory: str) -> tuple[bytes, tuple[str, ...]]:
    """Return what the survey of the build that left the snapshot told, and the paths that were unsettled then.

    Both are empty where there is none.
    """
    try:
        with open(os.path.join(directory, _STATE, FILE_NAME), "rb") as file:
            magic, head, told = file.read().split(b"\n", 2)
        unsettled = head.decode(*ENCODING).split(_BETWEEN)[_UNSETTLED]
    except (OSError, ValueError, IndexError):
        return b"", ()
    return (told, tuple(filter(None, unsettled.split("\0")))) if magic == _MAGIC else (b"", ())


def forget(directory: str) -> None:
    """Remove the snapshot: the next build is to look closely."""
    try:
        os.unlink(os.path.join(directory, _STATE, FILE_NAME))
    except OSError:
        return


def glance(directory: str, now: str) -> tuple[int | None, Survey | None]:
    """Return the exit code of a build at `now` that has nothing to do and nothing to say, None when it may have some.

    And the survey that was made for it, if any. `now` is like 2024-06-01T00:00:00Z. That it was looked is written down,
    under the lock of runs.
    """
    state = os.path.join(directory, _STATE)
    try:
        handle = os.open(os.path.join(state, _LOCK), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None, None
    made: Survey | None = None

    def survey(content: str, feeds: str) -> Survey:
        nonlocal made
        made = Survey(directory, content, feeds, processes=processors())
        return made

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        code = look(directory, now, survey, in_silence=True)
        if code is not None:
            _write_down(os.path.join(state, CHECKED), now)
        return code, made
    except OSError:
        return None, None
    finally:
        os.close(handle)


def look(directory: str, now: str, survey: Callable[[str, str], Survey], *, in_silence: bool = False) -> int | None:
    """Return the exit code of a build at `now` that has nothing to do, None when it may have something.

    `survey` gives the present one, by the paths of content and feeds. With `in_silence`, only of a build of which
    nobody wants to hear. For those who hold the lock of runs.
    """
    try:
        with open(os.path.join(directory, _STATE, FILE_NAME), "rb") as file:
            magic, head, told = file.read().split(b"\n", 2)
        if magic != _MAGIC:
            return None
        content, feeds, since, until, code, silence, left, _, *paths = head.decode(*ENCODING).split(_BETWEEN)
        if not since <= now < until or (in_silence and silence != "silence"):
            return None
        if _left(directory, feeds, paths) != left:
            return None
        return int(code) if survey(content, feeds).told == told else None
    except (OSError, ValueError):
        return None


def _write_down(path: str, now: str) -> None:
    times = 0
    try:
        with open(path, "rb") as file:
            times = int(file.read(80).split()[1])
    except (OSError, ValueError, IndexError):
        times = 0
    with open(f"{path}.new", "wb") as file:
        file.write(b"%s %d\n" % (now.encode(), times + 1))
    os.replace(f"{path}.new", path)


def _left(directory: str, feeds: str, paths: Iterable[str]) -> str:
    """Return the present state of the documents and of the ledger."""
    root = os.path.join(directory, feeds)
    states = [state_of(f"{root}/{path}") for path in paths]
    states += [state_of(os.path.join(directory, name)) for name in _LEDGER]
    return " ".join(map(str, states))
