"""JSON Feed 1.1, clause by clause: what each lets pass, and what it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from feedcheck import validate
from feedcheck.report import Severity

NOW = datetime(2024, 7, 1, tzinfo=UTC)
ITEM: dict[str, Any] = {"id": "tag:wire.example,2024:a", "content_text": "Words"}
FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Wire",
    "home_page_url": "https://wire.example/",
    "feed_url": "https://wire.example/feed.json",
    "items": [ITEM],
}


def told(content: bytes, address: str = "") -> set[tuple[str, str]]:
    found = validate(content, name="feed.json", now=NOW, address=address).findings
    return {(problem.code, problem.element) for problem in found}


def feed(**changes: Any) -> bytes:
    changed = {**FEED, **changes}
    return json.dumps({key: value for key, value in changed.items() if value is not ...}).encode()


def item(**changes: Any) -> bytes:
    changed = {**ITEM, **changes}
    return feed(items=[{key: value for key, value in changed.items() if value is not ...}])


def attachment(**changes: Any) -> bytes:
    whole = {"url": "https://wire.example/a.mp3", "mime_type": "audio/mpeg", **changes}
    return item(attachments=[{key: value for key, value in whole.items() if value is not ...}])


RIGHT = {
    "top level: only what is required and recommended": feed(),
    "version: 1.0 is still read": feed(version="https://jsonfeed.org/version/1"),
    "description": feed(description="News"),
    "user_comment": feed(user_comment="For readers"),
    "next_url": feed(next_url="https://wire.example/2.json"),
    "icon": feed(icon="https://wire.example/i.png"),
    "favicon": feed(favicon="https://wire.example/f.png"),
    "authors: a name alone": feed(authors=[{"name": "Ada"}]),
    "authors: an address alone": feed(authors=[{"url": "https://ada.example/"}]),
    "authors: an avatar alone": feed(authors=[{"avatar": "https://ada.example/a.png"}]),
    "author of 1.0": feed(version="https://jsonfeed.org/version/1", author={"name": "Ada"}),
    "language": feed(language="pt-BR"),
    "expired: true": feed(expired=True),
    "expired: false": feed(expired=False),
    "hubs": feed(hubs=[{"type": "WebSub", "url": "https://hub.example/"}]),
    "items: none": feed(items=[]),
    "extensions: an object under _": feed(_wire={"a": 1}),
    "extensions: in an item": item(_wire={"about": "https://wire.example/ext"}),
    "id": item(id="https://wire.example/a"),
    "url": item(url="https://wire.example/a"),
    "external_url": item(external_url="https://other.example/a"),
    "title": item(title="A story"),
    "content_html alone": item(content_text=..., content_html="<p>Words</p>"),
    "content_html and content_text": item(content_html="<p>Words</p>"),
    "summary": item(summary="In short"),
    "image": item(image="https://wire.example/i.png"),
    "banner_image": item(banner_image="https://wire.example/b.png"),
    "date_published": item(date_published="2024-05-01T09:30:00-04:00"),
    "date_modified": item(date_modified="2024-05-01T13:30:00.5Z"),
    "tags": item(tags=["China", "AI"]),
    "tags: none": item(tags=[]),
    "language of an item": item(language="zh-Hant"),
    "authors of an item": item(authors=[{"name": "Ada"}]),
    "attachments": attachment(),
    "attachments: size and duration": attachment(size_in_bytes=1000, duration_in_seconds=65.5, title="Talk"),
    "attachments: several forms of one title": item(
        attachments=[
            {"url": "https://wire.example/a.mp3", "mime_type": "audio/mpeg", "title": "Talk"},
            {"url": "https://wire.example/a.ogg", "mime_type": "audio/ogg", "title": "Talk"},
        ]
    ),
}
WRONG: dict[str, tuple[bytes, str, str]] = {
    "version: required": (feed(version=...), "JsonMissing", ""),
    "version: one that exists": (feed(version="https://jsonfeed.org/version/2"), "JsonValue", "version"),
    "version: a string": (feed(version=1.1), "JsonValue", "version"),
    "title: required": (feed(title=...), "JsonMissing", ""),
    "title: a string": (feed(title=7), "JsonType", "title"),
    "title: not empty": (feed(title=""), "JsonMissing", ""),
    "title: plain text": (feed(title="<b>Wire</b>"), "ContainsHTML", "title"),
    "items: required": (feed(items=...), "JsonMissing", ""),
    "items: a list": (feed(items={}), "JsonType", "items"),
    "items: of objects": (feed(items=["a"]), "JsonType", "items[0]"),
    "home_page_url: recommended": (feed(home_page_url=...), "JsonAdvice", ""),
    "home_page_url: a whole address": (feed(home_page_url="/"), "InvalidFullLink", "home_page_url"),
    "feed_url: recommended": (feed(feed_url=...), "JsonAdvice", ""),
    "feed_url: a whole address": (feed(feed_url="feed.json"), "InvalidFullLink", "feed_url"),
    "description: a string": (feed(description=["News"]), "JsonType", "description"),
    "user_comment: a string": (feed(user_comment=None), "JsonType", "user_comment"),
    "next_url: not the feed itself": (feed(next_url="https://wire.example/feed.json"), "JsonValue", "next_url"),
    "next_url: a whole address": (feed(next_url="?page=2"), "InvalidFullLink", "next_url"),
    "icon: a string": (feed(icon=5), "JsonType", "icon"),
    "favicon: an address": (feed(favicon="f.png"), "InvalidFullLink", "favicon"),
    "authors: a list": (feed(authors={"name": "Ada"}), "JsonType", "authors"),
    "authors: of objects": (feed(authors=["Ada"]), "JsonType", "authors[0]"),
    "authors: one of name, url, avatar": (feed(authors=[{}]), "JsonMissing", "authors[0]"),
    "authors: url is an address": (feed(authors=[{"url": "ada"}]), "InvalidFullLink", "authors[0].url"),
    "author: replaced by authors": (feed(author={"name": "Ada"}), "JsonAdvice", "author"),
    "language: a tag": (feed(language="English language"), "InvalidLanguage", "language"),
    "expired: a truth value": (feed(expired="true"), "JsonType", "expired"),
    "expired: no number": (feed(expired=1), "JsonType", "expired"),
    "hubs: a list": (feed(hubs={"type": "WebSub"}), "JsonType", "hubs"),
    "hubs: type": (feed(hubs=[{"url": "https://hub.example/"}]), "JsonMissing", "hubs[0]"),
    "hubs: url": (feed(hubs=[{"type": "WebSub"}]), "JsonMissing", "hubs[0]"),
    "extensions: begin with _": (feed(wire={"a": 1}), "JsonAdvice", "wire"),
    "extensions: a letter after _": (feed(_1={"a": 1}), "JsonValue", "_1"),
    "extensions: no full stop": (feed(**{"_a.b": {}}), "JsonValue", "_a.b"),
    "extensions: an object": (feed(_wire="x"), "JsonType", "_wire"),
    "id: required": (item(id=...), "JsonMissing", "items[0]"),
    "id: not empty": (item(id=""), "JsonMissing", "items[0]"),
    "id: a string": (item(id=5), "JsonType", "items[0].id"),
    "id: unique": (feed(items=[ITEM, ITEM]), "JsonDuplicateId", "items[1].id"),
    "id: unique, a number being read as a string": (
        feed(items=[{**ITEM, "id": "123456789"}, {**ITEM, "id": 123456789}]),
        "JsonDuplicateId",
        "items[1].id",
    ),
    "id: unique over time": (item(id="7"), "NotSufficientlyUnique", "items[0].id"),
    "url: a whole address": (item(url="a/"), "InvalidFullLink", "items[0].url"),
    "url: legal characters": (item(url="https://wire.example/a b"), "InvalidUriChar", "items[0].url"),
    "external_url: a string": (item(external_url=None), "JsonType", "items[0].external_url"),
    "title of an item: plain text": (item(title="A &amp; B"), "ContainsHTML", "items[0].title"),
    "content: one of the two": (item(content_text=...), "JsonMissing", "items[0]"),
    "content_html: a string": (item(content_html={}), "JsonType", "items[0].content_html"),
    "content_html: HTML": (item(content_html="<p><b>x</p>"), "NotHtml", "items[0].content_html"),
    "content_html: harmless": (item(content_html="<script>x</script>"), "SecurityRisk", "items[0].content_html"),
    "content_html: whole addresses": (
        item(content_html='<a href="b/">x</a>'),
        "ContainsRelRef",
        "items[0].content_html",
    ),
    "content_text: a string": (item(content_text=1), "JsonType", "items[0].content_text"),
    "summary: plain text": (item(summary="<p>x</p>"), "ContainsHTML", "items[0].summary"),
    "image: an address": (item(image="i.png"), "InvalidFullLink", "items[0].image"),
    "banner_image: a string": (item(banner_image={}), "JsonType", "items[0].banner_image"),
    "date_published: RFC 3339": (item(date_published="1 May 2024"), "InvalidRFC3339Date", "items[0].date_published"),
    "date_published: with its zone": (
        item(date_published="2024-05-01T09:30:00"),
        "InvalidRFC3339Date",
        "items[0].date_published",
    ),
    "date_modified: of the calendar": (
        item(date_modified="2024-02-30T09:30:00Z"),
        "InvalidRFC3339Date",
        "items[0].date_modified",
    ),
    "date_modified: not yet to come": (
        item(date_modified="2031-01-01T00:00:00Z"),
        "ImplausibleDate",
        "items[0].date_modified",
    ),
    "tags: a list": (item(tags="China"), "JsonType", "items[0].tags"),
    "tags: of strings": (item(tags=["China", 5]), "JsonType", "items[0].tags[1]"),
    "attachments: a list": (item(attachments={}), "JsonType", "items[0].attachments"),
    "attachments: url": (attachment(url=...), "JsonMissing", "items[0].attachments[0]"),
    "attachments: mime_type": (attachment(mime_type=...), "JsonMissing", "items[0].attachments[0]"),
    "attachments: a media type": (attachment(mime_type="mp3"), "InvalidMIMEType", "items[0].attachments[0].mime_type"),
    "attachments: a number of bytes": (
        attachment(size_in_bytes="1 kB"),
        "JsonType",
        "items[0].attachments[0].size_in_bytes",
    ),
    "attachments: no size below 0": (
        attachment(size_in_bytes=-1),
        "JsonValue",
        "items[0].attachments[0].size_in_bytes",
    ),
    "attachments: a number of seconds": (
        attachment(duration_in_seconds=True),
        "JsonType",
        "items[0].attachments[0].duration_in_seconds",
    ),
    "JSON: an object": (b"[]", "NotAFeed", ""),
    "JSON: of this kind": (b'{"a": 1}', "NotAFeed", ""),
    "JSON: UTF-8": (feed().replace(b"Wire", b"W\xefre"), "JsonCharacter", ""),
    "JSON: no mark": (b"\xef\xbb\xbf" + feed(), "JsonCharacter", ""),
    "JSON: well-formed": (feed()[:-1], "JsonSyntax", ""),
    "JSON: no NaN": (feed().replace(b'"Wire"', b"NaN"), "JsonSyntax", ""),
    "JSON: each key once": (feed().replace(b'"title"', b'"title": "X", "title"'), "JsonDuplicateKey", ""),
}


@pytest.mark.parametrize("content", RIGHT.values(), ids=RIGHT)
def test_what_a_clause_allows_is_let_pass(content: bytes) -> None:
    assert told(content, "https://wire.example/feed.json") == set()


@pytest.mark.parametrize(("content", "code", "element"), WRONG.values(), ids=WRONG)
def test_what_a_clause_forbids_is_told_where_it_stands(content: bytes, code: str, element: str) -> None:
    assert (code, element) in told(content)


def test_one_fault_is_one_finding() -> None:
    """Nothing else is said of a feed that is wrong in one place."""
    several = {name: told(content) for name, (content, _, _) in WRONG.items() if "a number" not in name}
    assert {name: found for name, found in several.items() if len(found) > 1} == {}


def test_a_finding_has_the_line_and_column_of_its_value() -> None:
    text = json.dumps({**FEED, "items": [ITEM, {**ITEM, "id": "tag:wire.example,2024:b", "url": "b/"}]}, indent=2)
    (found,) = validate(text.encode(), name="feed.json", now=NOW).findings
    line = text.splitlines()[found.line - 1]
    assert line[found.column - 1 :].startswith('"b/"')
    assert found.level is Severity.ERROR
    assert found.clause == "JSON Feed 1.1, items"


def test_self_is_held_against_the_address_that_the_feed_was_fetched_from() -> None:
    assert told(feed(), "https://wire.example/feed.json") == set()
    assert told(feed(), "https://copy.example/feed.json") == {("SelfDoesntMatchLocation", "feed_url")}
