"""Entries and feeds → fragments and a frame of JSON Feed 1.1."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from feedmill.config.site import Site
from feedmill.model import BodyMode, Entry, Feed, Format, Person
from feedmill.rendering.document_addresses import document_path, document_url, page_url
from feedmill.rendering.frames import Frame

VERSION = "https://jsonfeed.org/version/1.1"


def json_frame(feed: Feed, site: Site) -> Frame:
    """Return what stands around the items of a feed in JSON Feed 1.1.

    What JSON Feed has no word for stands in `_feedmill` objects.
    """
    document = _given(
        version=VERSION,
        title=feed.title,
        home_page_url=page_url(site, feed),
        feed_url=document_url(site, document_path(feed, Format.JSON)),
        description=feed.description,
        language=site.language,
        authors=[_author(site.author)] if site.author else [],
        hubs=[{"type": "WebSub", "url": site.hub}] if site.hub else [],
        expired=bool(feed.moved_to),
        _feedmill=_given(
            id=feed.id,
            updated=_moment(feed.updated),
            rights=site.rights,
            prev_archive=feed.previous,
            moved_to=document_url(site, f"{feed.moved_to}.{Format.JSON.value}") if feed.moved_to else "",
            withdrawn=[
                _given(id=id_, when=_moment(found.moment), reason=found.reason)
                for id_, found in sorted(feed.withdrawn.items())
            ],
        ),
    )

    # The items stand where they would if they had been encoded with the rest: at the end, and two steps in.
    head = _indented(document)[:-2] + b',\n "items": ['
    return Frame(head=head + b"\n", between=b",\n", tail=b"\n ]\n}\n", empty=head + b"]\n}\n")


def json_fragment(entry: Entry, body: BodyMode, site: Site) -> bytes:
    """Return an entry as an item, indented as in a document."""
    return b"  " + _indented(_item(entry, body, site)).replace(b"\n", b"\n  ")


def _indented(value: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def _item(entry: Entry, body: BodyMode, site: Site) -> dict[str, Any]:
    item = _given(
        id=entry.id,
        url=entry.url,
        external_url=entry.external_url or (entry.source.url if entry.source else ""),
        title="" if entry.untitled else entry.title,
        summary=entry.summary,
        image=entry.image.url if entry.image else "",
        date_published=_moment(entry.published),
        date_modified=_moment(entry.updated),
        authors=[_author(person) for person in entry.authors],
        tags=list(dict.fromkeys([*(site.topics[slug].title for slug in entry.topics), *entry.tags])),
        language=entry.language,
        attachments=[
            _given(
                url=media.url,
                mime_type=media.type,
                title=media.title,
                size_in_bytes=media.length,
                duration_in_seconds=media.duration,
            )
            for media in entry.media
        ],
        _feedmill=_given(
            topics=list(entry.topics),
            related=[_given(title=related.title, url=related.url) for related in entry.related],
            source=_given(title=entry.source.title, url=entry.source.url) if entry.source else {},
            series=entry.series,
            rights=entry.rights,
            image_alt=entry.image.alt if entry.image else "",
        ),
    )
    # Every item needs one of the two (JSON Feed 1.1, items), an empty one where there is no body.
    if body is BodyMode.FULL:
        item["content_html"] = entry.content
    else:
        item["content_text"] = entry.summary
    return item


def _author(person: Person) -> dict[str, Any]:
    return _given(name=person.name, url=person.url or (f"mailto:{person.email}" if person.email else ""))


def _moment(moment: datetime) -> str:
    return moment.isoformat()


def _given(**members: Any) -> dict[str, Any]:
    """Return the members that have a value: JSON Feed leaves out what is not there."""
    return {name: value for name, value in members.items() if value}
