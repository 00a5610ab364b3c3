"""Stories in doubt: copies, shared names and addresses, files that cannot be read; and what happens when that ends."""

from __future__ import annotations

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import CONFIGURATION, NOW, Mill
from tests.ledger.reader import all_bytes, shown_everywhere, walk
from tests.ledger.test_archives import BASE, grow
from tests.ledger.test_published_ids import BODY, move
from tests.ledger.test_recovery import ledger_of, reword
from tests.ledger.test_who_is_who import AUTHORITY, OTHER, forget_cache, publish_two

Capture = pytest.CaptureFixture[str]
A, B = "2024-05-01-a.md", "2024-05-01-b.md"


def codes(wire: Mill) -> list[tuple[str, str]]:
    """Build, and return what is wrong: codes and files."""
    return [(each.code, each.place.path.rpartition("-")[2]) for each in wire.build(force=True).contents.problems]


def test_a_story_that_cannot_be_read_for_a_while_stays_one_entry_though_there_is_a_copy_of_it(wire: Mill) -> None:
    before = publish_two(wire)
    text = wire.story(A, BODY, title="T").read_bytes()
    wire.story(B, BODY, title="T")
    assert codes(wire) == [("copy", "b.md")]
    wire.write(A, b"\xff")
    assert wire.run("check") == 1
    wire.write(A, text)
    for _ in range(2):
        assert codes(wire) == [("copy", "b.md")]
        assert shown_everywhere(wire.feeds) == before


@pytest.mark.parametrize("mark", ["withdrawn: true", "draft: true"])
@pytest.mark.parametrize("is_retitled", [True, False])
def test_what_was_taken_out_does_not_come_back_as_a_copy_of_itself(wire: Mill, mark: str, *, is_retitled: bool) -> None:
    publish_two(wire)
    file = wire.directory / "content" / A
    if is_retitled:
        reword(file, ("title: T", "title: Another title"))
    shutil.copy(file, file.with_name(B))
    reword(file, ("---\ntitle", f"---\n{mark}\ntitle"))
    for _ in range(2):
        wire.build(force=True)
        shown = shown_everywhere(wire.feeds)
        assert set(shown.values()) <= {"O", "Withdrawn"}
        assert set(shown) <= {f"{AUTHORITY}:a", f"{AUTHORITY}:o"}


def test_a_story_that_was_withdrawn_by_the_verb_and_at_once_retitled_does_not_come_back_as_a_copy(wire: Mill) -> None:
    before = publish_two(wire)
    file = wire.directory / "content" / A
    assert wire.run("withdraw", "a") == 0
    reword(file, ("title: T", "title: Another title"))
    shutil.copy(file, file.with_name(B))
    for _ in range(2):
        wire.build()
        assert shown_everywhere(wire.feeds) == {**before, f"{AUTHORITY}:a": "Withdrawn"}


@pytest.mark.parametrize("code", ["url-shared", "copy"])
def test_a_story_is_published_when_the_other_that_kept_it_out_is_withdrawn_unpublished(wire: Mill, code: str) -> None:
    publish_two(wire)
    first = wire.story("one/2024-05-02-same.md", OTHER, title="First", draft="true")
    second = wire.story("two/2024-05-02-same.md", OTHER if code == "copy" else BODY, title="Second")
    reword(first, ("draft: true\n", ""))
    if code == "copy":
        reword(second, ("Second", "First"))
    assert codes(wire) == [(code, "same.md")]
    reword(first, ("title: First", "title: Nothing\nexpires: 2024-06-01\ndate: 2024-05-03"))
    assert codes(wire) == []
    assert len(shown_everywhere(wire.feeds)) == 3


def test_a_story_in_doubt_is_published_when_the_other_that_it_might_have_been_is_gone(wire: Mill) -> None:
    publish_two(wire)
    (wire.directory / "content" / A).unlink()
    wire.story("2024-05-01-x.md", BODY + "More.\n", title="T")
    wire.story("2024-05-01-y.md", BODY + "Less.\n", title="T")
    assert sorted(codes(wire)) == [("moved-unclear", "x.md"), ("moved-unclear", "y.md")]
    (wire.directory / "content/2024-05-01-y.md").unlink()
    assert codes(wire) == []
    assert shown_everywhere(wire.feeds) == {f"{AUTHORITY}:a": "T", f"{AUTHORITY}:o": "O"}


def test_a_new_piece_under_the_old_name_takes_no_id_while_two_files_agree_with_the_published_story(wire: Mill) -> None:
    before = publish_two(wire)
    move(wire, A, "2024-05-01-x.md")
    shutil.copy(wire.directory / "content/2024-05-01-x.md", wire.directory / "content/2024-05-01-y.md")
    wire.story(A, OTHER, title="News")
    for _ in range(2):
        wire.build(force=True)
        shown = shown_everywhere(wire.feeds)
        assert shown[f"{AUTHORITY}:a"] == "T"
        assert before.items() <= shown.items()


def test_under_an_older_ledger_a_renamed_story_that_cannot_be_read_is_kept(wire: Mill, tmp_path: Path) -> None:
    publish_two(wire)
    wire.configure(CONFIGURATION + "content: {on_missing: withdraw}\nbrake: {lost: 100}\n")
    wire.build()
    shutil.copy(ledger_of(wire), tmp_path / "backup")
    move(wire, A, B)
    wire.build()
    before = shown_everywhere(wire.feeds)
    wire.story("2024-05-03-more.md", "More.\n", title="More")
    wire.build()
    text = (wire.directory / "content" / B).read_bytes()
    wire.write(B, b"\xff")
    shutil.copy(tmp_path / "backup", ledger_of(wire))
    for content in (b"\xff", text):
        wire.write(B, content)
        wire.build()
        assert shown_everywhere(wire.feeds) == {**before, "tag:wire.example,2024:2024-05-03:more": "More"}


