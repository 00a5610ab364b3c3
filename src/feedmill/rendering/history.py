"""What leads from a document to the others of its feed (RFC 5005), and tombstones (RFC 6721), as elements."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import Element, SubElement, _Element

from feedmill.config.site import Site
from feedmill.model import MEDIA_TYPES, Feed, Format, Withdrawal
from feedmill.rendering.document_addresses import document_url

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def history_elements(feed: Feed, site: Site, format_: Format) -> Iterator[_Element]:
    """Yield the links of a feed in one format to its archive, or to what it is an archive of, and its tombstones.

    In Atom feedgen's elements bear no namespace in memory, and so do these; in RSS they are Atom's (RFC 5005 §5).
    """
    name = "link" if format_ is Format.ATOM else f"{{{ATOM}}}link"
    atom, own = MEDIA_TYPES[Format.ATOM], MEDIA_TYPES[format_]
    if feed.archive_of:
        # RFC 5005 §4: what says that the document is an archive.
        yield Element(f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})
        yield Element(name, rel="current", href=document_url(site, f"{feed.archive_of}.atom"), type=atom)
    if feed.previous:
        yield Element(name, rel="prev-archive", href=feed.previous, type=atom)
    if feed.following:
        yield Element(name, rel="next-archive", href=feed.following, type=atom)
    if feed.moved_to:
        yield Element(name, rel="current", href=document_url(site, f"{feed.moved_to}.{format_.value}"), type=own)
    if format_ is Format.ATOM:
        for id_, withdrawal in sorted(feed.withdrawn.items()):
            yield tombstone(id_, withdrawal)


def tombstone(id_: str, withdrawal: Withdrawal) -> _Element:
    """Return an at:deleted-entry (RFC 6721 §3)."""
    when = withdrawal.moment.isoformat()
    element = Element(f"{{{TOMBSTONES}}}deleted-entry", ref=id_, when=when, nsmap={"at": TOMBSTONES})
    if withdrawal.reason:
        SubElement(element, f"{{{TOMBSTONES}}}comment").text = withdrawal.reason
    return element
