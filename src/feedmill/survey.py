"""The present state of all that a build reads, seen at a glance: names of files, their times and sizes.

On several processors, by fork, where there are many files: what the system says of each takes most of the time. And
nothing is imported here that takes longer than the answer.
"""

from __future__ import annotations

import os
import stat
from _bisect import bisect_left  # the modules without an underscore import others, which takes longer than a glance
from _operator import attrgetter
from _struct import Struct
from _struct import error as StructError  # type: ignore[attr-defined]  # which typeshed forgets
from itertools import pairwise

from feedmill.forking import Fork
from feedmill.program import program_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Files = tuple[str, list[str], bool]

ENCODING = ("utf-8", "surrogateescape")
_SLACK_NS = 2_000_000_000
_APART = b"\0\0"
_STATE_OF_FILE = Struct("4Q")
_parts_of = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
_mode_of = attrgetter("st_mode")
_64 = (1 << 64) - 1
_TOLD_IN = frozenset("md markdown html htm txt rst yaml yml json toml".split())
_CONFIGURES = ("hugo.", "_config.yml", "eleventy.", ".eleventy.", "pelicanconf.py", "config.toml")
_PIECE = 500
"""Names of files that a process looks at in one go."""
_OPENING = 5
"""As long as it takes to look at so many files, it takes to open a folder."""
_WORTH_A_FORK = 3_000
"""Fewer files for each process are looked at sooner by one."""
_ROOM = 1 << 20


class Survey:
    """The present state of all that a build reads."""

    def __init__(
        self,
        directory: str,
        content: str,
        feeds: str,
        configuration: tuple[int, ...] | None = None,
        *,
        processes: int = 1,
    ) -> None:
        """Look at it all, on up to so many processes. `content` and `feeds` are the paths that feedmill.yaml gives.

        Whoever has read feedmill.yaml already gives its state before that, `configuration`: it may differ by now.
        Raises OSError where a folder cannot be read.
        """
        root = os.path.join(directory, content)
        self.of = (directory, content, feeds)
        self._times = {root: os.stat(root).st_mtime_ns}
        in_root = os.listdir(root)
        passing_over = os.path.abspath(os.path.join(directory, feeds))
        self._folders = list(_folders(root, in_root, passing_over, processes, self._times))
        self._by_folder = {folder: (names, states) for folder, names, states in self._folders}
        seen = [program_text(), str(state_of_configuration(directory) if configuration is None else configuration)]
        for folder in dict.fromkeys((directory, root, os.path.dirname(os.path.abspath(root)))):
            configure = _configurations(in_root if folder == root else _names_in(folder))
            seen.extend(f"{name} {state_of(os.path.join(folder, name))}" for name in configure)
        self._others = "\0".join(seen).encode(*ENCODING)

    def is_still_so(self) -> bool:
        """Whether no file and no folder came, went or got another name since it was made.

        What has come since, or gone, a build may have met or missed, and by the next survey all may be as it was.
        """
        try:
            return all(os.stat(folder).st_mtime_ns == time for folder, time in self._times.items())
        except OSError:
            return False

    @property
    def told(self) -> bytes:
        """All of it, as one text that is the same where all is. It is made when it is asked for, which is seldom."""
        told = [self._others]
        for path, names, states in self._folders:
            told += (path.encode(*ENCODING), "\0".join(names).encode(*ENCODING), states)
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
            head = b"".join((_APART, folder.encode(*ENCODING), _APART, "\0".join(names).encode(*ENCODING), _APART))
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
        state = self._found(path)
        return state if any(state) else ()

    def knows(self, path: str) -> bool:
        """Whether there was a file, or a link to one that is not there, by its path below the content directory."""
        return bool(self._found(path))

    def _found(self, path: str) -> tuple[int, ...]:
        folder, _, name = path.rpartition("/")
        names, states = self._by_folder.get(f"/{folder}" if folder else "", ([], b""))
        count = len(states) // _STATE_OF_FILE.size
        number = bisect_left(names, name, 0, count)
        if number == count or names[number] != name:
            return ()
        return _STATE_OF_FILE.unpack_from(states, number * _STATE_OF_FILE.size)

    def unsettled(self, began_ns: int) -> list[str]:
        """Return the paths of files that changed since, or just before, `began_ns`, the file system's time then.

        They may change again within the clock's resolution, without a trace.
        """
        since = began_ns - _SLACK_NS
        found: list[str] = []
        for folder, names, states in self._folders:
            changes = memoryview(states).cast("Q")[1::4]
            if max(changes, default=0) > since:  # which is soon seen of most folders
                recent = [name for name, changed in zip(names, changes, strict=False) if changed > since]
                found += [f"{folder[1:]}/{name}".removeprefix("/") for name in recent]
        return found


def state_of_configuration(directory: str) -> tuple[int, ...]:
    """Return the state of feedmill.yaml."""
    return state_of(os.path.join(directory, "feedmill.yaml"))


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _configurations(names: Iterable[str]) -> list[str]:
    """Return the names of what configures a site generator, which tells whose habits the files follow."""
    return sorted([name for name in names if name.startswith(_CONFIGURES)])


