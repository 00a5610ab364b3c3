"""What a reader tells of a feed, in one shape for all readers, and what it should tell in each format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import quote

from feedmill.config.site import Site
from feedmill.model import BodyMode, Entry, Feed, Format, Media


@dataclass(frozen=True)
class ToldMedia:
    """An enclosure or attachment, or one Media RSS object. 0 and the empty text mean not told.

    The title of a picture is its text for those who cannot see it, whichever element holds it.
    """

    url: str
    type: str = ""
    length: int = 0
    duration: int = 0
    title: str = ""


@dataclass(frozen=True)
class ToldEntry:
    """One entry as a reader tells it. `summary` is its text as shown; `tags` are topic titles, then tags."""

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    content: str = ""
    summary: str = ""
    enclosures: tuple[ToldMedia, ...] = ()
    series: str = ""
    language: str = ""
    rights: str = ""
    source: tuple[str, str] = ("", "")
    related: tuple[tuple[str, str], ...] = ()
    media: tuple[ToldMedia, ...] = ()


@dataclass(frozen=True)
class ToldFeed:
    """A feed as a reader tells it, without its entries."""

    title: str
    home: str
    self_link: str
    language: str = ""
    id: str = ""
    updated: datetime | None = None
    description: str = ""
    rights: str = ""
    hub: str = ""


ENTRY_ASPECTS = tuple(field.name for field in fields(ToldEntry) if field.name != "summary")
"""All but the summary, which has tests of its own."""


def expected_feed(feed: Feed, site: Site, format_: Format) -> ToldFeed:
    """RSS has no id of a feed. JSON Feed has no id, no date and no rights of a feed."""
    address = site.feeds_url + quote(feed.name)
    return ToldFeed(
        title=feed.title,
        home=site.url if feed.name == "all" else f"{address}.html",
        self_link=f"{address}.{format_.value}",
        language=site.language,
        id=feed.id if format_ is Format.ATOM else "",
        updated=None if format_ is Format.JSON else feed.updated,
        description=feed.description,
        rights="" if format_ is Format.JSON else site.rights,
        hub=site.hub,
    )


def expected_entries(feed: Feed, site: Site, format_: Format) -> list[ToldEntry]:
    """Return what should be told of each entry of a feed, in its order."""
    return [_expected(entry, feed, site, format_) for entry in feed.entries]


def _expected(entry: Entry, feed: Feed, site: Site, format_: Format) -> ToldEntry:
    topics = (site.topics[slug].title for slug in entry.topics)
    told = ToldEntry(
        id=entry.id,
        title=entry.title,
        link=entry.url,
        published=entry.published,
        updated=entry.updated,
        authors=tuple(person.name for person in entry.authors),
        tags=(*topics, *entry.tags),
        content=_content(entry, feed, format_),
        summary=entry.summary,
        enclosures=_enclosures(entry.media, format_),
        # Atom entries inherit the feed's language; what an RSS or JSON item inherits, readers do not tell.
        language=entry.language or (site.language if format_ is Format.ATOM else ""),
        source=_source(entry, format_),
    )
    if format_ is Format.JSON:
        # JSON Feed has no words for series, rights, related pieces and Media RSS.
        return told
    image = (ToldMedia(entry.image.url, title=entry.image.alt),) if entry.image else ()
    objects = (ToldMedia(item.url, item.type, item.length, item.duration, item.title) for item in entry.media)
    more = {
        "series": entry.series,
        "rights": entry.rights,
        # A related piece without an address cannot be a link.
        "related": tuple((item.url, item.title) for item in entry.related if item.url),
        "media": (*objects, *image),
    }
    return ToldEntry(**{field.name: getattr(told, field.name) for field in fields(told)} | more)


def _content(entry: Entry, feed: Feed, format_: Format) -> str:
    if feed.settings.body is BodyMode.FULL:
        return entry.content
    # Every JSON item needs a content, so that a summary stands in for it.
    return entry.summary if format_ is Format.JSON else ""


def _enclosures(media: Sequence[Media], format_: Format) -> tuple[ToldMedia, ...]:
    if format_ is Format.RSS:
        # RSS: one enclosure, without a title.
        return tuple(ToldMedia(item.url, item.type, item.length) for item in media[:1])
    # Of a link's length Atom knows bytes only, and no duration.
    timed = format_ is Format.JSON
    return tuple(ToldMedia(m.url, m.type, m.length, m.duration if timed else 0, m.title) for m in media)


def _source(entry: Entry, format_: Format) -> tuple[str, str]:
    if entry.source is None:
        return ("", "")
    # JSON Feed's external_url has no title.
    return ("" if format_ is Format.JSON else entry.source.title, entry.source.url)


def differences(
    where: str, told: Sequence[ToldEntry], expected: Sequence[ToldEntry], aspects: Iterable[str] = ENTRY_ASPECTS
) -> list[str]:
    """Name every entry that is missing, out of order or added, and every aspect told wrongly."""
    ids = [entry.id for entry in expected]
    if [entry.id for entry in told] != ids:
        return [f"{where}: ids {[entry.id for entry in told]} instead of {ids}"]
    return [
        f"{where}: {right.id}: {aspect} {getattr(entry, aspect)!r} instead of {getattr(right, aspect)!r}"
        for entry, right in zip(told, expected, strict=True)
        for aspect in aspects
        if getattr(entry, aspect) != getattr(right, aspect)
    ]


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def shown_text(markup: str) -> str:
    """Return the text that a reader shows for HTML: tags are not text."""
    parser = _Shown()
    parser.feed(markup)
    parser.close()
    return " ".join("".join(parser.words).split())
