"""What a build saw and left, so that the next one can tell at a glance that there is nothing to do.

A cron job asks that every minute: nothing is imported here that takes longer than the answer.
"""

from __future__ import annotations

import fcntl
import os
import stat
from _bisect import bisect_left  # the modules without an underscore import others, which takes longer than a glance
from _operator import attrgetter
from _struct import Struct
from _struct import error as StructError  # type: ignore[attr-defined]  # which typeshed forgets

from feedmill.program import program_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

FILE_NAME = "snapshot"
CHECKED = "checked"
"""The file that says when a glance found nothing to do last, and how often in a row."""
_MAGIC = b"feedmill snapshot 2"
_STATE = ".feedmill"
_LOCK = "lock"
_SLACK_NS = 2_000_000_000
_UNSETTLED = 7
_FEW = 100
_APART = b"\0\0"
_STATE_OF_FILE = Struct("4Q")
_parts_of = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
_mode_of = attrgetter("st_mode")
_64 = (1 << 64) - 1
_TOLD_IN = frozenset("md markdown html htm txt rst yaml yml json toml".split())
_CONFIGURES = ("hugo.", "_config.yml", "eleventy.", ".eleventy.", "pelicanconf.py", "config.toml")
_LEDGER = (".feedmill/ledger.sqlite3", ".feedmill/ledger.sqlite3-journal")
_BETWEEN = "\t"
_ENCODING = ("utf-8", "surrogateescape")


class Survey:
    """The present state of all that a build reads."""

    def __init__(self, directory: str, content: str, feeds: str, configuration: tuple[int, ...] | None = None) -> None:
        """Look at it all. `content` and `feeds` are the paths that feedmill.yaml gives.

        Whoever has read feedmill.yaml already gives its state before that, `configuration`: it may differ by now.
        Raises OSError where a folder cannot be read.
        """
        root = os.path.join(directory, content)
        self.of = (directory, content, feeds)
        in_root = os.listdir(root)
        self._folders = list(_folders(root, in_root, os.path.abspath(os.path.join(directory, feeds))))
        self._by_folder = {folder: (names, states) for folder, names, states in self._folders}
        seen = [program_text(), str(state_of_configuration(directory) if configuration is None else configuration)]
        for folder in dict.fromkeys((directory, root, os.path.dirname(os.path.abspath(root)))):
            configure = _configurations(in_root if folder == root else _names_in(folder))
            seen.extend(f"{name} {_state(os.path.join(folder, name))}" for name in configure)
        self._others = "\0".join(seen).encode(*_ENCODING)

    @property
    def told(self) -> bytes:
        """All of it, as one text that is the same where all is. It is made when it is asked for, which is seldom."""
        told = [self._others]
        for path, names, states in self._folders:
            told += (path.encode(*_ENCODING), "\0".join(names).encode(*_ENCODING), states)
        # No name has a NUL, and no folder an empty name.
        return _APART.join(told)

    def edited_since(self, told: bytes) -> tuple[str, ...] | None:
        """Return the paths of the files whose states differ from those of an earlier survey, as that one `told` them.

        None where anything else differs: files that came or went, what configures them, Feedmill itself.
        """
        at = len(self._others)
        if told[:at] != self._others or not told.startswith(_APART, at):
            return None
        edited: list[str] = []
        for folder, names, states in self._folders:
            head = b"".join((_APART, folder.encode(*_ENCODING), _APART, "\0".join(names).encode(*_ENCODING), _APART))
            begin, end = at + len(head), at + len(head) + len(states)
            if told[at:begin] != head or len(told) < end:
                return None
            before = told[begin:end]
            for first in range(0, len(states) if before != states else 0, _STATE_OF_FILE.size):
                state = states[first : first + _STATE_OF_FILE.size]
                if state != before[first : first + _STATE_OF_FILE.size]:
                    if not any(state):
                        return None
                    edited.append(f"{folder[1:]}/{names[first // _STATE_OF_FILE.size]}".removeprefix("/"))
            at = end
        return tuple(edited) if at == len(told) else None

    def state(self, path: str) -> tuple[int, ...]:
        """Return the times, the size and the inode of a file by its path below the content directory; () of others."""
        folder, _, name = path.rpartition("/")
        names, states = self._by_folder.get(f"/{folder}" if folder else "", ([], b""))
        count = len(states) // _STATE_OF_FILE.size
        number = bisect_left(names, name, 0, count)
        if number == count or names[number] != name:
            return ()
        state = _STATE_OF_FILE.unpack_from(states, number * _STATE_OF_FILE.size)
        return state if any(state) else ()

    def unsettled(self, began_ns: int) -> list[str]:
        """Return the paths of files that changed since, or just before, `began_ns`, the file system's time then.

        They may change again within the clock's resolution, without a trace.
        """
        since = began_ns - _SLACK_NS
        return [
            f"{folder[1:]}/{name}".removeprefix("/")
            for folder, names, states in self._folders
            for name, (_, changed, _, _) in zip(names, _STATE_OF_FILE.iter_unpack(states), strict=False)
            if changed > since
        ]


