"""Chromium shows the pages for people: stories and feed links are there, and nothing runs or is loaded."""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from feedmill.model import MEDIA_TYPES, Feed
from tests.conftest import Finished, Mill
from tests.parts import require_program
from tests.peers.loopback import serving
from tests.peers.site import FEEDS_URL, HOSTILE, feed_called, write_site

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run --no-proxy-server "
    "--disable-background-networking --disable-component-update --disable-sync --disable-default-apps"
).split()
# Every other host is unknown, so that a page could load nothing from elsewhere.
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


class Shown:
    """A page after Chromium has loaded it, and what was asked of the server for it."""

    def __init__(self, dom: bytes, requests: list[str]) -> None:
        self.root = document_fromstring(dom, parser=HTMLParser(encoding="utf-8"))
        self.requests = requests

    def texts(self, path: str) -> list[str]:
        """Return the text of each element, with its white space collapsed."""
        return [" ".join("".join(map(str, element.itertext())).split()) for element in self.elements(path)]

    def links(self) -> set[str]:
        return {element.get("href") or "" for element in self.elements("//a")}

    def elements(self, path: str) -> list[etree._Element]:
        found = self.root.xpath(path)
        assert isinstance(found, list)
        return [element for element in found if isinstance(element, etree._Element)]


def show(directory: Path, page: str, profile: Path) -> Shown:
    chromium = require_program("chromium")
    with serving(directory) as served:
        done = subprocess.run(
            [
                chromium,
                *OPTIONS,
                LOOPBACK_ONLY,
                f"--user-data-dir={profile}",
                "--dump-dom",
                served.url + page,
            ],
            env={"HOME": str(profile), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            capture_output=True,
            timeout=60,
            check=True,
        )
        return Shown(done.stdout, list(served.requests))


def feed_links(feed: Feed) -> set[str]:
    return {f"{FEEDS_URL}{quote(feed.name)}.{format_.value}" for format_ in feed.settings.formats}


def discovered(shown: Shown) -> set[tuple[str | None, str | None]]:
    return {(link.get("type"), link.get("href")) for link in shown.elements("//head/link[@rel='alternate']")}


def test_the_page_of_a_topic_shows_its_stories_and_links_its_feeds(built: Finished, wire: Mill, tmp_path: Path) -> None:
    feed = feed_called(built, "china")
    shown = show(wire.feeds, "china.html", tmp_path / "profile")
    assert shown.texts("//h2") == [entry.title for entry in feed.entries]
    assert shown.links() >= {entry.url for entry in feed.entries} | feed_links(feed)
    assert discovered(shown) == {
        (MEDIA_TYPES[format_], f"{FEEDS_URL}china.{format_.value}") for format_ in feed.settings.formats
    }
    told = " ".join(shown.texts("//body"))
    for entry in feed.entries:
        assert entry.summary[:100] in told
        assert all(person.name in told for person in entry.authors)


def test_the_index_shows_every_feed_and_links_it(built: Finished, wire: Mill, tmp_path: Path) -> None:
    shown = show(wire.feeds, "index.html", tmp_path / "profile")
    feeds = built.whole_feeds()
    pages = {f"{FEEDS_URL}{quote(feed.name)}.html" for feed in feeds if feed.name != "all"}
    assert shown.links() >= set().union(pages, {f"{FEEDS_URL}feeds.opml"}, *map(feed_links, feeds))
    assert {href for _, href in discovered(shown)} == set().union(*map(feed_links, feeds))
    titles = shown.texts("//h2")
    assert len(titles) == len(feeds)
    for topic in wire.site.topics.values():
        assert any(topic.title in title for title in titles)


@pytest.mark.parametrize("page", ["index.html", "china.html"])
def test_a_page_runs_no_script_but_its_own_and_loads_nothing_but_pictures(
    built: Finished, wire: Mill, tmp_path: Path, page: str
) -> None:
    shown = show(wire.feeds, page, tmp_path / "profile")
    assert HOSTILE in " ".join(shown.texts("//body"))
    assert "hijacked" not in shown.texts("//title")[0]
    assert len(shown.elements("//script")) == 1
    assert {image.get("src") for image in shown.elements("//img")} <= {
        "https://wire.example/pictures/wafer.jpg?w=1200&q=80"
    }
    assert shown.elements("//iframe | //*[@*[starts-with(name(), 'on')]]") == []
    assert [path for path in shown.requests if path != "/favicon.ico"] == [f"/{page}"]


def test_the_status_page_is_drawn_without_script_and_loads_nothing(wire: Mill, tmp_path: Path) -> None:
    write_site(wire)
    configuration = wire.directory / "feedmill.yaml"
    wire.configure(configuration.read_text("utf-8").replace("feeds: {", "feeds: {status: true, "))
    wire.build()
    shown = show(wire.feeds, "status.html", tmp_path / "profile")
    assert len(shown.elements("//svg")) >= 4
    assert len(shown.elements("//svg//rect[@class='bar']")) > 10
    assert HOSTILE not in " ".join(shown.texts("//head/title"))
    assert len(shown.elements("//script")) == 1
    assert {image.get("src") for image in shown.elements("//img")} <= {
        "https://wire.example/pictures/wafer.jpg?w=1200&q=80"
    }
    assert shown.elements("//iframe | //*[@*[starts-with(name(), 'on')]]") == []
    assert [path for path in shown.requests if path != "/favicon.ico"] == ["/status.html"]


def test_the_button_copies_the_address_though_the_policy_lets_no_other_script_run(
    built: Finished, wire: Mill, tmp_path: Path
) -> None:
    """The page in a copy in which a script of the test, named by the policy too, presses the button."""
    press = (
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => "
        "{ document.body.dataset.copied = text; }}});"
        "addEventListener('load', () => { document.querySelector('a.copy').click(); });"
    )
    policy = f"'sha256-{b64encode(sha256(press.encode()).digest()).decode()}'"
    text = (wire.feeds / "china.html").read_text("utf-8")
    intruder = "<script>document.body.dataset.intruder = 'ran'</script>"
    text = text.replace("script-src ", f"script-src {policy} ")
    text = text.replace("</body>", f"<script>{press}</script>{intruder}</body>")
    (tmp_path / "china.html").write_text(text, "utf-8")
    shown = show(tmp_path, "china.html", tmp_path / "profile")
    [body] = shown.elements("//body")
    assert body.get("data-copied") == f"{FEEDS_URL}china.atom"
    assert body.get("data-intruder") is None
    assert shown.texts("//a[@class='copy']") == ["Copied"]


@pytest.mark.parametrize("page", ["index.html", "china.html", "status.html"])
def test_a_page_fits_a_phone(wire: Mill, tmp_path: Path, page: str) -> None:
    write_site(wire)
    configuration = wire.directory / "feedmill.yaml"
    wire.configure(configuration.read_text("utf-8").replace("feeds: {", "feeds: {status: true, "))
    wire.build()
    (tmp_path / page).write_bytes((wire.feeds / page).read_bytes())
    # A window of Chromium is at least 500 wide: a frame in it may be as narrow as a phone.
    (tmp_path / "phone.html").write_text(
        f"<body><iframe width=390 height=900 src='{page}' onload='document.body.dataset.wide = "
        "this.contentDocument.documentElement.scrollWidth'></iframe>",
        "utf-8",
    )
    [body] = show(tmp_path, "phone.html", tmp_path / "profile").elements("//body")
    assert 300 < int(body.get("data-wide") or 0) <= 390
