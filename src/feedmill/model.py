"""The words of Feedmill as frozen values: story, entry, feed, document, problem, withdrawal, site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import blake2b, sha256

from msgspec import Struct, field, msgpack
from msgspec.structs import replace

from feedmill.expressions import expression
from feedmill.located import Mapping as LocatedMapping
from feedmill.problems import Found as Found
from feedmill.problems import Level as Level
from feedmill.problems import Lookup as Lookup
from feedmill.problems import Place as Place
from feedmill.problems import Problem as Problem
from feedmill.problems import Unknown as Unknown


class BodyFormat(StrEnum):
    """How a story's body is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"
    RST = "rst"


class Story(Struct, frozen=True):
    """One piece as it lies in content/: metadata under canonical keys, as written, and the body.

    `path` is relative to the content directory; `shown_path` is what people are shown. `name_date` and
    `name_slug` are what the file's name and folders say, for a story whose metadata does not. `convention` says whose
    habits the file follows, `address` the pattern of its address by that convention, and `excerpt` the part of the
    body that stands for a summary. `digest` is that of all bytes that hold the story.
    """

    path: str
    shown_path: str
    metadata: LocatedMapping
    body: str
    body_format: BodyFormat
    body_line: int = 1
    metadata_path: str = ""
    name_date: str = ""
    name_slug: str = ""
    convention: str = "feedmill"
    address: str = ""
    excerpt: str = ""
    digest: str = ""


EMAIL = expression(r"[A-Za-z0-9_.+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{1,63}")
"""An e-mail address that every format can carry as it is (RFC 5322 §3.4.1, without quoting)."""


class Person(Struct, frozen=True, array_like=True):
    """An author (RFC 4287 §3.2). Email and URL may be empty; `slug` names a story's author in addresses."""

    name: str
    email: str = ""
    url: str = ""
    slug: str = ""


class Image(Struct, frozen=True, array_like=True):
    """The picture that stands for a story."""

    url: str
    alt: str = ""


class Related(Struct, frozen=True, array_like=True):
    """Another piece. The URL is empty where none is known."""

    title: str
    url: str = ""


class Media(Struct, frozen=True, array_like=True):
    """Something to hear or watch. `length` is in bytes and `duration` in seconds; 0 means unknown."""

    url: str
    type: str
    length: int = 0
    duration: int = 0
    title: str = ""


class Source(Struct, frozen=True, array_like=True):
    """Where a republished story first appeared."""

    title: str
    url: str


class Correction(Struct, frozen=True, array_like=True):
    """What was corrected, and on which day as written."""

    day: date
    moment: datetime
    note: str


AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the moment of a withdrawal that has none of its own: it is over, whatever else a story says."""


class Withdrawal(Struct, frozen=True, array_like=True):
    """A published entry taken back: when and why."""

    moment: datetime
    reason: str


class Because(Struct, frozen=True, array_like=True):
    """Which rule gave a value of an entry: what `explain` says."""

    id: str
    url: str
    published: str
    topics: Mapping[str, str]
    convention: str = "feedmill"


class Entry(Struct, frozen=True, array_like=True):
    """A story normalised.

    `content` is sanitised HTML with absolute URLs; every other text is plain. `day` is the calendar day of
    publication as its author wrote it, whatever the offset; all moments are aware UTC in whole seconds. `files` is the
    digest of the files that hold it, empty of an entry that none holds. Until a body is asked for, `content` is empty,
    and so is a `summary` that would be made of it. The title of one that is `untitled` is the beginning of its text.
    `external_url` is the page elsewhere that a link post is about.
    """

    id: str
    url: str
    slug: str
    title: str
    published: datetime
    updated: datetime
    day: date
    content: str
    summary: str
    path: str
    because: Because
    authors: tuple[Person, ...] = ()
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    language: str = ""
    rights: str = ""
    source: Source | None = None
    related: tuple[Related, ...] = ()
    media: tuple[Media, ...] = ()
    series: str = ""
    correction: Correction | None = None
    withdrawn: Withdrawal | None = None
    draft: bool = False
    embargo: datetime | None = None
    expires: datetime | None = None
    id_declared: bool = False
    files: str = ""
    unlisted: bool = False
    untitled: bool = False
    external_url: str = ""


NOT_SHOWN = frozenset(
    "because path files draft embargo expires id_declared unlisted withdrawn slug day correction".split()
)
"""The fields of an entry that no document shows by themselves. Every other counts as something that subscribers see."""
_ENCODER = msgpack.Encoder()
_NOTHING = dict.fromkeys(NOT_SHOWN)


def blank(entry: Entry) -> Entry:
    """Return an entry without any text of its story: what is left of one that was withdrawn."""
    return Entry(
        id=entry.id,
        url=entry.url,
        slug=entry.slug,
        title="",
        published=entry.published,
        updated=entry.updated,
        day=entry.day,
        content="",
        summary="",
        path=entry.path,
        because=Because(entry.because.id, entry.because.url, entry.because.published, {}, entry.because.convention),
        withdrawn=entry.withdrawn,
        id_declared=entry.id_declared,
        draft=entry.draft,
    )


def pack(entry: Entry) -> bytes:
    """Return an entry as bytes."""
    return _ENCODER.encode(entry)


unpack = msgpack.Decoder(Entry).decode
"""Return the entry that was packed. Raises msgspec.MsgspecError for what is damaged."""


def digest_of_shown(entry: Entry) -> str:
    """Return the digest of all of an entry that subscribers may see."""
    return blake2b(_ENCODER.encode(replace(entry, **_NOTHING)), digest_size=8).hexdigest()


class Format(StrEnum):
    """The formats of a feed."""

    ATOM = "atom"
    RSS = "rss"
    JSON = "json"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.ATOM: "application/atom+xml",
    Format.RSS: "application/rss+xml",
    Format.JSON: "application/feed+json",
}


class BodyMode(StrEnum):
    """How much of a story a feed carries."""

    FULL = "full"
    SUMMARY = "summary"


class FeedKind(StrEnum):
    """What selected a feed's entries."""

    ALL = "all"
    TOPIC = "topic"
    COLLECTION = "collection"
    AUTHOR = "author"


UNLIMITED = 999_999_999


class FeedSettings(Struct, frozen=True):
    """What may be set for all feeds, and again for each one."""

    formats: tuple[Format, ...] = (Format.ATOM, Format.RSS, Format.JSON)
    limit: int = 50
    """How many entries; UNLIMITED is all of them."""
    body: BodyMode = BodyMode.FULL
    archive: bool = False


class Feed(Struct, frozen=True):
    """A title, a rule of selection, and, where a document needs them, the entries that it selected in the order shown.

    `name` is its path under the feeds directory without an extension. `updated` is the newest entry's. `withdrawn`
    are entries taken back, by id; `previous` is the address of the newest archive, and `moved_to` the name of the feed
    that has taken this one's place. An archive document is a feed, too: `archive_of` names the one that it belongs to,
    and `following` is the address of the archive after it.
    """

    name: str
    kind: FeedKind
    title: str
    description: str
    settings: FeedSettings
    updated: datetime
    id: str
    entries: tuple[Entry, ...] = ()
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)
    previous: str = ""
    moved_to: str = ""
    archive_of: str = ""
    following: str = ""


class Document(Struct, frozen=True):
    """One feed in one format (or a list of feeds, or a page), as bytes.

    `path` is relative to the feeds directory. `modified` is when what it shows last changed.
    """

    path: str
    url: str
    media_type: str
    content: bytes
    modified: datetime
    feed: str = ""
    format: Format | None = None
    entries: int = 0

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)


class Stored(Struct, frozen=True):
    """A document that lies there already and stays as it is."""

    path: str
    url: str
    media_type: str
    sha256: str
    size: int
    modified: datetime
    feed: str
    entries: int
    format: Format | None = None
