"""An id, once published, stays with its story and is given to no other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import shown, shown_everywhere

BODY = "Nothing that was said here before was said at such a length as this, and that is why everybody knows it.\n"


def the_id(wire: Mill) -> str:
    [id_] = shown_everywhere(wire.feeds)
    return id_


def move(wire: Mill, old: str, new: str) -> None:
    target = wire.directory / "content" / new
    target.parent.mkdir(parents=True, exist_ok=True)
    (wire.directory / "content" / old).rename(target)


def test_an_id_stays_through_every_change_one_after_another(wire: Mill) -> None:
    wire.story("2024-05-01-old.md", BODY)
    wire.build()
    id_ = the_id(wire)
    assert id_ == "tag:wire.example,2024:2024-05-01:old"
    move(wire, "2024-05-01-old.md", "2024-05-01-new.md")
    wire.build()
    assert the_id(wire) == id_, "a renamed file, and with it another slug and address"
    wire.story("2024-05-01-new.md", BODY, title="Another title", slug="third")
    wire.build()
    assert the_id(wire) == id_
    wire.story("2024-05-01-new.md", BODY, title="Another title", slug="third", date="2024-04-17")
    wire.build()
    assert the_id(wire) == id_
    wire.story("2024-05-01-new.md", "All other words.\n", title="A third title", slug="third", date="2024-04-17")
    wire.build()
    assert the_id(wire) == id_, "retitled and rewritten at once, at the same address"
    for changed in (
        CONFIGURATION.replace("https://wire.example/", "http://moved.example/"),
        CONFIGURATION + "content: {story_url: 'x/{slug}'}\n",
    ):
        wire.configure(changed)
        wire.build()
        assert the_id(wire) == id_


def test_a_domain_may_move_while_files_are_renamed(wire: Mill) -> None:
    for number in range(30):
        wire.story(f"2024-05-01-story-{number}.md", f"{number} {BODY}", title=f"Story {number}")
    wire.build()
    before = shown_everywhere(wire.feeds)
    wire.configure(CONFIGURATION.replace("https://wire.example/", "https://new.example/"))
    for number in range(0, 30, 2):
        move(wire, f"2024-05-01-story-{number}.md", f"elsewhere/2024-05-01-name-{number}.md")
    assert not wire.build().plan.feeds[0].new
    assert shown_everywhere(wire.feeds).keys() == before.keys()


@pytest.mark.parametrize(
    "now",
    [
        {"title": "New", "date": "2023-02-03", "url": "/2024/05/01/old/"},
        {"title": "Old", "date": "2024-05-01"},
        {"title": "New", "date": "2023-02-03"},
    ],
    ids=["by its address", "by title and date", "by its body"],
)
def test_a_moved_file_is_recognised(wire: Mill, now: dict[str, str]) -> None:
    wire.story("2024-05-01-old.md", BODY, title="Old")
    wire.story("2024-05-02-other.md", "Other words.\n", title="Other")
    wire.build()
    ids = shown_everywhere(wire.feeds).keys()
    (wire.directory / "content/2024-05-01-old.md").unlink()
    wire.story("new.md", BODY if now["title"] == "New" and "url" not in now else "Short.\n", **now)
    wire.build()
    assert shown_everywhere(wire.feeds).keys() == ids


def test_a_front_matter_id_counts_before_everything_else(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", BODY, title="A")
    wire.build()
    id_ = the_id(wire)
    (wire.directory / "content/2024-05-01-a.md").unlink()
    wire.story("b.md", "Other words.\n", title="B", date="2020-01-01", id=f"'{id_}'")
    wire.build()
    assert the_id(wire) == id_


def test_of_two_files_that_declare_one_id_the_one_that_had_it_keeps_it(wire: Mill) -> None:
    wire.story("b.md", BODY, title="B", date="2024-05-01", id="one")
    wire.build()
    wire.story("a.md", "Other words.\n", title="A", date="2024-05-02", id="one")
    for _ in range(3):
        assert [entry.path for entry in wire.build().contents.feeds[0].entries] == ["b.md"]


def test_a_folder_that_cannot_be_looked_into_hides_no_published_story(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.story("folder/2024-05-01-a.md", BODY, title="A")
    wire.story("2024-05-02-b.md", "Other words.\n", title="B")
    wire.build()
    before = shown_everywhere(wire.feeds)
    honest, honest_is_file, hidden = os.scandir, Path.is_file, wire.directory / "content" / "folder"

    def scandir(path: Any = ".") -> Any:
        if os.fspath(path).rstrip("/") == str(hidden):
            raise PermissionError(13, "Permission denied", str(path))
        return honest(path)

    def is_file(path: Path) -> bool:
        if hidden in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return honest_is_file(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "is_file", is_file)
    wire.build()
    assert shown_everywhere(wire.feeds) == before


def test_when_two_are_possible_it_asks_and_what_was_published_stays(wire: Mill) -> None:
    for name in ("one", "two"):
        wire.story(f"2024-05-01-{name}.md", f"{name} {BODY}", title="The same title")
    wire.build()
    before = shown_everywhere(wire.feeds)
    move(wire, "2024-05-01-one.md", "2024-05-01-three.md")
    move(wire, "2024-05-01-two.md", "2024-05-01-four.md")
    for name in ("three", "four"):
        wire.story(f"2024-05-01-{name}.md", "Rewritten.\n", title="The same title")
    built = wire.build()
    asked = [problem for problem in built.contents.problems if problem.code == "moved-unclear"]
    assert [problem.place.path for problem in asked] == ["content/2024-05-01-four.md", "content/2024-05-01-three.md"]
    assert all(":one (last in 2024-05-01-one.md)" in problem.message for problem in asked)
    assert shown_everywhere(wire.feeds) == before
    wire.story("2024-05-01-three.md", "R.\n", title="The same title", id="tag:wire.example,2024:2024-05-01:one")
    wire.story("2024-05-01-four.md", "R.\n", title="The same title", id="tag:wire.example,2024:2024-05-01:two")
    assert wire.build().contents.left_out == 0
    assert shown_everywhere(wire.feeds).keys() == before.keys()


def test_a_file_that_tells_another_story_while_its_own_went_elsewhere_is_a_new_story(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", BODY, title="The story")
    wire.build()
    [id_] = shown_everywhere(wire.feeds)
    move(wire, "2024-05-01-a.md", "2024-05-01-b.md")
    wire.story("2024-05-01-a.md", "Quite another one, with words of its own.\n", title="Newcomer")
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds) == {id_: "The story", f"{id_}-2": "Newcomer"}


@pytest.mark.parametrize(
    ("names", "bodies"),
    [
        (("2024-05-01-a.md", "2024-05-01-b.md"), (BODY, f"Also {BODY}")),
        (("2024-05-01-a.md", "2024-05-01-b.md"), ("Short.\n", "Brief.\n")),
        (("2024-05-01-a.md", "2024-05-01-b.md"), ("", "")),
        (("2024-05-01-a.md", "2024-05-01-b.md"), ("Same.\n", "Same.\n")),
        (("2024-05-01-a.md", "2024-05-02-b.md"), (BODY, f"Also {BODY}")),
        (("2024-05-01-a.md", "2024-05-02-b.md", "2024-05-03-c.md"), (BODY, f"Also {BODY}", f"And {BODY}")),
    ],
    ids=["same date", "short bodies", "no bodies", "the same bodies", "other dates", "in a ring"],
)
def test_files_that_exchange_their_stories_do_not_exchange_their_ids(
    wire: Mill, names: tuple[str, ...], bodies: tuple[str, ...]
) -> None:
    titles = [f"Title of {name}" for name in names]
    for name, body, title in zip(names, bodies, titles, strict=True):
        wire.story(name, body, title=title)
    wire.build()
    before = shown_everywhere(wire.feeds)
    for name, body, title in zip(names[1:] + names[:1], bodies, titles, strict=True):
        wire.story(name, body, title=title)
    built = wire.build()
    assert shown_everywhere(wire.feeds) == before
    assert not [problem for problem in built.contents.problems if problem.level == "error"]


def test_files_that_exchange_nothing_but_their_titles_are_rewritten_in_place(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", "Short.\n", title="First")
    wire.story("2024-05-02-b.md", "Brief.\n", title="Second")
    wire.build()
    before = shown_everywhere(wire.feeds)
    wire.story("2024-05-01-a.md", "Brief, and more.\n", title="Second")
    wire.story("2024-05-02-b.md", "Short, and more.\n", title="First")
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds).keys() == before.keys()


def test_a_file_put_in_the_place_of_another_keeps_its_own_id(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", BODY, title="First")
    wire.story("2024-05-02-b.md", f"Also {BODY}", title="Second")
    wire.build()
    before = shown_everywhere(wire.feeds)
    move(wire, "2024-05-02-b.md", "2024-05-01-a.md")
    built = wire.build()
    assert shown_everywhere(wire.feeds) == before
    assert [problem.code for problem in built.contents.problems] == ["story-missing"]


NEWCOMER = {"title": "Quite another", "date": "2024-06-20", "topics": "[ai]"}


@pytest.mark.parametrize("more", [{}, {"id": "another"}])
def test_another_story_under_the_name_of_a_vanished_one_is_a_new_story(wire: Mill, more: dict[str, str]) -> None:
    wire.story("news.md", BODY, title="First", date="2024-05-01")
    wire.build()
    before = shown_everywhere(wire.feeds)
    wire.story("news.md", f"Nothing alike. {BODY}", **NEWCOMER, **more)
    built = wire.build()
    assert built.plan.changed_ids == ()
    id_ = f"tag:wire.example,2024:{more.get('id', '2024-06-20:news')}"
    assert shown_everywhere(wire.feeds) == {id_: "Quite another", **before}
    assert [problem.code for problem in built.contents.problems] == ["story-missing"]


def test_a_story_that_no_feed_shows_is_known_after_one_change_upon_another(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 1}\n")
    wire.story("old.md", BODY, title="Old", date="2024-05-01")
    wire.build()
    id_ = the_id(wire)
    wire.story("2024-06-01-new.md", title="New")
    wire.build()
    for changed in ({"title": "Old"}, {"title": "Retitled"}, {"title": "Retitled", "date": "2024-04-01"}):
        wire.story("old.md", f"Edited. {BODY}", **{"date": "2024-05-01", **changed})
        assert not wire.build().contents.problems
    (wire.directory / "content/2024-06-01-new.md").unlink()
    wire.configure(CONFIGURATION + "content: {on_missing: drop}\nbrake: {lost: 100}\n")
    wire.build()
    assert shown_everywhere(wire.feeds) == {id_: "Retitled"}


@pytest.mark.parametrize("archive", ["true", "false"])
def test_a_story_is_known_by_the_words_that_it_had_when_it_left_its_feeds_and_by_those_of_later_changes(
    wire: Mill, archive: str
) -> None:
    wire.configure(CONFIGURATION + f"feeds: {{limit: 1, archive: {archive}}}\nbrake: {{lost: 100}}\n")
    path = wire.story("old.md", BODY, title="Old", date="2024-05-01")
    wire.build()
    id_ = the_id(wire)
    newer = wire.story("2024-06-01-new.md", title="New")
    wire.story("old.md", f"Edited. {BODY}", title="Old", date="2024-05-01")
    wire.build()
    assert the_id(wire) != id_
    path.unlink()
    path = wire.story("second.md", f"Edited. {BODY}", title="Retitled", date="2024-05-01")
    assert not wire.build().contents.problems
    path.unlink()
    path = wire.story("third.md", f"Edited twice. {BODY}", title="Retitled", date="2024-05-01")
    assert not wire.build().contents.problems
    path.unlink()
    wire.story("fourth.md", f"Edited twice. {BODY}", title="Retitled again", date="2024-05-01")
    assert not wire.build().contents.problems
    newer.unlink()
    wire.configure(CONFIGURATION + "content: {on_missing: drop}\nbrake: {lost: 100}\n")
    wire.build()
    assert shown_everywhere(wire.feeds) == {id_: "Retitled again"}


def test_a_story_is_known_by_the_words_that_it_had_though_its_body_was_broken_when_it_left_its_feeds(
    wire: Mill,
) -> None:
    configuration = CONFIGURATION + "brake: {shown_again: 9}\nfeeds: {archive: false, limit: %d}\n"
    wire.configure(configuration % 2)
    words = "Nothing that was said here before was said at such a length as this, and that is why everybody knows it.\n"
    path = wire.story("2024-05-01-a.md", words, title="First")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    [id_] = (id_ for id_, title in shown(wire.feeds).items() if title == "First")
    text = path.read_text()
    path.write_text(f"{text}\nAnd {{{{ nobody }}}} here.\n")
    for day in (3, 4):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    wire.build()
    path.unlink()
    path.with_name("2024-05-01-moved.md").write_text(text.replace("First", "Renamed"))
    wire.configure(configuration % 9)
    wire.build()
    assert [each for each, title in shown(wire.feeds).items() if title in ("First", "Renamed")] == [id_]


def test_a_story_rewritten_from_head_to_foot_is_the_same_under_the_id_it_had(wire: Mill) -> None:
    wire.story("news.md", BODY, title="First", date="2024-05-01")
    wire.build()
    id_ = the_id(wire)
    wire.story("news.md", f"Nothing alike. {BODY}", **NEWCOMER, id=f"'{id_}'")
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds) == {id_: "Quite another"}


def test_a_story_retitled_and_rewritten_at_its_address_is_the_same(wire: Mill) -> None:
    wire.story("2024-05-01-news.md", BODY, title="First")
    wire.build()
    id_ = the_id(wire)
    wire.story("2024-05-01-news.md", f"Nothing alike. {BODY}", title="Retitled and rewritten")
    assert not wire.build().contents.problems
    assert the_id(wire) == id_


def test_an_older_newcomer_does_not_take_a_published_id(wire: Mill) -> None:
    wire.story("a/2024-05-01-same.md", BODY, title="First", date="2024-05-01T12:00:00Z")
    wire.build()
    id_ = the_id(wire)
    wire.story("b/2024-05-01-same.md", "Words.\n", title="Second", date="2024-05-01T08:00:00Z")
    built = wire.build()
    assert shown_everywhere(wire.feeds) == {id_: "First"}
    [problem] = [problem for problem in built.contents.problems if problem.code == "url-shared"]
    assert problem.place.path == "content/b/2024-05-01-same.md"


def test_the_id_of_a_vanished_story_is_not_given_to_another(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", BODY, title="First")
    wire.build()
    (wire.directory / "content/2024-05-01-a.md").write_text("---\ntitle: [broken\n---\n")
    wire.story("b/2024-05-01-a.md", "Quite other words.\n", title="Second")
    built = wire.build()
    assert shown_everywhere(wire.feeds) == {the_id(wire): "First"}
    assert "url-shared" in {problem.code for problem in built.contents.problems}


def test_neither_draft_nor_embargoed_stories_enter_the_ledger(wire: Mill) -> None:
    wire.story("2024-05-01-draft.md", "Secret plans.\n", title="Hidden draft", draft="true")
    wire.story("2024-05-01-later.md", "Secret figures.\n", title="Hidden figures", embargo="2024-08-01")
    wire.story("2024-05-01-shown.md")
    wire.build()
    ledger = (wire.directory / ".feedmill/ledger.sqlite3").read_bytes()
    assert b"A story" in ledger
    assert b"Hidden" not in ledger
    assert b"Secret" not in ledger


def test_the_ledger_is_not_touched_when_nothing_changed(wire: Mill) -> None:
    wire.story()
    wire.build()
    path: Path = wire.directory / ".feedmill/ledger.sqlite3"
    before = path.stat().st_mtime_ns, path.read_bytes()
    wire.build()
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
