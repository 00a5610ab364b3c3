"""Feeds → documents: written anew where what they show has changed, left as they lie where it has not."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import msgspec

from feedmill.cache import Cache, DocumentsRow, state_of
from feedmill.ledger import Bodies
from feedmill.model import Document, Feed, Problem, Site, Stored
from feedmill.parallel import spread
from feedmill.writing import write_feed, write_lists


@dataclass(frozen=True, slots=True)
class _Lying:
    """A document as it was published, and the signature of its file."""

    stored: Stored
    signature: bytes


_LISTS = ""
"""The documents that no feed owns: the index, the subscription list and the list of redirects."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[_Lying])


@dataclass(frozen=True, slots=True)
class Rendered:
    """All documents but the manifest: those `written` in this run, and those `stored` that stay as they are.

    `feed_documents` are those of feeds and the lists of them, in their order; `keys` say by feed what its documents
    show, for the next run.
    """

    written: tuple[Document, ...]
    stored: tuple[Stored, ...]
    feed_documents: tuple[Document | Stored, ...]
    keys: dict[str, bytes]

    @property
    def judged(self) -> tuple[Document, ...]:
        """The written documents that follow a standard: all but the list of redirects."""
        return tuple(each for each in self.written if each.media_type != "text/plain")

    def with_document(self, document: Document) -> Rendered:
        """Return these and one more document."""
        return replace(self, written=(*self.written, document), feed_documents=(*self.feed_documents, document))

    def with_archives(self, written: Sequence[Document], stored: Sequence[Stored]) -> Rendered:
        """Return these and archives, which stand before the feeds that lead to them."""
        return replace(self, written=(*written, *self.written), stored=(*self.stored, *stored))

    def remember(self, cache: Cache, directory: Path) -> None:
        """Let the cache know what every feed's documents show, now that they are published in `directory`."""
        rows = []
        for name, key in self.keys.items():
            own = [document for document in self.feed_documents if document.feed == name]
            lying = [_Lying(_stored(document), state_of(directory / document.path)) for document in own]
            rows.append(DocumentsRow(name, key, _ENCODER.encode(lying)))
        cache.replace_documents(rows)


def render(
    feeds: Sequence[Feed],
    site: Site,
    bodies: Bodies,
    cache: Cache,
    directory: Path,
    processes: int,
    on_progress: Callable[[int, int], None],
) -> Rendered:
    """Write the documents of feeds that show something else than what lies in `directory`, and the lists of all feeds.

    The cache is of this configuration and this Feedmill: what it knows depends on the feeds alone.
    """
    known = {row.feed: row for row in cache.documents()}
    keys = {feed.name: _key(feed, bodies) for feed in feeds}
    lying = {feed.name: _known(known, feed.name, keys[feed.name], directory) for feed in feeds}
    # Bodies are fetched here: what a cache has open is not shared with other processes.
    changed = [
        replace(feed, entries=tuple(map(bodies.whole, feed.entries))) for feed in feeds if lying[feed.name] is None
    ]
    made: dict[str, list[Document]] = {}
    packed = spread(lambda feed: pickle.dumps(list(write_feed(feed, site))), changed, processes)
    for number, (feed, documents) in enumerate(zip(changed, packed, strict=True), 1):
        made[feed.name] = pickle.loads(documents)  # noqa: S301 - from a process of our own
        on_progress(number, len(changed))
    keys[_LISTS] = _key_of_all(keys, feeds)
    lying[_LISTS] = _known(known, _LISTS, keys[_LISTS], directory)
    if lying[_LISTS] is None:
        made[_LISTS] = list(write_lists(feeds, site))
    return Rendered(
        tuple(document for documents in made.values() for document in documents),
        tuple(document for documents in lying.values() for document in documents or ()),
        tuple(document for name in keys for document in lying[name] or made[name]),
        keys,
    )


def judge(
    documents: Sequence[Document], now: datetime, processes: int, on_progress: Callable[[int, int], None]
) -> list[Problem]:
    """Return what is wrong with documents, judged on all processors, those of one feed beside each other.

    Empty when all may be published; a run that writes none has no need of lxml.
    """
    if not documents:
        return []
    from feedmill.validating import validate_documents

    kin: dict[str, list[Document]] = {}
    for document in documents:
        kin.setdefault(document.feed, []).append(document)
    found: list[Problem] = []
    groups = list(kin.values())
    for number, packed in enumerate(
        spread(lambda group: pickle.dumps(validate_documents(group, now=now)), groups, processes), 1
    ):
        found.extend(pickle.loads(packed))  # noqa: S301 - from a process of our own
        on_progress(number, len(groups))
    return found


def _key(feed: Feed, bodies: Bodies) -> bytes:
    """Return the digest of all that a feed's documents show."""
    entries = [(bodies.seen(entry), entry.day, entry.expires) for entry in feed.entries]
    return blake2b(_ENCODER.encode((replace(feed, entries=()), entries)), digest_size=16).digest()


def _key_of_all(keys: Mapping[str, bytes], feeds: Sequence[Feed]) -> bytes:
    """Return the digest of all that the lists of feeds show."""
    moved = [(feed.name, feed.moved_to) for feed in feeds]
    return blake2b(_ENCODER.encode((list(keys.items()), moved)), digest_size=16).digest()


def _known(rows: Mapping[str, DocumentsRow], name: str, key: bytes, directory: Path) -> list[Stored] | None:
    row = rows.get(name)
    return _lying(row, directory) if row is not None and row.key == key else None


def _lying(row: DocumentsRow, directory: Path) -> list[Stored] | None:
    """Return the documents of a feed, None unless each lies there as it was published."""
    try:
        found = _DECODER.decode(row.documents)
    except msgspec.MsgspecError:
        return None
    if any(not each.signature or state_of(directory / each.stored.path) != each.signature for each in found):
        return None
    return [each.stored for each in found]


def _stored(document: Document | Stored) -> Stored:
    if isinstance(document, Stored):
        return document
    return Stored(
        path=document.path,
        url=document.url,
        media_type=document.media_type,
        sha256=document.sha256,
        size=document.size,
        modified=document.modified,
        feed=document.feed,
        entries=document.entries,
    )
