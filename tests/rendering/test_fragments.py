"""An entry is rendered once for each format, and a document is its frame and its fragments joined."""

from __future__ import annotations

import subprocess
import sys
from html import unescape
from typing import Any

import feedparser
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from feedmill.characters import xml_legal
from feedmill.config.site import Site
from feedmill.model import BodyMode, Entry, Feed, Format, Withdrawal
from feedmill.rendering import Frame, feed_document, render_fragment, render_frame, write_content, write_feed
from feedmill.rendering import atom_rss as writer
from tests.rendering.entries import NOON, SITE, entry, feed_of, rich

WITHDRAWN = {"tag:e.example,2024:gone": Withdrawal(NOON, "Wrong & <sorry>")}
HISTORY: dict[str, Any] = {
    "withdrawn": WITHDRAWN,
    "previous": "https://e.example/feeds/archive/china/2023.atom",
    "following": "https://e.example/feeds/archive/china/2025.atom",
    "archive_of": "all",
    "moved_to": "asia",
}
FEEDS = {
    "empty": feed_of(),
    "plain": feed_of(entry(1)),
    "rich": feed_of(rich(3), entry(2), rich(1)),
    "with a history": feed_of(rich(1), entry(2), **HISTORY),
    "empty with a history": feed_of(**HISTORY),
}
BY_NAME = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)


def at_one_go(feed: Feed, site: Site, format_: Format) -> bytes:
    """Return what feedgen, or an encoder, makes of the whole feed."""
    if format_ is Format.JSON:
        return msgspec.json.format(write_content(feed, format_, site), indent=1) + b"\n"
    made: Any = writer._generator(feed, site, format_)
    item = writer._atom_item if format_ is Format.ATOM else writer._rss_item
    for each in feed.entries:
        made.add_entry(item(each, feed.settings.body, site), order="append")
    if format_ is Format.ATOM:
        return bytes(made.atom_str(pretty=True))
    made.pubDate(max((each.published for each in feed.entries), default=feed.updated))
    channel, item_tag, items = bytes(made.rss_str(pretty=True)).partition(b"<item>")
    return (
        writer._with_characters(channel, writer._CHANNEL_TEXT)
        + item_tag
        + writer._with_characters(items, writer._ITEM_TEXT)
    )


@BY_NAME
@pytest.mark.parametrize("format_", Format)
def test_a_document_is_what_is_made_of_the_whole_feed_at_one_go(feed: Feed, format_: Format) -> None:
    assert write_content(feed, format_, SITE) == at_one_go(feed, SITE, format_)


@given(st.lists(st.text(max_size=30).map(xml_legal), max_size=4))
@settings(max_examples=50, deadline=None)
def test_fragments_of_any_text_join_to_the_whole(texts: list[str]) -> None:
    markers = ("\n  <entry>", "</item>\n    <item>", "\n  },\n  {\n", "]]>")
    entries = [
        entry(number, title=f"t{text}{marker}", content=f"<p>{text}{marker}", summary=text, tags=(f"t{text}",))
        for number, (text, marker) in enumerate((text, marker) for text in texts for marker in markers)
    ]
    feed = feed_of(*entries)
    for format_ in Format:
        assert write_content(feed, format_, SITE) == at_one_go(feed, SITE, format_)


@BY_NAME
@pytest.mark.parametrize("format_", Format)
def test_a_frame_does_not_look_at_entries_and_joins_any_of_them(feed: Feed, format_: Format) -> None:
    without = replace(feed, entries=None)
    published = max((each.published for each in feed.entries), default=None)
    frame = render_frame(without, format_, SITE, published)
    fragments = [render_fragment(each, format_, BodyMode.FULL, SITE) for each in feed.entries]
    assert frame.join(fragments) == write_content(feed, format_, SITE)
    assert count(frame.join(fragments * 2), format_) == 2 * len(feed.entries)


