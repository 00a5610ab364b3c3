"""A ledger that is lost, behind, damaged or another's."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedmill import delivering as building
from feedmill.errors import PublishingError
from feedmill.publishing import Change, publish
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.dying import build_that_dies
from tests.ledger.reader import all_bytes, shown, shown_everywhere, walk
from tests.ledger.test_policies import RICH


def ledger_of(wire: Mill) -> Path:
    return wire.directory / ".feedmill/ledger.sqlite3"


def documents(wire: Mill) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(wire.feeds)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in wire.feeds.rglob("*")
        if path.is_file()
    }


def contents(found: dict[str, tuple[bytes, int]]) -> dict[str, bytes]:
    """Return the bytes of documents, but for the number of builds that have published anything."""
    return {name: re.sub(rb'"serial": \d+', b"", content) for name, (content, _) in found.items()}


def reword(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for before, now in changes:
        assert before in text
        text = text.replace(before, now)
    path.write_text(text)


def fill(wire: Mill, formats: str = "[atom, rss, json]") -> None:
    wire.configure(CONFIGURATION + f"feeds: {{archive: true, limit: 6, authors: true, formats: {formats}}}\n")
    for number in range(1, 25):
        wire.story(
            f"2024-{1 + number % 6:02}-{number:02}-s.md", f"Body {number}.\n", title=f"Story {number}", topics="[ai]"
        )
    wire.story("2024-06-28-rich.md", "<b>Words</b> & [more](x).\n", **RICH)
    wire.story("2024-06-29-withdrawn.md", "Secret.\n", title="Gone", topics="[china, ai]")
    wire.story("2024-06-30-vanished.md", "Body.\n", title="Vanished", topics="[china]", authors="[Ada]", tags="[a, b]")
    wire.build()


@pytest.mark.parametrize("formats", ["[atom, rss, json]", "[json]", "[rss]"])
def test_a_lost_ledger_is_recovered_from_the_feeds_and_no_byte_changes(wire: Mill, formats: str) -> None:
    fill(wire, formats)
    assert wire.run("withdraw", "withdrawn", "--reason", "It was false.") == 0
    # A moved story has an id that its file no longer gives; a vanished and a broken one are only in the feeds.
    (wire.directory / "content/2024-06-28-rich.md").rename(wire.directory / "content/2024-06-28-richer.md")
    wire.build()
    (wire.directory / "content/2024-06-30-vanished.md").unlink()
    wire.write("2024-05-04-s.md", "---\ntitle: [\n---\n")
    wire.build()
    before = documents(wire)
    ledger_of(wire).unlink()
    built = wire.build()
    assert documents(wire) == before
    assert [feed for feed in built.plan.feeds if not feed.is_quiet] == [], "and the plan knows it"
    assert {problem.code for problem in built.contents.problems} >= {"story-kept", "withdrawn-before"}
    wire.build()
    assert documents(wire) == before


def test_after_recovery_a_withdrawn_story_stays_away_for_good(wire: Mill) -> None:
    fill(wire)
    wire.run("withdraw", "withdrawn", "--reason", "It was false.")
    wire.build()
    wire.build(NOW + timedelta(days=40))
    assert "Withdrawn" not in shown(wire.feeds).values()
    ledger_of(wire).unlink()
    wire.build(NOW + timedelta(days=41))
    assert not {"Withdrawn", "Gone"} & set(shown_everywhere(wire.feeds).values())


def test_a_withdrawn_story_stays_away_though_its_file_comes_back_on_another_domain_to_a_ledger_that_was_lost(
    wire: Mill,
) -> None:
    wire.story("2024-05-01-stays.md", title="Stays")
    path = wire.story("2024-05-02-gone.md", "Secret.\n", title="Gone")
    wire.build()
    [id_] = (id_ for id_, title in shown(wire.feeds).items() if title == "Gone")
    # Under its new name nothing in the file says any more by which id it was published.
    path = path.rename(path.with_name("2024-05-02-taken-back.md"))
    wire.build()
    text = path.read_text()
    path.write_text("---\ntitle: [\n---\n")
    assert wire.run("withdraw", id_, "--reason", "It was false.") == 0
    wire.build()
    ledger_of(wire).unlink()
    wire.build()
    wire.configure(CONFIGURATION.replace("https://wire.example/", "https://moved.example/"))
    wire.build()
    assert b"https://wire.example/" not in (wire.feeds / "all.atom").read_bytes(), "the stub's address moves, too"
    path.write_text(text)
    wire.build()
    assert set(shown_everywhere(wire.feeds).values()) == {"Stays", "Withdrawn"}
    assert b"Secret" not in all_bytes(wire.directory)


def test_of_what_archives_tell_of_a_story_that_which_was_told_last_is_recovered(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 2}\n")

    def publish(number: int) -> datetime:
        day = NOW + timedelta(days=number)
        wire.story(f"{day:%Y-%m-%d}-s.md", f"The words of story {number}.\n", title=f"Story {number}")
        wire.build(day + timedelta(days=1))
        return day + timedelta(days=1)

    for number in range(6):
        now = publish(number)
    corrected = f"{{date: '{now.isoformat()}', note: It was not so.}}"
    path = wire.story(f"{NOW:%Y-%m-%d}-s.md", "Other words, all of them.\n", title="Put right", correction=corrected)
    for number in range(6, 100, 8):
        now = publish(number)
    told = [path for path in wire.feeds.glob("archive/all/*.atom") if b"Put right" in path.read_bytes()]
    assert told, "and the archive that told it first does so still"
    before = walk(wire.feeds, "https://wire.example/feeds/")
    ledger_of(wire).unlink()
    path.rename(path.with_name("2024-07-02-put-right.md"))
    text = path.with_name("2024-07-02-put-right.md").read_text()
    path.with_name("2024-07-02-put-right.md").write_text(text.replace("---\n", f"---\ndate: {NOW:%Y-%m-%d}\n", 1))
    assert not wire.build(now).contents.problems
    publish(100)
    assert walk(wire.feeds, "https://wire.example/feeds/").keys() - before.keys() == {
        id_ for id_, title in shown(wire.feeds).items() if title == "Story 100"
    }


def test_archives_are_recovered_in_their_order(wire: Mill) -> None:
    fill(wire)
    base = "https://wire.example/feeds/"
    before = walk(wire.feeds, base)
    ledger_of(wire).unlink()
    for day in range(1, 29):
        wire.story(f"2024-07-{day:02}-later.md", title=f"Later {day}")
    wire.build(NOW + timedelta(days=60))
    after = walk(wire.feeds, base)
    assert before.items() <= after.items()
    assert len(after) == len(before) + 28


def test_a_plan_without_a_ledger_recovers_it_and_writes_nothing(wire: Mill) -> None:
    fill(wire)
    shutil.rmtree(wire.directory / ".feedmill")
    assert wire.run("plan") == 0
    assert not ledger_of(wire).exists()


def test_without_a_manifest_the_feeds_themselves_are_read(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", "Body of it.\n")
    wire.build()
    (wire.directory / "content/2024-05-01-a.md").rename(wire.directory / "content/2024-05-01-b.md")
    wire.build()
    before = shown(wire.feeds)
    ledger_of(wire).unlink()
    (wire.feeds / "manifest.json").unlink()
    wire.build()
    assert shown(wire.feeds) == before


@pytest.mark.parametrize("after", range(2, 14, 3))
def test_what_an_archive_said_long_ago_is_not_taken_for_new_when_a_build_dies(wire: Mill, after: int) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 2}\n")
    path = wire.story("2024-05-01-a.md", "What was said at first.\n", title="First", topics="[china]")
    for day in range(2, 6):
        wire.story(f"2024-05-{day:02}-b.md", f"Of day {day}.\n", title=f"Day {day}", topics="[ai]")
        wire.build()
    path = path.rename(path.with_name("2024-05-01-moved.md"))
    wire.build()
    path.write_text(path.read_text().replace("First", "Renamed"))
    wire.build()
    path.write_text(path.read_text().replace("What was said at first.", "Said in another way."))
    wire.build()
    before = shown(wire.feeds, "china")
    assert list(before.values()) == ["Renamed"]
    assert any(b"First" in archive.read_bytes() for archive in wire.feeds.glob("archive/all/*.atom"))
    wire.configure(CONFIGURATION.replace("//wire.example", "//moved.example") + "feeds: {archive: true, limit: 2}\n")
    build_that_dies(wire, after)
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds, "china") == before


_LONG = "Nothing that was said here before was said at such a length as this, and that is why everybody knows it.\n"
_FREE = "brake: {lost: 100, emptied: 99, shown_again: 99}\n"


@pytest.mark.parametrize("after", range(4))
def test_what_a_build_told_before_it_died_is_what_a_story_is_known_by(wire: Mill, after: int) -> None:
    path = wire.story("2024-05-01-a.md", _LONG, title="First")
    wire.build()
    before = shown(wire.feeds)
    path = path.rename(path.with_name("2024-05-01-moved.md"))
    reword(path, ("First", "Renamed"))
    build_that_dies(wire, after)
    # By what was told before that build, nothing says whose story this is.
    reword(path, ("Nothing that was said here", "Something else is said"))
    wire.build()
    assert shown(wire.feeds).keys() == before.keys()


def two_that_fit(wire: Mill) -> tuple[Path, str]:
    """Publish two stories in feeds that have room for no more. Return the older one's file and id."""
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 2}\n" + _FREE)
    path = wire.story("2024-05-01-a.md", _LONG, title="First")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    [id_] = (id_ for id_, title in shown(wire.feeds).items() if title == "First")
    return path, id_


