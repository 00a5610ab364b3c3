"""JSON Feed → complaints, one rule for each clause of version 1.1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from feedcheck.findings import Check, Complaint, Spot
from feedcheck.json_positions import Path
from feedcheck.markup_rules import html_with_whole_links
from feedcheck.values.canonical_uris import canonical_form
from feedcheck.values.codes import language, media_type
from feedcheck.values.date_formats import rfc3339
from feedcheck.values.plain_text import plain_text
from feedcheck.values.uris import absolute_iri

VERSIONS = ("https://jsonfeed.org/version/1.1", "https://jsonfeed.org/version/1")
_TOP = "JSON Feed 1.1, top level"
_ITEMS = "JSON Feed 1.1, items"
_AUTHORS = "JSON Feed 1.1, authors"
_ATTACHMENTS = "JSON Feed 1.1, attachments"
_HUBS = "JSON Feed 1.1, hubs"
_EXTENSIONS = "JSON Feed 1.1, extensions"

Said = Iterator[tuple[Path, Complaint]]
_Judge = Callable[[Path, Any, Spot], Said]


def _text(*checks: Check) -> _Judge:
    """Make the rule of a value that is a string, judged further."""

    def judge(path: Path, value: object, spot: Spot) -> Said:
        if not isinstance(value, str):
            yield path, Complaint("JsonType", f"{_kind(value)}, where a string belongs")
            return
        for check in checks:
            yield from ((path, complaint) for complaint in check(value, spot))

    return judge


def _number(path: Path, value: object, _: Spot) -> Said:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield path, Complaint("JsonType", f"{_kind(value)}, where a number belongs", _ATTACHMENTS)
    elif not 0 <= value < float("inf"):
        yield path, Complaint("JsonValue", "no size or duration is that", _ATTACHMENTS)


def _truth(path: Path, value: object, _: Spot) -> Said:
    if not isinstance(value, bool):
        yield path, Complaint("JsonType", f"{_kind(value)}, where true or false belongs", _TOP)


def _list_of(judge: _Judge, what: str) -> _Judge:
    def each(path: Path, value: object, spot: Spot) -> Said:
        if not isinstance(value, list):
            yield path, Complaint("JsonType", f"{_kind(value)}, where a list of {what} belongs")
            return
        for number, inner in enumerate(value):
            yield from judge((*path, number), inner, spot)

    return each


def _object(members: dict[str, _Judge], clause: str, *required: str) -> _Judge:
    """Make the rule of an object: what its members are held to, and which must be there."""

    def judge(path: Path, value: object, spot: Spot) -> Said:
        if not isinstance(value, dict):
            yield path, Complaint("JsonType", f"{_kind(value)}, where an object belongs", clause)
            return
        for name in required:
            if name not in value or value[name] == "":
                yield path, Complaint("JsonMissing", f"no {name}", clause)
        for name, inner in value.items():
            if name in members:
                for where, complaint in members[name]((*path, name), inner, spot):
                    yield where, complaint if complaint.clause else complaint._replace(clause=clause)
            else:
                yield from _extension((*path, name), name, inner)

    return judge


def _extension(path: Path, name: str, value: object) -> Said:
    """Extensions: an object of any name that begins with an underscore and a letter and has no full stop."""
    if not name.startswith("_"):
        said = f"'{name[:40]}' is not a key of JSON Feed; a key of one's own begins with _"
        yield path, Complaint("JsonAdvice", said, _EXTENSIONS)
    elif not re.match(r"_[^\W\d_]", name) or "." in name:
        said = f"'{name[:40]}': after the _ comes a letter, and there is no full stop"
        yield path, Complaint("JsonValue", said, _EXTENSIONS)
    elif not isinstance(value, dict):
        yield path, Complaint("JsonType", f"{_kind(value)}, where an extension is an object", _EXTENSIONS)


def _version(path: Path, value: object, _: Spot) -> Said:
    if value not in VERSIONS:
        yield path, Complaint("JsonValue", f"there is no version {str(value)[:60]!r}; write {VERSIONS[0]}", _TOP)


def _identifier(path: Path, value: object, _: Spot) -> Said:
    if not isinstance(value, str):
        yield path, Complaint("JsonType", f"{_kind(value)}, where ids are strings", _ITEMS)
    elif value.isdecimal() and len(value) < 9:
        yield path, Complaint("NotSufficientlyUnique", f"'{value}' may well be the id of another item", _ITEMS)


def _author(path: Path, value: object, spot: Spot) -> Said:
    yield from _object(_AUTHOR, _AUTHORS)(path, value, spot)
    if isinstance(value, dict) and not any(value.get(name) for name in _AUTHOR):
        yield path, Complaint("JsonMissing", "an author has one of name, url and avatar", _AUTHORS)


_address = _text(absolute_iri)
_moment = _text(rfc3339)
_plain = _text(plain_text)
_any_text = _text()
_AUTHOR: dict[str, _Judge] = {"name": _plain, "url": _address, "avatar": _address}
_COMMON: dict[str, _Judge] = {
    "title": _plain,
    "author": _author,
    "authors": _list_of(_author, "authors"),
    "language": _text(language),
}
_attachment = _object(
    {
        "url": _address,
        "mime_type": _text(media_type),
        "title": _plain,
        "size_in_bytes": _number,
        "duration_in_seconds": _number,
    },
    _ATTACHMENTS,
    "url",
    "mime_type",
)
_ITEM: dict[str, _Judge] = {
    **_COMMON,
    "id": _identifier,
    "url": _address,
    "external_url": _address,
    "content_html": _text(html_with_whole_links),
    "content_text": _any_text,
    "summary": _plain,
    "image": _address,
    "banner_image": _address,
    "date_published": _moment,
    "date_modified": _moment,
    "tags": _list_of(_any_text, "strings"),
    "attachments": _list_of(_attachment, "attachments"),
}
_hub = _object({"type": _any_text, "url": _address}, _HUBS, "type", "url")


def _item(path: Path, value: object, spot: Spot) -> Said:
    yield from _object(_ITEM, _ITEMS, "id")(path, value, spot)
    if not isinstance(value, dict):
        return
    if "content_html" not in value and "content_text" not in value:
        yield path, Complaint("JsonMissing", "neither content_html nor content_text", _ITEMS)
    if "author" in value and spot.document.version == VERSIONS[0]:
        yield (*path, "author"), Complaint("JsonAdvice", "author became authors in version 1.1", _AUTHORS)


_FEED: dict[str, _Judge] = {
    **_COMMON,
    "version": _version,
    "home_page_url": _address,
    "feed_url": _address,
    "description": _plain,
    "user_comment": _any_text,
    "next_url": _address,
    "icon": _address,
    "favicon": _address,
    "expired": _truth,
    "hubs": _list_of(_hub, "hubs"),
    "items": _list_of(_item, "items"),
}


def judge_feed(feed: dict[str, Any], spot: Spot) -> Said:
    """Yield what is wrong with a feed, each with the place where it is."""
    yield from _object(_FEED, _TOP, "version", "title", "items")((), feed, spot)
    yield from _feed_as_a_whole(feed, spot)
    yield from _ids_differ(feed)


def _feed_as_a_whole(feed: dict[str, Any], spot: Spot) -> Said:
    for name in ("home_page_url", "feed_url"):
        if name not in feed:
            yield (), Complaint("JsonAdvice", f"no {name}, which is strongly recommended", _TOP)
    if "author" in feed and feed.get("version") == VERSIONS[0]:
        yield ("author",), Complaint("JsonAdvice", "author became authors in version 1.1", _AUTHORS)
    own = feed.get("feed_url")
    if feed.get("next_url") is not None and feed.get("next_url") == own:
        yield ("next_url",), Complaint("JsonValue", "next_url is the feed itself, so paging never ends", _TOP)
    lies_at = spot.document.address
    if isinstance(own, str) and lies_at and own != lies_at and canonical_form(own) != canonical_form(lies_at):
        said = f"feed_url is {own[:120]}, and the document is at {lies_at}"
        yield ("feed_url",), Complaint("SelfDoesntMatchLocation", said, _TOP)


def _ids_differ(feed: dict[str, Any]) -> Said:
    """An id is unique for that item and that feed over time; numbers are read as strings."""
    items = feed.get("items")
    ids = [
        str(item["id"]) if isinstance(item, dict) and isinstance(item.get("id"), (str, int)) else ""
        for item in (items if isinstance(items, list) else [])
    ]
    counts = Counter(ids)
    seen: set[str] = set()
    for number, id_ in enumerate(ids):
        if id_ and counts[id_] > 1 and id_ in seen:
            yield ("items", number, "id"), Complaint("JsonDuplicateId", f"the id {id_[:100]} a second time", _ITEMS)
        seen.add(id_)


def _kind(value: object) -> str:
    kinds = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return next((said for kind, said in kinds.items() if isinstance(value, kind)), "null")
