"""JSON Feed 1.1 → problems."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from feedmill.model import Level, Place, Problem
from feedmill.validating.findings import is_web_address
from feedmill.validating.markup_rules import MarkupRules

VERSION = "https://jsonfeed.org/version/1.1"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_REPEATED = "\0repeated"
_TEXTS = ("title", "summary", "content_html", "content_text", "language")
_FEED_ADDRESSES = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
_ITEM_ADDRESSES = ("url", "external_url", "image", "banner_image")


def parse_json(path: str, content: bytes) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Parse bytes as one JSON object in UTF-8."""
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_members)
    except UnicodeDecodeError:
        return None, [_problem(path, "encoding", "not UTF-8", "JSON Feed is always UTF-8", Place(path, 1))]
    except json.JSONDecodeError as error:
        place = Place(path, error.lineno, error.colno)
        return None, [_problem(path, "json-syntax", error.msg, "write valid JSON", place)]
    except RecursionError:
        return None, [_problem(path, "json-syntax", "nested too deeply", "write a feed")]
    if not isinstance(document, dict):
        return None, [_problem(path, "json-object", "not an object", "a JSON Feed is one object")]
    return document, []


def json_problems(path: str, document: dict[str, Any], markup: MarkupRules) -> Iterator[Problem]:
    """Yield the problems of a feed."""
    if document.get("version") != VERSION:
        yield _problem(path, "json-version", f"version is {document.get('version')!r}", f"write {VERSION}")
    if not isinstance(document.get("title"), str) or not document["title"]:
        yield _problem(path, "json-title", "the feed has no title", "add title (JSON Feed 1.1, top level)")
    listed = document.get("items")
    for owner in (document, *(listed if isinstance(listed, list) else [])):
        if isinstance(owner, dict) and _REPEATED in owner:
            yield _problem(path, "json-key", f"the key '{owner[_REPEATED]}' is given twice", "keep one of them")
    yield from _addresses(path, "the feed", document, _FEED_ADDRESSES)
    items = document.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield _problem(path, "json-items", "items is no list of objects", "add items (JSON Feed 1.1, items)")
        return
    counts = Counter(str(item.get("id")) for item in items)
    for number, item in enumerate(items):
        name = f"items[{number}]"
        yield from _item(path, name, item, markup)
        if counts[str(item.get("id"))] > 1:
            yield _problem(path, "json-id", f"{name}: the id {item.get('id')} is used twice", "give each its own")


def _item(path: str, name: str, item: dict[str, Any], markup: MarkupRules) -> Iterator[Problem]:
    if not isinstance(item.get("id"), str) or not item["id"]:
        yield _problem(path, "json-id", f"{name}: the id is no string", "ids are strings (JSON Feed 1.1, items)")
    if "content_html" not in item and "content_text" not in item:
        yield _problem(path, "json-content", f"{name}: no content", "add content_html or content_text")
    for key in _TEXTS:
        if key in item and not isinstance(item[key], str):
            yield _problem(path, "json-type", f"{name}.{key} is no string", "write a string")
    for key in ("date_published", "date_modified"):
        if key in item and not _is_moment(item[key]):
            yield _problem(path, "json-date", f"{name}.{key} is no RFC 3339 date", "write 2024-05-01T09:30:00Z")
    yield from _addresses(path, name, item, _ITEM_ADDRESSES)
    if isinstance(item.get("content_html"), str):
        yield from markup.problems(path, None, item["content_html"])
    attachments = item.get("attachments", [])
    for number, attachment in enumerate(attachments if isinstance(attachments, list) else [None]):
        if not isinstance(attachment, dict) or not attachment.get("mime_type"):
            message = f"{name}.attachments[{number}] has no mime_type"
            yield _problem(path, "json-attachment", message, "add it (JSON Feed 1.1, attachments)")
        elif not is_web_address(attachment.get("url")):
            message = f"{name}.attachments[{number}].url is no absolute web address"
            yield _problem(path, "relative-url", message, "write it in full")
    tags = item.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        yield _problem(path, "json-type", f"{name}.tags is no list of strings", "write strings")


def _is_moment(value: object) -> bool:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object, marking a key that it has twice: readers would differ in which one they take."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found[_REPEATED] = next(name for name in names if names.count(name) > 1)
    return found


def _addresses(path: str, name: str, owner: dict[str, Any], keys: tuple[str, ...]) -> Iterator[Problem]:
    for key in keys:
        if key in owner and not (isinstance(owner[key], str) and is_web_address(owner[key])):
            yield _problem(path, "relative-url", f"{name}: {key} is no absolute web address", "write it in full")


def _problem(path: str, code: str, message: str, remedy: str, place: Place | None = None) -> Problem:
    return Problem(Level.ERROR, code, place or Place(path), message, remedy)
