"""Closed periods of a feed → archive documents (RFC 5005 §4). One that changes is rendered again as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.model import MEDIA_TYPES, Document, Feed, Format, Withdrawal
from feedmill.rendering.document_addresses import archive_path, document_url
from feedmill.rendering.fragments import render_frame


def write_archive(
    feed: Feed,
    period: str,
    fragments: Sequence[bytes],
    previous: str,
    following: str,
    site: Site,
    *,
    updated: datetime,
    published: datetime | None,
    withdrawn: Mapping[str, Withdrawal],
) -> Document:
    """Write the entries of a closed period, whose Atom `fragments` are given in the order shown.

    `previous` is the path of the archive before it, empty for the first, and `following` that of the one after it,
    empty for the last. `updated` and `published` are the newest dates of its entries, and `withdrawn` are those of its
    entries, by id, of which only a tombstone remains. `feed.entries` is not read.
    """
    path = archive_path(feed.name, period)
    name = path.removesuffix(".atom")
    archive = replace(
        feed,
        name=name,
        entries=(),
        updated=updated,
        withdrawn=withdrawn,
        previous=document_url(site, previous) if previous else "",
        following=document_url(site, following) if following else "",
        moved_to="",
        archive_of=feed.name,
    )
    # It has no kin in other formats, so it is a feed of its own.
    return Document(
        path=path,
        url=document_url(site, path),
        media_type=MEDIA_TYPES[Format.ATOM],
        content=render_frame(archive, Format.ATOM, site, published).join(fragments),
        modified=updated,
        feed=name,
        format=Format.ATOM,
        entries=len(fragments),
    )
