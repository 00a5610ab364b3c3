"""A build that looks only at the stories that can make a difference does what one does that looks at all."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedmill import pipeline
from feedmill.errors import Refused
from tests.conftest import NOW, Mill

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
    documents = {path.name: path.read_bytes() for path in mill.feeds.rglob("*") if path.is_file()}
    told = {name: (record.path, record.feeds, record.left) for name, record in contents.ledger.records.items()}
    published = len(contents.entries) + contents.unseen - len(contents.hidden)
    return documents, told, contents.problems, contents.left_out, contents.found, published, contents.hidden, built.plan


@given(st.lists(SITES, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_a_build_that_sifts_is_one_that_does_not(sites: list[list[tuple[dict[str, str], str]]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        sifting, whole = Mill(Path(place, "a")), Mill(Path(place, "b"))
        for step, stories in enumerate(sites):
            for mill in (sifting, whole):
                shutil.rmtree(mill.directory / "content", ignore_errors=True)
                (mill.directory / "content").mkdir(parents=True)
                mill.configure(CONFIGURATION)
                for number, (metadata, body) in enumerate(stories):
                    mill.story(f"s{number}.md", body, **{"title": f"Story {number}", **metadata})
            seen = outcome(sifting, 24 * step)
            with looking_at_all():
                assert seen == outcome(whole, 24 * step)


def test_only_what_can_make_a_difference_is_looked_at(wire: Mill) -> None:
    wire.configure(CONFIGURATION)
    for day in range(1, 29):
        wire.story(f"2024-05-{day:02}-s{day}.md", title=f"Story {day}")
    wire.story("2024-04-01-draft.md", draft="true")
    wire.story("2024-04-02-named.md")
    built = wire.build()
    assert {entry.slug for entry in built.contents.entries} == {"s28", "s27", "s1", "draft", "named"}
    assert (built.contents.unseen, built.contents.found) == (25, 30)


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
