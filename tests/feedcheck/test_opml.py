"""OPML 2.0, clause by clause: what each lets pass, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedcheck import validate

NOW = datetime(2024, 7, 1, tzinfo=UTC)
FEED = '<outline type="rss" text="China" title="China" xmlUrl="https://wire.example/china.rss"/>'


def opml(*, version: str = ' version="2.0"', head: str = "", body: str = FEED) -> bytes:
    return f"<opml{version}><head><title>Feeds</title>{head}</head><body>{body}</body></opml>".encode()


def told(content: bytes) -> set[tuple[str, str]]:
    return {(problem.code, problem.element) for problem in validate(content, name="feeds.opml", now=NOW).findings}


RIGHT = {
    "a subscription list": opml(),
    "version 1.0": opml(version=' version="1.0"'),
    "version 1.1": opml(version=' version="1.1"'),
    "dates": opml(head="<dateCreated>Wed, 01 May 2024 09:30:00 GMT</dateCreated>"),
    "owner": opml(
        head="<ownerName>Ada</ownerName><ownerEmail>ada@wire.example</ownerEmail><ownerId>https://wire.example/ada</ownerId>"
    ),
    "docs": opml(head="<docs>http://opml.org/spec2.opml</docs>"),
    "expansionState": opml(head="<expansionState>1, 6, 13</expansionState>"),
    "expansionState: none": opml(head="<expansionState/>"),
    "a window": opml(head="<vertScrollState>1</vertScrollState><windowTop>61</windowTop><windowLeft>-304</windowLeft>"),
    "outlines within outlines": opml(body=f'<outline text="News">{FEED}</outline>'),
    "a subscription with all": opml(
        body=FEED.replace("/>", ' description="News" htmlUrl="https://wire.example/" language="en-us" version="RSS2"/>')
    ),
    "a link": opml(body='<outline type="link" text="Wire" url="https://wire.example/"/>'),
    "an inclusion": opml(body='<outline type="include" text="More" url="https://wire.example/more.opml"/>'),
    "a comment": opml(body='<outline text="x" isComment="true"/>'),
    "a breakpoint": opml(body='<outline text="x" isBreakpoint="false"/>'),
    "created": opml(body='<outline text="x" created="Wed, 01 May 2024 09:30:00 GMT"/>'),
    "categories": opml(body='<outline text="x" category="/Boston/Weather,news"/>'),
    "HTML in a text": opml(body='<outline text="a &lt;b&gt;bold&lt;/b&gt; word"/>'),
    "an extension": opml(body='<outline xmlns:w="https://wire.example/ns" w:x="y" text="x"/>'),
}
WRONG: dict[str, tuple[bytes, str, str]] = {
    "opml: a version": (opml(version=""), "MissingAttribute", "opml"),
    "opml: a version that exists": (opml(version=' version="3.0"'), "InvalidOPMLVersion", "opml"),
    "opml: a head": (opml().replace(b"<head><title>Feeds</title></head>", b""), "MissingElement", "opml"),
    "opml: a body": (b'<opml version="2.0"><head/></opml>', "MissingElement", "opml"),
    "opml: of its time": (
        opml().replace(b"<opml ", b"<outlineDocument ").replace(b"</opml>", b"</outlineDocument>"),
        "ObsoleteVersion",
        "outlineDocument",
    ),
    "head: each element once": (opml(head="<title>x</title>"), "DuplicateElement", "title"),
    "head: known elements": (opml(head="<author>x</author>"), "UndefinedElement", "author"),
    "head: no text": (opml(head="words"), "UnexpectedText", "head"),
    "dateCreated: RFC 822": (opml(head="<dateCreated>2024-05-01</dateCreated>"), "InvalidRFC2822Date", "dateCreated"),
    "dateModified: the right day": (
        opml(head="<dateModified>Mon, 01 May 2024 09:30:00 GMT</dateModified>"),
        "IncorrectDOW",
        "dateModified",
    ),
    "ownerEmail: an address": (opml(head="<ownerEmail>Ada</ownerEmail>"), "InvalidContact", "ownerEmail"),
    "ownerId: a web address": (opml(head="<ownerId>ada</ownerId>"), "InvalidURLAttribute", "ownerId"),
    "expansionState: numbers": (
        opml(head="<expansionState>all</expansionState>"),
        "InvalidExpansionState",
        "expansionState",
    ),
    "windowTop: a number": (opml(head="<windowTop>top</windowTop>"), "InvalidInteger", "windowTop"),
    "body: an outline": (opml(body=""), "MissingElement", "body"),
    "body: one": (opml().replace(b"</opml>", b"<body><outline text='x'/></body></opml>"), "DuplicateElement", "body"),
    "outline: a text": (opml(body="<outline/>"), "MissingAttribute", "outline"),
    "outline: no words between": (opml(body='<outline text="x">words</outline>'), "UnexpectedText", "outline"),
    "outline: known attributes": (opml(body='<outline text="x" colour="red"/>'), "UnexpectedAttribute", "outline"),
    "outline: isComment": (opml(body='<outline text="x" isComment="yes"/>'), "InvalidTrueFalse", "outline"),
    "outline: isBreakpoint": (opml(body='<outline text="x" isBreakpoint="1"/>'), "InvalidTrueFalse", "outline"),
    "outline: created": (opml(body='<outline text="x" created="yesterday"/>'), "InvalidRFC2822Date", "outline"),
    "outline: category": (opml(body='<outline text="x" category="a,,b"/>'), "AttrNotBlank", "outline"),
    "outline: harmless HTML": (
        opml(body='<outline text="&lt;script&gt;x&lt;/script&gt;"/>'),
        "SecurityRisk",
        "outline",
    ),
    "subscription: xmlUrl": (opml(body='<outline type="rss" text="x" title="x"/>'), "MissingXmlURL", "outline"),
    "subscription: a whole xmlUrl": (opml(body=FEED.replace("https://wire.example", "")), "InvalidFullLink", "outline"),
    "subscription: title": (opml(body=FEED.replace(' title="China"', "")), "MissingTitleAttr", "outline"),
    "subscription: type": (opml(body=FEED.replace(' type="rss"', "")), "MissingOutlineType", "outline"),
    "subscription: version": (opml(body=FEED.replace("/>", ' version="ATOM1"/>')), "InvalidOutlineVersion", "outline"),
    "subscription: language": (opml(body=FEED.replace("/>", ' language="English!"/>')), "InvalidLanguage", "outline"),
    "subscription: htmlUrl": (opml(body=FEED.replace("/>", ' htmlUrl="/"/>')), "InvalidFullLink", "outline"),
    "link: url": (opml(body='<outline type="link" text="x"/>'), "MissingUrlAttr", "outline"),
    "inclusion: url": (opml(body='<outline type="include" text="x"/>'), "MissingUrlAttr", "outline"),
    "type: known to OPML 1": (
        opml(version=' version="1.1"', body='<outline type="thing" text="x"/>'),
        "InvalidOutlineType",
        "outline",
    ),
}


@pytest.mark.parametrize("content", RIGHT.values(), ids=RIGHT)
def test_what_a_clause_allows_is_let_pass(content: bytes) -> None:
    assert told(content) - {("UnknownNamespace", "outline")} == set()


@pytest.mark.parametrize(("content", "code", "element"), WRONG.values(), ids=WRONG)
def test_what_a_clause_forbids_is_told_and_nothing_else_is(content: bytes, code: str, element: str) -> None:
    assert told(content) == {(code, element)}
