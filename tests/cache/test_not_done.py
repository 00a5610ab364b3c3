"""What a build does not do: files not opened, feeds not written or judged, modules not imported."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cache.conftest import Watched, story
from tests.conftest import NOW

HEAVY = {"lxml", "lxml.etree", "feedgen", "feedgen.feed", "yaml", "nh3", "pyromark", "msgspec", "argparse"}
# What only some builds need: for many stories at once, of other generators, with metrics, after a slip.
SELDOM = {
    "threading", "prometheus_client", "feedmill.operations.metrics", "feedmill.ledger.adopting",
    "feedmill.ledger.exchange", "feedmill.normalising.expanding", "feedmill.normalising.embeds",
}  # fmt: skip
LATER = NOW + timedelta(hours=1)


def test_a_cold_build_reads_every_story_and_writes_every_feed(watched: Watched) -> None:
    seen = watched.build()
    assert (seen.exit_code, seen.said) == (0, "")
    assert len(seen.stories) == 9
    assert sorted(seen.written) == ["ai", "all", "china", "money"]
    assert {"all.atom", "all.rss", "all.json", "china.html", "feeds.opml"} <= set(seen.judged)


def test_a_build_with_nothing_to_do_opens_writes_and_imports_nothing(watched: Watched) -> None:
    watched.build()
    before = {path: path.stat() for path in watched.wire.feeds.rglob("*")}
    seen = watched.build(LATER)
    assert seen.exit_code == 0
    assert seen.did_nothing
    assert not seen.modules & HEAVY
    assert {name for name in seen.modules if name.startswith("feedmill")} == {
        "feedmill", "feedmill.__main__", "feedmill.look", "feedmill.program", "feedmill.scan",
    }  # fmt: skip
    assert {path: path.stat() for path in watched.wire.feeds.rglob("*")} == before


def test_links_that_lead_nowhere_are_no_reason_to_look_closely(watched: Watched) -> None:
    content = watched.wire.directory / "content"
    for name in ("2024-05-01-s0.yaml", "content.json"):
        (content / name).symlink_to("nowhere")
    watched.build()
    assert watched.build().did_nothing


def test_a_logged_build_with_nothing_to_do_writes_its_log_and_imports_neither_lxml_nor_feedgen(
    watched: Watched, tmp_path: Path
) -> None:
    watched.build()
    seen = watched.build(LATER, "--log-format", "json", "--metrics", str(tmp_path / "metrics"))
    assert '"event": "build-unchanged"' in seen.said
    assert not seen.modules & {"lxml", "feedgen", "nh3", "pyromark"}
    assert (seen.stories, seen.written) == ([], [])
    assert "feedmill_last_run_exit_code 0.0" in (tmp_path / "metrics").read_text("utf-8")


def test_an_edit_opens_one_file_and_writes_the_feeds_that_show_it(watched: Watched) -> None:
    watched.build()
    story(watched.wire, 8, body="Other words.\n")
    seen = watched.build(LATER)
    assert (seen.stories, seen.listings) == (["2024-05-09-s8.md"], 1)
    assert sorted(seen.written) == ["all", "money"]
    assert {Path(path).stem for path in seen.judged} == {"all", "money"}
    assert (seen.rendered, seen.validated) == (["2024-05-09-s8.md"], ["2024-05-09-s8.md"])
    assert b"Other words" in watched.documents()["money.atom"]
    assert {"nh3", "pyromark", "feedmill.normalising.bodies"} <= seen.modules
    assert not seen.modules & {
        "yaml",
        "feedmill.normalising.expanding",
        "feedmill.operations.metrics",
        "feedmill.ledger.adopting",
    }
    assert "feedmill.rendering.opml" not in seen.modules, "the lists show what they showed"
    watched.assert_as_if_built_anew(LATER)


def test_an_edit_of_a_story_that_no_feed_shows_writes_nothing(watched: Watched) -> None:
    watched.build()
    story(watched.wire, 0, title="Older")
    seen = watched.build(LATER)
    assert (seen.stories, seen.listings) == (["2024-05-01-s0.md"], 1)
    assert (seen.written, seen.judged) == ([], [])
    assert not seen.modules & {"lxml", "feedgen", "nh3", "pyromark", "feedmill.normalising.bodies"}
    assert not seen.modules & SELDOM
    assert watched.build(LATER).did_nothing


def test_bodies_are_made_only_of_stories_that_some_document_shows(watched: Watched) -> None:
    watched.build()
    with sqlite3.connect(watched.cache) as database:
        shown = {path for (path,) in database.execute("SELECT path FROM body")}
    assert shown == {f"2024-05-0{number + 1}-s{number}.md" for number in range(3, 9)}


def test_a_file_that_is_touched_but_not_changed_is_read_and_changes_nothing(watched: Watched) -> None:
    watched.build()
    os.utime(watched.wire.directory / "content" / "2024-05-09-s8.md")
    seen = watched.build(LATER)
    assert seen.stories == ["2024-05-09-s8.md"]
    assert seen.written == []
    assert watched.build(LATER).did_nothing


def test_a_new_and_a_deleted_story_change_their_feeds_alone(watched: Watched) -> None:
    watched.wire.configure(
        (watched.wire.directory / "feedmill.yaml").read_text("utf-8") + "content: {on_missing: drop}\n"
    )
    watched.build()
    (watched.wire.directory / "content" / "2024-05-09-s8.md").unlink()
    watched.wire.story("2024-05-20-new.md", title="New", topics="[ai]")
    seen = watched.build(LATER)
    assert {"2024-05-03-s2.md", "2024-05-20-new.md"} <= set(seen.stories), "an older one takes a place in its feed"
    assert not {f"2024-05-0{number + 1}-s{number}.md" for number in range(3, 8)} & set(seen.stories)
    assert sorted(seen.written) == ["ai", "all", "money"]
    assert watched.build(LATER).did_nothing
    watched.assert_as_if_built_anew(LATER)


@pytest.mark.parametrize(("key", "gone"), [("embargo", False), ("expires", True)])
def test_time_alone_changes_a_feed_and_no_other_file_is_opened(watched: Watched, key: str, *, gone: bool) -> None:
    story(watched.wire, 8, body="Timely.\n", **{key: f"'{LATER:%Y-%m-%dT%H:%M:%SZ}'"})
    watched.build()
    assert watched.build(LATER - timedelta(seconds=1)).did_nothing
    seen = watched.build(LATER)
    assert set(seen.stories) <= {"2024-05-03-s2.md", "2024-05-07-s6.md"}, "what takes its place"
    assert sorted(seen.written) == ["all", "money"]
    assert (b"Timely" in watched.documents()["money.atom"]) is not gone
    watched.assert_as_if_built_anew(LATER)


def test_a_new_story_is_written_beside_what_the_documents_have_of_the_others(watched: Watched) -> None:
    watched.build()
    watched.wire.story("2024-05-20-new.md", title="New", topics="[ai, china]")
    seen = watched.build(LATER)
    assert sorted(seen.written) == ["ai", "all", "china"]
    assert (seen.rendered, seen.validated) == (["2024-05-20-new.md"], ["2024-05-20-new.md"])
    watched.assert_as_if_built_anew(LATER)


@pytest.mark.parametrize("name", ["money.atom", "money.rss", "money.json", "money.html"])
def test_nothing_is_taken_over_from_a_document_that_is_not_as_it_was_published(watched: Watched, name: str) -> None:
    watched.build()
    path = watched.wire.feeds / name
    path.write_bytes(path.read_bytes().replace(b"Story 5", b"Story X"))
    story(watched.wire, 8, title="Other")
    seen = watched.build(LATER)
    assert seen.rendered == ["2024-05-09-s8.md"]
    assert name in seen.judged
    assert b"Story X" not in watched.documents()[name]
    watched.assert_as_if_built_anew(LATER)


def test_a_document_that_was_removed_or_altered_is_put_back(watched: Watched) -> None:
    watched.build()
    before = watched.documents()
    (watched.wire.feeds / "ai.rss").unlink()
    (watched.wire.feeds / "china.html").write_bytes(b"defaced")
    seen = watched.build(LATER)
    assert seen.stories == []
    assert sorted(seen.written) == ["ai", "china"]
    assert watched.documents() == before


def test_a_broken_story_is_told_once_a_day_and_read_no_more(watched: Watched) -> None:
    watched.wire.write("2024-05-30-broken.md", "---\ntitle: [\n---\nWords.\n")
    assert watched.build().said
    seen = watched.build(LATER)
    assert (seen.exit_code, seen.did_nothing) == (1, True)
    again = watched.build(NOW + timedelta(days=1))
    assert (again.exit_code, again.stories) == (1, [])
    assert "yaml-syntax" in again.said


def test_a_withdrawn_story_leaves_no_word_in_the_cache(watched: Watched) -> None:
    secret = "Unspeakable"
    story(watched.wire, 8, title=f"{secret} title", body=f"{secret} body.\n", summary=f"{secret} summary")
    watched.build()
    kept = [watched.wire.directory / ".feedmill" / name for name in ("cache.sqlite3", "ledger.sqlite3")]
    assert secret.encode() in kept[0].read_bytes()
    story(
        watched.wire, 8, title=f"{secret} title", body=f"{secret} body.\n",
        withdrawn=f"{{date: {NOW:%Y-%m-%d}, reason: Wrong}}",
    )  # fmt: skip
    assert watched.build(LATER).exit_code == 0
    for path in (*kept, *watched.wire.feeds.rglob("*")):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path


def test_a_run_that_others_watch_is_not_silent(watched: Watched) -> None:
    watched.build()
    assert watched.build(LATER).did_nothing
    shutil.rmtree(watched.wire.feeds)
    assert sorted(watched.build(LATER, "--verbose").written) == ["ai", "all", "china", "money"]


def test_a_file_dated_before_1970_is_known_again(watched: Watched) -> None:
    path = watched.wire.directory / "content" / "2024-05-09-s8.md"
    os.utime(path, (-86_400, -86_400))
    watched.build()
    assert watched.build(LATER).did_nothing
    os.utime(path, (-86_401, -86_401))
    assert watched.build(LATER).stories == ["2024-05-09-s8.md"]
