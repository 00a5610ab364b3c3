"""What the last build gathered, and the few files changed since → what is gathered now, without a look at the rest."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedmill.cache import Cache, Shelf, StoryRow
from feedmill.gathering.stories import Gathered, Places, signature_of_story
from feedmill.gathering.told import DECODER, ENCODER, Told, entry_in, tell
from feedmill.model import BodyFormat, Problem, Site
from feedmill.normalising import TopicIndex
from feedmill.reading import BODY_FORMATS, SIDECARS, Detected, Listing, StoryFile, marks_of

_MOST = 5_000
"""Beyond so many entries it would take longer to keep them all once more than to gather anew."""
_MANY = 200
"""So many edited files are read sooner on all processors, with the rest."""


class Edits(Struct, frozen=True):
    """The files, by path, whose states are all that has changed below content/ since the last build.

    `before` and `after` name what there was and what there is; files that came or went make no edits.
    """

    paths: tuple[str, ...]
    before: bytes
    after: bytes


class Since(Struct, frozen=True):
    """What has changed since the last build, as of `now`. `ledger` names the present state of the ledger.

    A build that `is_seeking` stories that were told has to do with every edited one.
    """

    edits: Edits
    ledger: bytes
    now: datetime
    is_seeking: bool


class _File(Struct, frozen=True, array_like=True):
    """A story file without the root below which it lies."""

    relative: str
    body_format: BodyFormat
    sidecar: str
    data: tuple[str, ...]


class _Last(Struct, frozen=True, array_like=True):
    """What a build gathered at `now`, of the content that `content` names, beside the ledger that `ledger` names."""

    content: bytes
    ledger: bytes
    now: datetime
    files: tuple[_File, ...]
    entries: tuple[bytes, ...]
    conventions: dict[str, Detected]
    listing_problems: tuple[Problem, ...]
    unreadable: int
    unseen: int
    resting: frozenset[str]
    problems: tuple[Problem, ...]
    found: int
    left_out: int


_LAST = msgspec.msgpack.Decoder(_Last)


def keep_gathered(
    gathered: Gathered, cache: Cache, content: bytes, ledger: bytes, now: datetime, withdrawn: Collection[str]
) -> None:
    """Let the cache know what a build gathered, for the next one. `content` and `ledger` name what it was made of.

    Of stories that were `withdrawn` no text is kept; where their files are still there, nothing is.
    """
    paths = {entry.path for entry in gathered.entries}
    if len(paths) > _MOST or gathered.addresses or not paths.isdisjoint(withdrawn):
        cache.keep_gathered(b"")
        return
    listing = gathered.listing
    files = [
        _File(file.relative, file.body_format, file.sidecar, file.data)
        for file in listing.files
        if file.relative in paths
    ]
    last = _Last(
        content=content,
        ledger=ledger,
        now=now,
        files=tuple(files),
        entries=tuple(map(ENCODER.encode, gathered.entries)),
        conventions=dict(listing.conventions),
        listing_problems=listing.problems,
        unreadable=listing.unreadable,
        unseen=gathered.unseen,
        resting=gathered.resting,
        problems=gathered.problems,
        found=gathered.found,
        left_out=gathered.left_out,
    )
    cache.keep_gathered(ENCODER.encode(last))


def gather_edits(site: Site, root: Path, cache: Cache, since: Since) -> Gathered | None:
    """Return what content/ says now, None where the edits may concern more than the stories that were edited.

    That is where a story's head differs: what decides which feeds may show it. Only title and date of update may, of a
    story that does not rest.
    """
    last, edits = _last(cache), since.edits
    if last is None or (last.content, last.ledger) != (edits.before, since.ledger) or since.now < last.now:
        return None
    if len(edits.paths) > _MANY:
        return None
    files = tuple(StoryFile(root, file.relative, file.body_format, file.sidecar, file.data) for file in last.files)
    listing = Listing(files, last.conventions, last.listing_problems, last.unreadable)
    numbers = {file.relative: number for number, file in enumerate(files)}
    entries = list(map(entry_in, last.entries))
    problems = list(last.problems)
    topics = TopicIndex.of(site.topics)
    shelves: dict[str, Shelf] = {}
    for path in edits.paths:
        found = _edited(path, root, listing, site, cache, topics, shelves)
        if found is None:
            return None
        before, after, shelf = found
        shelves[shelf.first] = shelf
        if path in numbers:
            entries[numbers[path]] = entry_in(after.entry)
        elif since.is_seeking or (before.head != after.head and _rested(before, last)):
            return None
        for problem in before.problems:
            if problem not in problems:
                return None
            problems.remove(problem)
        problems.extend(after.problems)
    cache.replace_shelves([], shelves.values())
    return Gathered(
        site=site,
        listing=listing,
        entries=tuple(entries),
        unseen=last.unseen,
        resting=last.resting,
        problems=tuple(problems),
        places=Places(site.content_path),
        found=last.found,
        left_out=last.left_out,
        addresses={},
    )


def _rested(told: Told, last: _Last) -> bool:
    """Whether a story was at rest: of others that made no difference nobody was told, not even a title."""
    return told.head is not None and told.head.id in last.resting


def _is_plain_file(root: Path, path: str) -> bool:
    """Whether a path is that of a file by itself: a link may lead anywhere now, and names may be no text."""
    try:
        path.encode()
        return stat.S_ISREG(os.lstat(root / path).st_mode)
    except (UnicodeEncodeError, OSError):
        return False


def _last(cache: Cache) -> _Last | None:
    try:
        packed = cache.gathered()
        return _LAST.decode(packed) if packed else None
    except msgspec.MsgspecError:
        return None


def _edited(
    path: str,
    root: Path,
    listing: Listing,
    site: Site,
    cache: Cache,
    topics: TopicIndex,
    changed: Mapping[str, Shelf],
) -> tuple[Told, Told, Shelf] | None:
    """Return what an edited file told before and what it tells now, when it concerns its own story alone.

    And the shelf on which it stands. None of a file that does not stand by itself (a sidecar, data, a page), that bears
    a mark of another convention, or whose story was, or is, anything but plainly published.
    """
    if not _is_plain_file(root, path):
        return None
    stem, dot, suffix = path.rpartition(".")
    body_format = BODY_FORMATS.get(f"{dot}{suffix.lower()}")
    name = cache.shelf_of(path)
    rows = changed[name].rows if name in changed else cache.shelf(name)
    number = next((number for number, row in enumerate(rows) if row.path == path), -1)
    if body_format is None or number < 0 or any(os.path.lexists(root / (stem + ending)) for ending in SIDECARS):
        return None
    file = StoryFile(root, path, body_format)
    if listing.convention_of(file) != "feedmill" or marks_of(file.path) != "-":
        return None
    before, after = DECODER.decode(rows[number].told), tell(file, listing, site, topics)
    if before.head is None or after.head is None or not before.head.is_plain or after.is_left_out:
        return None
    if before.head != replace(after.head, title=before.head.title, updated=before.head.updated):
        return None
    row = StoryRow(path, signature_of_story(file, listing, root, cache), ENCODER.encode(after))
    return before, after, Shelf(name, (*rows[:number], row, *rows[number + 1 :]))
