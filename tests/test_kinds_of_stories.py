"""Notes, link posts, unlisted stories, pictures beside a story: each as readers of every format get it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import feedparser
import pytest

from tests.conftest import CONFIGURATION, NOW, Mill
from tests.ledger.reader import shown_everywhere
from tests.ledger.test_recovery import reword

Capture = pytest.CaptureFixture[str]


def item(wire: Mill) -> dict[str, Any]:
    """Return the one item of the JSON feed."""
    [found] = json.loads((wire.feeds / "all.json").read_bytes())["items"]
    assert isinstance(found, dict)
    return found


def parsed(wire: Mill, format_: str) -> Any:
    [entry] = feedparser.parse((wire.feeds / f"all.{format_}").read_bytes()).entries
    return entry


def test_a_note_is_refused_until_the_site_wants_notes_and_the_message_says_how(wire: Mill) -> None:
    wire.write("2024-05-01-note.md", "A short thought, no more.\n")
    [problem] = wire.problems()
    assert problem.code == "title"
    assert "content.untitled: publish" in problem.remedy


def test_a_note_has_no_title_where_a_format_needs_none(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "content: {untitled: publish}\n")
    text = "A short thought about **China**, which goes on for longer than any title would, and then some more."
    wire.write("2024-05-01-note.md", f"{text}\n")
    assert not wire.build().contents.problems
    beginning = "A short thought about China, which goes on for longer than any title would…"
    assert "title" not in item(wire)
    assert "title" not in parsed(wire, "rss")
    assert parsed(wire, "atom").title == beginning
    assert beginning in (wire.feeds / "china.html").read_text("utf-8")
    assert item(wire)["id"] == "tag:wire.example,2024:2024-05-01:note"


def test_an_empty_title_is_a_mistake_all_the_same(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "content: {untitled: publish}\n")
    wire.story(title="''")
    assert [problem.code for problem in wire.problems()] == ["title"]


def test_a_link_post_has_an_address_of_its_own(wire: Mill) -> None:
    wire.story("2024-05-01-link.md", "Read [this](more/) first.\n", url="https://elsewhere.example/page", title="Link")
    assert not wire.build().contents.problems
    own = "https://wire.example/2024/05/01/link/"
    made = item(wire)
    assert (made["url"], made["external_url"]) == (own, "https://elsewhere.example/page")
    assert f'href="{own}more/"' in made["content_html"]
    atom, rss = parsed(wire, "atom"), parsed(wire, "rss")
    assert atom.link == rss.link == own
    for entry in (atom, rss):
        assert [link.href for link in entry.links if link.rel == "related"] == ["https://elsewhere.example/page"]


def test_two_link_posts_may_be_about_one_page(wire: Mill) -> None:
    for name in ("one", "two"):
        wire.story(f"2024-05-01-{name}.md", f"{name}.\n", url="https://elsewhere.example/page", title=name)
    assert not wire.build().contents.problems
    assert len(shown_everywhere(wire.feeds)) == 2


def test_an_unlisted_story_is_in_no_feed(wire: Mill, capsys: Capture) -> None:
    configuration = CONFIGURATION + "collections: {best: {title: Best, stories: [hidden, seen]}}\n"
    wire.configure(configuration)
    wire.story("2024-05-01-hidden.md", "Secret.\n", title="Hidden", topics="[china]", unlisted="true")
    wire.story("2024-05-02-seen.md", "Seen.\n", title="Seen", topics="[china]")
    wire.build()
    for name in ("all", "china", "best"):
        assert list(shown_everywhere(wire.feeds, name).values()) == ["Seen"]
    assert wire.run("explain", "hidden") in (0, 1)
    assert "unlisted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("2024-05-01-story/index.md", "https://wire.example/2024/05/01/story/cover.jpg"),
        ("2024-05-01-story.md", "https://wire.example/cover.jpg"),
    ],
)
def test_a_file_in_a_storys_own_folder_lies_beside_its_page(wire: Mill, path: str, address: str) -> None:
    wire.story(path, image="cover.jpg", image_alt="A cover", media="[cover.jpg]")
    wire.build()
    assert item(wire)["image"] == address
    assert item(wire)["attachments"][0]["url"] == address


@pytest.mark.parametrize(
    ("body", "times"),
    [
        ('<img src="https://wire.example/a.jpg" alt="">', 1),
        ('<img src="/a-800x450.jpg" alt="">', 1),
        ('<img src="http://wire.example/a.jpg?w=400" alt="">', 1),
        ('<img src="/b.jpg" alt="">', 2),
    ],
)
def test_a_picture_that_the_body_shows_is_not_put_there_again(wire: Mill, body: str, times: int) -> None:
    wire.story("2024-05-01-story.html", f"<p>Words</p>{body}", image="/a.jpg", image_alt="A")
    wire.build()
    assert item(wire)["content_html"].count("<img") == times


def test_updated_never_goes_back(wire: Mill) -> None:
    story = wire.story(updated="2024-05-20")
    wire.build()
    assert item(wire)["date_modified"] == "2024-05-20T04:00:00+00:00"
    reword(story, ("updated: 2024-05-20\n", ""))
    wire.build()
    assert item(wire)["date_modified"] == "2024-05-20T04:00:00+00:00"
    wire.configure(CONFIGURATION + "content: {updated: content}\n")
    wire.build(NOW + timedelta(days=3))
    assert item(wire)["date_modified"] == "2024-05-20T04:00:00+00:00"


def test_an_embargo_in_an_hour_that_comes_twice_ends_with_the_later_one(wire: Mill) -> None:
    wire.story("2023-11-01-story.md", embargo="2023-11-05 01:30")
    wire.build()
    assert item(wire)["date_published"] == "2023-11-05T06:30:00+00:00"


def test_a_feed_may_show_all_stories(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: all}\n")
    for number in range(60):
        wire.story(f"2024-05-01-s{number}.md", f"Number {number}.\n", title=f"S{number}")
    wire.build()
    assert len(shown_everywhere(wire.feeds)) == 60


@pytest.mark.parametrize(("words", "level"), [(20_000, None), (220_000, "notice"), (1_100_000, "warning")])
def test_the_size_of_a_feed_is_reported_where_it_costs_readers(wire: Mill, words: int, level: str | None) -> None:
    wire.configure(CONFIGURATION + "feeds: {formats: [atom]}\n")
    for number in range(5):
        wire.story(f"2024-05-0{number + 1}-s.md", body="word " * (words // 5), title=f"Long {number}")
    found = [problem for problem in wire.build().contents.problems if problem.code == "feed-size"]
    assert [str(problem.level) for problem in found] == ([level] if level else [])
    assert all(problem.place.path == "feeds/all.atom" and " MB" in problem.message for problem in found)
