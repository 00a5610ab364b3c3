"""Story files → entries without their bodies: read on all processors, or taken from the cache."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedmill.cache import Cache, Shelf, StoryRow
from feedmill.gathering.told import DECODER, ENCODER, Told, entry_in, tell
from feedmill.model import Entry, Place, Problem, Site
from feedmill.normalising import References, TopicIndex
from feedmill.parallel import spread
from feedmill.reading import Listing, StoryFile
from feedmill.selecting import Sieve

_CHUNK = 64
_BATCH = 256 * _CHUNK
"""How many files are looked at before those that are unread are shared out."""
_SHELVES = 16
"""How many shelves are put up at once."""
_PACKED = msgspec.msgpack.Decoder(list[bytes])


class Places(dict[str, Place]):
    """Where the story of each path stands, as people are shown it: each made when it is asked for."""

    def __init__(self, root: str) -> None:
        super().__init__()
        self._before = "" if root == "." else f"{root}/"

    def __missing__(self, path: str) -> Place:
        """Return the place of a path."""
        return Place(self._before + path)


class Gathered(Struct, frozen=True):
    """What content/ says by itself: entries by path without their bodies, and the problems on the way to them.

    `site` has the topics and authors that content/ holds. `entries` are those that the build has anything to do with,
    and `unseen` counts the others; of these, `resting` are the ids of those that subscribers were told of. `found`
    counts story files, `left_out` those that errors leave out. `addresses` are those of all stories and pages, by path,
    where any story could refer to another by its path. Of the files, `listing` has at least those of the entries.
    """

    site: Site
    listing: Listing
    entries: tuple[Entry, ...]
    unseen: int
    resting: frozenset[str]
    problems: tuple[Problem, ...]
    places: Places
    found: int
    left_out: int
    addresses: Mapping[str, str]

    def references(self) -> References:
        """Return what stories may refer to."""
        return References.of(self.addresses.items())


def tell_stories(
    site: Site,
    listing: Listing,
    root: Path,
    cache: Cache,
    *,
    processes: int,
    on_progress: Callable[[int, int], None],
    sieve: Sieve | None = None,
) -> Gathered:
    """Read every story file of `listing` that the cache does not know, and return what all of them tell.

    Of their entries only those that `sieve` keeps; all without one.
    """
    while True:
        gathered = _tell_stories(site, listing, root, cache, processes, on_progress, sieve)
        sieve = sieve.with_crowd() if sieve is not None else None
        if sieve is None:
            return gathered


def _tell_stories(
    site: Site,
    listing: Listing,
    root: Path,
    cache: Cache,
    processes: int,
    on_progress: Callable[[int, int], None],
    sieve: Sieve | None,
) -> Gathered:
    packed: list[bytes] = []
    problems: list[Problem] = list(listing.problems)
    addresses: dict[str, str] = {}
    found, left_out = listing.unreadable, listing.unreadable
    may_refer = bool(site.content.shortcodes) or any(each.name != "feedmill" for each in listing.conventions.values())
    total = len(listing.files)
    for number, (file, told, is_fresh) in enumerate(_tell_all(site, listing, root, cache, processes), 1):
        if may_refer and told.address:
            addresses[file.relative] = told.address
        if not told.is_page and not told.is_gone:
            found += 1
            left_out += told.is_left_out
            problems.extend(told.problems)
            if told.head is not None:
                if sieve is None:
                    packed.append(told.entry)
                else:
                    sieve.add(told.head, told.entry, is_fresh=is_fresh)
        on_progress(number, total)
    kept, resting = (packed, frozenset[str]()) if sieve is None else sieve.kept()
    entries = tuple(map(entry_in, kept))
    if sieve is not None:
        paths = {entry.path for entry in entries}
        listing = replace(listing, files=tuple(file for file in listing.files if file.relative in paths))
    return Gathered(
        site=site,
        listing=listing,
        entries=entries,
        unseen=0 if sieve is None else sieve.taken - len(kept),
        resting=resting,
        problems=tuple(problems),
        places=Places(site.content_path),
        found=found,
        left_out=left_out,
        addresses=addresses,
    )


def _tell_all(
    site: Site, listing: Listing, root: Path, cache: Cache, processes: int
) -> Iterator[tuple[StoryFile, Told, bool]]:
    """Yield what every file tells, in the order of their paths: from the cache, or read now, many at once.

    And whether it was read now.
    """
    topics = TopicIndex.of(site.topics)

    def work(files: Sequence[StoryFile]) -> bytes:
        return ENCODER.encode([ENCODER.encode(tell(file, listing, site, topics)) for file in files])

    def read(shelves: deque[_Shelved]) -> Iterator[tuple[StoryFile, Told, bool]]:
        unread = [file for shelved in shelves for file in shelved.unread()]
        chunks = [unread[at : at + _CHUNK] for at in range(0, len(unread), _CHUNK)]
        made = spread(work, chunks, processes)
        fresh = (packed for chunk in made for packed in _PACKED.decode(chunk))
        gone: list[str] = []
        new: list[Shelf] = []
        while shelves:
            shelved = shelves.popleft()
            yield from shelved.told(fresh)
            new.extend(shelved.anew())
            if shelved.name and shelved.has_changed:
                gone.append(shelved.name)
            if len(new) >= _SHELVES or not shelves:
                cache.replace_shelves(gone, new)
                gone, new = [], []

    waiting: deque[_Shelved] = deque()
    count = 0
    for name, files in _shelved(listing.files, cache.shelves()):
        signatures = [signature_of_story(file, listing, root, cache) for file in files]
        waiting.append(_Shelved(name, files, signatures, cache.shelf(name) if name else ()))
        count += len(files)
        if count >= _BATCH:
            yield from read(waiting)
            waiting, count = deque(), 0
    yield from read(waiting)


def _shelved(files: Sequence[StoryFile], names: Sequence[str]) -> Iterator[tuple[str, Sequence[StoryFile]]]:
    """Yield the files that belong on each shelf, by its name; before any was put up, those for each."""
    if not names:
        yield from (("", files[at : at + _CHUNK]) for at in range(0, len(files), _CHUNK))
        return
    begin = 0
    for number, name in enumerate(names, 1):
        end = len(files)
        if number < len(names):
            end = bisect_left(files, names[number], begin, key=lambda file: file.relative)
        yield name, files[begin:end]
        begin = end


def signature_of_story(file: StoryFile, listing: Listing, root: Path, cache: Cache) -> bytes:
    """Return what identifies the present state of all that tells a story, empty when it cannot be relied upon."""
    files = cache.signature(root, file.all_files)
    return listing.convention_of(file).encode() + b" " + files if files else b""


class _Shelved:
    """The files that belong on one shelf of the cache, beside what stands there."""

    def __init__(
        self, name: str, files: Sequence[StoryFile], signatures: Sequence[bytes], rows: Sequence[StoryRow]
    ) -> None:
        self.name, self.files, self._signatures = name, files, signatures
        known = {row.path: row for row in rows}
        self._rows: list[StoryRow | None] = [
            row if signature and (row := known.get(file.relative)) and row.signature == signature else None
            for file, signature in zip(files, signatures, strict=True)
        ]
        self.has_changed = len(rows) != len(files) or None in self._rows

    def unread(self) -> Iterator[StoryFile]:
        """Yield the files of which nothing stands there that is of use."""
        return (file for file, row in zip(self.files, self._rows, strict=True) if row is None)

    def told(self, fresh: Iterator[bytes]) -> Iterator[tuple[StoryFile, Told, bool]]:
        """Yield what every file tells, and whether it was unread: what those tell comes from `fresh`, packed."""
        for number, (file, row) in enumerate(zip(self.files, self._rows, strict=True)):
            is_fresh = row is None
            if row is None:
                row = StoryRow(file.relative, self._signatures[number], next(fresh))
                self._rows[number] = row
            told = DECODER.decode(row.told)
            if told.is_gone:
                self._rows[number] = None
            yield file, told, is_fresh

    def anew(self) -> Iterator[Shelf]:
        """Yield what is to stand there from now on, where that differs, once all have been told."""
        rows = [row for row in self._rows if row is not None]
        for at in range(0, len(rows) if self.has_changed else 0, _CHUNK):
            yield Shelf(rows[at].path, tuple(rows[at : at + _CHUNK]))
