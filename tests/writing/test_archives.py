"""An archive is written with what leads to the others, or gets it later: both are the same bytes."""

from __future__ import annotations

import pytest
from lxml import etree

from feedmill.writing import archives
from feedmill.writing.archives import amend_archive, write_archive
from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import link, walk
from tests.writing.test_atom_rss import RICH


@pytest.mark.parametrize("previous", ["", "archive/all/2023.atom"])
def test_an_archive_that_is_followed_from_the_beginning_is_the_same_as_one_that_is_later(
    wire: Mill, previous: str
) -> None:
    wire.story("2024-05-01-rich.md", body="See [this](more).\n\n```\n  <entry>\n```\n", **RICH)
    wire.story("2024-05-02-plain.md")
    contents = wire.mill()
    feed, site, following = contents.feeds[0], contents.site, "archive/all/2024-06.atom"
    at_once = write_archive(feed, "2024-05", feed.entries, previous, following, site)
    alone = write_archive(feed, "2024-05", feed.entries, previous, "", site)
    later, count = amend_archive(
        alone.content, following=following, withdrawn={}, hidden=(), moved_from=site.feeds_url, feed=feed, site=site
    )
    assert later == at_once.content != alone.content
    assert count == at_once.entries == 2
    assert link(etree.fromstring(later), "next-archive") == site.feeds_url + following


def test_a_first_build_writes_each_archive_once(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 2}\n")
    for year in range(2019, 2025):
        wire.story(f"{year}-02-01-s.md", f"Of {year}.\n", title=str(year))

    def amend(*_: object, **__: object) -> None:
        raise AssertionError("an archive was read and written again")

    monkeypatch.setattr(archives, "amend_archive", amend)
    wire.build()
    assert len(list(wire.feeds.glob("archive/all/*.atom"))) == 4
    assert sorted(walk(wire.feeds, "https://wire.example/feeds/").values()) == [str(year) for year in range(2019, 2025)]
