"""A build that looks only at the stories that can make a difference does what one does that looks at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedmill import pipeline
from feedmill.errors import Refused
from feedmill.gathering import gather
from tests.conftest import NOW, Mill
from tests.dying import DyingAfter

CONFIGURATION = """\
site: {title: Wire, url: 'https://wire.example/', id_authority: 'wire.example,2024'}
topics: {china: {title: China}, ai: {title: AI, limit: 1}}
collections:
  chosen: {title: Chosen, stories: [s1, named]}
  both: {title: Both, topics: {all: [china, ai]}}
feeds: {limit: 2, archive: false, formats: [atom]}
content: {on_missing: drop}
brake: {lost: 100, shown_again: 99, emptied: 99, changed_ids: 99}
"""

STORIES = st.fixed_dictionaries(
    {"date": st.sampled_from(["2024-06-01", "2024-06-02", "2024-06-02T10:00:00Z", "2024-06-03", "2024-07-02"])},
    optional={
        "title": st.sampled_from(["One", "Two"]),
        "topics": st.sampled_from(["[china]", "[ai]", "[china, ai]", "[other]"]),
        "slug": st.sampled_from(["named", "s1", "s2"]),
        "updated": st.sampled_from(["2024-06-25", "2024-06-30T12:00:00Z", "2024-08-01"]),
        "url": st.just("/same/"),
        "id": st.just("declared"),
        "draft": st.just("true"),
        "expires": st.sampled_from(["2024-06-20", "2024-07-02T12:00:00Z"]),
        "embargo": st.just("2024-07-01T12:00:00Z"),
        "withdrawn": st.just("{date: 2024-06-20, reason: Wrong}"),
        "nonsense": st.just("x"),
    },
)
WORDS = "Words of a story that is long enough to be told from others by its words, and no more.\n"
BODIES = st.sampled_from(
    ["Words of a story that is long enough to be told from others by its words, and no more.\n"] * 3
    + ["Others.\n", "{{ nobody }}\n"]
)
SITES = st.lists(st.tuples(STORIES, BODIES), min_size=1, max_size=9)


@contextmanager
def looking_at_all() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "sieve", lambda *_, **__: None)
        yield


def outcome(mill: Mill, hours: int) -> tuple[object, ...]:
    """Build, and return all that anybody can see of it."""
    try:
        built = mill.build(NOW + timedelta(hours=hours))
    except Refused as refused:
        return refused.message, refused.problems
    contents = built.contents
    documents = {str(path): path.read_bytes() for path in mill.feeds.rglob("*") if path.is_file()}
    documents = {path.removeprefix(str(mill.directory)): content for path, content in documents.items()}
    with closing(sqlite3.connect(mill.directory / ".feedmill/ledger.sqlite3")) as database:
        told = [sorted(database.execute(f"SELECT * FROM {table}")) for table in ("entries", "archives", "feeds")]
    published = len(contents.entries) + contents.unseen - len(contents.hidden)
    return documents, told, contents.problems, contents.left_out, contents.found, published, contents.hidden, built.plan


def archiving(what: str) -> str:
    """Return a configuration in which nothing, everything, or one feed is archived."""
    return {
        "nothing": CONFIGURATION,
        "all": CONFIGURATION.replace("archive: false", "archive: true"),
        "one topic": CONFIGURATION.replace("limit: 1", "limit: 1, archive: true"),
        "one list": CONFIGURATION.replace("title: Both,", "title: Both, archive: true,"),
    }[what]


@given(
    st.lists(st.tuples(SITES, st.sampled_from([0, 1, 24, 24 * 40])), min_size=1, max_size=4),
    st.sampled_from(["nothing", "all", "one topic", "one list"]),
)
@settings(max_examples=25, deadline=None)
def test_a_build_that_sifts_is_one_that_does_not(
    sites: list[tuple[list[tuple[dict[str, str], str]], int]], archived: str
) -> None:
    configuration = archiving(archived)
    with tempfile.TemporaryDirectory() as place:
        sifting, whole = Mill(Path(place, "a")), Mill(Path(place, "b"))
        hours = 0
        for stories, later in sites:
            hours += later
            for mill in (sifting, whole):
                shutil.rmtree(mill.directory / "content", ignore_errors=True)
                (mill.directory / "content").mkdir(parents=True)
                mill.configure(configuration)
                for number, (metadata, body) in enumerate(stories):
                    mill.story(f"s{number}.md", body, **{"title": f"Story {number}", **metadata})
            seen = outcome(sifting, hours)
            with looking_at_all():
                assert seen == outcome(whole, hours)


CHANGES: dict[str, dict[str, str]] = {
    "title": {"title": "Another"},
    "topics": {"topics": "[ai]"},
    "no topics": {"topics": "[]"},
    "date": {"date": "2024-06-25"},
    "older": {"date": "2024-04-25"},
    "updated": {"updated": "2024-06-28"},
    "updated long ago": {"updated": "2024-05-20"},
    "draft": {"draft": "true"},
    "expires": {"expires": "2024-07-02T12:00:00Z"},
    "withdrawn": {"withdrawn": "{date: 2024-06-20, reason: Wrong}"},
    "url": {"url": "/elsewhere/"},
    "id": {"id": "declared"},
    "slug": {"slug": "s1"},
    "nonsense": {"nonsense": "x"},
    "as it was": {},
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*CHANGES, "new", "new", "body", "broken", "delete", "rename", "rename and retitle", "copy"]),
        st.integers(0, 9),
        st.sampled_from([0, 1, 24, 24 * 40]),
        st.sampled_from(["", "", "", "", "dies", "more", "fewer", "lost archive", "lost ledger"]),
    ),
    min_size=1,
    max_size=6,
)


def change(mill: Mill, what: str, number: int, step: int) -> None:
    """Change one story of a site, or let one come or go."""
    path = mill.directory / "content" / f"s{number}.md"
    metadata = {"title": f"Story {number}", "date": f"2024-05-{number + 1:02}", "topics": "[china, ai]"}
    words = f"{WORDS}{number}\n"
    if what == "new":
        mill.story(f"new{step}.md", f"News {step}.\n", title=f"New {step}", date="2024-06-30", topics="[china]")
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif what == "copy":
        mill.story(f"copy{step}.md", words, **metadata)
    elif what in ("rename", "rename and retitle"):
        path.unlink(missing_ok=True)
        title = "Renamed" if what != "rename" else metadata["title"]
        mill.story(f"renamed{number}.md", words, **{**metadata, "title": title})
    else:
        body = {"body": "Rewritten from head to foot.\n", "broken": "{{ nobody }}\n"}.get(what, words)
        mill.story(f"s{number}.md", body, **{**metadata, **CHANGES.get(what, {})})


def disturb(mill: Mill, how: str, configuration: str, hours: int) -> None:
    """Let something happen beside the stories before the next build."""
    mill.configure(configuration.replace("limit: 2", {"more": "limit: 4", "fewer": "limit: 1"}.get(how, "limit: 2")))
    if how == "lost archive":
        for lost in sorted(mill.feeds.rglob("archive/*/*.atom"))[:1]:
            lost.unlink()
    elif how == "lost ledger":
        (mill.directory / ".feedmill/ledger.sqlite3").unlink()
    elif how == "dies":
        dying = DyingAfter(3)
        with pytest.MonkeyPatch.context() as patch, suppress(KeyboardInterrupt, Refused):
            patch.setattr(os, "replace", dying)
            mill.build(NOW + timedelta(hours=hours))


@given(
    STEPS, st.sampled_from(["nothing", "all", "one topic", "one list"]), st.sampled_from(["drop", "keep", "withdraw"])
)
@settings(max_examples=25, deadline=None)
def test_however_a_site_changes_a_build_that_sifts_is_one_that_does_not(
    steps: list[tuple[str, int, int, str]], archived: str, on_missing: str
) -> None:
    configuration = archiving(archived).replace("on_missing: drop", f"on_missing: {on_missing}")
    with tempfile.TemporaryDirectory() as place:
        sifting, whole = Mill(Path(place, "a")), Mill(Path(place, "b"))
        hours = 0
        for mill in (sifting, whole):
            (mill.directory / "content").mkdir(parents=True)
            mill.configure(configuration)
            for number in range(10):
                change(mill, "as it was", number, 0)
            mill.build(NOW - timedelta(days=30))
        for step, (what, number, later, how) in enumerate(steps):
            hours += later
            for mill in (sifting, whole):
                change(mill, what, number, step)
            disturb(sifting, how, configuration, hours)
            seen = outcome(sifting, hours)
            with looking_at_all():
                disturb(whole, how, configuration, hours)
                assert seen == outcome(whole, hours)


def test_only_what_can_make_a_difference_is_looked_at(wire: Mill) -> None:
    wire.configure(CONFIGURATION)
    for day in range(1, 29):
        wire.story(f"2024-05-{day:02}-s{day}.md", title=f"Story {day}")
    wire.story("2024-04-01-draft.md", draft="true")
    wire.story("2024-04-02-named.md")
    built = wire.build()
    assert {entry.slug for entry in built.contents.entries} == {"s28", "s27", "s1", "draft", "named"}
    assert (built.contents.unseen, built.contents.found) == (25, 30)


@pytest.mark.parametrize("archived", ["nothing", "all"])
@pytest.mark.parametrize("updated", ["declared", "content"])
def test_what_has_left_its_feeds_rests_where_nothing_but_its_own_word_moves_its_date(
    wire: Mill, archived: str, updated: str
) -> None:
    wire.configure(archiving(archived).replace("content: {", f"content: {{updated: {updated}, "))
    for day in range(1, 13):
        wire.story(f"2024-05-{day:02}-t{day}.md", title=f"Story {day}")
        wire.build(NOW + timedelta(days=day))
    wire.story("2024-05-13-t13.md", title="Story 13")
    built = wire.build(NOW + timedelta(days=60))
    resting = {
        f"tag:wire.example,2024:2024-05-{day:02}:t{day}" for day in range(1, 11)
    }  # the eleventh leaves with this build
    assert built.contents.resting == (resting if updated == "declared" else set())


def test_a_story_that_turns_out_to_have_no_body_gives_way_to_one_that_was_not_looked_at(wire: Mill) -> None:
    wire.configure(CONFIGURATION)
    for day in range(1, 9):
        wire.story(f"2024-05-{day:02}-t{day}.md", "{{ nobody }}\n" if day > 5 else "Words.\n", title=f"Story {day}")
    built = wire.build()
    assert [entry.slug for entry in built.contents.feeds[0].entries] == ["t5", "t4"]
    assert built.contents.left_out == 3


def test_a_story_whose_file_is_renamed_is_sought_among_all(wire: Mill) -> None:
    wire.configure(CONFIGURATION)
    for day in range(1, 9):
        wire.story(f"2024-05-{day:02}-t{day}.md", title=f"Story {day}")
    before = wire.build().contents.feeds[0].entries
    (wire.directory / "content" / "2024-05-08-t8.md").rename(wire.directory / "content" / "2024-05-08-renamed.md")
    after = wire.build().contents.feeds[0].entries
    assert [entry.id for entry in after] == [entry.id for entry in before]


@pytest.mark.parametrize("on_missing", ["keep", "drop", "withdraw"])
def test_a_story_that_is_gone_is_sought_once_and_not_at_every_build(wire: Mill, on_missing: str) -> None:
    wire.configure(CONFIGURATION.replace("on_missing: drop", f"on_missing: {on_missing}"))
    for day in range(1, 20):
        wire.story(f"2024-05-{day:02}-t{day}.md", f"{WORDS}{day}\n", title=f"Story {day}")
    wire.build()
    (wire.directory / "content" / "2024-05-18-t18.md").unlink()
    assert wire.build().contents.unseen == 0
    wire.story("2024-05-19-t19.md", f"{WORDS}Edited.\n", title="Story 19")
    assert wire.build().contents.unseen > 0
    with sqlite3.connect(wire.directory / ".feedmill" / "cache.sqlite3") as database:
        assert next(database.execute("SELECT count(*) FROM bodies"))[0] < 8


@pytest.mark.parametrize("archived", ["nothing", "all"])
def test_a_withdrawn_story_that_comes_back_takes_no_place_in_a_window(tmp_path: Path, archived: str) -> None:
    def outcome_of(mill: Mill) -> tuple[object, ...]:
        (mill.directory / "content").mkdir(parents=True)
        mill.configure(archiving(archived))
        for number in range(10):
            change(mill, "as it was", number, 0)
        mill.build(NOW - timedelta(days=30))
        change(mill, "withdrawn", 9, 0)
        mill.build(NOW)
        (mill.directory / "content/s9.md").unlink()
        for hours in (1, 2):
            mill.build(NOW + timedelta(hours=hours))
        mill.story("back.md", f"{WORDS}9\n", title="Story 9", date="2024-05-10", topics="[china, ai]")
        change(mill, "draft", 8, 0)
        return outcome(mill, 3)

    seen = outcome_of(Mill(tmp_path / "sifting"))
    with looking_at_all():
        assert seen == outcome_of(Mill(tmp_path / "whole"))


def test_a_published_story_that_is_broken_does_not_take_a_look_at_all(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.configure(archiving("all"))
    for day in range(1, 21):
        wire.story(f"2024-05-{day:02}-t{day}.md", title=f"Story {day}")
    wire.build()
    wire.write("2024-05-03-t3.md", "---\ntitle: [\n---\n")
    gathered = 0
    honest = gather

    def counted(*given: Any, **more: Any) -> Any:
        nonlocal gathered
        gathered += 1
        return honest(*given, **more)

    monkeypatch.setattr("feedmill.pipeline.gather", counted)
    wire.story("2024-05-20-t20.md", "Edited.\n", title="Story 20")
    assert wire.build(NOW + timedelta(days=60)).contents.unseen > 0
    assert gathered == 1


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_story_that_was_sought_in_vain_is_known_again_when_it_comes_back(wire: Mill, *, is_stopped: bool) -> None:
    wire.configure(CONFIGURATION)
    for day in range(1, 20):
        wire.story(f"2024-05-{day:02}-t{day}.md", f"{WORDS}{day}\n", title=f"Story {day}")
    wire.build()
    (wire.directory / "content" / "2024-05-18-t18.md").unlink()
    for _ in range(3):
        wire.build()
    wire.story("2024-05-01-elsewhere.md", f"{WORDS}18\n", title="Story 18")
    if is_stopped:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr(pipeline, "render", lambda *_: 1 / 0)
            wire.build()
    ids = {entry.id for entry in wire.build().contents.entries if entry.title == "Story 18"}
    assert ids == {"tag:wire.example,2024:2024-05-18:t18"}
