"""An archive is rendered as a whole: its frame leads to the others, and its entries are those of the feeds."""

from __future__ import annotations

from lxml import etree

from feedmill.model import BodyMode, Format, Withdrawal
from feedmill.rendering import render_fragment
from feedmill.rendering.archive_documents import write_archive
from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import link, walk
from tests.rendering.entries import NOON, SITE, entry, feed_of, rich
from tests.rendering.test_atom_rss import NS

TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def test_an_archive_shows_its_entries_and_leads_to_the_others() -> None:
    entries = [rich(2), entry(1)]
    feed = feed_of(entry(9), moved_to="asia")
    document = write_archive(
        feed,
        "2024-05",
        [render_fragment(each, Format.ATOM, BodyMode.FULL, SITE) for each in entries],
        "archive/china/2024-04.atom",
        "archive/china/2024-06.atom",
        SITE,
        updated=entries[0].updated,
        published=entries[0].published,
        withdrawn={"tag:e.example,2024:gone": Withdrawal(NOON, "Wrong")},
    )
    assert (document.path, document.feed) == ("archive/china/2024-05.atom", "archive/china/2024-05")
    assert (document.entries, document.modified, document.format) == (2, entries[0].updated, Format.ATOM)
    root = etree.fromstring(document.content)
    assert [each.text for each in root.findall("a:entry/a:id", NS)] == [each.id for each in entries]
    assert root.findtext("a:updated", None, NS) == entries[0].updated.isoformat()
    assert link(root, "prev-archive") == "https://e.example/feeds/archive/china/2024-04.atom"
    assert link(root, "next-archive") == "https://e.example/feeds/archive/china/2024-06.atom"
    assert link(root, "current") == "https://e.example/feeds/china.atom"
    assert [each.get("ref") for each in root.findall(TOMBSTONE)] == ["tag:e.example,2024:gone"]


def test_an_archive_without_entries_is_a_document() -> None:
    document = write_archive(feed_of(), "2024", [], "", "", SITE, updated=NOON, published=None, withdrawn={})
    root = etree.fromstring(document.content)
    assert document.entries == len(root.findall("a:entry", NS)) == 0
    assert link(root, "prev-archive") == link(root, "next-archive") == ""


def test_a_first_build_writes_every_archive(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 2, archive: true}\n")
    for year in range(2019, 2025):
        wire.story(f"{year}-02-01-s.md", f"Of {year}.\n", title=str(year))
    wire.build()
    assert len(list(wire.feeds.glob("archive/all/*.atom"))) == 4
    assert sorted(walk(wire.feeds, "https://wire.example/feeds/").values()) == [str(year) for year in range(2019, 2025)]
