"""Feed → Atom 1.0 and RSS 2.0, through feedgen. No other module knows feedgen."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import lxml.etree  # noqa: F401 - feedgen.util fails unless lxml is there first
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedmill.expressions import expression
from feedmill.model import MEDIA_TYPES, Body, Entry, Feed, Format, Person, Site
from feedmill.writing.addresses import document_path, document_url, page_url, series_scheme
from feedmill.writing.feedgen_mends import EntryMends, FeedMends
from feedmill.writing.pieces import Pieces

GENERATOR = "Feedmill"
RSS_SPECIFICATION = "https://www.rssboard.org/rss-specification"

_START = {Format.ATOM: b"\n  <entry", Format.RSS: b"\n    <item"}
_END = {Format.ATOM: b"\n</feed>\n", Format.RSS: b"\n  </channel>\n</rss>\n"}
_CHANNEL_TEXT = expression(rb"<(?:title|description|copyright|category)>[^<]*</")
_ITEM_TEXT = expression(rb"<(?:title|category)>[^<]*</")


def write_atom(feed: Feed, site: Site, pieces: Pieces | None = None) -> bytes:
    """Write a feed as Atom 1.0 (RFC 4287). `pieces` are what was written of the site's entries before."""
    pieces = pieces or Pieces()

    def written(entries: tuple[Entry, ...]) -> bytes:
        return bytes(_generator(feed, site, Format.ATOM, entries, pieces.drafts_of(feed)).atom_str(pretty=True))

    return _joined(feed, Format.ATOM, written, pieces)


def write_rss(feed: Feed, site: Site, pieces: Pieces | None = None) -> bytes:
    """Write a feed as RSS 2.0 with the Atom, content, Dublin Core and Media RSS extensions."""
    pieces = pieces or Pieces()

    def written(entries: tuple[Entry, ...]) -> bytes:
        return _with_characters(
            bytes(_generator(feed, site, Format.RSS, entries, pieces.drafts_of(feed)).rss_str(pretty=True))
        )

    return _joined(feed, Format.RSS, written, pieces)


def entries_in(document: bytes, format_: Format) -> list[bytes]:
    """Return the pieces of a document's entries, in their order."""
    return document.removesuffix(_END[format_]).split(_START[format_])[1:]


def _joined(feed: Feed, format_: Format, written: Callable[[tuple[Entry, ...]], bytes], pieces: Pieces) -> bytes:
    """Return a document of pieces: what feedgen writes around entries, and of entries that are new; and of the others.

    Within an entry no tag begins so near to the margin, and what `<` in texts is written as is no tag.
    """
    start, end = _START[format_], _END[format_]
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


def _generator(
    feed: Feed, site: Site, format_: Format, entries: Sequence[Entry], drafts: dict[str, FeedEntry]
) -> FeedGenerator:
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
        item = drafts.get(entry.id)
        if item is None:
            item = drafts[entry.id] = _draft(entry, feed, site)
        _finish(item, entry, format_)
        made.add_entry(item, order="append")
        item.mends.entry = entry
    return made


def _finish(item: FeedEntry, entry: Entry, format_: Format) -> None:
    """Put into an entry what differs between the formats."""
    # In RSS feedgen knows authors by their e-mail addresses only; the mends write dc:creator.
    persons = entry.authors if format_ is Format.ATOM else ()
    item.author([_person(person.name, person.email, person.url) for person in persons], replace=True)
    if entry.summary and format_ is Format.ATOM:
        item.summary(entry.summary)
    elif entry.summary:
        # Readers take an RSS description for HTML (RSS 2.0, item), so `<` in plain text is escaped once more.
        item.description(html.escape(entry.summary, quote=False), isSummary=True)


def _draft(entry: Entry, feed: Feed, site: Site) -> FeedEntry:
    """Return an entry as feedgen knows it, for both formats, but for what differs between them."""
    item = FeedEntry()
    item.id(entry.id)
    item.title(entry.title)
    # Only the alternate: feedgen drops rel and type of an entry's links, which makes each an alternate.
    item.link(href=entry.url)
    item.published(entry.published)
    item.updated(entry.updated)
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
    return item


def _person(name: str, email: str, url: str) -> dict[str, str]:
    given = {"name": name, "email": email, "uri": url}
    return {key: value for key, value in given.items() if value}
