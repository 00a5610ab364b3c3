"""The subscription list, the manifest and the pages."""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html
from msgspec.structs import replace

from feedmill.config.loading import parse_site
from feedmill.model import Withdrawal
from feedmill.rendering import write_lists, write_manifest
from feedmill.rendering.opml import write_opml
from tests.conftest import CONFIGURATION, Mill
from tests.rendering.entries import NOON, SITE, feed_of


def test_the_subscription_list_names_every_feed_once(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "  chips: {formats: [rss]}\n")
    wire.story()
    wire.build()
    opml = etree.fromstring((wire.feeds / "feeds.opml").read_bytes())
    assert opml.get("version") == "2.0"
    assert [(o.get("type"), o.get("xmlUrl"), o.get("htmlUrl")) for o in opml.iter("outline")] == [
        ("rss", "https://wire.example/feeds/all.atom", "https://wire.example/"),
        ("rss", "https://wire.example/feeds/china.atom", "https://wire.example/feeds/china.html"),
        ("rss", "https://wire.example/feeds/ai.atom", "https://wire.example/feeds/ai.html"),
        ("rss", "https://wire.example/feeds/chips.rss", "https://wire.example/feeds/chips.html"),
    ]


@given(st.datetimes(timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))))
def test_the_subscription_list_tells_its_date_as_mail_does(when: datetime) -> None:
    site = parse_site("site: {title: T, url: https://e.example/, id_authority: 'e.example,2024'}")
    assert etree.fromstring(write_opml([], site, when)).findtext("head/dateModified") == format_datetime(when)


def test_the_manifest_describes_every_other_file(wire: Mill) -> None:
    wire.story(topics="[china]")
    wire.build()
    manifest = json.loads((wire.feeds / "manifest.json").read_text())["documents"]
    files = {path.name for path in wire.feeds.iterdir()} - {"manifest.json"}
    assert set(manifest) == files
    for name, row in manifest.items():
        content = (wire.feeds / name).read_bytes()
        assert row["bytes"] == len(content)
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["url"] == f"https://wire.example/feeds/{name}"
    assert (manifest["china.rss"]["entries"], manifest["ai.rss"]["entries"]) == (1, 0)
    assert manifest["china.rss"]["newest"] == "2024-05-01T04:00:00+00:00"


def test_a_topics_page_shows_its_stories_and_lets_readers_discover_its_feeds(wire: Mill) -> None:
    wire.story(title='"A <b>bold</b> & quiet title"', topics="[china]", authors="[Ada]", language="de")
    wire.build()
    page = html.fromstring((wire.feeds / "china.html").read_bytes())
    assert [(link.get("type"), link.get("href")) for link in page.findall(".//link[@rel='alternate']")] == [
        ("application/atom+xml", "https://wire.example/feeds/china.atom"),
        ("application/rss+xml", "https://wire.example/feeds/china.rss"),
        ("application/feed+json", "https://wire.example/feeds/china.json"),
    ]
    [story] = page.findall(".//ul[@class='stories']/li")
    assert story.get("lang") == "de"
    assert story.findtext(".//h2/a") == "A bold & quiet title"
    assert "Ada" in str(story.xpath("string()"))
    index = html.fromstring((wire.feeds / "index.html").read_bytes())
    assert "https://wire.example/feeds/china.html" in [a.get("href") for a in index.iter("a")]
    assert "https://wire.example/feeds/feeds.opml" in [a.get("href") for a in index.iter("a")]


def test_lists_count_entries_that_they_do_not_load() -> None:
    one, none = replace(feed_of(), entries=None), replace(feed_of(), name="ai", entries=None)
    documents = list(write_lists([one, none], {"china": 1, "ai": 0}, SITE))
    assert [each.path for each in documents] == ["index.html", "feeds.opml"]
    said = str(html.fromstring(documents[0].content).xpath("string()"))
    assert "1 story" in said
    assert "No stories yet" in said


def test_the_manifest_tells_its_serial_and_the_keys_of_what_was_withdrawn() -> None:
    taken = Withdrawal(NOON, "Wrong")
    withdrawn = {
        "tag:b": ("https://e.example/b/", taken, "title", ""),
        "tag:a": ("https://e.example/a/", taken, "", ""),
    }
    content = write_manifest([], withdrawn, {}, None, SITE, 7).content
    assert content.startswith(b'{\n "version": 1,\n "serial": 7,\n')
    when = NOON.isoformat()
    assert json.loads(content)["withdrawn"] == {
        "tag:a": {"url": "https://e.example/a/", "when": when, "reason": "Wrong"},
        "tag:b": {"url": "https://e.example/b/", "when": when, "reason": "Wrong", "keys": ["title", ""]},
    }