def _folders(
    root: str, in_root: Iterable[str], passing_over: str, processes: int, times: dict[str, int]
) -> Iterator[tuple[str, list[str], bytes]]:
    """Yield every folder below `root`: its path, the names in it that matter, and the state of each file among them.

    `in_root` are all names in `root` itself. A state is four numbers; of a file that cannot be looked at they are 0.
    Into `times` goes when each folder was last changed, before it was listed.
    """
    listed = list(_listed(root, passing_over, times, in_root))
    found = _states_of_all([(folder, names, others is None) for folder, names, _, others in listed], processes)
    for (folder, names, below, others), states in zip(listed, found, strict=True):
        if states is not None:
            yield folder[len(root) :], [*names, "/", *below, "/", *(others or ())], states
            continue
        # Not all were files: others than those of which a name says that they are stories, or they have gone meanwhile.
        for each, told, inner, rest in _listed(folder, passing_over, times):
            yield each[len(root) :], [*told, "/", *inner, "/", *(rest or ())], _states(each, told) or b""


def _listed(
    top: str, passing_over: str, times: dict[str, int], in_top: Iterable[str] | None = None
) -> Iterator[tuple[str, list[str], list[str], list[str] | None]]:
    """Yield a folder and all below it: the names of the files that matter in each, of its folders, of other links.

    Most folders of stories hold nothing else, which is seen in less time than what each name is: of these the last is
    None, and the states of the files tell whether it is so. Where `in_top`, all names in the first, is not given, that
    is not relied upon.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        if folder not in times:
            times[folder] = os.stat(folder).st_mtime_ns
        if in_top is not None:
            names = sorted(in_top if folder is top else os.listdir(folder))
            del names[bisect_left(names, ".") : bisect_left(names, "/")]  # what is hidden: the one follows the other
            if _are_stories(names):
                yield folder, names, [], None
                continue
        names, below, others = _sorted_out(folder)
        yield folder, names, below, others
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


def _states_of_all(folders: Sequence[Files], processes: int) -> Iterator[bytes | None]:
    """Yield the states of the files in each of `folders`: its path, the names, and whether nothing but files may be."""
    pieces = [
        (folder, names[first : first + _PIECE], files_alone)
        for folder, names, files_alone in folders
        for first in range(0, max(len(names), 1), _PIECE)
    ]
    count = min(processes, sum(map(_weight, pieces)) // _WORTH_A_FORK)
    found = iter(_looked_at(pieces, count) if count > 1 else [_states(*piece) for piece in pieces])
    for _, names, _ in folders:
        mine = [next(found) for _ in range(0, max(len(names), 1), _PIECE)]
        yield None if None in mine else b"".join(filter(None, mine))


def _looked_at(pieces: Sequence[Files], count: int) -> list[bytes | None]:
    """Return the states of each piece, looked at by so many processes: this one takes the first pieces."""
    total, so_far, bounds = sum(map(_weight, pieces)), 0, [0]
    for number, piece in enumerate(pieces, 1):
        so_far += _weight(piece)
        while len(bounds) <= count and so_far * count >= total * len(bounds):
            bounds.append(number)
    helpers: list[_Helper] = []
    try:
        try:
            for begin, end in pairwise(bounds[1:]):
                helpers.append(_Helper(pieces[begin:end], helpers))
        except OSError:  # too many processes already, or handles: this one looks at what is left over
            pass
        found = [_states(*piece) for piece in pieces[: bounds[1]]]
        for helper in helpers:
            found += helper.found()
        return found + [_states(*piece) for piece in pieces[len(found) :]]
    finally:
        for helper in helpers:
            helper.end()


def _weight(piece: Files) -> int:
    return len(piece[1]) + _OPENING


class _Helper(Fork):
    """A process that looks at some pieces."""

    def __init__(self, pieces: Sequence[Files], others: Sequence[_Helper]) -> None:
        """Begin. Raises OSError when there can be no more processes or pipes."""
        self._pieces = pieces
        super().__init__(self._tell, others)

    def _tell(self, tells: int, parent: int) -> None:
        told = []
        for piece in self._pieces:
            if os.getppid() != parent:  # which was killed: nobody waits, and its lock shall be free
                break
            states = _states(*piece)
            told.append(b"0" if states is None else b"1" + states)
        rest = memoryview(b"".join(told))
        while rest:
            rest = rest[os.write(tells, rest) :]

    def found(self) -> Iterator[bytes | None]:
        """Yield the states of each of its pieces. Those that it did not tell are looked at here."""
        parts = []
        while part := os.read(self.results, _ROOM):
            parts.append(part)
        told, at = b"".join(parts), 0
        for piece in self._pieces:
            end = at + 1 + len(piece[1]) * _STATE_OF_FILE.size
            if told[at : at + 1] == b"0":
                at += 1
                yield None
            elif at < len(told) and end <= len(told):
                yield told[at + 1 : end]
                at = end
            else:
                at = len(told)
                yield _states(*piece)


def _states(folder: str, names: list[str], files_alone: bool = False) -> bytes | None:
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


def state_of(path: str) -> tuple[int, ...]:
    """Return the times, the size and the inode of a file; the mode alone of what is no file, () where nothing is."""
    try:
        state = os.stat(path)
    except OSError:
        return ()
    if not stat.S_ISREG(state.st_mode):
        return (state.st_mode,)
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino
