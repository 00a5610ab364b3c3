"""The promises that span the whole pipeline."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from feedmill.config.loading import parse_site
from feedmill.model import Entry, Feed
from feedmill.normalising.text import plain_text
from feedmill.rendering import write_documents
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.rendering.test_atom_rss import RICH


def fill(wire: Mill, names: list[str]) -> None:
    """Write the same stories in the order given, so that file systems list them in different orders."""
    wire.configure(CONFIGURATION + "feeds: {authors: true}\n")
    for name in names:
        wire.story(
            f"{name}.md",
            title=f"Story {name}",
            date="2024-05-01",
            topics="[china, ai]",
            authors="[Ada, Bo]",
            tags="[x, y, z]",
        )
    wire.story("2024-05-01-rich.md", body="[a](b) ![](c.png)\n", **{**RICH, "tags": "[q, w, e]"})


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_two_builds_in_different_places_orders_and_locales_are_equal_in_every_byte(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(30)]
    locales = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split()
    strange = next((name for name in locales if name.startswith(("de_", "tr_", "fr_"))), "C")
    found = []
    for place, order, environment in (
        ("one", names, {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1", "LANG": "C"}),
        ("two/deeper", names[::-1], {"LC_ALL": strange, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "99"}),
        ("drei – 三", names[15:] + names[:15], {"LC_ALL": "C.UTF-8", "TZ": "America/St_Johns", "PYTHONHASHSEED": "7"}),
    ):
        wire = Mill(tmp_path / place)
        (wire.directory / "content").mkdir(parents=True)
        fill(wire, order)
        command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "build", "--now", NOW.isoformat()]
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, cwd=tmp_path, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        found.append(contents(wire.feeds))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 5 * 4 - 1 + 3, "five feeds of three formats and a page each, but the first; three lists"


def test_the_order_in_which_the_system_lists_files_changes_nothing(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(wire, ["a", "b", "c", "d"])
    wire.build()
    before = contents(wire.feeds)
    honest = os.scandir

    class Reversed:
        def __init__(self, path: Path) -> None:
            with honest(path) as scan:
                self.entries = sorted(scan, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> Reversed:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def __iter__(self) -> object:
            return iter(self.entries)

    monkeypatch.setattr(os, "scandir", Reversed)
    wire.build()
    assert contents(wire.feeds) == before


def entry_with(text: str) -> Feed:
    """Return a feed whose one entry carries a text in every field that takes text."""
    from feedmill.model import (
        Because,
        BodyMode,
        Correction,
        FeedKind,
        FeedSettings,
        Image,
        Media,
        Person,
        Related,
        Source,
    )

    plain = plain_text(text) or "x"
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    entry = Entry(
        id="tag:e.example,2024:1",
        url="https://e.example/1",
        slug="one",
        title=plain,
        published=moment,
        updated=moment,
        day=moment.date(),
        content=f"<p>{plain.replace('&', '&amp;').replace('<', '&lt;')}</p>",
        summary=plain,
        path="one.md",
        because=Because("", "", "", {}),
        authors=(Person(plain, url="https://e.example/a", slug="a"),),
        tags=(plain,),
        image=Image("https://e.example/i.png", plain),
        rights=plain,
        source=Source(plain, "https://else.example/"),
        related=(Related(plain, "https://e.example/2"),),
        media=(Media("https://e.example/m.mp3", "audio/mpeg", 1, 1, plain),),
        series=plain,
        correction=Correction(moment.date(), moment, plain),
    )
    return Feed(
        name="all",
        kind=FeedKind.ALL,
        title=plain,
        description=plain,
        settings=FeedSettings(body=BodyMode.FULL),
        entries=(entry,),
        updated=moment,
        id="tag:e.example,2024:feeds/all",
    )


@given(st.text())
@settings(max_examples=150)
def test_any_text_in_any_field_gives_documents_that_parse_and_say_the_same(text: str) -> None:
    feed = entry_with(text)
    site = parse_site("site: {title: T, url: https://e.example/, id_authority: 'e.example,2024'}")
    plain = feed.title
    documents = {document.path: document.content for document in write_documents([feed], site)}
    atom = etree.fromstring(documents["all.atom"])
    ns = {"a": "http://www.w3.org/2005/Atom", "m": "http://search.yahoo.com/mrss/"}
    for path in (
        "a:title", "a:subtitle", "a:entry/a:title", "a:entry/a:summary", "a:entry/a:author/a:name", "a:entry/a:rights",
        "a:entry/a:source/a:title", "a:entry/m:content/m:title", "a:entry/m:content[@medium='image']/m:title",
    ):  # fmt: skip
        assert atom.findtext(path, None, ns) == plain, path
    for path, name in (
        ("a:entry/a:link[@rel='related']", "title"), ("a:entry/a:category", "term"),
        ("a:entry/a:link[@rel='enclosure']", "title"),
    ):  # fmt: skip
        element = atom.find(path, ns)
        assert element is not None
        assert element.get(name) == plain
    channel = etree.fromstring(documents["all.rss"])[0]
    ns = {"dc": "http://purl.org/dc/elements/1.1/"}
    for path in ("title", "description", "item/title", "item/category", "item/source",
                 "item/dc:creator", "item/dc:rights"):  # fmt: skip
        assert channel.findtext(path, None, ns) == plain, path
    assert html.unescape(channel.findtext("item/description") or "") == plain, "readers take it for HTML"
    [item] = json.loads(documents["all.json"])["items"]
    assert item["title"] == item["summary"] == item["tags"][0] == item["authors"][0]["name"] == plain
    assert (
        item["attachments"][0]["title"] == item["_feedmill"]["series"] == item["_feedmill"]["source"]["title"] == plain
    )


# Without the letters of Latin-1 beyond ASCII: feedparser takes some runs of them for UTF-8 that was decoded wrongly.
letters = st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(0x80, 0x100)])
front_matter_text = st.text(letters, min_size=1, max_size=40)


@given(title=front_matter_text, summary=front_matter_text, author=front_matter_text, tag=front_matter_text,
       body=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))  # fmt: skip
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_story_builds_or_is_reported_and_readers_read_what_was_meant(
    wire: Mill, title: str, summary: str, author: str, tag: str, body: str
) -> None:
    wire.forget()
    quoted = [json.dumps(text) for text in (title, summary, author, tag)]
    lists = {"authors": f"[{quoted[2]}]", "tags": f"[{quoted[3]}]"}
    wire.story("2024-05-01-any.md", body=body, title=quoted[0], summary=quoted[1], **lists)
    built = wire.build()
    if not built.contents.entries:
        assert built.contents.left_out == 1
        assert any(problem.level == "error" for problem in built.contents.problems)
        return
    for ending in ("atom", "rss"):
        parsed = feedparser.parse((wire.feeds / f"all.{ending}").read_bytes(), sanitize_html=False)
        assert not parsed.bozo
        [item] = parsed.entries
        # feedparser strips white space of its own kind from both ends.
        assert item.title.split() == plain_text(title).split()


def test_when_the_disk_takes_no_more_every_document_stays_and_the_next_build_completes(wire: Mill) -> None:
    wire.story(body="Words.\n")
    wire.build()
    before = contents(wire.feeds)
    wire.story(body="Many more words. " * 20_000)
    command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "build", "--now", NOW.isoformat()]
    # A limit of file size makes writing fail half-way, as a full disk does; `ulimit -f` counts blocks of 1 kB.
    limited = ["bash", "-c", 'ulimit -f 200; exec "$@"', "limited", *command]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "File too large; correct that and build again; every feed there is whole" in done.stderr
    assert contents(wire.feeds) == before
    assert wire.run("build") == 0
    assert b"Many more words" in (wire.feeds / "all.atom").read_bytes()