def break_and_lose_the_ledger(wire: Mill, path: Path) -> str:
    """Break a story, then lose the ledger. Return what the file was."""
    text = path.read_text()
    path.write_text("---\ntitle: [\n---\n")
    wire.build()
    ledger_of(wire).unlink()
    wire.build()
    return text


def test_a_broken_story_that_leaves_its_feeds_under_an_older_id_changes_the_list_of_documents_once(wire: Mill) -> None:
    path, id_ = two_that_fit(wire)
    path = path.rename(path.with_name("2024-05-01-moved.md"))
    wire.build()
    path.write_text("---\ntitle: [\n---\n")
    wire.build()
    for day in range(3, 6):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    wire.build()
    assert json.loads((wire.feeds / "manifest.json").read_text())["moved"] == {
        id_: "https://wire.example/2024/05/01/moved/"
    }
    assert set(wire.build().published.changes.values()) == {Change.UNTOUCHED}


@pytest.mark.parametrize(
    "name", ["an unrelated file", "the file of one under a declared id", "one under another address"]
)
def test_a_story_that_breaks_changes_no_list_of_documents_where_none_is_called_otherwise(wire: Mill, name: str) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\nfeeds: {archive: true, limit: 2}\n" + _FREE)
    vanishing = wire.story("2024-05-01-a.md", _LONG, title="First")
    declared = wire.story("2024-04-01-o.md", "O.\n", title="O", id="mine")
    elsewhere = wire.story("2024-04-02-p.md", "P.\n", title="P", url="/2024/s1.html")
    wire.build()
    vanishing = vanishing.rename(vanishing.with_name("2024-05-01-moved.md"))
    wire.build()
    vanishing.unlink()
    wire.build()
    for day in range(4, 7):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    wire.build()
    before = documents(wire)
    path = {"an": wire.write("2024-03-01-note.md", ""), "the": declared, "one": elsewhere}[name.partition(" ")[0]]
    path.write_text("---\ntitle: [\n---\n")
    wire.build()
    assert documents(wire) == before


