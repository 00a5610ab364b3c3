"""Feeds → OPML 2.0: one file with which a reader subscribes to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from feedmill.config.site import Site
from feedmill.model import Feed, Format
from feedmill.rendering.document_addresses import document_path, document_url, page_url
from feedmill.rendering.mail_dates import mail_date

OPML_SPECIFICATION = "http://opml.org/spec2.opml"


def write_opml(feeds: Sequence[Feed], site: Site, modified: datetime) -> bytes:
    """Write the subscription list. `modified` is the newest feed's date."""
    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = site.title
    etree.SubElement(head, "dateModified").text = mail_date(modified)
    if site.author is not None:
        etree.SubElement(head, "ownerName").text = site.author.name
        if site.author.email:
            etree.SubElement(head, "ownerEmail").text = site.author.email
    etree.SubElement(head, "docs").text = OPML_SPECIFICATION
    body = etree.SubElement(opml, "body")
    for feed in feeds:
        # One line per feed: a reader that was given each format would show every story three times.
        format_ = feed.settings.formats[0]
        outline = etree.SubElement(
            body,
            "outline",
            type="rss",
            text=feed.title,
            title=feed.title,
            description=feed.description,
            language=site.language,
            htmlUrl=page_url(site, feed),
            xmlUrl=document_url(site, document_path(feed, format_)),
        )
        if format_ is Format.RSS:
            outline.set("version", "RSS2")  # the specification names versions of RSS alone
    return etree.tostring(opml, xml_declaration=True, encoding="UTF-8", pretty_print=True)