def count(document: bytes, format_: Format) -> int:
    if format_ is Format.JSON:
        return len(msgspec.json.decode(document)["items"])
    root = etree.fromstring(document)
    return len(root.findall("{http://www.w3.org/2005/Atom}entry" if format_ is Format.ATOM else "channel/item"))


@pytest.mark.parametrize("given_", [entry(1), rich(1)], ids=["plain", "rich"])
@pytest.mark.parametrize(("format_", "indent"), [(Format.ATOM, b"  <entry"), (Format.RSS, b"    <item>")])
def test_a_fragment_declares_no_namespace(given_: Entry, format_: Format, indent: bytes) -> None:
    fragment = render_fragment(given_, format_, BodyMode.FULL, SITE)
    assert b"xmlns" not in fragment
    assert b"<ns" not in fragment
    assert fragment.startswith(indent)
    assert fragment.endswith(b">\n")


@pytest.mark.parametrize("format_", Format)
def test_a_fragment_shows_as_much_of_the_body_as_is_asked_for(format_: Format) -> None:
    words = entry(1, content="<p>All the words</p>", summary="Few of them")
    full, summary = (render_fragment(words, format_, body, SITE) for body in (BodyMode.FULL, BodyMode.SUMMARY))
    assert b"All the words" in full
    assert b"All the words" not in summary
    assert b"Few of them" in summary


def test_plain_texts_of_rss_are_written_with_hexadecimal_references() -> None:
    feed = feed_of(rich(1))
    document = write_content(feed, Format.RSS, replace(SITE, rights="© <me> & you"))
    assert b"<title>AI &#x26; &#x3C;chips&gt;" in document
    assert b"<title>T: China &#x26; &#x3C;more&gt;" in document
    assert b"<copyright>\xc2\xa9 &#x3C;me&gt; &#x26; you</copyright>" in document
    assert b"<category>export &#x26; &#x3C;controls&gt;</category>" in document
    assert b"&lt;p title=" in document, "what is HTML stays as it is"


def test_a_channel_is_dated_by_what_is_given_or_else_by_its_feed() -> None:
    feed = feed_of()
    assert b"<pubDate>Wed, 01 May 2024 12:00:00 +0000<" in render_frame(feed, Format.RSS, SITE, None).join(())
    earlier = NOON.replace(day=1, month=2)
    assert b"<pubDate>Thu, 01 Feb 2024 12:00:00 +0000<" in render_frame(feed, Format.RSS, SITE, earlier).join(())


@pytest.mark.parametrize("format_", [Format.ATOM, Format.RSS])
def test_a_reader_reads_a_document(format_: Format) -> None:
    feed = feed_of(rich(2), entry(1), withdrawn=WITHDRAWN)
    read = feedparser.parse(write_content(feed, format_, SITE))
    assert not read.bozo
    assert [each.id for each in read.entries] == [each.id for each in feed.entries]
    assert [each.link for each in read.entries] == [each.url for each in feed.entries]
    assert unescape(read.entries[0].title) == 'AI & <chips>: "quoted"'
    assert "Words" in read.entries[0].content[0].value


def test_a_frame_without_entries_is_head_and_tail_unless_it_says_otherwise() -> None:
    assert Frame(b"<", b",", b">").join([]) == b"<>"
    assert Frame(b"<", b",", b">", b"none").join([]) == b"none"
    assert Frame(b"<", b",", b">", b"none").join([b"a", b"b"]) == b"<a,b>"


def test_a_feed_is_written_in_its_formats_and_as_a_page() -> None:
    feed = feed_of(rich(1), entry(2))
    documents = list(write_feed(feed, SITE))
    assert [each.path for each in documents] == ["china.atom", "china.rss", "china.json", "china.html"]
    assert {each.entries for each in documents} == {2}
    assert documents[0] == feed_document(feed, Format.ATOM, write_content(feed, Format.ATOM, SITE), 2, SITE)


def test_feedgen_and_lxml_are_imported_only_when_they_are_needed() -> None:
    script = (
        "import sys, feedmill.rendering, feedmill.rendering.archive_documents; "
        "sys.exit(bool({'lxml', 'feedgen'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
