"""Story files → entries without their bodies: read on all processors, or taken from the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from feedmill.cache import Cache, StoryRow
from feedmill.gathering.told import DECODER, ENCODER, Told, entry_in, tell
from feedmill.model import Entry, Place, Problem, Site
from feedmill.normalising import References, TopicIndex
from feedmill.parallel import spread
from feedmill.reading import Listing, StoryFile
from feedmill.selecting import Sieve

_CHUNK = 64
_BATCH = 256 * _CHUNK
"""How many files are worked on before their results are collected: what bounds the memory of that."""
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
    and `unseen` counts the others. `found` counts story files, `left_out` those that errors leave out. `addresses` are
    those of all stories and pages, by path, where any story could refer to another by its path.
    """

    site: Site
    listing: Listing
    entries: tuple[Entry, ...]
    unseen: int
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
    while sieve is not None:
        gathered = _tell_stories(site, listing, root, cache, processes, on_progress, sieve)
        sieve = sieve.with_crowd()
        if sieve is None:
            return gathered
    return _tell_stories(site, listing, root, cache, processes, on_progress, None)


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
    for number, (file, told) in enumerate(_tell_all(site, listing, root, cache, processes), 1):
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
                    sieve.add(told.head, told.entry)
        on_progress(number, len(listing.files))
    kept = packed if sieve is None else sieve.kept()
    return Gathered(
        site=site,
        listing=listing,
        entries=tuple(map(entry_in, kept)),
        unseen=0 if sieve is None else sieve.taken - len(kept),
        problems=tuple(problems),
        places=Places(site.content_path),
        found=found,
        left_out=left_out,
        addresses=addresses,
    )


def _tell_all(
    site: Site, listing: Listing, root: Path, cache: Cache, processes: int
) -> Iterator[tuple[StoryFile, Told]]:
    topics = TopicIndex.of(site.topics)
    known = _Known(cache.stories())
    rows: list[StoryRow] = []

    def work(files: Sequence[StoryFile]) -> bytes:
        return ENCODER.encode([ENCODER.encode(tell(file, listing, site, topics)) for file in files])

    for start in range(0, len(listing.files), _BATCH):
        batch = listing.files[start : start + _BATCH]
        signatures = [_signature(file, listing, root, cache) for file in batch]
        told = [known.told(file.relative, signature) for file, signature in zip(batch, signatures, strict=True)]
        unread = [file for file, found in zip(batch, told, strict=True) if found is None]
        chunks = [unread[at : at + _CHUNK] for at in range(0, len(unread), _CHUNK)]
        fresh = (one for packed in spread(work, chunks, processes) for one in _PACKED.decode(packed))
        for file, signature, found in zip(batch, signatures, told, strict=True):
            if found is None:
                packed = next(fresh)
                found = DECODER.decode(packed)
                if not found.is_gone:
                    rows.append(StoryRow(file.relative, signature, packed))
            yield file, found
        if known.is_read:
            cache.keep_stories(rows)
            rows.clear()
    gone = [*known.passed, *known.rest()]
    cache.keep_stories(rows)
    cache.forget_stories(gone)


def _signature(file: StoryFile, listing: Listing, root: Path, cache: Cache) -> bytes:
    files = cache.signature(root, file.all_files)
    return b"%b %b" % (listing.convention_of(file).encode(), files) if files else b""


class _Known:
    """The cache's rows beside the files, both in the order of their paths, so that neither need be held at once.

    `passed` are the paths of rows that have no file any more.
    """

    def __init__(self, rows: Iterator[StoryRow]) -> None:
        self._rows = rows
        self._next = next(rows, None)
        self.passed: list[str] = []

    def told(self, path: str, signature: bytes) -> Told | None:
        """Return what the file at a path told when it had this signature, None when it has another now."""
        while self._next is not None and self._next.path < path:
            self.passed.append(self._next.path)
            self._next = next(self._rows, None)
        if self._next is None or self._next.path != path:
            return None
        row, self._next = self._next, next(self._rows, None)
        if not signature or row.signature != signature:
            return None
        try:
            return DECODER.decode(row.told)
        except msgspec.MsgspecError:
            return None

    @property
    def is_read(self) -> bool:
        """Whether all rows have been read, so that others may be written."""
        return self._next is None

    def rest(self) -> Iterator[str]:
        """Yield the paths of the rows after the last file."""
        while self._next is not None:
            yield self._next.path
            self._next = next(self._rows, None)
