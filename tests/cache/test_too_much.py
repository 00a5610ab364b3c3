"""Too much is never reused: whatever can have changed is looked at again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedmill.reading import story_files
from feedmill.scan import Folder, walk
from tests.cache.conftest import Watched, story
from tests.conftest import NOW

LATER = NOW + timedelta(hours=1)
NEWEST = "2024-05-09-s8.md"


def newest(watched: Watched) -> Path:
    return watched.wire.directory / "content" / NEWEST


def shows(watched: Watched, text: bytes) -> bool:
    return text in watched.documents()["money.atom"]


def test_a_file_changed_within_the_clocks_resolution_is_read_again(watched: Watched) -> None:
    """Nothing is relied upon that changed just before the build, though nothing tells it from what was read."""
    watched.build(racy=True)
    path, before = newest(watched), newest(watched).stat()
    path.write_bytes(path.read_bytes().replace(b"Words.", b"Wards."))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    seen = watched.build(LATER, racy=True)
    assert len(seen.stories) == 9
    assert shows(watched, b"Wards.")


def test_the_state_of_a_file_is_unknown_while_it_may_change_unseen(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A")
    changed = (tmp_path / "a.md").stat().st_ctime_ns
    [folder] = walk(str(tmp_path), "")
    assert not folder.differs_from(folder.row(changed + 2_000_000_000))
    for began in (changed, changed + 1_999_999_999, changed - 5_000_000_000):
        row = folder.row(began)
        assert folder.differs_from(row), "or a clock that was set back"
        assert folder.changed_since(row) == {"a.md"}
    assert Folder("", ()).differs_from(folder.row(changed + 9_000_000_000))


def test_a_file_restored_with_its_old_time_and_size_is_read_again(watched: Watched) -> None:
    watched.build()
    path, before = newest(watched), newest(watched).stat()
    path.write_bytes(path.read_bytes().replace(b"Words.", b"Wards."))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert watched.build(LATER).stories == [NEWEST]
    assert shows(watched, b"Wards.")


@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_called_like_a_story_is_looked_into_as_any_other(watched: Watched, *, is_link: bool) -> None:
    """Where all names end in .md, they are not asked one by one whether they are files."""
    folder = watched.wire.directory / "content" / "folder.md"
    folder.mkdir()
    watched.wire.story("folder.md/inner.md", title="Inner", date="2024-05-20", topics="[money]")
    if is_link:
        (watched.wire.directory / "content" / "link.md").symlink_to("2024-05-09-s8.md")
    watched.build()
    assert shows(watched, b"Inner")
    watched.wire.story("folder.md/inner.md", title="Changed", date="2024-05-20", topics="[money]")
    assert "folder.md/inner.md" in watched.build(LATER).stories
    assert shows(watched, b"Changed")
    watched.wire.story("folder.md/new.md", title="Newcomer", date="2024-05-21", topics="[money]")
    watched.build(LATER)
    assert shows(watched, b"Newcomer")


def test_a_file_replaced_by_another_of_equal_size_and_time_is_read_again(watched: Watched) -> None:
    watched.build()
    path, before = newest(watched), newest(watched).stat()
    other = watched.wire.directory / "other.md"
    other.write_bytes(path.read_bytes().replace(b"Words.", b"Wards."))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert watched.build(LATER).stories == [NEWEST]
    assert shows(watched, b"Wards.")


def test_two_files_that_change_places_are_read_again(watched: Watched) -> None:
    watched.build()
    content = watched.wire.directory / "content"
    (content / NEWEST).rename(content / "swap")
    (content / "2024-05-08-s7.md").rename(content / NEWEST)
    (content / "swap").rename(content / "2024-05-08-s7.md")
    assert {"2024-05-08-s7.md", NEWEST} <= set(watched.build(LATER).stories)
    watched.assert_as_if_built_anew(LATER)


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(days=400)])
def test_a_clock_that_was_set_back_is_no_reason_to_do_nothing(watched: Watched, back: timedelta) -> None:
    story(watched.wire, 8, embargo=f"'{NOW - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}'")
    watched.build()
    assert watched.build(NOW).did_nothing
    assert "feedmill.build" in watched.build(NOW - back, "--force").modules
    watched.assert_as_if_built_anew(NOW - back)


def test_another_feedmill_or_library_takes_nothing_over(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.build()
    installed = watched.wire.directory / "elsewhere"
    (installed / "nh3-99.0.dist-info").mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(installed))
    assert len(watched.build(LATER).stories) == 9
    assert watched.build(LATER).did_nothing
    (installed / "nh3-99.0.dist-info").rename(installed / "nh3-99.1.dist-info")
    assert len(watched.build(LATER).stories) == 9


@pytest.mark.parametrize(
    ("old", "new"),
    [("title: Wire", "title: Wires"), ("{title: AI}", "{title: AI, aliases: [x]}"), ("limit: 2", "limit: 3")],
)
def test_another_configuration_takes_no_story_over(watched: Watched, old: str, new: str) -> None:
    watched.build()
    text = (watched.wire.directory / "feedmill.yaml").read_text("utf-8")
    assert old in text
    watched.wire.configure(text.replace(old, new))
    assert len(watched.build(LATER).stories) == 9
    watched.assert_as_if_built_anew(LATER)


def test_a_sidecar_a_topic_file_or_a_generators_configuration_counts_like_the_story(watched: Watched) -> None:
    text = (watched.wire.directory / "feedmill.yaml").read_text("utf-8")
    watched.wire.configure(text + "content: {topics_from: kinds}\n")
    watched.wire.write("kinds/space.md", "---\ntitle: Space\n---\n")
    watched.wire.write("2024-05-20-beside.md", "Plain words.\n")
    watched.wire.write("2024-05-20-beside.yaml", "title: Beside\ntopics: [money]\n")
    watched.build()
    watched.wire.write("2024-05-20-beside.yaml", "title: Aside\ntopics: [money]\n")
    assert set(watched.build(LATER).stories) - {"kinds/space.md"} == {"2024-05-20-beside.md"}
    assert shows(watched, b"Aside")
    watched.wire.write("kinds/space.md", "---\ntitle: Cosmos\n---\n")
    assert "space" in watched.build(LATER).written
    assert b"Cosmos" in watched.documents()["space.atom"]
    (watched.wire.directory / "hugo.toml").write_text("")
    assert watched.build(LATER).modules & {"feedmill.build"}
    watched.assert_as_if_built_anew(LATER)


@pytest.mark.parametrize("name", ["new\nline.md", "a>b.md", "a b.md"])
def test_an_edit_beside_a_file_of_any_name_is_seen(watched: Watched, name: str) -> None:
    watched.wire.story(name, title="Strange", date="2024-05-20", topics="[money]")
    (watched.wire.directory / "content" / "2024-04-01-link>ed.md").symlink_to("2024-05-01-s0.md")
    assert watched.build().exit_code == 0
    watched.wire.story(name, title="Stranger", date="2024-05-20", topics="[money]")
    seen = watched.build(LATER)
    assert (seen.exit_code, seen.stories) == (0, [name])
    assert shows(watched, b"Stranger")


def test_the_data_file_of_a_folder_counts_for_the_stories_of_all_folders_in_it(watched: Watched) -> None:
    text = (watched.wire.directory / "feedmill.yaml").read_text("utf-8")
    watched.wire.configure(text + "content: {convention: eleventy}\n")
    watched.wire.write("posts/posts.json", '{"tags": ["money"]}')
    watched.wire.story("posts/2024/inner.md", title="Inner", date="2024-05-20")
    watched.build()
    assert shows(watched, b"Inner")
    watched.wire.write("posts/posts.json", '{"tags": ["china"]}')
    assert "posts/2024/inner.md" in watched.build(LATER).stories
    assert not shows(watched, b"Inner")
    watched.assert_as_if_built_anew(LATER)


def test_what_is_deleted_while_the_habits_of_its_folder_change_is_gone(watched: Watched) -> None:
    text = (watched.wire.directory / "feedmill.yaml").read_text("utf-8")
    watched.wire.configure(text + "content: {on_missing: drop}\n")
    for name in ("one", "two"):
        watched.wire.story(f"blog/{name}.md", title=f"Number {name}", date="2024-05-20", topics="[money]")
    watched.build()
    assert shows(watched, b"Number one")
    (watched.wire.directory / "content" / "blog" / "one.md").unlink()
    watched.wire.story("blog/two.md", title="Number two", date="2024-05-20", layout="post", topics="[money]")
    watched.build(LATER)
    assert not shows(watched, b"Number one")
    watched.assert_as_if_built_anew(LATER)


def test_what_vanishes_between_the_scan_and_the_reading_is_looked_for_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, content = watched.wire, watched.wire.directory / "content"
    wire.configure((wire.directory / "feedmill.yaml").read_text("utf-8") + "content: {on_missing: drop}\n")
    wire.build()

    def vanishing(*arguments: Any) -> Any:
        newest(watched).rename(wire.directory / "away")
        monkeypatch.undo()
        return story_files(*arguments)

    monkeypatch.setattr("feedmill.content.story_files", vanishing)
    story(wire, 8, title="Anew")
    wire.build()
    assert not shows(watched, b"Anew")
    (content / "2024-05-06-s5.md").unlink()
    (wire.directory / "away").rename(newest(watched))
    wire.build()
    assert shows(watched, b"Anew")
    assert not shows(watched, b"Story 5")


def test_a_reference_that_leads_elsewhere_now_makes_the_body_anew(watched: Watched) -> None:
    text = (watched.wire.directory / "feedmill.yaml").read_text("utf-8")
    watched.wire.configure(text + "content: {convention: hugo}\n")
    story(watched.wire, 8, body='See [it]({{< ref "2024-05-01-s0.md" >}}).\n')
    watched.build()
    story(watched.wire, 0, url="/elsewhere/")
    seen = watched.build(LATER)
    assert seen.stories == ["2024-05-01-s0.md", NEWEST]
    assert shows(watched, b"https://wire.example/elsewhere/")
    assert sorted(seen.written) == ["all", "money"]


def test_a_moved_copy_of_the_site_builds_the_same(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> None:
    watched.build()
    before = watched.documents()
    copy = tmp_path_factory.mktemp("copy") / "site"
    shutil.copytree(watched.wire.directory, copy)
    moved = Watched(type(watched.wire)(copy))
    assert len(moved.build(LATER).stories) == 9
    assert moved.documents() == before


def test_what_changes_while_a_build_runs_is_seen_by_the_next(watched: Watched) -> None:
    """The survey that the next run relies upon was made before anything was read."""
    watched.build()
    time.sleep(0.02)
    story(watched.wire, 8, body="First.\n")
    assert watched.build(LATER).stories == [NEWEST]
    story(watched.wire, 8, body="Other.\n")
    assert watched.build(LATER).stories == [NEWEST]
    assert shows(watched, b"Other.")


def test_a_withdrawal_that_lies_in_a_log_beside_the_ledger_is_seen(watched: Watched) -> None:
    """Whoever copies a ledger while it is in use may have given it a write-ahead log, and hold on to that."""
    watched.build()
    with closing(sqlite3.connect(watched.wire.directory / ".feedmill" / "ledger.sqlite3")) as held:
        assert held.execute("PRAGMA journal_mode=wal").fetchone() == ("wal",)
        held.execute("SELECT * FROM about").fetchall()
        watched.build(LATER)
        assert watched.build(LATER).did_nothing
        assert watched.wire.run("withdraw", "s8", "--reason", "Wrong.") == 0
        watched.build(LATER)
    assert shows(watched, b"This story was withdrawn on ")
    assert not shows(watched, b"Story 8")
