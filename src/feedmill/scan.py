"""content/ → which of its folders differ from what the cache knows: names of files, their times, sizes and inodes.

A cron job asks that every minute: nothing is imported here that takes longer than the answer.
"""

from __future__ import annotations

import os
import stat
from _bisect import bisect_left  # the module without an underscore imports others, which takes longer than a scan
from _struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ENCODING = ("utf-8", "surrogateescape")
STORY_ENDINGS = frozenset("md markdown html htm txt rst".split())
DATA_ENDINGS = frozenset("yaml yml json".split())
SLACK_NS = 2_000_000_000
"""A file changed so shortly before a scan may change again without a trace: some clocks tick every two seconds."""
MAX_DEPTH = 40
_STATE = Struct("4Q")
_LENGTHS = Struct("5I")
_UNKNOWN = bytes(_STATE.size)
_ENDINGS = STORY_ENDINGS | DATA_ENDINGS
_64 = (1 << 64) - 1


class Folder:
    """One folder below the content directory, as it lies there.

    `path` is relative, with slashes, and empty for the content directory itself. `names` are the files that matter, in
    order, and `states` gives four numbers for each (times of change, of the inode's change, size, inode). `odd` are
    those of them that are not plain files: links, and whatever else. `folders` and `links` are what lies there besides.
    `inherited` are the data files of the folders above it, with their states. `error` is set where it cannot be listed.
    """

    __slots__ = ("error", "folders", "has_data", "inherited", "links", "names", "odd", "path", "states")

    def __init__(self, path: str, inherited: tuple[tuple[str, bytes], ...]) -> None:
        """Begin with nothing in it."""
        self.path = path
        self.inherited = inherited
        self.names: list[str] = []
        self.folders: list[str] = []
        self.links: list[str] = []
        self.odd: dict[str, str] = {}
        self.states = b""
        self.has_data = False
        self.error: OSError | None = None

    def row(self, began_ns: int) -> bytes:
        """Return all of it in one piece, in which the state of a file that may have changed since is unknown."""
        since = began_ns - SLACK_NS
        changes = memoryview(self.states).cast("Q")[1::4]
        if max(changes, default=0) <= since:
            return self._with(self.states)
        states = bytearray(self.states)
        for number, changed in enumerate(changes):
            if changed > since:
                states[number * _STATE.size : (number + 1) * _STATE.size] = _UNKNOWN
        return self._with(bytes(states))

    def differs_from(self, row: bytes | None) -> bool:
        """Whether a scan that left this row saw anything else."""
        return row is None or self._with(self.states) != row

    def _with(self, states: bytes) -> bytes:
        others = (f"{name}/{leads}" for name, leads in self.odd.items())
        texts = ("\0".join(self.names), "\0".join(self.folders), "\0".join(self.links), "\0".join(others))
        above = b"".join(path.encode(*ENCODING) + state for path, state in self.inherited)
        parts = [*(text.encode(*ENCODING) for text in texts), (b"?" if self.error is not None else b"") + above]
        return b"".join((_LENGTHS.pack(*map(len, parts)), *parts, states))

    def state(self, name: str) -> bytes:
        """Return the state of a file in it; empty where there is none of this name."""
        number = bisect_left(self.names, name)
        if number == len(self.names) or self.names[number] != name:
            return b""
        return self.states[number * _STATE.size : (number + 1) * _STATE.size]

    def changed_since(self, row: bytes | None) -> set[str] | None:
        """Return the names of files that are new or changed since a scan left this row; None where all may be."""
        if row is None:
            return None
        before, _, _, odd, above, states = _parts(row)
        if _parts(self._with(b""))[4] != above:
            return None
        size = _STATE.size
        known = {name: states[number * size : (number + 1) * size] for number, name in enumerate(_texts(before))}
        now = {f"{name}/{leads}" for name, leads in self.odd.items()}
        changed = {each.partition("/")[0] for each in now.symmetric_difference(_texts(odd))}
        for number, name in enumerate(self.names):
            if known.get(name) != self.states[number * size : (number + 1) * size]:
                changed.add(name)
        return changed | known.keys() - set(self.names)


def is_settled(state: bytes, began_ns: int) -> bool:
    """Whether a file in this state cannot have changed since a scan that began then, without another state."""
    return int.from_bytes(state[8:16], "little") <= began_ns - SLACK_NS


def names_in(row: bytes) -> list[str]:
    """Return the names of the files of a row."""
    return _texts(_parts(row)[0])


def with_unknown(row: bytes, name: str) -> bytes:
    """Return a row in which the state of a file is unknown."""
    number = names_in(row).index(name)
    at = _LENGTHS.size + sum(_LENGTHS.unpack_from(row)) + number * _STATE.size
    return row[:at] + _UNKNOWN + row[at + _STATE.size :]


def _parts(row: bytes) -> list[bytes]:
    """Return what a row is joined of: names, folders, links, odd ones, what comes from above, and states."""
    if len(row) < _LENGTHS.size:
        raise ValueError("a folder's row is cut off")
    parts, at = [], _LENGTHS.size
    for length in _LENGTHS.unpack_from(row):
        parts.append(row[at : at + length])
        at += length
    return [*parts, row[at:]]


def _texts(part: bytes) -> list[str]:
    return part.decode(*ENCODING).split("\0") if part else []


