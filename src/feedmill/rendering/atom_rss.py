"""Entries and feeds → fragments and frames of Atom 1.0 and RSS 2.0, through feedgen. No other module knows feedgen."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import lxml.etree  # noqa: F401 - feedgen.util fails unless lxml is there first
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml.etree import Element, SubElement, _Element, tostring

from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.model import MEDIA_TYPES, BodyMode, Entry, Feed, Format, Person
from feedmill.rendering.document_addresses import document_path, document_url, page_url, series_scheme
from feedmill.rendering.feedgen_fixes import PREFIXES, EntryFixes, FeedFixes
from feedmill.rendering.frames import Frame

GENERATOR = "Feedmill"
RSS_SPECIFICATION = "https://www.rssboard.org/rss-specification"

_END = {Format.ATOM: b"</feed>\n", Format.RSS: b"  </channel>\n</rss>\n"}
_CHANNEL_TEXT = expression(rb"<(?:title|description|copyright|category)>[^<]*</")
_ITEM_TEXT = expression(rb"<(?:title|category)>[^<]*</")


def atom_frame(feed: Feed, site: Site) -> Frame:
    """Return what stands around the entries of a feed in Atom 1.0 (RFC 4287)."""
    made = _generator(feed, site, Format.ATOM)
    return _frame(bytes(made.atom_str(pretty=True)), Format.ATOM)


def rss_frame(feed: Feed, site: Site, published: datetime | None) -> Frame:
    """Return what stands around the items of a feed in RSS 2.0 with the Atom, content, Dublin Core and Media RSS
    extensions.

    `published` is when the newest entry was published, None for a feed without entries.
    """
    made = _generator(feed, site, Format.RSS)
    made.pubDate(published or feed.updated)
    return _frame(_with_characters(bytes(made.rss_str(pretty=True)), _CHANNEL_TEXT), Format.RSS)


def atom_fragment(entry: Entry, body: BodyMode, site: Site) -> bytes:
    """Return an entry as an <entry>, indented as in a document, with the prefixes that the frame declares."""
    return _serialised(_atom_item(entry, body, site).atom_entry(), Format.ATOM)


def rss_fragment(entry: Entry, body: BodyMode, site: Site) -> bytes:
    """Return an entry as an <item>, indented as in a document, with the prefixes that the frame declares."""
    item = _serialised(_rss_item(entry, body, site).rss_entry(), Format.RSS)
    return _with_characters(item, _ITEM_TEXT)


def _frame(empty: bytes, format_: Format) -> Frame:
    """Return the frame of a document that has no entries: these stand right before what closes it."""
    end = _END[format_]
    return Frame(head=empty.removesuffix(end), between=b"", tail=end)


def _serialised(element: _Element, format_: Format) -> bytes:
    """Return an element as bytes that stand in a document without declaring a prefix."""
    before, after = _around(format_)
    return _within_root(element, format_)[before:-after]


@cache
def _around(format_: Format) -> tuple[int, int]:
    """Return how many bytes `_within_root` writes before and after an element's lines."""
    indent = b"  " if format_ is Format.ATOM else b"    "
    before, _, after = _within_root(Element("x"), format_).partition(indent + b"<x/>\n")
    return len(before), len(after)


def _within_root(element: _Element, format_: Format) -> bytes:
    """Return an element within a root that declares the prefixes of documents."""
    root = parent = Element("feed" if format_ is Format.ATOM else "rss", nsmap=PREFIXES[format_])
    if format_ is Format.RSS:
        parent = SubElement(root, "channel")
    parent.append(element)
    return tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=False)


def _with_characters(rss: bytes, texts: re.Pattern[bytes]) -> bytes:
    """Write < and & of plain texts as hexadecimal references, by which readers distinguish characters from markup.

    Best Practices Profile, character data: to an XML parser both are the same; readers that look at the text see
    the difference.
    """

    def referred(found: re.Match[bytes]) -> bytes:
        return found[0].replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;")

    return texts.sub(referred, rss)


def _generator(feed: Feed, site: Site, format_: Format) -> FeedGenerator:
    """Return a feed as feedgen knows it, without its entries."""
    made = FeedGenerator()
    made.register_extension("fixes", FeedFixes)
    made.fixes.format = format_
    made.fixes.site = site
    made.fixes.feed = feed
    made.id(feed.id)
    made.title(feed.title)
    made.updated(feed.updated)
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
    return made


def _atom_item(entry: Entry, body: BodyMode, site: Site) -> FeedEntry:
    """Return an entry as feedgen knows it, for Atom."""
    item = _item(entry, body, site)
    item.title(entry.title)
    item.published(entry.published)
    item.author([_person(person.name, person.email, person.url) for person in entry.authors])
    if entry.summary:
        item.summary(entry.summary)
    if entry.rights:
        item.rights(entry.rights)
    return item


def _rss_item(entry: Entry, body: BodyMode, site: Site) -> FeedEntry:
    """Return an entry as feedgen knows it, for RSS.

    feedgen knows authors by their e-mail addresses only, and sets the process's locale to write a date: EntryFixes
    writes both.
    """
    item = _item(entry, body, site)
    if entry.untitled:
        # RSS 2.0, item: all elements are optional, but at least one of title or description must be there.
        item.description(html.escape(entry.title, quote=False), isSummary=True)
    else:
        item.title(entry.title)
    if entry.summary:
        # Readers take an RSS description for HTML (RSS 2.0, item), so `<` in plain text is escaped once more.
        item.description(html.escape(entry.summary, quote=False), isSummary=True)
    return item


def _item(entry: Entry, body: BodyMode, site: Site) -> FeedEntry:
    """Return an entry as feedgen knows it, with what both formats show alike."""
    item = FeedEntry()
    item.register_extension("fixes", EntryFixes)
    item.fixes.entry = entry
    item.id(entry.id)
    # Only the alternate: feedgen drops rel and type of an entry's links, which makes each an alternate.
    item.link(href=entry.url)
    item.updated(entry.updated)
    if body is BodyMode.FULL and entry.content:
        item.content(entry.content, type="html")
    categories = _categories(entry, site)
    if categories:
        # All at once: feedgen looks at all of them again with every one that is added.
        item.category(categories)
    return item


def _categories(entry: Entry, site: Site) -> Sequence[dict[str, str]]:
    categories = [{"term": slug, "label": site.topics[slug].title} for slug in entry.topics]
    categories += [{"term": tag} for tag in entry.tags]
    if entry.series:
        categories.append({"term": entry.series, "scheme": series_scheme(site)})
    return categories


def _person(name: str, email: str, url: str) -> dict[str, str]:
    given = {"name": name, "email": email, "uri": url}
    return {key: value for key, value in given.items() if value}