@pytest.mark.parametrize("slugs", [("weekly", "weekly"), ("one", "two")])
def test_stories_that_have_exchanged_their_dates_keep_their_ids_though_one_is_broken_while_the_ledger_is_lost(
    wire: Mill, slugs: tuple[str, str]
) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 2}\n" + _FREE)
    other = "The second had other words, and of them so many that nobody could take it for the one before it.\n"
    path = wire.story("a.md", _LONG, title="A", date="2024-05-01", slug=slugs[0])
    wire.story("b.md", other, title="B", date="2024-05-08", slug=slugs[1])
    wire.build()
    ids = {title: id_ for id_, title in shown(wire.feeds).items()}
    for day in range(10, 14):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    wire.build()
    wire.story("a.md", _LONG, title="A", date="2024-05-08", slug=slugs[1])
    wire.story("b.md", other, title="B", date="2024-05-01", slug=slugs[0])
    wire.build()
    text = break_and_lose_the_ledger(wire, path)
    path.write_text(text)
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 9}\n" + _FREE)
    wire.build()
    found = {title: id_ for id_, title in shown(wire.feeds).items()}
    assert {title: found[title] for title in ids} == ids


@pytest.mark.parametrize("how", ["killed", "disk full"])
def test_a_build_that_dies_while_it_writes_down_what_it_recovered_leaves_it_to_the_next_one(
    wire: Mill, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.story("2024-05-01-a.md", "What is libel.\n", title="Libel")
    path = wire.story("2024-05-02-b.md", _LONG, title="Day 2")
    wire.build()
    path.rename(path.with_name("2024-05-02-moved.md"))
    assert wire.run("withdraw", "a", "--reason", "Wrong.") == 0
    wire.build()
    before = documents(wire)
    ledger_of(wire).unlink()
    error = KeyboardInterrupt if how == "killed" else sqlite3.OperationalError

    def dies(*_: object) -> None:
        raise error("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("feedmill.ledger.ledger_database.Database._create", dies)
        with pytest.raises((KeyboardInterrupt, PublishingError)):
            wire.build()
    left = {each.name for each in ledger_of(wire).parent.iterdir() if "ledger" in each.name}
    assert ledger_of(wire).name not in left
    assert how == "killed" or not left, "room is made on a disk that is full"
    wire.build()
    assert documents(wire) == before


@pytest.mark.parametrize("then", ["put back", "deleted"])
@pytest.mark.parametrize("after", [*range(8)])
def test_what_was_withdrawn_stays_away_though_the_build_fails_that_was_to_replace_documents(
    wire: Mill, after: int, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\n" + _FREE)
    path = wire.story("2024-05-01-a.md", "What is libel.\n", title="First", topics="[china]")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2", topics="[china]")
    wire.build()
    text = path.read_text()
    reword(path, ("title: First\n", "title: First\nwithdrawn: 2024-06-30\n"))
    rename, done = os.replace, list[object]()

    def full(source: Path, target: Path) -> None:
        if len(done) == after:
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(source, target)
        done.append(target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(PublishingError):
            wire.build()
    if then == "put back":
        path.write_text(text)
    else:
        path.unlink()
    wire.build()
    assert b"libel" not in all_bytes(wire.feeds)


@pytest.mark.parametrize("domains", [[], ["https://moved.example/", "https://again.example/"]])
@pytest.mark.parametrize("new", ["2024-05-01-moved.md", "2024-05-03-a.md"])
def test_a_story_that_is_broken_while_the_ledger_is_lost_is_known_by_the_address_that_it_had(
    wire: Mill, domains: list[str], new: str
) -> None:
    path, id_ = two_that_fit(wire)
    for day in range(3, 6):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    wire.build()
    # The archive that tells of it is not written again: the ledger alone follows the story.
    path = path.rename(path.with_name(new))
    wire.build()
    reword(path, ("First", "Renamed"))
    wire.build()
    reword(path, ("Nothing that was said here", "Something else is said"))
    wire.build()
    text = break_and_lose_the_ledger(wire, path)
    for domain in domains:
        move(wire, domain, "feeds: {archive: true, limit: 2}\n")
        wire.build()
    path.write_text(text)
    move(wire, domains[-1] if domains else "https://wire.example/", "feeds: {archive: true, limit: 9}\n")
    wire.build()
    assert [each for each, title in shown(wire.feeds).items() if title == "Renamed"] == [id_]


@pytest.mark.parametrize("after", range(1, 7))
def test_what_an_archive_tells_that_a_build_wrote_before_it_died_is_what_a_story_is_known_by(
    wire: Mill, after: int
) -> None:
    path, id_ = two_that_fit(wire)
    # Renamed, retitled and out of the window in one build: the archive alone tells of it.
    path = path.rename(path.with_name("2024-05-01-moved.md"))
    reword(path, ("First", "Renamed"))
    for day in range(3, 6):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    told = build_that_dies(wire, after)
    assert any(name.startswith("archive/all/") for name in told)
    reword(path, ("Nothing that was said here", "Something else is said"))
    assert not wire.build().contents.problems
    found = walk(wire.feeds, "https://wire.example/feeds/")
    assert [each for each, title in found.items() if title in ("First", "Renamed")] == [id_]
    assert len(found) == 5


@pytest.mark.parametrize("after", range(0, 6, 2))
def test_a_story_may_have_the_name_of_one_that_vanished_though_the_build_dies_in_which_it_leaves_its_feeds(
    wire: Mill, after: int
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\nfeeds: {archive: true, limit: 2}\n" + _FREE)
    path = wire.story("weekly.md", "Of the first week.\n", title="Week 1", date="2024-05-01")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    path.unlink()
    wire.build()
    for day in (3, 4):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    build_that_dies(wire, after)
    wire.build()
    wire.story("weekly.md", "What the second one had was quite another thing.\n", title="Week 2", date="2024-06-01")
    assert not wire.build().contents.problems
    assert list(shown_everywhere(wire.feeds).values()) == ["Week 2", "Day 4"]


@pytest.mark.parametrize("then", ["vanishes", "breaks"])
@pytest.mark.parametrize("how", ["draft: true", "expires: 2024-06-01"])
@pytest.mark.parametrize("after", [0, 1, 4, 8])
def test_what_a_build_was_about_to_take_out_when_it_died_stays_away_though_its_file_is_of_no_more_use(
    wire: Mill, after: int, how: str, then: str
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\nfeeds: {archive: false}\n" + _FREE)
    path = wire.story("2024-05-01-a.md", "What is libel.\n", title="First", topics="[china]")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2", topics="[china]")
    wire.build()
    reword(path, ("title: First\n", f"title: First\n{how}\n"))
    build_that_dies(wire, after)
    if then == "vanishes":
        path.unlink()
    else:
        path.write_text("---\ntitle: [\n---\n")
    wire.build()
    assert shown_everywhere(wire.feeds, "china") == {"tag:wire.example,2024:2024-05-02:b": "Day 2"}
    assert b"libel" not in all_bytes(wire.feeds)


@pytest.mark.parametrize("how", ["vanished", "withdrawn: 2024-06-30", "draft: true"])
def test_a_build_that_fails_before_the_ledger_is_written_takes_nothing_back(
    wire: Mill, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: withdraw}\nfeeds: {archive: false}\n" + _FREE)
    path = wire.story("2024-05-01-a.md", "Of the first week.\n", title="First")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    before, text = documents(wire), path.read_text()
    if how == "vanished":
        path.unlink()
    else:
        reword(path, ("title: First\n", f"title: First\n{how}\n"))

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("feedmill.ledger.records.Ledger.put_about", full)
        with pytest.raises(PublishingError):
            wire.build()
    assert documents(wire) == before
    path.write_text(text)
    wire.build()
    assert documents(wire) == before
    assert list(shown(wire.feeds).values()) == ["Day 2", "First"]


@pytest.mark.parametrize("how", ["vanished", "broke"])
@pytest.mark.parametrize("after", [0, 1, 3, 6])
def test_a_story_that_is_kept_as_published_reaches_its_archive_though_the_build_dies_in_which_newer_ones_take_its_place(
    wire: Mill, after: int, how: str
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\nfeeds: {archive: true, limit: 2}\n")
    path = wire.story("2024-05-01-a.md", "Of the first week.\n", title="Kept")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    if how == "vanished":
        path.unlink()
    else:
        path.write_text("---\ntitle: [\n---\n")
    wire.build()
    wire.story("2024-05-03-c.md", "Of day 3.\n", title="Day 3")
    build_that_dies(wire, after)
    wire.build()
    assert list(shown(wire.feeds).values()) == ["Day 3", "Day 2"]
    assert sorted(walk(wire.feeds, "https://wire.example/feeds/").values()) == ["Day 2", "Day 3", "Kept"]


@pytest.mark.parametrize("then", ["comes back", "is plain again"])
@pytest.mark.parametrize("formats", ["[rss]", "[rss, json]", "[atom]"])
@pytest.mark.parametrize("after", range(4))
def test_what_a_build_was_about_to_take_back_when_it_died_stays_away(
    wire: Mill, after: int, formats: str, then: str
) -> None:
    settings = f"content: {{on_missing: withdraw}}\nfeeds: {{archive: false, formats: {formats}}}\n"
    wire.configure(CONFIGURATION + settings + _FREE)
    path = wire.story("2024-05-01-a.md", "What is libel.\n", title="First")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    text = path.read_text()
    if then == "comes back":
        path.unlink()
    else:
        reword(path, ("title: First\n", "title: First\nwithdrawn: 2024-06-30\n"))
    build_that_dies(wire, after)
    path.write_text(text)
    wire.build()
    assert b"libel" not in all_bytes(wire.feeds)


@pytest.mark.parametrize("after", range(1, 4))
@pytest.mark.parametrize("formats", ["[rss, json]", "[json, atom]", "[atom, json, rss]"])
def test_what_a_build_told_in_one_format_before_it_died_is_known_though_another_would_tell_more(
    wire: Mill, formats: str, after: int
) -> None:
    wire.configure(CONFIGURATION + f"feeds: {{archive: false, formats: {formats}}}\n" + _FREE)
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    path = wire.story("2024-05-01-a.md", _LONG, title="First")
    build_that_dies(wire, after)
    told = ids_in_documents(wire)
    assert len(told) == 2
    path.rename(path.with_name("2024-05-01-moved.md"))
    wire.build()
    assert ids_in_documents(wire) == told


def test_what_rss_alone_told_before_a_build_died_takes_nothing_from_a_story_that_is_kept(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: false, formats: [rss, json]}\n" + _FREE)
    path = wire.story("2024-05-02-rich.md", "<b>Words</b> & [more](x).\n", **RICH)
    wire.build()
    [before] = json.loads((wire.feeds / "all.json").read_text())["items"]
    wire.story("2024-05-03-b.md", "Of day 3.\n", title="Day 3")
    assert build_that_dies(wire, 1) == ["all.rss"]
    path.write_text("---\ntitle: [\n---\n")
    wire.build()
    _, after = json.loads((wire.feeds / "all.json").read_text())["items"]
    assert after == before


def ids_in_documents(wire: Mill) -> set[str]:
    found = [re.findall(r"tag:wire\.example,2024:2024[\w:-]*", path.read_text()) for path in wire.feeds.glob("all.*")]
    return {id_ for ids in found for id_ in ids}


@pytest.mark.parametrize("archive", ["true", "false"])
@pytest.mark.parametrize("after", range(1, 14, 4))
def test_a_feed_of_summaries_does_not_hide_the_words_by_which_a_story_is_known(
    wire: Mill, after: int, archive: str
) -> None:
    summaries = CONFIGURATION.replace("language model*]", "language model*], body: summary")
    rest = f"feeds: {{limit: 2, archive: {archive}}}\n" + _FREE
    wire.configure(summaries + rest)
    path = wire.story("2024-05-01-a.md", _LONG, title="First", topics="[ai]", summary="In short.")
    for day in range(2, 6):
        wire.story(f"2024-05-{day:02}-b.md", f"Of day {day}.\n", title=f"Day {day}", topics="[china]")
        wire.build()
    reword(path, ("said here before", "said here, by anybody, before"))
    wire.build()
    reword(path, ("First", "Renamed"))
    wire.build()
    before = shown(wire.feeds, "ai")
    assert list(before.values()) == ["Renamed"]
    wire.configure(summaries.replace("//wire.example", "//moved.example") + rest)
    build_that_dies(wire, after)
    path = path.rename(path.with_name("2024-05-01-moved.md"))
    reword(path, ("Renamed", "Renamed again"))
    assert not wire.build().contents.problems
    assert shown(wire.feeds, "ai").keys() == before.keys()


@pytest.mark.parametrize("builds", [0, 2])
@pytest.mark.parametrize("becomes", ["broken", "deleted"])
@pytest.mark.parametrize("after", [1, 3])
def test_words_that_were_taken_out_do_not_come_back_when_the_build_that_takes_them_out_dies(
    wire: Mill, after: int, becomes: str, builds: int
) -> None:
    wire.configure(CONFIGURATION + _FREE + "content: {on_missing: keep}\n")
    path = wire.story("2024-05-01-a.md", "What is libel.\n", title="First", summary="In short.")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    reword(path, ("What is libel.\n", ""), ("First", "Put right"))
    build_that_dies(wire, after)
    for _ in range(builds):
        wire.build()
    if becomes == "broken":
        path.write_text("---\ntitle: [\n---\n")
    else:
        path.unlink()
    wire.build()
    assert list(shown_everywhere(wire.feeds).values()) == ["Day 2", "Put right"]
    assert b"libel" not in all_bytes(wire.feeds)
    assert b"libel" not in ledger_of(wire).read_bytes()


@pytest.mark.parametrize("after", range(1, 5))
def test_a_story_of_which_feeds_show_summaries_alone_is_kept_as_the_build_that_died_told_it(
    wire: Mill, after: int
) -> None:
    summaries = CONFIGURATION.replace("language model*]", "language model*], body: summary")
    wire.configure(summaries + _FREE + "content: {on_missing: keep}\nfeeds: {archive: true, limit: 1}\n")
    path = wire.story("2024-05-01-a.md", _LONG, title="First", summary="What is libel.", topics="[ai]")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2", topics="[china]")
    wire.build()
    reword(path, ("First", "Put right"), ("What is libel.", "In short."))
    build_that_dies(wire, after)
    told = shown(wire.feeds, "ai")
    assert list(told.values()) == ["Put right"]
    path.unlink()
    wire.build()
    assert shown_everywhere(wire.feeds, "ai") == told
    assert b"libel" not in (wire.feeds / "ai.atom").read_bytes()


@pytest.mark.parametrize(("archive", "after"), [("false", 1), ("false", 3), ("true", 4), ("true", 6)])
def test_a_change_of_words_of_which_feeds_show_summaries_alone_is_dated_once_though_the_build_dies(
    wire: Mill, archive: str, after: int
) -> None:
    summaries = CONFIGURATION.replace("language model*]", "language model*], body: summary")
    rest = f"content: {{updated: content}}\nfeeds: {{limit: 1, archive: {archive}}}\n"
    wire.configure(summaries + _FREE + rest)
    path = wire.story("2024-05-01-a.md", _LONG, title="First", summary="In short.", topics="[ai]")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2", topics="[china]")
    wire.build()
    reword(path, ("said here before", "said here, by anybody, before"))
    build_that_dies(wire, after)
    told = (wire.feeds / "ai.atom").read_bytes()
    assert NOW.isoformat().encode() in told
    for days in (1, 2):
        wire.build(NOW + timedelta(days=days))
        assert (wire.feeds / "ai.atom").read_bytes() == told


def move(wire: Mill, url: str, rest: str) -> None:
    wire.configure(CONFIGURATION.replace("https://wire.example/", url) + rest + _FREE)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_story_that_is_withdrawn_while_a_site_moves_into_a_folder_of_its_domain_stays_away_though_the_build_dies(
    wire: Mill, after: int, lost: bool
) -> None:
    rest = "content: {on_missing: withdraw}\nfeeds: {archive: false}\n"
    move(wire, "https://wire.example/", rest)
    wire.story("2024-05-01-stays.md", title="Stays")
    path = wire.story("2024-05-02-gone.md", "Secret.\n", title="Gone")
    wire.build()
    # Under its new name nothing in the file says any more by which id it was published.
    path = path.rename(path.with_name("2024-05-02-moved.md"))
    wire.build()
    text = path.read_text()
    path.unlink()
    move(wire, "https://wire.example/blog/", rest)
    build_that_dies(wire, after)
    wire.build()
    if lost:
        ledger_of(wire).unlink()
        wire.build()
    path.write_text(text)
    wire.build()
    assert set(shown_everywhere(wire.feeds).values()) == {"Stays", "Withdrawn"}
    assert b"Secret" not in all_bytes(wire.feeds)
    assert b"blog/blog" not in all_bytes(wire.feeds)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("goes_back", [False, True])
@pytest.mark.parametrize("to", ["https://moved.example/", "https://wire.example/feeds/"])
@pytest.mark.parametrize("after", [1, 5])
def test_archives_lie_where_the_site_does_though_a_build_that_moves_it_dies(
    wire: Mill, after: int, to: str, goes_back: bool, lost: bool
) -> None:
    rest = "feeds: {archive: true, limit: 1}\n"
    move(wire, "https://wire.example/", rest)
    for day in range(1, 5):
        wire.story(f"2024-05-{day:02}-s.md", f"Of day {day}.\n", title=f"Day {day}", topics="[china]")
        wire.build()
    before = documents(wire)
    move(wire, to, rest)
    build_that_dies(wire, after)
    if lost:
        ledger_of(wire).unlink()
    if goes_back:
        move(wire, "https://wire.example/", rest)
    for _ in range(2):
        wire.build()
    base = "https://wire.example/feeds/" if goes_back else f"{to}feeds/"
    for name in ("all", "china"):
        assert len(walk(wire.feeds, base, name)) == 4
    if goes_back:
        assert contents(documents(wire)) == contents(before)
    assert set(wire.build().published.changes.values()) == {Change.UNTOUCHED}


@pytest.mark.parametrize("after", range(1, 7))
def test_a_lost_ledger_is_recovered_from_archives_of_a_build_that_died(wire: Mill, after: int) -> None:
    path, id_ = two_that_fit(wire)
    # Nothing but what was told says any more by which id the file was published.
    path.rename(path.with_name("2024-05-01-moved.md"))
    wire.build()
    for day in range(3, 6):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
    build_that_dies(wire, after)
    ledger_of(wire).unlink()
    wire.build()
    found = walk(wire.feeds, "https://wire.example/feeds/")
    assert [each for each, title in found.items() if title == "First"] == [id_]
    assert len(found) == 5
    assert set(wire.build().published.changes.values()) == {Change.UNTOUCHED}


@pytest.mark.parametrize("after", range(0, 10, 2))
def test_when_a_build_dies_between_two_renames_the_next_knows_what_was_told(wire: Mill, after: int) -> None:
    wire.story("2024-05-01-a.md", "The first story's words.\n", title="First", topics="[china]")
    wire.build()
    wire.story("2024-05-02-b.md", "The second story's words.\n", title="Second", topics="[china]")
    build_that_dies(wire, after)
    told = shown(wire.feeds)
    # Before the next build the file moves, so that nothing but what was told can give it its id.
    (wire.directory / "content/2024-05-02-b.md").rename(wire.directory / "content/2024-05-02-c.md")
    plan = wire.build().plan
    found = shown_everywhere(wire.feeds)
    assert set(found.values()) == {"First", "Second"}
    assert found.items() >= told.items()
    assert not plan.feeds[0].new, "the ledger is ahead of some documents"
    assert wire.build().plan.feeds[0].is_quiet


_KILLED = """
import os, sys
from feedmill.cli import main
replace, left = os.replace, int(sys.argv.pop(1))
def dying(*names):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    replace(*names)
os.replace = dying
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("after", [0, 1, 5, 9])
def test_when_a_build_is_killed_the_next_one_completes_and_shows_nothing_twice(wire: Mill, after: int) -> None:
    for number in range(8):
        wire.story(
            f"2024-05-0{number + 1}-s.md", f"Story {number}. " * 20_000, title=f"Story {number}", topics="[china]"
        )
    command = [sys.executable, "-c", _KILLED, str(after), "-C", str(wire.directory), "build", "--now", NOW.isoformat()]
    assert subprocess.run(command, capture_output=True, check=False).returncode == -9
    told = shown(wire.feeds) if (wire.feeds / "all.atom").exists() else {}
    assert bool(told) is (after > 1), "the first rename is that of the ledger itself"
    for number in range(8):
        (wire.directory / f"content/2024-05-0{number + 1}-s.md").rename(
            wire.directory / f"content/2024-05-0{number + 1}-t.md"
        )
    assert wire.run("build") == 0
    assert shown_everywhere(wire.feeds) == (told or shown(wire.feeds))
    assert len(shown(wire.feeds)) == 8


@pytest.mark.parametrize("lost", [False, True])
def test_when_one_build_after_another_dies_nothing_of_either_is_forgotten(
    wire: Mill, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 2}\n")
    for number in range(1, 6):
        wire.story(f"2024-0{number}-01-s.md", title=f"Story {number}")
    wire.build()
    assert wire.run("withdraw", "2024-01-01-s.md") == 0
    wire.build()
    if lost:
        (wire.directory / ".feedmill/ledger.sqlite3").unlink()
    replace = os.replace
    for number in (6, 7):
        wire.story(f"2024-06-0{number}-s.md", title=f"Story {number}")
        done: list[object] = []

        def dying(*names: Path, done: list[object] = done) -> None:
            if sum(str(name).endswith(".atom") for name in done):
                raise KeyboardInterrupt
            done.append(names[1])
            replace(*names)

        monkeypatch.setattr(os, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            wire.build()
        monkeypatch.setattr(os, "replace", replace)
    wire.build()
    found = walk(wire.feeds, "https://wire.example/feeds/")
    assert set(found.values()) == {f"Story {number}" for number in range(2, 8)}


def test_when_the_recording_dies_after_every_rename_the_next_build_catches_up(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.story("2024-05-01-a.md", "The first story's words.\n", title="First", topics="[china]")

    def dying(*arguments: object, **named: object) -> None:
        publish(*arguments, **named)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "publish", dying)
    with pytest.raises(KeyboardInterrupt):
        wire.build()
    monkeypatch.setattr(building, "publish", publish)
    told = shown(wire.feeds)
    assert set(told.values()) == {"First"}
    (wire.directory / "content/2024-05-01-a.md").rename(wire.directory / "content/2024-05-01-z.md")
    assert wire.build().plan.feeds[0].new == ()
    assert shown(wire.feeds) == told


def test_a_withdrawal_after_a_build_that_died_is_not_forgotten(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.story("2024-05-01-a.md", "The first story's words.\n", title="First", topics="[china]")
    wire.story("2024-05-02-b.md", "The second story's words.\n", title="Second", topics="[china]")

    def dying(*arguments: object, **named: object) -> None:
        publish(*arguments, **named)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "publish", dying)
    with pytest.raises(KeyboardInterrupt):
        wire.build()
    monkeypatch.setattr(building, "publish", publish)
    assert wire.run("withdraw", "a") == 0
    wire.build()
    assert list(shown_everywhere(wire.feeds).values()) == ["Second", "Withdrawn"]
    assert b"first story's words" not in ledger_of(wire).read_bytes()


def stays(wire: Mill, capsys: pytest.CaptureFixture[str], *words: str, code: int = 5) -> None:
    """See that every verb that needs the ledger says clearly what is wrong, and that nothing changes."""
    feeds, ledger = documents(wire), ledger_of(wire).read_bytes()
    for verb in (["build"], ["build", "--force", "--all-problems"], ["withdraw", "2024-05-01-story.md"]):
        capsys.readouterr()
        assert wire.run(*verb) == code
        said = capsys.readouterr().err
        assert all(word in said for word in (*words, "Nothing was changed")), said
        assert len([line for line in said.splitlines() if line.startswith("feedmill: ")]) == 1
        assert "Traceback" not in said
    assert (documents(wire), ledger_of(wire).read_bytes()) == (feeds, ledger)


@pytest.mark.parametrize("size", [0, 1, 50, 99, 100, 4_096, 5_000, 20_000])
def test_a_truncated_ledger_stops_the_build_and_is_not_replaced(
    wire: Mill, capsys: pytest.CaptureFixture[str], size: int
) -> None:
    wire.story()
    wire.build()
    whole = ledger_of(wire).read_bytes()
    assert len(whole) > size
    ledger_of(wire).write_bytes(whole[:size])
    stays(wire, capsys, "ledger.sqlite3: the ledger is cut off", "restore it from a backup or an export")


@pytest.mark.parametrize("content", [b"not a database at all, but text " * 500, b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_ledger_that_is_none_stops_the_build(wire: Mill, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    wire.story()
    wire.build()
    ledger_of(wire).write_bytes(content)
    stays(wire, capsys, "ledger.sqlite3: ", "restore it from a backup")


def test_a_ledger_with_damaged_pages_stops_the_build(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        wire.story(f"2024-05-01-s{number}.md", "Words. " * 300)
    wire.story()
    wire.build()
    whole = bytearray(ledger_of(wire).read_bytes())
    whole[8_192:40_960] = b"\xa5" * 32_768
    ledger_of(wire).write_bytes(whole)
    stays(wire, capsys, "the ledger is damaged")


def change(wire: Mill, statement: str) -> None:
    database = sqlite3.connect(ledger_of(wire))
    with database:
        database.execute(statement)
    database.close()


def test_a_ledger_from_a_newer_version_is_left_alone(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    wire.build()
    change(wire, "PRAGMA user_version = 99")
    stays(wire, capsys, "of version 99", "use the newer Feedmill")


def test_a_database_of_another_program_is_left_alone(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    wire.build()
    change(wire, "PRAGMA application_id = 7")
    stays(wire, capsys, "a database of another program")


def test_a_read_only_ledger_stops_the_build_before_any_feed_changes(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.story()
    wire.build()
    ledger_of(wire).chmod(0o444)
    wire.story("2024-05-02-new.md")
    stays(wire, capsys, "is read-only", "chmod u+w")
    assert wire.run("plan") == 0, "reading it is allowed"


def test_a_ledger_of_another_site_stops_the_build(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    wire.build()
    wire.configure(CONFIGURATION.replace("wire.example,2024", "other.example,2020"))
    stays(wire, capsys, "is of wire.example,2024", "site.id_authority: other.example,2020", code=3)


def test_feeds_of_another_site_are_not_recovered(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    wire.build()
    ledger_of(wire).unlink()
    before = documents(wire)
    wire.configure(CONFIGURATION.replace("wire.example,2024", "other.example,2020"))
    assert wire.run("build") == 3
    assert "is of wire.example,2024" in capsys.readouterr().err
    assert documents(wire) == before


def test_two_sites_with_one_authority_are_told_apart(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        wire.story(
            f"2024-05-0{1 + number}-a.md", f"What is said of {number} here is not short at all.\n", title=f"A {number}"
        )
    wire.build()
    for path in (wire.directory / "content").iterdir():
        path.unlink()
    for number in range(6):
        wire.story(
            f"2024-06-0{1 + number}-b.md", f"Of another site, and of {number}, this is told.\n", title=f"B {number}"
        )
    wire.configure(CONFIGURATION.replace("https://wire.example/", "https://second.example/"))
    ledger, feeds = ledger_of(wire).read_bytes(), documents(wire)
    assert wire.run("build") == 3
    said = capsys.readouterr().err
    assert "the ledger is of https://wire.example/, and none of its stories is here" in said
    assert (ledger_of(wire).read_bytes(), documents(wire)) == (ledger, feeds)
