"""What the ledger knows: a record for every entry ever published, the feeds, and their archives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from msgspec import Struct, field

from feedmill.model import Entry


class State(StrEnum):
    """What has become of a published entry."""

    LIVE = "live"
    LEFT = "left"
    WITHDRAWN = "withdrawn"


class Record(Struct, frozen=True):
    """One published entry.

    `first` is when it was first published by a build, `published` and `updated` what subscribers were told. `feeds`
    show it now, `left` have shown it before. `seen` is the digest of all that subscribers saw, `body` of the body as
    HTML, `words` of its words, and `key` of title and date: a file that has moved is known by them. `kept` is the
    entry as last published, in JSON, for as long as a feed shows it: most of a ledger, and seldom looked into. Of a
    withdrawn entry no text remains; until a build has told subscribers of the withdrawal its `updated` is empty.
    """

    id: str
    url: str = ""
    path: str = ""
    title: str = ""
    key: str = ""
    published: str = ""
    updated: str = ""
    first: str = ""
    seen: str = ""
    body: str = ""
    words: str = ""
    feeds: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    state: State = State.LIVE
    withdrawn: str = ""
    reason: str = ""
    kept: bytes = b""


class Archive(Struct, frozen=True, forbid_unknown_fields=True):
    """One archive document of a feed: its name among the feed's, and its place below the feeds directory.

    `told` are the `updated` of its entries by id. `withdrawn` says of those taken back whether a stub still stands for
    them, and `followed` whether it names the archive after it. `sha256`, `bytes` and `entries` are those of the
    document as last written. `feeds_url` is the address of the feeds directory that it gives, where a build was stopped
    that moved them; empty when it is the ledger's.
    """

    feed: str
    name: str
    path: str
    told: Mapping[str, str]
    sha256: str = ""
    bytes: int = 0
    entries: int = 0
    withdrawn: Mapping[str, bool] = field(default_factory=dict)
    followed: bool = False
    feeds_url: str = ""

    @property
    def newest(self) -> str:
        """When the newest of its entries was updated."""
        return max(self.told.values(), default="")


class Ledger(Struct, frozen=True, dict=True):
    """All that subscribers have been told.

    `feeds` are the titles of published feeds by name, `archives` theirs, oldest first. `intended` are the digests of
    documents that a build was about to replace when it was stopped. `exists` is false of a ledger that no file holds
    yet; `recovered` says that it was read from the feeds themselves. `barred` are the ids of entries that no feed may
    show any more, which have left theirs otherwise than by age. `to_keep` gives, by id, what is to be kept of entries:
    it is made one by one when it is written, because all of it may be large.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    feeds: Mapping[str, str] = field(default_factory=dict)
    archives: Mapping[str, tuple[Archive, ...]] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    intended: Mapping[str, str] = field(default_factory=dict)
    exists: bool = False
    recovered: bool = False
    barred: frozenset[str] = frozenset()
    to_keep: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)

    @cached_property
    def archived(self) -> Mapping[str, Mapping[str, str]]:
        """By feed, the `updated` of every archived entry by its id, as the newest archive that has it tells it.

        It is made once: it may name a site's stories as often as there are feeds that show them.
        """
        return {
            name: {id_: updated for archive in mine for id_, updated in archive.told.items()}
            for name, mine in self.archives.items()
        }


def digest_of(*texts: str) -> str:
    """Return a digest of texts, none of which can be read from it."""
    return sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def signs_of(record: Record) -> str:
    """Return the digest of all by which a record's story is known, wherever it goes."""
    return digest_of(record.id, record.url, record.path, record.key, record.words)


def key_of(title: str, published: datetime) -> str:
    """Return the digest of title and date by which a moved file is known."""
    return digest_of(title, moment_text(published))


def moment_text(moment: datetime) -> str:
    """Return a moment as the ledger writes it: UTC in whole seconds, in an order that is that of time."""
    return f"{moment.isoformat()[:19]}Z"


def seen_of(entry: Entry, *, body: str = "") -> str:
    """Return the digest of all that subscribers see of an entry. `body` is that of its content, when it is known."""
    return digest_of(
        entry.id,
        entry.url,
        entry.title,
        entry.summary,
        body or digest_of(entry.content),
        moment_text(entry.published),
        moment_text(entry.updated),
        repr([(person.name, person.email, person.url) for person in entry.authors]),
        repr([(piece.title, piece.url) for piece in entry.related if piece.url]),
        repr((entry.topics, entry.tags, entry.image, entry.media, entry.source)),
        entry.language,
        entry.rights,
        entry.series,
    )
