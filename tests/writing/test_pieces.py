"""An entry that is written once for several feeds is written as in a document made whole."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feedmill.characters import xml_legal
from feedmill.model import Body, Document, Feed, FeedKind, Format
from feedmill.site import parse_site
from feedmill.writing import PARTS, Pieces, pieces_in, write_feed
from feedmill.writing import atom_rss as writer
from tests.conftest import CONFIGURATION, Mill
from tests.test_promises import entry_with
from tests.writing.test_atom_rss import RICH

SITE = parse_site("site: {title: T, url: https://e.example/, id_authority: 'e.example,2024'}")


def whole(feed: Feed, format_: Format) -> bytes:
    """Return what feedgen writes of a feed at one go."""
    made: Any = writer._generator(feed, SITE, format_, feed.entries, {})
    if format_ is Format.ATOM:
        return bytes(made.atom_str(pretty=True))
    return writer._with_characters(bytes(made.rss_str(pretty=True)))


@given(st.lists(st.text(max_size=30), max_size=4))
@settings(max_examples=100, deadline=None)
def test_pieces_of_any_text_join_to_what_is_written_at_one_go(texts: list[str]) -> None:
    feed = entry_with("x")
    [pattern] = feed.entries
    markers = ("\n  <entry>", "</item>\n    <item>", "\n  ]\n")
    entries = tuple(
        replace(entry_with(text + marker).entries[0], id=f"tag:e.example,2024:{number}", summary="")
        for number, (text, marker) in enumerate((text, marker) for text in texts for marker in markers)
    )
    pieces = Pieces()
    for shown in (entries[1:3], entries, entries[::-1], (pattern, *entries[::2]), (), entries):
        some = replace(feed, entries=shown)
        assert writer.write_atom(some, SITE, pieces) == whole(some, Format.ATOM)
        assert writer.write_rss(some, SITE, pieces) == whole(some, Format.RSS)


def test_json_of_pieces_is_what_an_encoder_makes_of_the_whole() -> None:
    for entries in ((), entry_with("a < b & c\n").entries):
        feed = replace(entry_with("x"), entries=entries)
        [content] = [each.content for each in write_feed(feed, SITE) if each.format is Format.JSON]
        assert content == msgspec.json.format(content, indent=1) + b"\n" * content.endswith(b"\n")
        assert len(msgspec.json.decode(content)["items"]) == len(entries)


@pytest.mark.parametrize("change", [{"title": "Other"}, {"content": "<p>Other</p>"}, {"tags": ("other",)}])
def test_an_entry_that_differs_is_written_anew(change: dict[str, Any]) -> None:
    pieces, feed = Pieces(), entry_with("x")
    other = replace(feed, entries=(replace(feed.entries[0], **change),))
    short = replace(feed, settings=replace(feed.settings, body=Body.SUMMARY))
    for each in (feed, other, feed, short, other):
        assert contents(write_feed(each, SITE, pieces)) == contents(write_feed(each, SITE))


def contents(documents: Any) -> list[bytes]:
    return [document.content for document in documents]


@given(st.lists(st.text(max_size=30), max_size=4))
@settings(max_examples=100, deadline=None)
def test_documents_are_cut_into_the_pieces_that_they_were_made_of(texts: list[str]) -> None:
    topic = replace(entry_with("x"), name="t", kind=FeedKind.TOPIC)
    markers = ("\n  <entry>", "</item>\n    <item>", "\n  },\n  {\n", "\n    <li dir=", "\n   </ul>", '"items": [\n  {')
    entries = tuple(
        replace(entry_with(text + marker).entries[0], id=f"tag:e.example,2024:{number}", title=xml_legal(text + marker))
        for number, (text, marker) in enumerate((text, marker) for text in texts for marker in markers)
    )
    for shown in ((), entries[:1], entries):
        feed = replace(topic, entries=shown)
        written = {each.format: each.content for each in write_feed(feed, SITE)}
        assert set(written) == {*Format, None}
        again = Pieces()
        for part, content in written.items():
            pieces = pieces_in(content, part)
            assert len(pieces) == len(shown)
            again.use_again(feed, part, {entry.id: piece for entry, piece in zip(shown, pieces, strict=True)})
        bare = replace(feed, entries=tuple(replace(entry, content="", title="") for entry in shown))
        assert {each.format: each.content for each in write_feed(bare, SITE, again)} == written


def test_feeds_that_share_entries_are_written_as_if_they_did_not(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {hub: https://hub.example/, authors: true}\n")
    wire.story("2024-05-01-a.md", body="Words <b>x</b>.\n", **RICH)
    wire.story("2024-05-02-b.md", topics="[china, ai]", language="en")
    built = wire.build()
    feeds, pieces = built.whole_feeds(), Pieces()
    alone: list[Document] = [each for feed in feeds for each in write_feed(feed, built.contents.site)]
    shared = [each for feed in feeds for each in write_feed(feed, built.contents.site, pieces)]
    assert contents(alone) == contents(shared)
    parts = [each for feed in feeds for part in PARTS for each in write_feed(feed, built.contents.site, pieces, [part])]
    assert {each.path: each for each in parts} == {each.path: each for each in alone}
    assert len(parts) == len(alone)
