"""What the last build published → what of it is right still: whole documents, and single entries of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from feedmill.cache import DocumentsRow, state_of
from feedmill.model import Feed, Stored
from feedmill.writing import Pieces, pieces_in

if TYPE_CHECKING:
    from feedmill.validating import Known

_MOST_BYTES = 16_000_000
"""How much is read again. What is beyond that is written anew."""
_ENCODER = msgspec.msgpack.Encoder()


class Shown(Struct, frozen=True, array_like=True):
    """What the documents of a feed show, entry by entry in their order: a digest of all that they show of each.

    And what they tell of each, as `Known` has it; of no entry where that was not seen at once.
    """

    keys: tuple[bytes, ...] = ()
    gists: tuple[bytes, ...] = ()


class Lying(Struct, frozen=True):
    """The documents of a feed, as the last build published them and as they lie there. `key`: what they show."""

    key: bytes
    documents: tuple[Stored, ...]
    shown: Shown


class _Document(Struct, frozen=True):
    """A document as it was published, and the signature of its file."""

    stored: Stored
    signature: bytes


class _Published(Struct, frozen=True, array_like=True):
    documents: list[_Document]
    shown: Shown


_DECODER = msgspec.msgpack.Decoder(_Published)


def row_of(name: str, key: bytes, documents: Iterable[Stored], shown: Shown, directory: Path) -> DocumentsRow:
    """Return what is to be remembered of a feed's documents, which were published in `directory`."""
    lying = [_Document(document, state_of(directory / document.path)) for document in documents]
    return DocumentsRow(name, key, _ENCODER.encode(_Published(lying, shown)))


def read_lying(rows: Iterable[DocumentsRow], directory: Path) -> dict[str, Lying]:
    """Return the documents of each feed that all lie in `directory` as they were published."""
    found = {}
    for row in rows:
        try:
            published = _DECODER.decode(row.documents)
        except msgspec.MsgspecError:
            continue
        documents = published.documents
        if all(each.signature and state_of(directory / each.stored.path) == each.signature for each in documents):
            found[row.feed] = Lying(row.key, tuple(each.stored for each in documents), published.shown)
    return found


def use_again(
    feeds: Sequence[Feed],
    keys: Mapping[str, Sequence[bytes]],
    lying: Mapping[str, Lying],
    directory: Path,
    pieces: Pieces,
    known: Known,
) -> dict[str, frozenset[str]]:
    """Take up the entries that are shown as they were in the documents that these feeds have had.

    `keys` are the digests of what is shown of each entry now, by feed. Returns the ids, by feed, of the entries of
    which no document of that feed needs to be written: those are among its `pieces`, and `known` to be right.
    """
    again = {}
    left = _MOST_BYTES
    for feed in feeds:
        before = lying.get(feed.name)
        if before is None or not set(keys[feed.name]) & set(before.shown.keys):
            continue
        size = sum(document.size for document in before.documents)
        contents = _read(before.documents, directory) if size <= left else None
        if contents is None:
            continue
        left -= size
        again[feed.name] = _take_up(feed, keys[feed.name], before, contents, pieces, known)
    return again


def _take_up(
    feed: Feed, keys: Sequence[bytes], before: Lying, contents: Sequence[bytes], pieces: Pieces, known: Known
) -> frozenset[str]:
    places = {key: number for number, key in enumerate(before.shown.keys)}
    same = {entry.id: places[key] for entry, key in zip(feed.entries, keys, strict=True) if key in places}
    cuts = [pieces_in(content, document.format) for document, content in zip(before.documents, contents, strict=True)]
    if any(len(cut) != len(before.shown.keys) for cut in cuts):
        return frozenset()
    for document, content, cut in zip(before.documents, contents, cuts, strict=True):
        pieces.use_again(feed, document.format, {id_: cut[number] for id_, number in same.items()})
        if document.format is not None and before.shown.gists:
            known.learn(content, document.format, before.shown.gists)
    return frozenset(same)


def _read(documents: Iterable[Stored], directory: Path) -> list[bytes] | None:
    """Return the bytes of documents, None unless they are those that were published."""
    contents = []
    for document in documents:
        try:
            content = (directory / document.path).read_bytes()
        except OSError:
            return None
        if sha256(content).hexdigest() != document.sha256:
            return None
        contents.append(content)
    return contents
