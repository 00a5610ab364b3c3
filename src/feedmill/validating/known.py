"""The documents of a build → whether all are right, without a second look at what was found right before.

An entry stands in several feeds, byte for byte. Every document is parsed whole; entries that were found right in a
document of the same root are taken out of the tree, and what is left is held to the grammar, to the rules of the whole
and to the promises. What is said here is yes or not sure: anything unusual is left to the gate, which finds the words.
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
from feedmill.validating.agreement import disagreements
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
_ENCODER = msgspec.msgpack.Encoder()
_HEADS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


class Known:
    """What was found right in the documents of one build, by one process."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, dict[bytes, Told]] = {}
        self._shapes: set[tuple[Hashable, Shape]] = set()
        self._told: dict[str, Sequence[Told]] = {}
        self._promises: tuple[str, Promises] = ("", Promises())
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True)

    def all_right(self, documents: Sequence[Document], now: datetime) -> bool:
        """Whether documents in Atom, RSS and JSON are surely right, each by itself and those of a feed together."""
        told: dict[str, dict[str, Sequence[Told]]] = {}
        for document in documents:
            try:
                said = self._judged(document, self._promises_of(document.feed), now)
            except (ValueError, RecursionError, etree.LxmlError, msgspec.MsgspecError):
                said = None
            if said is None:
                return False
            told.setdefault(document.feed, {})[document.path] = self._told[document.path] = said
        return not any(True for said_by in told.values() for _ in disagreements(said_by))

    def gist_of(self, document: Document) -> bytes:
        """Return the digest of all that a document which is right tells; empty when that was not seen at once.

        What documents of one feed tell is the same where their gists are, and may be where they are not.
        """
        if document.path not in self._told:
            return b""
        told = [(each.id, each.title, each.url, each.published, each.updated) for each in self._told[document.path]]
        return blake2b(_ENCODER.encode(told), digest_size=16).digest()

    def _promises_of(self, feed: str) -> Promises:
        """Return what judges documents of one feed, whose bodies are the same."""
        if self._promises[0] != feed:
            self._promises = (feed, Promises())
        return self._promises[1]

    def _judged(self, document: Document, promises: Promises, now: datetime) -> list[Told] | None:
        """Return what a document that is surely right tells, None of any other."""
        if document.format is Format.JSON:
            return self._json(document, promises, now)
        if document.format is None:
            return None
        cut = cut_entries(document.content, document.format)
        root = etree.fromstring(document.content, self._parser)
        outer, tag = (root, f"{_ATOM}entry") if document.format is Format.ATOM else (root.find("channel"), "item")
        around = _around(root, outer)
        if cut is None or outer is None or around is None:
            return None
        entries = list(outer.iterchildren(tag))
        if len(entries) != len(cut):
            return None

        def judge(known: Sequence[Told | None]) -> Sequence[Told] | None:
            for entry, found in zip(entries, known, strict=True):
                if found is not None:
                    outer.remove(entry)
            new = [entry for entry, found in zip(entries, known, strict=True) if found is None]
            if not surely_follows_grammar(root):
                return None
            if not all(self._is_right(entry, root, around, now) for entry in new):
                return None
            if any(True for _ in promises.broken_by(document, root)):
                return None
            told = (told_by_atom if outer is root else told_by_rss)(root, words=False)
            # The rules about the whole ask of entries that they come last, which they do, and that their ids differ.
            for entry in new:
                outer.remove(entry)
            return told if whole_is_right(root, outer, document.url, now) else None

        return self._with_known(around, cut, judge)

    def _json(self, document: Document, promises: Promises, now: datetime) -> list[Told] | None:
        head = _HEADS.decode(document.content)
        if "items" not in head:
            return None
        cut = [bytes(item) for item in _ITEMS.decode(head.pop("items"))]
        feed: dict[str, Any] = {name: msgspec.json.decode(value) for name, value in head.items()}

        def judge(known: Sequence[Told | None]) -> Sequence[Told] | None:
            new = [item for item, found in zip(cut, known, strict=True) if found is None]
            feed["items"] = [msgspec.json.decode(item) for item in new]
            if not json_is_right(feed, document.url, now) or any(True for _ in promises.broken_by(document, feed)):
                return None
            return told_by_json(feed, words=False)

        return self._with_known(Format.JSON, cut, judge)

    def _with_known(
        self,
        around: Hashable,
        cut: Sequence[bytes],
        judge: Callable[[Sequence[Told | None]], Sequence[Told] | None],
    ) -> list[Told] | None:
        """Judge a document whose entries are those bytes, and remember the new ones when it is right.

        What all entries are held to together is that their ids differ.
        """
        mine = self._entries.setdefault(around, {})
        digests = [sha256(entry).digest() for entry in cut]  # the entries themselves would be most of a build's memory
        known = [mine.get(digest) for digest in digests]
        said = judge(known)
        if said is None or len(said) != known.count(None):
            return None
        new = iter(said)
        told = [found or next(new) for found in known]
        if len({each.id for each in told}) != len(told):
            return None
        if len(mine) > _MOST:
            mine.clear()
        mine.update(zip(digests, told, strict=True))
        return told

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


def _around(root: _Element, outer: _Element | None) -> Hashable | None:
    """Return what entries have of the elements that they stand in: namespaces, attributes, and that there is an author.

    None where that is not all.
    """
    if outer is None or (outer is not root and (outer.attrib or outer.nsmap != root.nsmap)):
        return None
    if outer is root and next(root.iterchildren(f"{_ATOM}author"), None) is None:
        return None
    return root.tag, tuple(root.nsmap.items()), tuple(root.attrib.items())
