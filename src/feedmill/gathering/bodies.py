"""Entries → their bodies: made for those that a document shows, once for as long as nothing they depend on changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.cache import BodyRow, Cache, Slip
from feedmill.errors import Unreadable
from feedmill.gathering.stories import Gathered
from feedmill.gathering.told import ENCODER, read_again
from feedmill.ledger import Fingerprint, fingerprint_of, seen_of
from feedmill.model import Entry, Level, Problem, Story
from feedmill.normalising import Lookup, References, Unknown, unknown_shortcodes
from feedmill.parallel import spread

if TYPE_CHECKING:
    from feedmill.normalising.bodies import Completed

_CHUNK = 16


class _About(Struct, frozen=True):
    """All that is known of a body but its content. `lost` bodies leave their story out."""

    fingerprint: Fingerprint
    summary: str = ""
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    lost: bool = False


class _Body(Struct, frozen=True):
    """A body as a process that made it hands it on."""

    about: bytes
    content: bytes


_ABOUT = msgspec.msgpack.Decoder(_About)
_BODIES = msgspec.msgpack.Decoder(list[_Body])


class _State(Struct):
    """What this run knows: bodies by path, with the key of what they were made of; and where their content is."""

    about: dict[str, tuple[bytes, _About]] = field(default_factory=dict)
    content: dict[str, Slip] = field(default_factory=dict)
    checked: dict[str, Entry] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    seen: dict[str, tuple[Entry, str]] = field(default_factory=dict)


class Bodies:
    """The bodies of a site's entries. What stands in the cache is not made again, nor loaded before it is needed.

    An entry without `files` comes from elsewhere (the ledger), and is whole as it is.
    """

    def __init__(self, gathered: Gathered, cache: Cache, processes: int) -> None:
        self._gathered = gathered
        self._cache = cache
        self._processes = processes
        self._state = _State()
        self._spool = cache.spool()

    def make(self, entries: Iterable[Entry], on_progress: Callable[[int, int], None] | None = None) -> frozenset[str]:
        """Make the bodies of these entries, where that is not done. Return the paths of stories that errors leave out.

        Raises Unreadable when the machine, not a story, is at fault.
        """
        asked = {entry.path: entry for entry in entries if entry.files}
        missing = [entry for entry in asked.values() if not self._is_made(entry)]
        chunks = [missing[at : at + _CHUNK] for at in range(0, len(missing), _CHUNK)]
        done = 0
        for chunk, packed in zip(chunks, spread(self._work, chunks, self._processes), strict=True):
            for entry, body in zip(chunk, _BODIES.decode(packed), strict=True):
                key = _key(entry)
                self._state.about[entry.path] = key, _ABOUT.decode(body.about)
                self._state.content[entry.path] = self._spool.put(body.content)
                self._state.checked[entry.path] = entry
                self._state.made.add(entry.path)
            done += len(chunk)
            if on_progress is not None:
                on_progress(done, len(missing))
        return frozenset(path for path in asked if self._state.about[path][1].lost)

    def hold(self, entries: Iterable[Entry]) -> None:
        """Load the bodies of these entries for processes that are about to be made: none but this may use the cache."""
        for entry in entries:
            if entry.files and entry.path not in self._state.content:
                self._state.content[entry.path] = self._spool.put(self.whole(entry).content.encode())

    def whole(self, entry: Entry) -> Entry:
        """Return an entry with its content and summary. Raises Unreadable where it must be read again, and cannot."""
        if not entry.files or entry.content:
            return entry
        about = self._about(entry)
        slip = self._state.content.get(entry.path)
        content = self._spool.get(slip) if slip is not None else self._cache.content(entry.path)
        if content is None:  # there was no room for it, or the cache was damaged meanwhile
            return self._made_again(entry, about)
        return replace(entry, content=content.decode(), summary=about.summary)

    def seen(self, entry: Entry) -> str:
        """Return the digest of all that subscribers see of an entry."""
        known = self._state.seen.get(entry.path)
        if known is not None and known[0] is entry:
            return known[1]
        if entry.files and not entry.content:
            about = self._about(entry)
            digest = seen_of(replace(entry, summary=about.summary), body=about.fingerprint.body)
        else:
            digest = seen_of(entry)
        self._state.seen[entry.path] = entry, digest
        return digest

    def fingerprint(self, entry: Entry) -> Fingerprint:
        """Return the fingerprint of an entry's body."""
        return self._about(entry).fingerprint if entry.files and not entry.content else fingerprint_of(entry)

    def problems(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what was found on the way to these entries' bodies, each shortcode that nobody knows told once."""
        abouts = [self._state.about[entry.path][1] for entry in entries if entry.path in self._state.about]
        unknown = [item for about in abouts for item in about.unknown]
        return [*(problem for about in abouts for problem in about.problems), *unknown_shortcodes(unknown)]

    def remember(self) -> None:
        """Let the cache keep the bodies that this run has made, and of others only those that it has asked for."""
        made = sorted(self._state.made)
        for at in range(0, len(made), _CHUNK):
            self._cache.keep_bodies(self._rows(made[at : at + _CHUNK]))
        self._cache.forget_bodies([path for path in self._cached if path not in self._state.about])

    def _made_again(self, entry: Entry, about: _About) -> Entry:
        """Return an entry with its body, which is what it was when the feeds were decided, or raise Unreadable."""
        made = self._complete(entry).entry
        if made is None or fingerprint_of(made).body != about.fingerprint.body:
            raise Unreadable(
                f"{self._gathered.places[entry.path].path}: it has changed since this build read it",
                remedy="the feeds are as they were; build again when it is complete",
            )
        self._state.content[entry.path] = self._spool.put(made.content.encode())
        self._state.made.add(entry.path)
        return made

    def _rows(self, paths: Iterable[str]) -> Iterator[BodyRow]:
        for path in paths:
            key, about = self._state.about[path]
            content = self._spool.get(self._state.content[path])
            if content is not None:
                yield BodyRow(path, key, ENCODER.encode(about), content)

    def _about(self, entry: Entry) -> _About:
        if not self._is_made(entry):
            self.make([entry])
        return self._state.about[entry.path][1]

    def _is_made(self, entry: Entry) -> bool:
        """Whether an entry's body is known. One in the cache is, while its references lead where they led."""
        if self._state.checked.get(entry.path) is entry:
            return True
        if self._is_known(entry):
            self._state.checked[entry.path] = entry
            return True
        return False

    def _is_known(self, entry: Entry) -> bool:
        key = _key(entry)
        known = self._state.about.get(entry.path)
        if known is not None:
            return known[0] == key
        row = self._cached.get(entry.path)
        if row is None or row.key != key:
            return False
        try:
            about = _ABOUT.decode(row.about)
        except msgspec.MsgspecError:
            return False
        if not all(lookup.leads_there_still(self._references) for lookup in about.lookups):
            return False
        self._state.about[entry.path] = key, about
        return True

    @cached_property
    def _cached(self) -> dict[str, BodyRow]:
        return {row.path: row for row in self._cache.bodies()}

    @cached_property
    def _references(self) -> References:
        return self._gathered.references()

    @cached_property
    def _files(self) -> dict[str, int]:
        return {file.relative: number for number, file in enumerate(self._gathered.listing.files)}

    def _work(self, entries: Sequence[Entry]) -> bytes:
        return ENCODER.encode(list(self._bodies(entries)))

    def _bodies(self, entries: Sequence[Entry]) -> Iterator[_Body]:
        # What reads stories and what makes bodies would each drive the other out of the processor's caches.
        stories = [self._read(entry, entry.files) for entry in entries]
        for entry, story in zip(entries, stories, strict=True):
            done = self._completed(entry, story)
            if any(problem.code == "body-empty" for problem in done.problems):
                done = self._complete(entry)  # where its title stands is told by metadata
            whole = done.entry
            about = _About(
                fingerprint_of(whole or entry),
                whole.summary if whole is not None else "",
                done.problems,
                done.unknown,
                done.lookups,
                lost=whole is None,
            )
            yield _Body(ENCODER.encode(about), whole.content.encode() if whole is not None else b"")

    def _read(self, entry: Entry, digest: str = "") -> Story | None:
        gathered = self._gathered
        file = gathered.listing.files[self._files[entry.path]]
        return read_again(file, gathered.listing, gathered.site, digest)

    def _complete(self, entry: Entry) -> Completed:
        return self._completed(entry, self._read(entry))

    def _completed(self, entry: Entry, story: Story | None) -> Completed:
        # Most runs make no body, and need none of the libraries for it.
        from feedmill.normalising.bodies import Completed, complete_entry

        if story is None:
            place = self._gathered.places[entry.path]
            message = "the file could be read before, and now cannot"
            remedy = "build again when it is complete"
            return Completed(None, (Problem(Level.ERROR, "unreadable", place, message, remedy),))
        return complete_entry(entry, story, self._gathered.site, lambda: self._references)


def _key(entry: Entry) -> bytes:
    """Return the digest of what a body is made of: the bytes of its files, and what of the entry stands in it."""
    made_of = (
        entry.files,
        entry.url,
        entry.title,
        entry.summary,
        entry.image,
        entry.correction,
        entry.related,
        entry.source,
        entry.draft,
    )
    return blake2b(ENCODER.encode(made_of), digest_size=16).digest()
