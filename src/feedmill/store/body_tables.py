"""Bodies and fragments: what was rendered of entries, for as long as nothing that it was made of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from zlib import crc32

import msgspec
from msgspec import Struct

from feedmill.model import BodyMode, Format, Lookup, Problem, Unknown
from feedmill.store.cache_database import Store, as_json
from feedmill.store.source_tables import pack_problems, unpack_problems

_ENCODER = msgspec.msgpack.Encoder()
_LOOKUP = msgspec.msgpack.Decoder(Lookup)
_UNKNOWN = msgspec.msgpack.Decoder(list[Unknown])
_FOUND = """
SELECT problems, unknown, lost FROM body WHERE path = ? AND (problems IS NOT NULL OR unknown IS NOT NULL)
"""
Fragments = Mapping[tuple[Format, BodyMode], bytes]


class KeptBody(Struct, frozen=True):
    """What a story's body became. One that is `lost` has an error that leaves the story out."""

    digest: str
    summary: str
    content: str
    lost: bool
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    lookups: tuple[Lookup, ...] = ()


class Bodies:
    """The tables body, reference and fragment."""

    def __init__(self, store: Store) -> None:
        """Take the open cache."""
        self._store = store

    def put(self, bodies: Iterable[tuple[str, KeptBody]]) -> None:
        """Keep the bodies of entries, by path."""
        bodies = list(bodies)
        self._store.write(
            "INSERT OR REPLACE INTO body VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    path,
                    body.digest,
                    body.summary,
                    body.content,
                    body.lost,
                    pack_problems(body.problems),
                    _ENCODER.encode(body.unknown) if body.unknown else None,
                    _checksum(body.digest, body.summary, body.content),
                )
                for path, body in bodies
            ],
        )
        self._store.write("DELETE FROM reference WHERE path = ?", [(path,) for path, _ in bodies])
        lookups = [(path, _ENCODER.encode(each)) for path, body in bodies for each in body.lookups]
        self._store.write("INSERT OR REPLACE INTO reference VALUES (?, ?)", lookups)

    def at(self, paths: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return by path the summary and content of the bodies of entries, as far as they are kept."""
        query = "SELECT b.path, digest, summary, content, checksum FROM json_each(?) j JOIN body b ON b.path = j.value"
        found = {}
        for path, digest, summary, content, checksum in self._store.rows(query, (as_json(paths),)):
            if _checksum(digest, summary, content) != checksum:
                raise msgspec.DecodeError("a body is damaged")
            found[path] = summary, content
        return found

    def seen(self, path: str) -> str:
        """Return the digest of an entry's body, empty where it is not kept."""
        found = self._store.row("SELECT digest FROM body WHERE path = ?", (path,))
        return str(found[0]) if found is not None else ""

    def is_kept(self, path: str) -> bool:
        """Whether an entry's body was made, be it lost or not."""
        return self._store.row("SELECT 1 FROM body WHERE path = ?", (path,)) is not None

    def is_lost(self, path: str) -> bool:
        """Whether an entry's body has an error that leaves it out."""
        return self._store.row("SELECT 1 FROM body WHERE path = ? AND lost", (path,)) is not None

    def lost(self) -> list[str]:
        """Return the paths of entries whose bodies have an error that leaves them out, in order."""
        return [path for (path,) in self._store.rows("SELECT path FROM body WHERE lost ORDER BY path")]

    def remove(self, paths: Iterable[str]) -> None:
        """Forget bodies, and the fragments that were made of them."""
        gone = [(path,) for path in paths]
        for table in ("body", "reference", "fragment"):
            self._store.write(f"DELETE FROM {table} WHERE path = ?", gone)  # noqa: S608 - our own names

    def found_in(self, paths: Iterable[str]) -> Iterator[tuple[str, list[Problem], list[Unknown], bool]]:
        """Yield what was found while the bodies of some entries were made; and whether the body is lost."""
        for path in paths:
            found = self._store.row(_FOUND, (path,))
            if found is not None:
                problems, unknown, lost = found
                yield path, unpack_problems(problems), _UNKNOWN.decode(unknown) if unknown else [], bool(lost)

    def lookups(self) -> Iterator[tuple[str, Lookup]]:
        """Yield every reference that a kept body makes, with the path of its entry."""
        for path, packed in self._store.rows("SELECT path, lookup FROM reference"):
            yield path, _LOOKUP.decode(packed)

    def keep_only(self, paths: set[str]) -> None:
        """Forget the bodies and fragments of all other entries."""
        known = {path for (path,) in self._store.rows("SELECT path FROM body UNION SELECT path FROM fragment")}
        self.remove(known - paths)

    # Fragments

    def put_fragments(self, fragments: Iterable[tuple[str, str, Fragments]]) -> None:
        """Keep what was rendered of entries: path, digest of all that it was made of, and the bytes."""
        self._store.write(
            "INSERT OR REPLACE INTO fragment VALUES (?, ?, ?, ?, ?, ?)",
            [
                (path, body.value, format_.value, key, content, crc32(content))
                for path, key, made in fragments
                for (format_, body), content in made.items()
            ],
        )

    def fragment_keys(self) -> dict[str, dict[tuple[str, str], str]]:
        """Return by path which kinds of fragments there are, each with the digest of what it was made of."""
        found: dict[str, dict[tuple[str, str], str]] = {}
        for path, format_, body, key in self._store.database.execute("SELECT path, format, body, key FROM fragment"):
            found.setdefault(path, {})[format_, body] = key
        return found

    def fragments(self, paths: Sequence[str], format_: Format, body: BodyMode) -> list[bytes]:
        """Return the fragments of entries, in their order. Raises DecodeError where one is not there, or damaged."""
        query = (
            "SELECT j.value, f.content, f.checksum FROM json_each(?) j "
            "JOIN fragment f ON f.path = j.value AND f.body = ? AND f.format = ?"
        )
        rows = self._store.rows(query, (as_json(paths), body.value, format_.value))
        found = {path: content for path, content, checksum in rows if crc32(content) == checksum}
        if not found.keys() >= set(paths):
            raise msgspec.DecodeError("a fragment is damaged")
        return [found[path] for path in paths]


def _checksum(*texts: str) -> int:
    return crc32("\0".join(texts).encode("utf-8", "surrogatepass"))
