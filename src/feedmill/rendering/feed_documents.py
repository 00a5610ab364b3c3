"""Feeds → documents: which are written, and where each lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from feedmill.config.site import Site
from feedmill.model import MEDIA_TYPES, Document, Feed, FeedKind, Format, Stored, Withdrawal
from feedmill.rendering import manifest
from feedmill.rendering.document_addresses import document_path, document_url, page_path
from feedmill.rendering.fragments import render_fragment, render_frame
from feedmill.rendering.redirects import write_redirects

if TYPE_CHECKING:
    from feedmill.rendering.templating import Render

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def write_documents(feeds: Sequence[Feed], site: Site) -> Iterator[Document]:
    """Write every feed in its formats and as a page, then the lists of all feeds."""
    for feed in feeds:
        yield from write_feed(feed, site)
    yield from write_lists(feeds, {feed.name: len(feed.entries) for feed in feeds}, site)


def write_feed(feed: Feed, site: Site) -> Iterator[Document]:
    """Write a feed and all its entries, in its formats and as a page."""
    for format_ in feed.settings.formats:
        yield feed_document(feed, format_, write_content(feed, format_, site), len(feed.entries), site)
    if feed.kind is not FeedKind.ALL:
        from feedmill.rendering.pages import write_page

        yield page_document(feed, write_page(feed, site), len(feed.entries), site)


def write_content(feed: Feed, format_: Format, site: Site) -> bytes:
    """Return the bytes of a feed and all its entries in one format."""
    published = max((entry.published for entry in feed.entries), default=None)
    fragments = [render_fragment(entry, format_, feed.settings.body, site) for entry in feed.entries]
    return render_frame(feed, format_, site, published).join(fragments)


def feed_document(feed: Feed, format_: Format, content: bytes, entries: int, site: Site) -> Document:
    """Return the bytes of a feed in one format, which shows so many entries, as a document."""
    path = document_path(feed, format_)
    return Document(
        path=path,
        url=document_url(site, path),
        media_type=MEDIA_TYPES[format_],
        content=content,
        modified=feed.updated,
        feed=feed.name,
        format=format_,
        entries=entries,
    )


def page_document(feed: Feed, content: bytes, entries: int, site: Site) -> Document:
    """Return the bytes of the page of a feed, which shows so many entries, as a document."""
    path = page_path(feed)
    return Document(path, document_url(site, path), "text/html", content, feed.updated, feed.name, None, entries)


def write_lists(
    feeds: Sequence[Feed], counts: Mapping[str, int], site: Site, render: Render | None = None
) -> Iterator[Document]:
    """Write the index, the subscription list, and where feeds have moved to.

    `counts` are the numbers of entries of all feeds, by name: `entries` of the feeds themselves are not read. `render`
    makes pages by templates: by the built-in ones where it is None.
    """
    from feedmill.rendering.opml import write_opml
    from feedmill.rendering.pages import write_index
    from feedmill.rendering.templating import render_built_in

    newest = max(feed.updated for feed in feeds)
    # A feed that has moved is kept for those who have it, and offered to nobody else.
    offered = [feed for feed in feeds if not feed.moved_to]
    yield _other(site, "index.html", "text/html", write_index(offered, counts, site, render or render_built_in), newest)
    yield _other(site, "feeds.opml", "text/x-opml", write_opml(offered, site, newest), newest)
    if len(offered) < len(feeds):
        yield _other(site, "redirects.txt", "text/plain", write_redirects(feeds, site), newest)


def write_manifest(
    listed: Sequence[Stored],
    withdrawn: Mapping[str, tuple[str, Withdrawal, str, str]],
    moved: Mapping[str, str],
    next_change: datetime | None,
    site: Site,
    serial: int,
) -> Document:
    """Write the list of all other documents, and what mirrors need to know; see `manifest_json`."""
    newest = max((document.modified for document in listed), default=_NEVER)
    content = manifest.manifest_json(listed, withdrawn, moved, next_change, site, serial)
    return _other(site, manifest.PATH, "application/json", content, newest)


def get_ready() -> None:
    """Import what writes feeds, before processes are made that would each import it."""
    import feedmill.rendering.atom_rss
    import feedmill.rendering.pages  # noqa: F401


def _other(site: Site, path: str, media_type: str, content: bytes, modified: datetime) -> Document:
    return Document(path, document_url(site, path), media_type, content, modified)
