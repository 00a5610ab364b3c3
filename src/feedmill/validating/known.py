"""The documents of a build → whether all are right, without a second look at what was found right before.

An entry stands in several feeds, byte for byte, and in the next version of each. Where it was found right in a document
that had the same around it, it is passed over: what else there is of a document is parsed, held to the grammar, to the
rules of the whole and to the promises. What is said here is yes or not sure: anything unusual is left to the gate,
which finds the words.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from hashlib import blake2b, sha256
from typing import Any

import msgspec
from lxml import etree
from lxml.etree import _Element

from feedmill.model import Document, Format
from feedmill.validating.cutting import cut_entries
from feedmill.validating.grammar import surely_follows_grammar
from feedmill.validating.json_judging import json_is_right
from feedmill.validating.names import ATOM_NAMESPACE
from feedmill.validating.promises import Promises
from feedmill.validating.relations import entry_is_right, whole_is_right
from feedmill.validating.shapes import SOURCE, Shape, shape_of
from feedmill.validating.telling import Told, told_by_atom, told_by_json, told_by_rss

_ATOM = f"{{{ATOM_NAMESPACE}}}"
_MOST = 100_000
"""How many entries are remembered. What is beyond that is judged again."""
_ID_BYTES = 16
_ENCODER = msgspec.msgpack.Encoder()
_HEADS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])

Gists = tuple[bytes, ...]
"""What a document tells of its entries, in their order: a digest of each id, and of what else is told with it."""


class Known:
    """What was found right in the documents of one build, and of the build before, by one process."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, dict[bytes, bytes]] = {}
        self._shapes: set[tuple[Hashable, Shape]] = set()
        self._gists: dict[str, Gists] = {}
        self._promises: tuple[str, Promises] = ("", Promises())
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True)

    def all_right(self, documents: Sequence[Document], now: datetime) -> bool:
        """Whether documents in Atom, RSS and JSON are surely right, each by itself and those of a feed together."""
        told: dict[str, set[Gists]] = {}
        for document in documents:
            try:
                gists = self._judged(document, self._promises_of(document.feed), now)
            except (ValueError, RecursionError, etree.LxmlError, msgspec.MsgspecError):
                gists = None
            if gists is None:
                return False
            self._gists[document.path] = gists
            told.setdefault(document.feed, set()).add(gists)
        return all(len(alike) == 1 for alike in told.values())

    def gists_of(self, document: Document) -> Gists | None:
        """Return what a document which is right tells, entry by entry; None when that was not seen at once.

        What documents of one feed tell is the same where their gists are, and may be where they are not.
        """
        return self._gists.get(document.path)

    def learn(self, content: bytes, format_: Format, gists: Gists) -> None:
        """Take it that a document was found right before, by this Feedmill, and told this of its entries."""
        if format_ is Format.JSON:
            around: Hashable = Format.JSON
            entries: Sequence[bytes] = _items(_HEADS.decode(content).get("items", msgspec.Raw(b"[]")))
        else:
            cut = cut_entries(content, format_)
            if cut is None:
                return
            around, entries = cut.opening, cut.entries
        if len(entries) == len(gists):
            self._remember(around, [sha256(entry).digest() for entry in entries], gists)

    def _promises_of(self, feed: str) -> Promises:
        """Return what judges documents of one feed, whose bodies are the same."""
        if self._promises[0] != feed:
            self._promises = (feed, Promises())
        return self._promises[1]

    def _judged(self, document: Document, promises: Promises, now: datetime) -> Gists | None:
        """Return what a document that is surely right tells, None of any other."""
        if document.format is Format.JSON:
            return self._json(document, promises, now)
        if document.format is None:
            return None
        is_atom, cut = document.format is Format.ATOM, cut_entries(document.content, document.format)
        if cut is None:
            return None

        def judge(new: Sequence[bytes]) -> Sequence[Told] | None:
            # The other entries have been parsed with the same around them, and leave this as well-formed as it is.
            root = etree.fromstring(cut.with_only(new), self._parser)
            outer = root if is_atom else root[0]
            entries = list(outer.iterchildren(f"{_ATOM}entry" if is_atom else "item"))
            # RFC 4287 §4.1.1: the author of a feed is that of entries without one.
            if len(entries) != len(new) or (is_atom and next(root.iterchildren(f"{_ATOM}author"), None) is None):
                return None
            if not surely_follows_grammar(root):
                return None
            if not all(self._is_right(entry, root, cut.opening, now) for entry in entries):
                return None
            if any(True for _ in promises.broken_by(document, root)):
                return None
            told = (told_by_atom if is_atom else told_by_rss)(root, words=False)
            # The rules about the whole ask of entries that they come last, which they do, and that their ids differ.
            for entry in entries:
                outer.remove(entry)
            return told if whole_is_right(root, outer, document.url, now) else None

        return self._with_known(cut.opening, cut.entries, judge)

    def _json(self, document: Document, promises: Promises, now: datetime) -> Gists | None:
        head = _HEADS.decode(document.content)
        if "items" not in head:
            return None
        items = _items(head.pop("items"))
        feed: dict[str, Any] = {name: msgspec.json.decode(value) for name, value in head.items()}

        def judge(new: Sequence[bytes]) -> Sequence[Told] | None:
            feed["items"] = [msgspec.json.decode(item) for item in new]
            if not json_is_right(feed, document.url, now) or any(True for _ in promises.broken_by(document, feed)):
                return None
            return told_by_json(feed, words=False)

        return self._with_known(Format.JSON, items, judge)

    def _with_known(
        self,
        around: Hashable,
        entries: Sequence[bytes],
        judge: Callable[[Sequence[bytes]], Sequence[Told] | None],
    ) -> Gists | None:
        """Judge a document by its new entries alone, and remember these when it is right.

        What all entries are held to together is that their ids differ.
        """
        mine = self._entries.setdefault(around, {})
        digests = [sha256(entry).digest() for entry in entries]  # entries themselves would be most of a build's memory
        known = [mine.get(digest) for digest in digests]
        said = judge([entry for entry, found in zip(entries, known, strict=True) if found is None])
        if said is None or len(said) != known.count(None):
            return None
        new = map(_gist, said)
        gists = tuple(found or next(new) for found in known)
        if len({gist[:_ID_BYTES] for gist in gists}) != len(gists):
            return None
        self._remember(around, digests, gists)
        return gists

    def _remember(self, around: Hashable, digests: Sequence[bytes], gists: Gists) -> None:
        mine = self._entries.setdefault(around, {})
        if len(mine) > _MOST:
            mine.clear()
        mine.update(zip(digests, gists, strict=True))

    def _is_right(self, entry: _Element, root: _Element, around: Hashable, now: datetime) -> bool:
        shape = shape_of(entry)
        if shape is None:
            return False
        if (around, shape) in self._shapes:
            return True
        if not entry_is_right(entry, root, now):
            return False
        if SOURCE not in shape:
            self._shapes.add((around, shape))
        return True


def _gist(told: Told) -> bytes:
    id_ = blake2b(told.id.encode(), digest_size=_ID_BYTES).digest()
    rest = _ENCODER.encode((told.title, told.url, told.published, told.updated))
    return id_ + blake2b(rest, digest_size=16).digest()


def _items(raw: msgspec.Raw) -> list[bytes]:
    return [bytes(item) for item in _ITEMS.decode(raw)]
