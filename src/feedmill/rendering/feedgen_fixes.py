"""What feedgen 1.0 leaves out or gets wrong, written as a feedgen extension.

feedgen calls `extend_ns` for prefixes, and `extend_atom` and `extend_rss` with the element that it has made: the
feed or <rss>, and each entry or item. In Atom its elements bear no namespace in memory (xmlns is a plain
attribute there), so Atom elements are made without one, too.
"""

from __future__ import annotations

from lxml.etree import SubElement, _Element

from feedmill.config.site import Site
from feedmill.model import Entry, Feed, Format, Image, Media
from feedmill.rendering.history import ATOM, history_elements
from feedmill.rendering.mail_dates import mail_date

CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
XML = "http://www.w3.org/XML/1998/namespace"

PREFIXES = {
    Format.ATOM: {"media": MEDIA},
    Format.RSS: {"dc": DC, "media": MEDIA, "atom": ATOM, "content": CONTENT},
}
"""What documents declare at their roots: in RSS feedgen declares the last two by itself."""


class FeedFixes:
    """The feed's own part: prefixes, the hub of an RSS channel, and what leads to other documents of the feed."""

    def __init__(self) -> None:
        self.format = Format.ATOM
        self.site: Site | None = None
        self.feed: Feed | None = None

    def extend_ns(self) -> dict[str, str]:
        """Declare the prefixes of the extensions in use, once, at the root."""
        return PREFIXES[self.format]

    def extend_atom(self, feed: _Element) -> None:
        """Write what leads to archives and successors, and what was withdrawn."""
        if self.site is not None and self.feed is not None:
            feed.extend(history_elements(self.feed, self.site, Format.ATOM))

    def extend_rss(self, rss: _Element) -> None:
        """Write the hub (WebSub §4), of which feedgen writes none into RSS."""
        if self.site is not None and self.site.hub:
            SubElement(rss[0], f"{{{ATOM}}}link", rel="hub", href=self.site.hub)
        if self.site is not None and self.feed is not None:
            rss[0].extend(history_elements(self.feed, self.site, Format.RSS))


class EntryFixes:
    """An entry's part."""

    def __init__(self) -> None:
        self.entry: Entry | None = None

    def extend_atom(self, element: _Element) -> None:
        """Write language, links with their relations, source and media."""
        entry = self.entry
        if entry is None:
            return
        if entry.language:
            element.set(f"{{{XML}}}lang", entry.language)
        for link in element.iterchildren("link"):
            link.set("rel", "alternate")
            link.set("type", "text/html")
        _links(element, entry, "link")
        for media in entry.media:
            link = SubElement(element, "link", rel="enclosure", href=media.url, type=media.type)
            _set(link, length=str(media.length or ""), title=media.title)
        if entry.source is not None:
            source = SubElement(element, "source")
            SubElement(source, "id").text = entry.source.url
            SubElement(source, "title").text = entry.source.title
            # The original feed's own date is not known: it changed when this story did, at the latest then.
            SubElement(source, "updated").text = entry.published.isoformat()
            SubElement(source, "link", rel="alternate", href=entry.source.url)
        _media(element, entry)

    def extend_rss(self, item: _Element) -> None:
        """Write the date, authors by name, date of change, language, rights, source, related links and media."""
        entry = self.entry
        if entry is None:
            return
        SubElement(item, "pubDate").text = mail_date(entry.published)
        for person in entry.authors:
            SubElement(item, f"{{{DC}}}creator").text = person.name
        SubElement(item, f"{{{ATOM}}}updated").text = entry.updated.isoformat()
        if entry.language:
            SubElement(item, f"{{{DC}}}language").text = entry.language
        if entry.rights:
            SubElement(item, f"{{{DC}}}rights").text = entry.rights
        if entry.source is not None:
            SubElement(item, "source", url=entry.source.url).text = entry.source.title
        _links(item, entry, f"{{{ATOM}}}link")
        enclosure = _enclosure(entry.media)
        if enclosure is not None:
            # RSS 2.0 wants a length; 0 is what publishers write for one that they do not know.
            SubElement(item, "enclosure", url=enclosure.url, length=str(enclosure.length), type=enclosure.type)
        _media(item, entry)


def _links(element: _Element, entry: Entry, tag: str) -> None:
    if entry.external_url:
        SubElement(element, tag, rel="related", href=entry.external_url)
    for related in entry.related:
        if related.url:
            SubElement(element, tag, rel="related", href=related.url, title=related.title)


def _enclosure(media: tuple[Media, ...]) -> Media | None:
    """Return the one enclosure that an RSS item may have: what is to be heard or seen before anything else."""
    playable = [item for item in media if item.type.startswith(("audio/", "video/"))]
    return next(iter(playable or media), None)


def _media(element: _Element, entry: Entry) -> None:
    """Write every media object and the image with Media RSS 1.5.1."""
    for media in entry.media:
        content = SubElement(element, f"{{{MEDIA}}}content", url=media.url, type=media.type)
        kind = media.type.partition("/")[0]
        _set(
            content,
            medium=kind if kind in ("audio", "video", "image") else "document",
            fileSize=str(media.length or ""),
            duration=str(media.duration or ""),
        )
        if media.title:
            SubElement(content, f"{{{MEDIA}}}title", type="plain").text = media.title
    if entry.image is not None:
        _image(element, entry.image)


def _image(element: _Element, image: Image) -> None:
    content = SubElement(element, f"{{{MEDIA}}}content", url=image.url, medium="image")
    SubElement(content, f"{{{MEDIA}}}thumbnail", url=image.url)
    if image.alt:
        # As a title: feedparser takes a media:description for the entry's own content.
        SubElement(content, f"{{{MEDIA}}}title", type="plain").text = image.alt


def _set(element: _Element, **attributes: str) -> None:
    for name, value in attributes.items():
        if value:
            element.set(name, value)
