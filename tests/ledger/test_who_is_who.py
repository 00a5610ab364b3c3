"""Who is who after stories and state have changed together: ids follow stories, and nothing gone comes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import feedmill
from feedmill.model import NOT_SHOWN, Because, Entry, digest_of_shown
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.ledger.reader import all_bytes, shown_everywhere, walk
from tests.ledger.test_archives import BASE, grow
from tests.ledger.test_published_ids import BODY, move
from tests.ledger.test_recovery import documents, ledger_of

OTHER = "Of rivers under ice and of bells at night, which nobody had told before this day in so many words.\n"
Capture = pytest.CaptureFixture[str]
AUTHORITY = "tag:wire.example,2024:2024-05-01"
BREAKS = {
    "bad bytes": b"\xff\xfe\x00\x9d",
    "an ambiguous date": b"---\ntitle: T\ndate: 03/04/2024\n---\nWords.\n",
    "front matter without an end": b"---\n",
    "too large": b"---\ntitle: T\n---\n" + b"word " * 4_000_000,
    "a template": b"---\ntitle: T\ndate: 2024-05-01\n---\n{{ nobody }}\n",
}


def forget_cache(wire: Mill) -> None:
    for path in (wire.directory / ".feedmill").glob("cache*"):
        path.unlink()


def publish_two(wire: Mill) -> dict[str, str]:
    """Publish a.md, which tells T, and o.md, which tells O. Return titles by id."""
    wire.configure(CONFIGURATION + "brake: {lost: 100}\n")
    wire.story("2024-05-01-a.md", BODY, title="T")
    wire.story("2024-05-01-o.md", "Others.\n", title="O")
    wire.build()
    return shown_everywhere(wire.feeds)


@pytest.mark.parametrize("content", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_a_story_that_was_renamed_is_one_story_though_its_old_name_became_unreadable(
    wire: Mill, content: bytes, *, is_withdrawn: bool
) -> None:
    before = publish_two(wire)
    if is_withdrawn:
        assert wire.run("withdraw", "content/2024-05-01-a.md") == 0
        wire.build()
        before[f"{AUTHORITY}:a"] = "Withdrawn"
    move(wire, "2024-05-01-a.md", "2024-05-01-b.md")
    wire.write("2024-05-01-a.md", content)
    for _ in range(2):
        wire.build()
        assert shown_everywhere(wire.feeds) == before
    if is_withdrawn:
        assert BODY.encode().strip() not in all_bytes(wire.directory)


@pytest.mark.parametrize("becomes", [b"\xff", None])
def test_neither_a_withdrawn_story_nor_a_copy_of_it_comes_back(wire: Mill, becomes: bytes | None) -> None:
    before = publish_two(wire)
    assert wire.run("withdraw", "a") == 0
    move(wire, "2024-05-01-a.md", "2024-05-01-b.md")
    wire.build()
    if becomes is not None:
        wire.write("2024-05-01-b.md", becomes)
        wire.build()
    wire.story("copies/2024-05-01-copy.md", BODY, title="T")
    for _ in range(2):
        assert "withdrawn-before" in {problem.code for problem in wire.build().contents.problems}
        assert shown_everywhere(wire.feeds) == {**before, f"{AUTHORITY}:a": "Withdrawn"}


@pytest.mark.parametrize("name", ["2024-05-01-0.md", "2024-05-01-z.md"])
def test_a_copy_of_a_live_story_is_left_out_and_told_with_its_original(wire: Mill, name: str) -> None:
    before = publish_two(wire)
    wire.story(name, BODY, title="T")
    built = wire.build()
    assert shown_everywhere(wire.feeds) == before
    [problem] = built.contents.problems
    assert (problem.code, problem.place.path, built.contents.left_out) == ("copy", f"content/{name}", 1)
    assert "content/2024-05-01-a.md" in problem.message
    wire.story(name, BODY, title="T", id="its-own")
    wire.build()
    assert shown_everywhere(wire.feeds) == {**before, "tag:wire.example,2024:its-own": "T"}


@pytest.mark.parametrize(("how", "title"), [({"withdrawn": "true"}, "Withdrawn"), ({"draft": "true"}, ""), ({}, "T")])
def test_a_new_piece_under_the_old_name_of_a_story_gets_an_id_of_its_own(
    wire: Mill, how: dict[str, str], title: str
) -> None:
    publish_two(wire)
    wire.story("2024-05-01-b.md", BODY, title="T", **how)
    wire.story("2024-05-01-a.md", OTHER, title="N")
    for _ in range(2):
        wire.build()
        found = shown_everywhere(wire.feeds)
        assert found.pop(f"{AUTHORITY}:a-2") == "N"
        assert found.pop(f"{AUTHORITY}:a", "") == title
        assert found == {f"{AUTHORITY}:o": "O"}
    if how:
        assert BODY.encode().strip() not in all_bytes(wire.feeds)


@pytest.mark.parametrize("hidden", [{}, {"draft": "true"}])
@pytest.mark.parametrize("is_built", [True, False])
def test_withdraw_takes_back_what_the_file_tells_now_or_asks(
    wire: Mill, capsys: Capture, hidden: dict[str, str], *, is_built: bool
) -> None:
    for names in ("an", "na"):
        wire.story(f"2024-05-01-{names[0]}.md", BODY, title="T")
        wire.story(f"2024-05-01-{names[1]}.md", OTHER, title="N", **hidden)
        if names == "an" or is_built:
            wire.build()
    before = shown_everywhere(wire.feeds)
    is_clear = is_built and not hidden
    assert wire.run("withdraw", "content/2024-05-01-a.md") == (0 if is_clear else 2)
    said = capsys.readouterr()
    if is_clear:
        assert "withdrawn: N" in said.out
        before[f"{AUTHORITY}:n"] = "Withdrawn"
    else:
        assert "content/2024-05-01-a.md holds 'N'" in said.err
    wire.build()
    assert shown_everywhere(wire.feeds) == before


@pytest.mark.parametrize("is_cached", [True, False])
def test_under_an_older_ledger_no_id_moves_and_nothing_returns(
    wire: Mill, capsys: Capture, tmp_path: Path, *, is_cached: bool
) -> None:
    publish_two(wire)
    wire.story("2024-05-01-w.md", OTHER, title="Wrong")
    wire.build()
    shutil.copy(ledger_of(wire), tmp_path / "backup")
    move(wire, "2024-05-01-a.md", "2024-05-01-renamed.md")
    wire.story("2024-05-02-later.md", "Later.\n", title="Later")
    wire.build()
    move(wire, "2024-05-02-later.md", "2024-05-02-much-later.md")
    assert (wire.run("withdraw", "w"), wire.run("build")) == (0, 0)
    before, files = shown_everywhere(wire.feeds), documents(wire)
    assert sorted(before.values()) == ["Later", "O", "T", "Withdrawn"]
    shutil.copy(tmp_path / "backup", ledger_of(wire))
    if not is_cached:
        forget_cache(wire)
    capsys.readouterr()
    assert wire.run("build") == 0
    assert "the ledger is older than the feeds" in capsys.readouterr().err
    assert shown_everywhere(wire.feeds) == before
    assert documents(wire) == files


def test_two_new_stories_of_one_day_and_slug_both_publish(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "content: {story_url: '{section}/{slug}/'}\n")
    wire.story("one/2024-05-01-same.md", BODY, title="First")
    wire.story("two/2024-05-01-same.md", OTHER, title="Second")
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds) == {f"{AUTHORITY}:same": "First", f"{AUTHORITY}:two/same": "Second"}
    (wire.directory / "content/one/2024-05-01-same.md").unlink()
    wire.configure(CONFIGURATION + "content: {story_url: '{section}/{slug}/', on_missing: drop}\nbrake: {lost: 90}\n")
    wire.build()
    assert shown_everywhere(wire.feeds) == {f"{AUTHORITY}:two/same": "Second"}


def test_of_two_new_stories_at_one_address_one_publishes_and_a_problem_names_both(wire: Mill) -> None:
    wire.story("one/2024-05-01-same.md", BODY, title="First")
    wire.story("two/2024-05-01-same.md", OTHER, title="Second")
    for _ in range(2):
        [problem] = wire.build().contents.problems
        assert (problem.code, problem.place.path) == ("url-shared", "content/two/2024-05-01-same.md")
        assert "content/one/2024-05-01-same.md" in problem.message
        assert shown_everywhere(wire.feeds) == {f"{AUTHORITY}:same": "First"}


def test_documents_pages_and_archives_that_were_cut_off_are_written_again(wire: Mill) -> None:
    now = grow(wire, 12).isoformat()
    assert wire.run("build", "--now", now) == 0
    before = {path: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()}
    for damaged in (*([path] for path in before), list(before)):
        for path in damaged:
            os.truncate(path, len(before[path]) // 2)
        assert wire.run("build", "--now", now) == 0
        assert {path for path in before if path.read_bytes() != before[path]} <= {wire.feeds / "manifest.json"}


def test_documents_of_a_format_that_is_made_no_more_go_though_nothing_lists_them(wire: Mill) -> None:
    publish_two(wire)
    (wire.feeds / "manifest.json").unlink()
    wire.configure(CONFIGURATION + "feeds: {formats: [atom, json]}\n")
    assert wire.run("build") == 3
    assert wire.run("build", "--force") == 0
    assert not list(wire.feeds.rglob("*.rss"))


def test_what_is_dropped_when_it_vanishes_goes_from_archives_too(wire: Mill) -> None:
    now = grow(wire, 12)
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 4}\ncontent: {on_missing: drop}\n")
    for gone in ("2023-11-13-s2.md", "2023-12-28-s11.md"):
        (wire.directory / "content" / gone).unlink()
        wire.build(now, force=True)
    assert set(walk(wire.feeds, BASE).values()) == {f"s{number}" for number in range(12)} - {"s2", "s11"}
    assert not [text for text in (b"What s2 says", b"What s11 says") if text in all_bytes(wire.feeds)]


@pytest.mark.parametrize("path", [".feedmill", ".feedmill/feeds", "content/feeds", "./content/../content/x", "content"])
def test_feeds_among_stories_or_in_feedmills_own_folder_are_a_mistake(wire: Mill, capsys: Capture, path: str) -> None:
    wire.configure(CONFIGURATION + f"feeds: {{path: {path}}}\n")
    wire.story()
    before = all_bytes(wire.directory, but=".feedmill")
    assert wire.run("build") == 2
    said = capsys.readouterr().err
    assert said.startswith("feedmill.yaml:10:15: error: config-path: ")
    assert said.endswith("\nfeedmill: feedmill.yaml has 1 problem\n")
    assert all_bytes(wire.directory, but=".feedmill") == before
    assert not [path for path in wire.directory.rglob("*.*") if path.suffix in (".atom", ".html", ".json")]


def assert_fixed(wire: Mill, capsys: Capture, code: int, problems: int) -> None:
    """Build again, the last time without a cache: nothing is written, and the same is said."""
    before, said = {path: path.stat().st_mtime_ns for path in wire.feeds.rglob("*")}, set()
    for _ in range(2):
        capsys.readouterr()
        assert wire.run("build", "--verbose") == code
        said.add(tuple(capsys.readouterr()))
        assert {path: path.stat().st_mtime_ns for path in before} == before
        forget_cache(wire)
    [(_, err)] = said
    assert len([line for line in err.splitlines() if line.startswith("content/")]) == problems


def test_a_kept_and_a_live_story_may_share_a_slug_that_a_collection_lists(wire: Mill, capsys: Capture) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\ncollections: {x: {title: X, stories: [same]}}\n")
    kept = wire.story("one/2024-05-01-same.md", BODY, title="Kept")
    wire.build()
    kept.unlink()
    wire.story("two/2024-05-02-same.md", OTHER, title="Live")
    assert wire.run("build") == 0
    assert set(shown_everywhere(wire.feeds).values()) == {"Kept", "Live"}
    assert_fixed(wire, capsys, 0, 1)


def test_a_story_whose_body_broke_stays_until_it_is_corrected(wire: Mill, capsys: Capture) -> None:
    before, files = publish_two(wire), documents(wire)
    wire.story("2024-05-01-a.md", f"{BODY}\n{{{{ nobody }}}}\n", title="T")
    assert {problem.code for problem in wire.build().contents.problems} == {"story-kept", "template-token"}
    assert_fixed(wire, capsys, 1, 2)
    assert wire.run("build", "--json") == 1
    told = json.loads(capsys.readouterr().out)["stories"]
    assert (told["found"], told["published"], told["left_out"]) == (2, 2, 1), "the published one is counted once"
    assert documents(wire) == files
    wire.story("2024-05-01-a.md", f"Corrected. {BODY}", title="T, corrected")
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds) == {**before, f"{AUTHORITY}:a": "T, corrected"}
    assert b"Corrected. Nothing" in (wire.feeds / "all.json").read_bytes()


@pytest.mark.parametrize(
    ("now", "what"),
    [
        ({"url": "/elsewhere/"}, "address"),
        ({"title": "Another"}, "title"),
        ({"updated": "2024-06-02"}, "date"),
        ({"body": f"Edited. {BODY}"}, "words"),
        ({"image": "/a.png", "image_alt": "A"}, "words, picture"),
        ({"series": "Row"}, "particulars"),
        ({"title": "Another", "body": f"Edited. {BODY}"}, "title, words"),
    ],
)
def test_a_plan_says_what_of_an_entry_changed(wire: Mill, capsys: Capture, now: dict[str, str], what: str) -> None:
    publish_two(wire)
    wire.story("2024-05-01-a.md", **{"body": BODY, "title": "T", **now})
    assert wire.run("plan") == 0
    assert f"  ~ changed: {now.get('title', 'T')} ({what})\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "content", "because"),
    [
        ("2024-05-01-law.md", f"---\ntitle: Chips act\n---\n{{{{ nobody }}}} {BODY}", "template-token"),
        ("2024-05-01-law.md", f"---\ntitle: Chips act\ndate: 03/04/2024\n---\n{BODY}", "date"),
        ("law.md", f"---\ntitle: Chips act\n---\n{BODY}", "date"),
        ("2024-05-01-law.md", f"---\ntitle: Chips act\nurl: /o/\n---\n{BODY}", "url-shared"),
    ],
)
@pytest.mark.parametrize("name", ["law", "Chips act", "content/{}", "{}"])
def test_explain_finds_a_story_that_is_left_out_and_says_why(
    wire: Mill, capsys: Capture, path: str, content: str, because: str, name: str
) -> None:
    wire.story("2024-05-01-o.md", OTHER, title="O", url="/o/")
    wire.build()
    wire.write(path, content)
    wire.run("build")
    capsys.readouterr()
    assert wire.run("explain", name.format(path)) == 1
    said = capsys.readouterr().out
    assert all(text in said for text in (f"content/{path}", because))


@pytest.mark.parametrize("verb", ["explain", "withdraw"])
def test_a_name_that_is_no_utf_8_is_told_in_a_line(wire: Mill, capsys: Capture, verb: str) -> None:
    publish_two(wire)
    assert wire.run(verb, "\udcff") == 2
    assert "no story is called '\\xff'" in capsys.readouterr().err


@pytest.mark.parametrize("name", Entry.__struct_fields__)
def test_the_digest_of_an_entry_covers_every_field_but_those_that_no_document_shows(name: str) -> None:
    entry = Entry("i", "u", "s", "T", NOW, NOW, date(2024, 5, 1), "c", "s", "p", Because("", "", "", {}))
    changed: Any = {name: "something else entirely"}
    assert (digest_of_shown(replace(entry, **changed)) == digest_of_shown(entry)) is (name in NOT_SHOWN)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_field_that_is_added_to_entries_changes_the_next_documents(wire: Mill, tmp_path: Path) -> None:
    source = tmp_path / "src" / "feedmill"
    for package in ("feedmill", "feedcheck"):
        origin = Path(feedmill.__file__).parents[1] / package
        shutil.copytree(origin, source.parent / package, ignore=shutil.ignore_patterns("__pycache__"))

    def build_with_copy() -> bytes:
        command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "build", "--now", NOW.isoformat()]
        environment = {**os.environ, "PYTHONPATH": str(source.parent)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return (wire.feeds / "all.json").read_bytes()

    wire.story("2024-05-01-a.md", BODY, title="T", mood="calm")
    wire.story("2024-05-01-o.md", OTHER, title="O")
    assert b'"mood"' not in build_with_copy()
    change(source / "model.py", '    files: str = ""\n', '    files: str = ""\n    mood: str = ""\n')
    change(source / "rendering/json_feed.py", "series=entry.series,", "series=entry.series, mood=entry.mood,")
    assert b'"mood"' not in build_with_copy(), "nothing fills it yet"
    change(source / "normalising/entries.py", "files=story.digest,", "files=story.digest, mood=fields.plain('mood'),")
    assert build_with_copy().count(b'"mood": "calm"') == 1
    wire.story("2024-05-01-a.md", BODY, title="T", mood="angry")
    assert build_with_copy().count(b'"mood": "angry"') == 1


def test_a_copy_stays_one_when_another_story_has_its_address(wire: Mill) -> None:
    wire.story("d/2024-05-01-a.md", "The same words.\n", title="Same", date="2024-05-01")
    wire.build()
    wire.story("d/2024-05-01-c.md", "The same words.\n", title="Same", date="2024-05-01")
    wire.build()
    wire.story("d/2024-05-03-n.md", "Other words.\n", title="Newer", date="2024-05-03", url="/2024/05/01/c/")
    for _ in range(2):
        wire.build()
        titles = shown_everywhere(wire.feeds)
        assert sorted(titles.values()) == ["Newer", "Same"]


def test_a_published_story_that_declares_the_id_of_another_keeps_its_own(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.story("2024-05-01-a.md", title="First")
    wire.story("2024-05-02-b.md", title="Second")
    wire.build()
    before = shown_everywhere(wire.feeds)
    wire.story("2024-05-02-b.md", title="Second", id="tag:wire.example,2024:2024-05-01:a")
    wire.story("2024-05-03-c.md", title="Third")
    for _ in range(2):
        assert wire.run("build", "--force", "--all-problems") == 0, "a brake holds it without"
        assert "id-taken" in capsys.readouterr().err
        found = shown_everywhere(wire.feeds)
        assert before.items() <= found.items()
        assert "Third" in found.values()


def test_a_short_story_that_was_reworded_and_then_redated_is_the_same(wire: Mill) -> None:
    wire.story("a.md", "Short 0.\n", title="Short", date="2024-05-01")
    wire.build()
    before = shown_everywhere(wire.feeds)
    wire.story("a.md", "Short 1.\n", title="Short", date="2024-05-01")
    wire.build()
    wire.story("a.md", "Short 1.\n", title="Short", date="2024-05-02")
    wire.build()
    assert shown_everywhere(wire.feeds) == before