def state_of_configuration(directory: str) -> tuple[int, ...]:
    """Return the state of feedmill.yaml."""
    return _state(os.path.join(directory, "feedmill.yaml"))


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
        file.write(b"\n".join((_MAGIC, _BETWEEN.join(head).encode(*_ENCODING), seen.told)))
    os.replace(f"{target}.new", target)


def surveyed(directory: str) -> tuple[bytes, tuple[str, ...]]:
    """Return what the survey of the build that left the snapshot told, and the paths that were unsettled then.

    Both are empty where there is none.
    """
    try:
        with open(os.path.join(directory, _STATE, FILE_NAME), "rb") as file:
            magic, head, told = file.read().split(b"\n", 2)
        unsettled = head.decode(*_ENCODING).split(_BETWEEN)[_UNSETTLED]
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
        made = Survey(directory, content, feeds)
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
        content, feeds, since, until, code, silence, left, _, *paths = head.decode(*_ENCODING).split(_BETWEEN)
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
    states = [_state(f"{root}/{path}") for path in paths]
    states += [_state(os.path.join(directory, name)) for name in _LEDGER]
    return " ".join(map(str, states))


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _configurations(names: Iterable[str]) -> list[str]:
    """Return the names of what configures a site generator, which tells whose habits the files follow."""
    return sorted([name for name in names if name.startswith(_CONFIGURES)])


def _folders(root: str, in_root: Iterable[str], passing_over: str) -> Iterator[tuple[str, list[str], bytes]]:
    """Yield every folder below `root`: its path, the names in it that matter, and the state of each file among them.

    `in_root` are all names in `root` itself. A state is four numbers; of a file that cannot be looked at they are 0.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        names = sorted(in_root if folder is root else os.listdir(folder))
        del names[bisect_left(names, ".") : bisect_left(names, "/")]  # what is hidden: the one follows the other
        below: list[str] = []
        others: list[str] = []
        # Most folders of stories hold nothing else, which is seen in less time than what each name is.
        states = _states(folder, names, files_alone=True) if _are_stories(names) else None
        if states is None:
            names, below, others = _sorted_out(folder)
            states = _states(folder, names) or b""
        yield folder[len(root) :], [*names, "/", *below, "/", *others], states
        for name in reversed(below):
            path = f"{folder}/{name}"
            if name != "node_modules" and os.path.abspath(path) != passing_over:
                waiting.append(path)


def _are_stories(names: Sequence[str]) -> bool:
    return "\0".join((*names, "")).count(".md\0") == len(names)


def _sorted_out(folder: str) -> tuple[list[str], list[str], list[str]]:
    """Return the names in a folder: of files that tell something, of folders, and of other links."""
    names: list[str] = []
    below: list[str] = []
    others: list[str] = []
    with os.scandir(folder) as found:
        for entry in found:
            name = entry.name
            if name[0] == ".":
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append(name)
            elif name.rpartition(".")[2].lower() in _TOLD_IN:
                names.append(name)
            elif entry.is_symlink():
                others.append(name)
    return sorted(names), sorted(below), sorted(others)


def _states(folder: str, names: list[str], *, files_alone: bool = False) -> bytes | None:
    """Return the states of files one after another; None where `files_alone` are wanted, and there may be others."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    look = os.stat
    try:
        found = [look(name, dir_fd=handle) for name in names]
    except OSError:
        return None if files_alone else b"".join([_STATE_OF_FILE.pack(*_numbers(f"{folder}/{name}")) for name in names])
    finally:
        os.close(handle)
    # The types of files that are no folders, and may be met here, are greater numbers.
    if files_alone and found and min(map(_mode_of, found)) < stat.S_IFREG:
        return None
    pack = _STATE_OF_FILE.pack
    try:
        return b"".join([pack(*parts) for parts in map(_parts_of, found)])
    except StructError:  # a time before 1970
        return b"".join([pack(s.st_mtime_ns & _64, s.st_ctime_ns & _64, s.st_size, s.st_ino) for s in found])


def _numbers(path: str) -> tuple[int, ...]:
    try:
        s = os.stat(path)
    except OSError:
        return 0, 0, 0, 0
    return s.st_mtime_ns & _64, s.st_ctime_ns & _64, s.st_size, s.st_ino


def _state(path: str) -> tuple[int, ...]:
    try:
        state = os.stat(path)
    except OSError:
        return ()
    if not stat.S_ISREG(state.st_mode):
        return (state.st_mode,)
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino
