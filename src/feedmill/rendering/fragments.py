"""Entries → fragments, and feeds → frames: a document is its frame and the fragments of its entries joined.

An entry is rendered once for each format. Nothing ever cuts a document apart again.
"""

from __future__ import annotations

from datetime import datetime

from feedmill.config.site import Site
from feedmill.model import BodyMode, Entry, Feed, Format
from feedmill.rendering.frames import Frame
from feedmill.rendering.json_feed import json_fragment, json_frame

__all__ = ["Frame", "render_fragment", "render_frame"]


def render_fragment(entry: Entry, format_: Format, body: BodyMode, site: Site) -> bytes:
    """Return one entry in one format, as it stands in every document that shows as much of it as `body` says.

    It depends on nothing but these: not on the feed that shows it.
    """
    if format_ is Format.JSON:
        return json_fragment(entry, body, site)
    from feedmill.rendering.atom_rss import atom_fragment, rss_fragment  # a run that renders nothing needs no feedgen

    return atom_fragment(entry, body, site) if format_ is Format.ATOM else rss_fragment(entry, body, site)


def render_frame(feed: Feed, format_: Format, site: Site, published: datetime | None) -> Frame:
    """Return what stands around the entries of a feed in one format. `feed.entries` is not read.

    `published` is when the newest entry was published, None for a feed without entries.
    """
    if format_ is Format.JSON:
        return json_frame(feed, site)
    from feedmill.rendering.atom_rss import atom_frame, rss_frame

    return atom_frame(feed, site) if format_ is Format.ATOM else rss_frame(feed, site, published)
