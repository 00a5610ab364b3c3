"""Feeds → documents: which are written, and where each lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from feedmill.model import MEDIA_TYPES, Document, Feed, FeedKind, Format, Site, Stored, Withdrawal
from feedmill.writing import manifest
from feedmill.writing.addresses import document_path, document_url, page_path
from feedmill.writing.json_feed import items_in, write_json
from feedmill.writing.pieces import Part, Pieces
from feedmill.writing.redirects import write_redirects

PARTS: tuple[Part, ...] = (Format.ATOM, Format.RSS, None, Format.JSON)
"""The documents of one feed, a page among them (None)."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def write_documents(feeds: Sequence[Feed], site: Site) -> Iterator[Document]:
    """Write every feed in its formats and as a page, then the lists of all feeds."""
    pieces = Pieces()
    for feed in feeds:
        yield from write_feed(feed, site, pieces)
    yield from write_lists(feeds, site)


def write_feed(
    feed: Feed, site: Site, pieces: Pieces | None = None, parts: Sequence[Part] = PARTS
) -> Iterator[Document]:
    """Write a feed in its formats and as a page, or some of these `parts`.

    `pieces` are what was written of the site's entries before.
    """
    from feedmill.writing.pages import write_page

    writers = _writers()
    for format_ in feed.settings.formats:
        if format_ not in parts:
            continue
        path = document_path(feed, format_)
        yield Document(
            path=path,
            url=document_url(site, path),
            media_type=MEDIA_TYPES[format_],
            content=writers[format_](feed, site, pieces),
            modified=feed.updated,
            feed=feed.name,
            format=format_,
            entries=len(feed.entries),
        )
    if pieces is not None:
        pieces.forget_drafts()
    if feed.kind is not FeedKind.ALL and None in parts:
        yield _other(site, page_path(feed), "text/html", write_page(feed, site, pieces), feed.updated, feed)


def pieces_in(document: bytes, part: Part) -> list[bytes]:
    """Return the pieces of the entries of a document that `write_feed` made, in their order."""
    if part is None:
        from feedmill.writing.pages import rows_in

        return rows_in(document)
    if part is Format.JSON:
        return items_in(document)
    from feedmill.writing.atom_rss import entries_in

    return entries_in(document, part)


def write_lists(feeds: Sequence[Feed], site: Site) -> Iterator[Document]:
    """Write the index, the subscription list, and where feeds have moved to. Bodies are not needed for them."""
    from feedmill.writing.opml import write_opml
    from feedmill.writing.pages import write_index

    newest = max(feed.updated for feed in feeds)
    # A feed that has moved is kept for those who have it, and offered to nobody else.
    offered = [feed for feed in feeds if not feed.moved_to]
    yield _other(site, "index.html", "text/html", write_index(offered, site), newest)
    yield _other(site, "feeds.opml", "text/x-opml", write_opml(offered, site, newest), newest)
    if len(offered) < len(feeds):
        yield _other(site, "redirects.txt", "text/plain", write_redirects(feeds, site), newest)


def write_manifest(
    listed: Sequence[Stored],
    withdrawn: Mapping[str, tuple[str, Withdrawal]],
    moved: Mapping[str, str],
    next_change: datetime | None,
    site: Site,
) -> Document:
    """Write the list of all other documents, and what mirrors need to know."""
    newest = max((document.modified for document in listed), default=_NEVER)
    content = manifest.manifest_json(listed, withdrawn, moved, next_change, site)
    return _other(site, manifest.PATH, "application/json", content, newest)


def get_ready() -> None:
    """Import what writes feeds, before processes are made that would each import it."""
    import feedmill.writing.atom_rss
    import feedmill.writing.pages  # noqa: F401


def _writers() -> Mapping[Format, Callable[[Feed, Site, Pieces | None], bytes]]:
    # A run that writes no feed need not wait for feedgen.
    from feedmill.writing.atom_rss import write_atom, write_rss

    return {Format.ATOM: write_atom, Format.RSS: write_rss, Format.JSON: write_json}


def _other(
    site: Site, path: str, media_type: str, content: bytes, modified: datetime, feed: Feed | None = None
) -> Document:
    return Document(
        path=path,
        url=document_url(site, path),
        media_type=media_type,
        content=content,
        modified=modified,
        feed=feed.name if feed else "",
        entries=len(feed.entries) if feed else 0,
    )