def test_a_story_whose_only_text_was_in_a_damaged_archive_keeps_its_place_there_and_is_reported(wire: Mill) -> None:
    now = grow(wire, 12)
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 4}\ncontent: {on_missing: keep}\n")
    wire.build(now)
    (wire.directory / "content/2023-11-13-s2.md").unlink()
    wire.build(now)
    before = walk(wire.feeds, BASE)
    archive = wire.feeds / "archive/all/2023-11.atom"
    os.truncate(archive, archive.stat().st_size // 2)
    said = [problem for problem in wire.build(now).contents.problems if problem.code == "archive-damaged"]
    assert [problem.place.path for problem in said] == ["feeds/archive/all/2023-11.atom"]
    assert "'s2'" in said[0].message
    assert walk(wire.feeds, BASE) == before
    assert not [problem for problem in wire.build(now).contents.problems if problem.code == "archive-damaged"]


def test_an_unreadable_file_under_a_withdrawn_storys_name_is_reported_by_every_build_without_its_text(
    wire: Mill,
) -> None:
    publish_two(wire)
    assert wire.run("withdraw", "a") == 0
    wire.build()
    wire.write(A, "---\ntitle: [Quoted Secret\n---\nWords.\n")
    for _ in range(3):
        [problem] = wire.build().contents.problems
        assert problem.place.path == f"content/{A}"
        assert "Secret" not in str(problem)
        assert b"Secret" not in all_bytes(wire.directory / ".feedmill", but="")


def test_the_file_of_a_story_that_lies_elsewhere_now_does_not_withdraw_it_unasked(wire: Mill, capsys: Capture) -> None:
    before = publish_two(wire)
    move(wire, A, B)
    wire.write(A, b"\xff")
    assert wire.run("withdraw", f"content/{A}") == 2
    said = capsys.readouterr().err
    assert f"content/{A} holds no story now" in said
    assert f"content/{B}" in said
    wire.build()
    assert shown_everywhere(wire.feeds) == before


@pytest.mark.parametrize("also", ["embargo: 2024-09-01", "date: 2025-01-01", "draft: true", "expires: 2024-06-01"])
def test_a_withdrawal_takes_effect_at_once_whatever_else_the_story_says(wire: Mill, also: str) -> None:
    before = publish_two(wire)
    reword(wire.directory / "content" / A, ("title: T", f"title: T\nwithdrawn: true\n{also}"))
    for _ in range(2):
        wire.build()
        assert shown_everywhere(wire.feeds) == {**before, f"{AUTHORITY}:a": "Withdrawn"}


def test_a_new_story_does_not_take_the_address_of_one_that_is_kept(wire: Mill) -> None:
    before = publish_two(wire)
    wire.write(A, b"\xff")
    wire.build()
    wire.story("new/2024-05-01-a.md", OTHER, title="New")
    for _ in range(2):
        assert ("url-shared", "a.md") in codes(wire)
        assert shown_everywhere(wire.feeds) == before


def test_the_next_build_obeys_a_change_of_content_updated(wire: Mill) -> None:
    publish_two(wire)
    for number, policy in enumerate(("content", "declared", "content", "declared")):
        wire.configure(CONFIGURATION + f"content: {{updated: {policy}}}\nbrake: {{lost: 100}}\n")
        for words in ("", f"Words {number}.\n"):
            if words:
                wire.story("2024-05-01-o.md", words, title="O")
            now = NOW + timedelta(days=number)
            wire.build(now)
            documents = (wire.feeds / "all.json").read_bytes()
            forget_cache(wire)
            wire.build(now)
            assert (wire.feeds / "all.json").read_bytes() == documents, (number, words)


def test_the_manifest_says_of_archives_what_it_said_before_the_cache_was_lost(wire: Mill) -> None:
    now = grow(wire, 12)
    for corrected in ("2023-11-13-s2.md", "2023-12-28-s11.md"):
        reword(wire.directory / "content" / corrected, ("title:", "updated: 2023-12-30\ntitle:"))
        wire.build(now)
    archive = wire.feeds / "archive/all/2023-11.atom"
    archive.unlink()
    wire.build(now)
    before = json.loads((wire.feeds / "manifest.json").read_bytes())["documents"]
    forget_cache(wire)
    wire.build(now)
    assert json.loads((wire.feeds / "manifest.json").read_bytes())["documents"] == before


def test_a_site_without_stories_replaces_nothing_though_the_manifest_is_gone(wire: Mill, capsys: Capture) -> None:
    before = publish_two(wire)
    (wire.feeds / "manifest.json").unlink()
    shutil.rmtree(wire.directory / "content")
    (wire.directory / "content").mkdir()
    assert wire.run("build") == 3
    assert "there are no stories any more" in capsys.readouterr().err
    assert shown_everywhere(wire.feeds) == before


def test_of_a_published_and_a_new_story_that_declare_one_id_the_published_one_has_it(wire: Mill) -> None:
    publish_two(wire)
    reword(wire.directory / "content" / A, ("title: T", "title: T\nid: tag:x,2024:own"))
    wire.story("2024-05-01-new.md", OTHER, title="New", id="tag:x,2024:own")
    for _ in range(2):
        assert codes(wire) == [("id-taken", "new.md")]
        assert shown_everywhere(wire.feeds) == {"tag:x,2024:own": "T", f"{AUTHORITY}:o": "O"}
