"""What feedgen would get wrong comes out right."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.conftest import CONFIGURATION, Mill

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "m": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "c": "http://purl.org/rss/1.0/modules/content/",
}
RICH = {
    "title": '"AI & <chips>: \\"quoted\\""',
    "updated": "2024-05-03T10:00:00Z",
    "authors": "[Ada, {name: Bo, email: bo@e.example, url: /bo/}]",
    "topics": "[china, ai]",
    "tags": "[export controls]",
    "summary": "Short & plain",
    "image": "/map.png",
    "image_alt": "A map",
    "language": "de",
    "rights": "© Ada",
    "source": "{title: Elsewhere, url: https://else.example/1}",
    "related": "[{title: Before, url: /before/}, {title: Nowhere}]",
    "media": "[{url: /talk.pdf}, {url: /talk.mp3, length: 1000, duration: '1:05', title: Talk}, {url: /talk.mp4}]",
    "series": "Silk road",
}


@pytest.fixture
def rich(wire: Mill) -> Mill:
    wire.configure(CONFIGURATION + "feeds: {hub: https://hub.example/}\n")
    wire.story(body="See [this](more).\n", **RICH)
    wire.build()
    return wire


@pytest.fixture
def feed(rich: Mill) -> etree._Element:
    return etree.fromstring((rich.feeds / "china.atom").read_bytes())


@pytest.fixture
def channel(rich: Mill) -> etree._Element:
    found = etree.fromstring((rich.feeds / "china.rss").read_bytes()).find("channel")
    assert found is not None
    return found


def links(element: etree._Element) -> list[tuple[str | None, ...]]:
    names = ("rel", "href", "type", "title", "length")
    return [tuple(link.get(name) for name in names) for link in element.findall("a:link", NS)]


def test_an_atom_feed_links_itself_its_page_and_its_hub(feed: etree._Element) -> None:
    assert links(feed) == [
        ("self", "https://wire.example/feeds/china.atom", "application/atom+xml", None, None),
        ("hub", "https://hub.example/", None, None, None),
        ("alternate", "https://wire.example/feeds/china.html", "text/html", None, None),
    ]


def test_an_atom_entrys_links_keep_relation_type_title_and_length(feed: etree._Element) -> None:
    [entry] = feed.findall("a:entry", NS)
    assert links(entry) == [
        ("alternate", "https://wire.example/2024/05/01/story/", "text/html", None, None),
        ("related", "https://wire.example/before/", None, "Before", None),
        ("enclosure", "https://wire.example/talk.pdf", "application/pdf", None, None),
        ("enclosure", "https://wire.example/talk.mp3", "audio/mpeg", "Talk", "1000"),
        ("enclosure", "https://wire.example/talk.mp4", "video/mp4", None, None),
    ]


def test_an_atom_entry_says_everything(feed: etree._Element) -> None:
    [entry] = feed.findall("a:entry", NS)
    text = {name: entry.findtext(f"a:{name}", None, NS) for name in ("id", "title", "summary", "rights")}
    assert text == {
        "id": "tag:wire.example,2024:2024-05-01:story",
        "title": 'AI & <chips>: "quoted"',
        "summary": "Short & plain",
        "rights": "© Ada",
    }
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    assert entry.findtext("a:published", None, NS) == "2024-05-01T04:00:00+00:00"
    assert entry.findtext("a:updated", None, NS) == "2024-05-03T10:00:00+00:00"
    assert [
        tuple(person.findtext(f"a:{part}", None, NS) for part in ("name", "email", "uri"))
        for person in entry.findall("a:author", NS)
    ] == [("Ada", None, None), ("Bo", "bo@e.example", "https://wire.example/bo/")]
    assert [{**category.attrib} for category in entry.findall("a:category", NS)] == [
        {"term": "ai", "label": "Artificial intelligence"},
        {"term": "china", "label": "China"},
        {"term": "export controls"},
        {"term": "Silk road", "scheme": "tag:wire.example,2024:series"},
    ]
    content = entry.find("a:content", NS)
    assert content is not None
    assert content.get("type") == "html"
    assert 'href="https://wire.example/2024/05/01/story/more"' in (content.text or "")


def test_an_atom_source_is_whole(feed: etree._Element) -> None:
    source = feed.find("a:entry/a:source", NS)
    assert source is not None
    assert [etree.QName(child).localname for child in source] == ["id", "title", "updated", "link"]
    assert source.findtext("a:id", None, NS) == "https://else.example/1"
    assert links(source) == [("alternate", "https://else.example/1", None, None, None)]


def test_a_feed_is_dated_by_its_newest_entry_and_names_no_version(
    feed: etree._Element, channel: etree._Element
) -> None:
    assert feed.findtext("a:updated", None, NS) == "2024-05-03T10:00:00+00:00"
    assert feed.findtext("a:generator", None, NS) == "Feedmill"
    assert channel.findtext("lastBuildDate") == "Fri, 03 May 2024 10:00:00 +0000"
    assert channel.findtext("pubDate") == "Wed, 01 May 2024 04:00:00 +0000"
    assert channel.findtext("generator") == "Feedmill"


def test_an_rss_channel_links_its_page_itself_and_its_hub(channel: etree._Element) -> None:
    assert channel.findtext("link") == "https://wire.example/feeds/china.html"
    assert [link[:3] for link in links(channel)] == [
        ("self", "https://wire.example/feeds/china.rss", "application/rss+xml"),
        ("hub", "https://hub.example/", None),
    ]


def test_an_rss_item_says_everything(channel: etree._Element) -> None:
    [item] = channel.findall("item")
    guid = item.find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == ("tag:wire.example,2024:2024-05-01:story", "false")
    assert item.findtext("title") == 'AI & <chips>: "quoted"'
    assert item.findtext("description") == "Short &amp; plain", "readers take it for HTML"
    assert "story/more" in (item.findtext("c:encoded", None, NS) or "")
    assert [creator.text for creator in item.findall("dc:creator", NS)] == ["Ada", "Bo"]
    assert item.find("author") is None
    assert item.findtext("dc:language", None, NS) == "de"
    assert item.findtext("dc:rights", None, NS) == "© Ada"
    assert item.findtext("a:updated", None, NS) == "2024-05-03T10:00:00+00:00"
    assert [(c.text, c.get("domain")) for c in item.findall("category")] == [
        ("Artificial intelligence", None),
        ("China", None),
        ("export controls", None),
        ("Silk road", "tag:wire.example,2024:series"),
    ]
    source = item.find("source")
    assert source is not None
    assert (source.text, source.get("url")) == ("Elsewhere", "https://else.example/1")
    assert [link[:2] for link in links(item)] == [("related", "https://wire.example/before/")]


def test_an_rss_item_has_the_one_enclosure_that_can_be_played(channel: etree._Element) -> None:
    [enclosure] = channel.findall("item/enclosure")
    assert dict(enclosure.items()) == {
        "url": "https://wire.example/talk.mp3", "length": "1000", "type": "audio/mpeg",
    }  # fmt: skip


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_several_media_and_the_image_are_media_rss(rich: Mill, ending: str) -> None:
    root = etree.fromstring((rich.feeds / f"china.{ending}").read_bytes())
    found = root.findall(".//m:content", NS)
    assert [(media.get("medium"), media.get("fileSize"), media.get("duration")) for media in found] == [
        ("document", None, None),
        ("audio", "1000", "65"),
        ("video", None, None),
        ("image", None, None),
    ]
    assert found[1].findtext("m:title", None, NS) == "Talk"
    assert found[3].findtext("m:title", None, NS) == "A map"


def test_the_image_is_in_the_body_as_well(feed: etree._Element) -> None:
    assert '<img src="https://wire.example/map.png" alt="A map">' in (feed.findtext(".//a:content", None, NS) or "")


def test_a_summary_feed_has_no_bodies(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {body: summary}\n")
    wire.story(body="A long body.\n\nMore of it.\n", summary="Short")
    wire.build()
    for ending in ("atom", "rss", "json"):
        text = (wire.feeds / f"all.{ending}").read_text()
        assert "Short" in text
        assert "More of it" not in text


def test_without_authors_the_site_is_the_author(wire: Mill) -> None:
    wire.configure(CONFIGURATION.replace("  author: {name: Test Wire}\n", ""))
    wire.story()
    wire.build()
    feed = etree.fromstring((wire.feeds / "all.atom").read_bytes())
    assert feed.findtext("a:author/a:name", None, NS) == "Test Wire"
