"""Feeds that have moved → a redirects file for the server: a line per document, `from to 301`."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from feedmill.config.site import Site
from feedmill.model import Feed
from feedmill.rendering.document_addresses import document_path, document_url, page_path


def write_redirects(feeds: Sequence[Feed], site: Site) -> bytes:
    """Write where every document of a feed that has moved is now. Paths are those of the server."""
    by_name = {feed.name: feed for feed in feeds}
    lines = []
    for feed in feeds:
        new = by_name.get(feed.moved_to)
        if new is None:
            continue
        pairs = [(document_path(feed, format_), document_path(new, format_)) for format_ in new.settings.formats]
        for old_path, new_path in [*pairs, (page_path(feed), page_path(new))]:
            old_url, new_url = (urlsplit(document_url(site, path)).path for path in (old_path, new_path))
            lines.append(f"{old_url} {new_url} 301")
    return "".join(f"{line}\n" for line in lines).encode()
