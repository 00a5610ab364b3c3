"""A feed document, ours or another publisher's → what it tells: entries, withdrawals, the archive before it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from feedmill.model import Because, Entry, Image, Media, Person, Related, Source, Withdrawal

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 64_000_000
MAX_ENTRIES = 100_000
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_RSS1 = "{http://purl.org/rss/1.0/}"


class NotAFeed(ValueError):
    """The document cannot be read as a feed; the message says why."""


class ReadFeed(Struct, frozen=True):
    """What a document tells. `id` and `title` are the feed's, and `address` is its own; `updated` only Atom tells.

    `previous` and `following` are the addresses of the archives before and after it (RFC 5005 §4).
    """

    id: str
    title: str
    previous: str
    entries: tuple[Entry, ...]
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    following: str = ""
    address: str = ""
    updated: datetime | None = None


def read_feed(content: bytes) -> ReadFeed:
    """Read an Atom, RSS (0.9x, 2.0, 1.0) or JSON Feed document. Raises NotAFeed.

    The document is taken for hostile: no entity is resolved and nothing is fetched; size and number of entries are
    bounded. Entries without an id have the empty one; dates that cannot be read are the first of 1970.
    """
    if len(content) > MAX_BYTES:
        raise NotAFeed(f"larger than {MAX_BYTES // 1_000_000} MB")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json(content)
    from lxml import etree  # few builds read a feed

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeed(f"no XML that can be read: {error.msg}") from None
    if root.tag == f"{_ATOM}feed":
        return _atom(root)
    channel = root.find("channel")
    if root.tag == "rss" and channel is not None:
        return _rss(channel, channel.findall("item"))
    channel = root.find(f"{_RSS1}channel")
    if root.tag == _RDF and channel is not None:
        for element in root.iter(f"{_RSS1}*"):
            element.tag = str(element.tag).removeprefix(_RSS1)
        return _rss(channel, root.findall("item"))
    raise NotAFeed("neither Atom, RSS nor JSON Feed")


def _bounded(found: list[Any]) -> list[Any]:
    if len(found) > MAX_ENTRIES:
        raise NotAFeed(f"more than {MAX_ENTRIES:,} entries")
    return found


def _atom(feed: _Element) -> ReadFeed:
    links = {link.get("rel", "alternate"): link.get("href") or "" for link in feed.findall(f"{_ATOM}link")}
    withdrawn = {
        str(element.get("ref")): Withdrawal(
            _moment(element.get("when")), element.findtext(f"{_TOMBSTONES}comment") or ""
        )
        for element in feed.findall(f"{_TOMBSTONES}deleted-entry")
    }
    entries = tuple(_atom_entry(element) for element in _bounded(feed.findall(f"{_ATOM}entry")))
    return ReadFeed(
        _text(feed, f"{_ATOM}id"),
        _text(feed, f"{_ATOM}title"),
        links.get("prev-archive", ""),
        entries,
        withdrawn,
        links.get("next-archive", ""),
        links.get("self", ""),
        _moment(feed.findtext(f"{_ATOM}updated")),
    )


def _atom_entry(entry: _Element) -> Entry:
    links = entry.findall(f"{_ATOM}link")
    alternate = [link for link in links if link.get("rel", "alternate") == "alternate"]
    terms = [(term.get("term") or "", term.get("label"), term.get("scheme")) for term in entry.iter(f"{_ATOM}category")]
    content = entry.find(f"{_ATOM}content")
    source = entry.find(f"{_ATOM}source")
    origin = source.find(f"{_ATOM}link") if source is not None else None
    updated = _moment(entry.findtext(f"{_ATOM}updated"))
    told = entry.findtext(f"{_ATOM}published")
    return _entry(
        id=_text(entry, f"{_ATOM}id"),
        url=(alternate[0].get("href") or "") if alternate else "",
        title=_text(entry, f"{_ATOM}title"),
        published=_moment(told) if told else updated,
        updated=updated,
        content=(content.text or "") if content is not None and content.get("type") == "html" else "",
        summary=_text(entry, f"{_ATOM}summary"),
        authors=tuple(
            Person(_text(person, f"{_ATOM}name"), _text(person, f"{_ATOM}email"), _text(person, f"{_ATOM}uri"))
            for person in entry.findall(f"{_ATOM}author")
        ),
        topics=tuple(term for term, label, scheme in terms if label and not scheme),
        tags=tuple(term for term, label, scheme in terms if not label and not scheme),
        series=next((term for term, _, scheme in terms if scheme), ""),
        image=_image(entry),
        language=entry.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        rights=_text(entry, f"{_ATOM}rights"),
        source=Source(_text(source, f"{_ATOM}title"), origin.get("href") or "")
        if source is not None and origin is not None
        else None,
        related=tuple(
            Related(link.get("title") or "", link.get("href") or "") for link in links if link.get("rel") == "related"
        ),
        media=tuple(_media(entry)),
    )


def _media(entry: _Element) -> Iterator[Media]:
    durations = {element.get("url"): element.get("duration") for element in entry.findall(f"{_MEDIA}content")}
    for link in entry.findall(f"{_ATOM}link"):
        if link.get("rel") == "enclosure":
            url, duration = link.get("href") or "", durations.get(link.get("href"))
            yield Media(
                url, link.get("type") or "", _number(link.get("length")), _number(duration), link.get("title") or ""
            )


def _image(entry: _Element) -> Image | None:
    for element in entry.findall(f"{_MEDIA}content"):
        if element.find(f"{_MEDIA}thumbnail") is not None:
            return Image(element.get("url") or "", element.findtext(f"{_MEDIA}title") or "")
    return None


def _rss(channel: _Element, items: list[_Element]) -> ReadFeed:
    links = {link.get("rel"): link.get("href") or "" for link in channel.findall(f"{_ATOM}link")}
    entries = tuple(_rss_item(item) for item in _bounded(items))
    return ReadFeed("", _text(channel, "title"), links.get("prev-archive", ""), entries, address=links.get("self", ""))


def _rss_item(item: _Element) -> Entry:
    guid = item.find("guid")
    id_ = (guid.text or "").strip() if guid is not None else _text(item, f"{_DC}identifier")
    url = _text(item, "link")
    if not url and guid is not None and guid.get("isPermaLink", "true") == "true":
        url = id_
    published = _moment(item.findtext("pubDate") or item.findtext(f"{_DC}date"))
    updated = item.findtext(f"{_ATOM}updated")
    return _entry(
        id=id_,
        url=url,
        title=_text(item, "title"),
        published=published,
        updated=_moment(updated) if updated else published,
        content=item.findtext(_CONTENT) or "",
        summary=html.unescape(item.findtext("description") or ""),
        authors=tuple(Person(element.text or "") for element in item.findall(f"{_DC}creator")),
        topics=tuple(term.text or "" for term in item.findall("category") if not term.get("domain")),
        language=_text(item, f"{_DC}language"),
        rights=_text(item, f"{_DC}rights"),
        image=_image(item),
    )


def _json(content: bytes) -> ReadFeed:
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError):
        raise NotAFeed("no JSON that can be read") from None
    items = feed.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise NotAFeed("JSON, but no JSON Feed: it has no items")
    own = _mapping(feed, "_feedmill")
    withdrawn = {
        str(item.get("id")): Withdrawal(_moment(item.get("when")), str(item.get("reason", "")))
        for item in _mappings(own, "withdrawn")
    }
    return ReadFeed(
        str(own.get("id", "")),
        _string(feed, "title"),
        _string(own, "prev_archive"),
        tuple(_json_item(item) for item in _bounded(items)),
        withdrawn,
        address=_string(feed, "feed_url"),
    )


def _json_item(item: dict[str, Any]) -> Entry:
    own, published = _mapping(item, "_feedmill"), _moment(item.get("date_published"))
    origin, tags = _mapping(own, "source"), item.get("tags")
    topics = tuple(str(name) for name in own.get("topics", ()) if isinstance(name, str))
    names = [str(name) for name in tags] if isinstance(tags, list) else []
    id_ = item.get("id")
    return _entry(
        # JSON Feed 1.1, items: an id that is a number is to be made a string.
        id=str(id_).strip() if isinstance(id_, str | int | float) else "",
        url=_string(item, "url") or _string(item, "external_url"),
        title=_string(item, "title"),
        published=published,
        updated=_moment(item["date_modified"]) if item.get("date_modified") else published,
        content=_string(item, "content_html"),
        summary=_string(item, "summary"),
        authors=tuple(_json_author(person) for person in _mappings(item, "authors")),
        topics=topics,
        tags=tuple(names[len(topics) :]),
        series=_string(own, "series"),
        image=Image(_string(item, "image"), _string(own, "image_alt")) if _string(item, "image") else None,
        language=_string(item, "language"),
        rights=_string(own, "rights"),
        source=Source(_string(origin, "title"), _string(origin, "url")) if origin else None,
        related=tuple(Related(_string(piece, "title"), _string(piece, "url")) for piece in _mappings(own, "related")),
        media=tuple(
            Media(
                _string(piece, "url"),
                _string(piece, "mime_type"),
                _number(piece.get("size_in_bytes")),
                _number(piece.get("duration_in_seconds")),
                _string(piece, "title"),
            )
            for piece in _mappings(item, "attachments")
        ),
    )


def _json_author(person: dict[str, Any]) -> Person:
    url = _string(person, "url")
    mail = url.removeprefix("mailto:") if url.startswith("mailto:") else ""
    return Person(_string(person, "name"), mail, "" if mail else url)


def _mapping(owner: dict[str, Any], name: str) -> dict[str, Any]:
    value = owner.get(name)
    return value if isinstance(value, dict) else {}


def _mappings(owner: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = owner.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _string(owner: dict[str, Any], name: str) -> str:
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def _entry(**given: Any) -> Entry:
    because = Because("its feed", "its feed", "its feed", dict.fromkeys(given.get("topics", ()), "as last published"))
    return Entry(**given, slug="", path="", day=given["published"].date(), because=because)


def _text(owner: _Element, path: str) -> str:
    return (owner.findtext(path) or "").strip()


def _number(value: object) -> int:
    text = str(value or "").strip()
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _moment(value: object) -> datetime:
    """Read an RFC 3339 or RFC 822 date, in whole seconds of UTC."""
    text = str(value or "").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            moment = datetime.fromtimestamp(0, UTC)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return datetime.fromtimestamp(0, UTC)
