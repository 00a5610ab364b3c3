"""Feed → Atom 1.0 and RSS 2.0, through feedgen. No other module knows feedgen."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import lxml.etree  # noqa: F401 - feedgen.util fails unless lxml is there first
from feedgen.feed import FeedGenerator

from feedmill.model import MEDIA_TYPES, Body, Entry, Feed, Format, Person, Site
from feedmill.writing.addresses import document_path, document_url, page_url, series_scheme
from feedmill.writing.feedgen_mends import EntryMends, FeedMends
from feedmill.writing.pieces import Pieces

GENERATOR = "Feedmill"
RSS_SPECIFICATION = "https://www.rssboard.org/rss-specification"

_CHANNEL_TEXT = re.compile(rb"<(?:title|description|copyright|category)>[^<]*</")
_ITEM_TEXT = re.compile(rb"<(?:title|category)>[^<]*</")


def write_atom(feed: Feed, site: Site, pieces: Pieces | None = None) -> bytes:
    """Write a feed as Atom 1.0 (RFC 4287). `pieces` are what was written of the site's entries before."""

    def written(entries: tuple[Entry, ...]) -> bytes:
        return bytes(_generator(feed, site, Format.ATOM, entries).atom_str(pretty=True))

    return _joined(feed, Format.ATOM, written, pieces or Pieces(), b"\n  <entry", b"\n</feed>\n")


def write_rss(feed: Feed, site: Site, pieces: Pieces | None = None) -> bytes:
    """Write a feed as RSS 2.0 with the Atom, content, Dublin Core and Media RSS extensions."""

    def written(entries: tuple[Entry, ...]) -> bytes:
        return _with_characters(bytes(_generator(feed, site, Format.RSS, entries).rss_str(pretty=True)))

    return _joined(feed, Format.RSS, written, pieces or Pieces(), b"\n    <item", b"\n  </channel>\n</rss>\n")


def _joined(
    feed: Feed,
    format_: Format,
    written: Callable[[tuple[Entry, ...]], bytes],
    pieces: Pieces,
    start: bytes,
    end: bytes,
) -> bytes:
    """Return a document of pieces: what feedgen writes around entries, and of entries that are new; and of the others.

    Within an entry no tag begins so near to the margin, and what `<` in texts is written as is no tag.
    """
    head = b""

    def write(entries: tuple[Entry, ...]) -> Sequence[bytes]:
        nonlocal head
        head, *made = written(entries).removesuffix(end).split(start)
        return made

    made = pieces.of(feed, format_, write)
    return start.join((head, *made)) + end


def _with_characters(rss: bytes) -> bytes:
    """Write < and & of plain texts as hexadecimal references, by which readers tell characters from markup.

    Best Practices Profile, character data: to an XML parser both are the same; readers that look at the text are told.
    """

    def referred(found: re.Match[bytes]) -> bytes:
        return found[0].replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;")

    channel, item, items = rss.partition(b"<item>")
    return _CHANNEL_TEXT.sub(referred, channel) + item + _ITEM_TEXT.sub(referred, items)


def _generator(feed: Feed, site: Site, format_: Format, entries: Sequence[Entry]) -> FeedGenerator:
    made = FeedGenerator()
    made.register_extension("mends", FeedMends, EntryMends)
    made.mends.format = format_
    made.mends.site = site
    made.mends.feed = feed
    made.id(feed.id)
    made.title(feed.title)
    made.updated(feed.updated)
    made.pubDate(max((entry.published for entry in feed.entries), default=feed.updated))
    made.description(feed.description)
    made.language(site.language)
    made.generator(GENERATOR)
    made.docs(RSS_SPECIFICATION)
    # RFC 4287 §4.1.1: entries without an author need one of the feed's.
    author = site.author or Person(site.title, url=site.url)
    made.author(_person(author.name, author.email, author.url))
    if site.rights:
        made.rights(site.rights)
    self_url = document_url(site, document_path(feed, format_))
    made.link(href=self_url, rel="self", type=MEDIA_TYPES[format_])
    if site.hub and format_ is Format.ATOM:
        made.link(href=site.hub, rel="hub")
    # feedgen makes the last link the RSS channel's: the alternate must come last.
    made.link(href=page_url(site, feed), rel="alternate", type="text/html")
    for entry in entries:
        _add(made, entry, feed, site, format_)
    return made


def _add(made: FeedGenerator, entry: Entry, feed: Feed, site: Site, format_: Format) -> None:
    item = made.add_entry(order="append")
    item.mends.entry = entry
    item.id(entry.id)
    item.title(entry.title)
    # Only the alternate: feedgen drops rel and type of an entry's links, which makes each an alternate.
    item.link(href=entry.url)
    item.published(entry.published)
    item.updated(entry.updated)
    # In RSS feedgen knows authors by their e-mail addresses only; the mends write dc:creator.
    for person in entry.authors if format_ is Format.ATOM else ():
        item.author(_person(person.name, person.email, person.url))
    if entry.summary:
        # Readers take an RSS description for HTML (RSS 2.0, item), so `<` in plain text is escaped once more.
        item.summary(entry.summary if format_ is Format.ATOM else html.escape(entry.summary, quote=False))
    if feed.settings.body is Body.FULL and entry.content:
        item.content(entry.content, type="html")
    categories = [{"term": slug, "label": site.topics[slug].title} for slug in entry.topics]
    categories += [{"term": tag} for tag in entry.tags]
    if entry.series:
        categories.append({"term": entry.series, "scheme": series_scheme(site)})
    # All at once: feedgen looks at all of them again with every one that is added.
    item.category(categories)
    if entry.rights:
        item.rights(entry.rights)


def _person(name: str, email: str, url: str) -> dict[str, str]:
    given = {"name": name, "email": email, "uri": url}
    return {key: value for key, value in given.items() if value}
