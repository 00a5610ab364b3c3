"""References between stories → addresses: what `ref`, `link`, `post_url` and `@/…` mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from feedmill.expressions import expression
from feedmill.model import Found, Lookup

_SUFFIX = expression(r"\.(?:md|markdown|html?|txt|rst)$", re.IGNORECASE)


class Addresses(Protocol):
    """What knows the addresses of all files of the content directory, by the names that references use."""

    def url_of(self, plain: str) -> str:
        """Return the address of the file that a plain path means; empty where there is none."""

    def paths_called(self, name: str) -> tuple[str, ...]:
        """Return the paths of the files of a name, in order."""


class References(Struct, frozen=True):
    """What references lead to."""

    addresses: Addresses

    def answer(self, asked: Lookup) -> Lookup:
        """Return a lookup with what it leads to now."""
        found = self.resolve_post(asked.text) if asked.is_post else self.resolve(asked.text, asked.origin)
        return replace(asked, found=found)

    def resolve(self, reference: str, origin: str) -> Found:
        """Find what a reference in the file at `origin` leads to.

        A path from the root (a leading slash, `@/`) is that file; any other is sought beside `origin`, then from the
        root, then by its file name anywhere, which must be the only one. A fragment is kept.
        """
        text, hash_, fragment = reference.strip().partition("#")
        tail = f"{hash_}{fragment}"
        if not text:
            url = self.addresses.url_of(plain_path(origin))
            return Found(url + tail) if url else Found(trouble="missing")
        rooted = text.startswith(("/", "@/"))
        path = plain_path(text.removeprefix("@").strip("/"))
        for candidate in (path,) if rooted else (_joined(origin, path), path):
            url = self.addresses.url_of(candidate)
            if url:
                return Found(url + tail)
        found = self.addresses.paths_called(path.rpartition("/")[2])
        if len(found) > 1 and "/" in path:
            found = tuple(name for name in found if plain_path(name).endswith(f"/{path}"))
        if len(found) > 1:
            return Found(trouble="ambiguous", candidates=found)
        if len(found) == 1 and ("/" not in path or plain_path(found[0]).endswith(path)):
            return Found(self.addresses.url_of(plain_path(found[0])) + tail)
        return Found(trouble="missing")

    def resolve_post(self, name: str) -> Found:
        """Find a Jekyll post by its date and slug, with folders or without."""
        found = [
            path
            for path in self.addresses.paths_called(plain_path(name).rpartition("/")[2])
            if "_posts/" in f"/{path}" and _without_posts(plain_path(path)).endswith(plain_path(name.strip("/")))
        ]
        if len(found) > 1:
            return Found(trouble="ambiguous", candidates=tuple(found))
        return Found(self.addresses.url_of(plain_path(found[0]))) if found else Found(trouble="missing")


class Lookups:
    """References as one body looks them up, remembering what it asked. What they lead to was found before, in part.

    `wanted` are those that were not: where any are, the body is to be made again with what they lead to.
    """

    def __init__(self, answers: Iterable[Lookup] = ()) -> None:
        """Take what was found before."""
        self._answers = {(each.text, each.origin, each.is_post): each for each in answers}
        self._made: dict[Lookup, None] = {}
        self.wanted: list[Lookup] = []

    @property
    def made(self) -> tuple[Lookup, ...]:
        """Every lookup so far, once."""
        return tuple(self._made)

    def resolve(self, text: str, origin: str) -> Found:
        """Return what a reference in the file at `origin` leads to."""
        return self._found(Lookup(text, origin))

    def resolve_post(self, name: str) -> Found:
        """Return what a Jekyll post's date and slug lead to."""
        return self._found(Lookup(name, "", is_post=True))

    def _found(self, asked: Lookup) -> Found:
        answer = self._answers.get((asked.text, asked.origin, asked.is_post))
        if answer is None:
            self.wanted.append(asked)
            return asked.found
        self._made[answer] = None
        return answer.found


def _without_posts(path: str) -> str:
    return path.replace("_posts/", "")


def plain_path(path: str) -> str:
    """Return a path without suffix, and a bundle's without its index file."""
    bare = _SUFFIX.sub("", path)
    folder, _, name = bare.rpartition("/")
    return folder if name in ("index", "_index") and folder else bare


def own_name(path: str) -> str:
    """Return the name by which a file may be referred to from anywhere."""
    return plain_path(path).rpartition("/")[2]


def _joined(origin: str, path: str) -> str:
    folder = origin.rpartition("/")[0]
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
