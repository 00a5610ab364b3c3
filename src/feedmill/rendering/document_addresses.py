"""Feed → where its documents lie below the feeds directory, and at which URL."""

from __future__ import annotations

from urllib.parse import quote

from feedmill.config.site import Site
from feedmill.model import Feed, FeedKind, Format


def document_path(feed: Feed, format_: Format) -> str:
    """Return the path of a feed in one format, below the feeds directory."""
    return f"{feed.name}.{format_.value}"


def archive_path(feed: str, period: str) -> str:
    """Return the path of the archive of a feed's period, below the feeds directory."""
    return f"archive/{feed}/{period}.atom"


def page_path(feed: Feed) -> str:
    """Return the path of the page that shows a feed to people. That of all stories is the index."""
    return "index.html" if feed.kind is FeedKind.ALL else f"{feed.archive_of or feed.name}.html"


def document_url(site: Site, path: str) -> str:
    """Return the URL of a document below the feeds directory."""
    return site.feeds_url + quote(path, safe="/-._~")


def page_url(site: Site, feed: Feed) -> str:
    """Return what a feed is the alternate of (RFC 4287 §4.2.7.2): the site itself, or the feed's own page."""
    return site.url if feed.kind is FeedKind.ALL else document_url(site, page_path(feed))


def series_scheme(site: Site) -> str:
    """Return the category scheme (RFC 4287 §4.2.2.2) under which series are named."""
    return f"tag:{site.id_authority}:series"
