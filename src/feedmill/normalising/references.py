"""References between stories → addresses: what `ref`, `link`, `post_url` and `@/…` mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from feedmill.expressions import expression

_SUFFIX = expression(r"\.(?:md|markdown|html?|txt|rst)$", re.IGNORECASE)


class Found(Struct, frozen=True):
    """What a reference leads to: an address, or why none (`missing`, `ambiguous`) with the files it might mean."""

    url: str = ""
    trouble: str = ""
    candidates: tuple[str, ...] = ()


class References(Struct, frozen=True):
    """The addresses of all files of the content directory, by the names that references use."""

    by_path: Mapping[str, str] = field(default_factory=dict)
    by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, addresses: Iterable[tuple[str, str]]) -> References:
        """Index (path below the content directory, absolute URL) pairs."""
        by_path: dict[str, str] = {}
        names: dict[str, list[str]] = {}
        for path, url in addresses:
            for name in _names(path):
                by_path.setdefault(name, url)
            own = _own_name(path)
            names.setdefault(own, []).append(path)
        return cls(by_path, {name: tuple(sorted(paths)) for name, paths in names.items()})

    def resolve(self, reference: str, origin: str) -> Found:
        """Find what a reference in the file at `origin` leads to.

        A path from the root (a leading slash, `@/`) is that file; any other is sought beside `origin`, then from the
        root, then by its file name anywhere, which must be the only one. A fragment is kept.
        """
        text, hash_, fragment = reference.strip().partition("#")
        tail = f"{hash_}{fragment}"
        if not text:
            url = self.by_path.get(_plain(origin), "")
            return Found(url + tail) if url else Found(trouble="missing")
        rooted = text.startswith(("/", "@/"))
        path = _plain(text.removeprefix("@").strip("/"))
        for candidate in (path,) if rooted else (_joined(origin, path), path):
            url = self.by_path.get(candidate, "")
            if url:
                return Found(url + tail)
        found = self.by_name.get(path.rpartition("/")[2], ())
        if len(found) > 1 and "/" in path:
            found = tuple(name for name in found if _plain(name).endswith(f"/{path}"))
        if len(found) > 1:
            return Found(trouble="ambiguous", candidates=found)
        if len(found) == 1 and ("/" not in path or _plain(found[0]).endswith(path)):
            return Found(self.by_path[_plain(found[0])] + tail)
        return Found(trouble="missing")

    def resolve_post(self, name: str) -> Found:
        """Find a Jekyll post by its date and slug, with folders or without."""
        found = [
            path
            for path in self.by_name.get(_plain(name).rpartition("/")[2], ())
            if "_posts/" in f"/{path}" and _without_posts(_plain(path)).endswith(_plain(name.strip("/")))
        ]
        if len(found) > 1:
            return Found(trouble="ambiguous", candidates=tuple(found))
        return Found(self.by_path[_plain(found[0])]) if found else Found(trouble="missing")


class Lookup(Struct, frozen=True):
    """One reference that a body makes, from the file at `origin`, and what it led to."""

    text: str
    origin: str
    found: Found
    is_post: bool = False

    def leads_there_still(self, references: References) -> bool:
        """Whether the reference leads where it led."""
        again = references.resolve_post(self.text) if self.is_post else references.resolve(self.text, self.origin)
        return again == self.found


class Lookups:
    """References as one body looks them up, remembering what it found. `source` is asked at the first."""

    def __init__(self, source: Callable[[], References]) -> None:
        self._source = source
        self._made: dict[Lookup, None] = {}

    @property
    def made(self) -> tuple[Lookup, ...]:
        """Every lookup so far, once."""
        return tuple(self._made)

    def resolve(self, text: str, origin: str) -> Found:
        """Find what a reference in the file at `origin` leads to."""
        return self._remembered(Lookup(text, origin, self._source().resolve(text, origin)))

    def resolve_post(self, name: str) -> Found:
        """Find a Jekyll post by its date and slug."""
        return self._remembered(Lookup(name, "", self._source().resolve_post(name), is_post=True))

    def _remembered(self, lookup: Lookup) -> Found:
        self._made[lookup] = None
        return lookup.found


def _without_posts(path: str) -> str:
    return path.replace("_posts/", "")


def _plain(path: str) -> str:
    """Return a path without suffix, and a bundle's without its index file."""
    bare = _SUFFIX.sub("", path)
    folder, _, name = bare.rpartition("/")
    return folder if name in ("index", "_index") and folder else bare


def _names(path: str) -> Iterable[str]:
    yield _plain(path)


def _own_name(path: str) -> str:
    return _plain(path).rpartition("/")[2]


def _joined(origin: str, path: str) -> str:
    folder = origin.rpartition("/")[0]
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