def walk(root: str, output: str, start: str = "") -> Iterator[Folder]:
    """Yield a folder of the content directory and every one below it, each before those in it, in the order of names.

    All of them where `start`, its path, is empty.

    What is hidden (a leading dot) is not content, nor are `node_modules` and the folder at the absolute path `output`,
    where Feedmill writes. No link to a folder is followed. Raises OSError where `root` cannot be listed.
    """
    waiting = [Folder(start, ())]
    while waiting:
        folder = waiting.pop()
        path = f"{root}/{folder.path}" if folder.path else root
        try:
            _list(folder, path)
        except FileNotFoundError:
            if not folder.path:
                raise
            continue  # deleted since the folder above it was listed
        except OSError as error:
            if not folder.path:
                raise
            folder.error = error
        yield folder
        if folder.path.count("/") + 2 > MAX_DEPTH:
            continue
        inherited = (*folder.inherited, *_data_of(folder)) if folder.has_data else folder.inherited
        for name in reversed(folder.folders):
            if name == "node_modules" or (output and os.path.abspath(f"{path}/{name}") == output):
                continue
            if name.isascii() or _is_text(name):
                waiting.append(Folder(f"{folder.path}/{name}" if folder.path else name, inherited))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _list(folder: Folder, path: str) -> None:
    names, links = folder.names, folder.links
    linked: list[str] = []
    with os.scandir(path) as found:
        for entry in found:
            name = entry.name
            if name[0] == ".":
                continue
            if entry.is_dir(follow_symlinks=False):
                folder.folders.append(name)
                continue
            ending = name.rpartition(".")[2]
            if ending not in _ENDINGS:
                ending = ending.lower()
            is_link = entry.is_symlink()
            if ending in _ENDINGS:
                names.append(name)
                folder.has_data |= ending == "json"
                if is_link:
                    linked.append(name)
            elif is_link:
                links.append(name)
    names.sort()
    folder.folders.sort()
    links.sort()
    if names:
        folder.states = _states(path, names, folder.odd)
    for name in linked:
        try:
            folder.odd[name] = os.readlink(f"{path}/{name}")
        except OSError:
            folder.odd[name] = ""
    folder.odd = dict(sorted(folder.odd.items()))


def _states(path: str, names: list[str], odd: dict[str, str]) -> bytes:
    """Return the states of files, one after another; of one that cannot be looked at it is unknown."""
    look, pack = os.stat, _STATE.pack
    states = []
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names:
            try:
                s = look(name, dir_fd=handle)
            except OSError:
                odd[name] = "?"
                states.append(_UNKNOWN)
                continue
            if s.st_mode & 0o170000 != stat.S_IFREG:
                odd[name] = "-"
            states.append(pack(s.st_mtime_ns & _64, s.st_ctime_ns & _64, s.st_size, s.st_ino))
    finally:
        os.close(handle)
    return b"".join(states)


def _data_of(folder: Folder) -> list[tuple[str, bytes]]:
    """Return a folder's own data files, with their states: those that bear its name (Eleventy's)."""
    name = folder.path.rpartition("/")[2]
    wanted = (f"{name}.json", f"{name}.11tydata.json")
    before = f"{folder.path}/" if folder.path else ""
    return [(before + each, state) for each in wanted if name and (state := folder.state(each))]


def state_of(path: str) -> bytes:
    """Return the state of a file; empty where none is, and the mode alone of what is not a file."""
    try:
        s = os.stat(path)
    except OSError:
        return b""
    if not stat.S_ISREG(s.st_mode):
        return b"%d" % s.st_mode
    return _STATE.pack(s.st_mtime_ns & _64, s.st_ctime_ns & _64, s.st_size, s.st_ino)


_CONFIGURES = ("hugo.", "_config.yml", "eleventy.", ".eleventy.", "pelicanconf.py", "config.toml")


def configuration_state(directory: str, content: str, templates: str, began_ns: int = 1 << 64) -> bytes:
    """Return the state of all that says how content/ is read and shown.

    That is feedmill.yaml, what configures a site generator, and the site's own templates, where it has any.

    Of a file that may have changed since a run began, it is unknown.
    """

    def seen_of(path: str) -> bytes:
        state = state_of(path)
        return state if is_settled(state, began_ns) else _UNKNOWN

    root = os.path.join(directory, content)
    seen = [seen_of(os.path.join(directory, "feedmill.yaml"))]
    places: dict[str, tuple[str, ...]] = dict.fromkeys(
        (directory, root, os.path.dirname(os.path.abspath(root))), _CONFIGURES
    )
    if templates:
        places[os.path.join(directory, templates)] = ("",)
    for place, beginnings in places.items():
        try:
            names = os.listdir(place)
        except OSError:
            continue
        for name in sorted(names):
            if name.startswith(beginnings):
                seen += [os.path.join(place, name).encode(*ENCODING), seen_of(os.path.join(place, name))]
    return b"\0".join(seen)


class Look:
    """What a look at a site has seen of its content: the folders, for the paths that feedmill.yaml gave then.

    It began at a time of the file system's clock. `is_same` says that each folder is as the last build saw it.
    """

    __slots__ = ("began_ns", "content", "feeds", "folders", "is_same")

    def __init__(self, content: str, feeds: str, folders: list[Folder], began_ns: int, *, is_same: bool) -> None:
        """Take them."""
        self.content = content
        self.feeds = feeds
        self.folders = folders
        self.began_ns = began_ns
        self.is_same = is_same
