"""A build after edits, which looks at what was edited alone, does what one does that looks at everything."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, NoReturn
from zlib import crc32

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedmill.cache import no_cache, open_cache
from feedmill.errors import Refused, Stopped
from feedmill.gathering import Edits
from feedmill.pipeline import Built, build
from feedmill.publishing import Change
from feedmill.reading import Listing, list_stories
from feedmill.survey import Survey
from tests.conftest import NOW, Mill, no_progress
from tests.gathering.test_sifting import CONFIGURATION, archiving, looking_at_all

LATER = NOW + timedelta(hours=1)
WORDS = "Words of a story that is long enough to be told from others by its words, and no more.\n"
_ticks = count(1)

EDITS = st.sampled_from(
    [
        "body",
        "title",
        "topics",
        "date",
        "draft",
        "expires",
        "image",
        "updated",
        "long ago",
        "nonsense",
        "broken",
        "delete",
        "add",
        "none",
        "kill",
    ]
)
STEPS = st.lists(st.tuples(EDITS, st.integers(0, 7), st.sampled_from([0, 1, 24, 24 * 40])), max_size=5)


class Watching:
    """A site that is built as the command builds it: after a survey, with what has changed since the one before."""

    def __init__(self, mill: Mill) -> None:
        self.mill = mill
        self.before = b""
        self.has_looked_at_all = False
        self.unsettled: tuple[str, ...] = ()

    def build(self, now: datetime, *, is_killed: bool = False) -> Built:
        survey = Survey(str(self.mill.directory), "content", "feeds")
        paths = survey.edited_since(self.before) if self.before else None
        before = b"" if paths is None else sha256(self.before).digest()
        edits = Edits((*(paths or ()), *self.unsettled), before, sha256(survey.told).digest())
        state = self.mill.directory / ".feedmill"
        state.mkdir(exist_ok=True)
        self.has_looked_at_all = False
        if not is_killed:  # of such a build nothing is written down, and the snapshot stays
            self.before = b""
        honest = list_stories

        def watched(*given: Any, **more: Any) -> Listing:
            self.has_looked_at_all = True
            return honest(*given, **more)

        with (
            closing(open_cache(state / "cache.sqlite3", "tests", 1 << 62)) as cache,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr("feedmill.gathering.directory.list_stories", watched)
            site, directory = self.mill.site, self.mill.directory
            built = build(site, directory, now=now, progress=no_progress, cache=cache, edits=edits)
        self.before = survey.told
        return built


def outcome(built: Built) -> tuple[object, ...]:
    """Return all that anybody can see of a build."""
    contents = built.contents
    paths = [path for path in built.directory.rglob("*") if path.is_file()]
    documents = {str(path.relative_to(built.directory)): path.read_bytes() for path in paths}
    told = {name: (record.path, record.seen, record.feeds) for name, record in contents.ledger.records.items()}
    return documents, told, contents.problems, contents.left_out, contents.found, contents.hidden, built.plan


def change(mill: Mill, edit: str, number: int, edited: int = 0) -> None:
    """Edit a story, or add or delete one. No two states of a file are ever alike."""
    body, more = f"{WORDS}{number}\n", {}
    if edit == "body":
        body = f"{WORDS}Edited {edited} times.\n"
    elif edit == "broken":
        body = "{{ nobody }}\n"
    else:
        more = {
            "title": {"title": "Another"},
            "topics": {"topics": "[ai]"},
            "date": {"date": "2024-06-20"},
            "draft": {"draft": "true"},
            "expires": {"expires": "2024-07-01T12:00:00Z"},
            "image": {"image": "/a.png"},
            "updated": {"updated": "2024-06-29"},
            "long ago": {"updated": "2024-05-20", "title": "Another still"},
            "nonsense": {"nonsense": "x"},
        }.get(edit, {})
    path = f"s{number + 100 if edit == 'add' else number}.md"
    if edit == "delete":
        (mill.directory / "content" / path).unlink(missing_ok=True)
    else:
        given = {"title": f"Story {number}", "date": f"2024-06-0{number + 1}", "topics": "[china]", **more}
        moment = 1_700_000_000_000_000_000 + next(_ticks)
        os.utime(mill.story(path, body, **given), ns=(moment, moment))


@given(STEPS, st.sampled_from(["nothing", "all", "one topic"]))
@settings(max_examples=20, deadline=None)
def test_a_build_after_edits_is_one_that_looks_at_everything(steps: list[tuple[str, int, int]], archived: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        watching, whole = Watching(Mill(Path(place, "a"))), Mill(Path(place, "b"))
        for mill in (watching.mill, whole):
            (mill.directory / "content").mkdir(parents=True)
            mill.configure(archiving(archived))
            for number in range(8):
                change(mill, "", number)
        now = NOW
        for step, (edit, number, hours) in enumerate([("none", 0, 0), *steps]):
            now += timedelta(hours=hours)
            is_killed = edit == "kill"
            for mill in (watching.mill, whole):
                if edit != "none":
                    change(mill, ("date", "nonsense", "body", "title")[number % 4] if is_killed else edit, number, step)
            seen: list[object] = []
            for is_watched in (True, False):
                try:
                    with killing(really=is_killed):
                        built = watching.build(now, is_killed=is_killed) if is_watched else whole_build(whole, now)
                    seen.append(outcome(built))
                except Refused as refused:
                    seen.append((refused.message, refused.problems))
                except Stopped:
                    seen.append("stopped")
            assert seen[0] == seen[1]


@contextmanager
def killing(*, really: bool) -> Iterator[None]:
    """Stop a build where it is about to write documents."""

    def stop(*_: Any, **__: Any) -> NoReturn:
        raise Stopped(15)

    with pytest.MonkeyPatch.context() as patch:
        if really:
            patch.setattr("feedmill.pipeline.render", stop)
        yield


def whole_build(mill: Mill, now: datetime) -> Built:
    with looking_at_all():
        return build(mill.site, mill.directory, now=now, progress=no_progress, cache=no_cache(mill.directory))


def site_of(wire: Mill, stories: int) -> Watching:
    wire.configure(CONFIGURATION)
    for number in range(stories):
        change(wire, "", number)
    watching = Watching(wire)
    watching.build(NOW)
    return watching


def test_an_edit_of_a_story_that_is_shown_concerns_it_alone(wire: Mill) -> None:
    watching = site_of(wire, 8)
    change(wire, "body", 7)
    watching.build(LATER)
    assert not watching.has_looked_at_all
    assert "Edited" in (wire.feeds / "all.atom").read_text("utf-8")


@pytest.mark.parametrize("edit", ["body", "title"])
@pytest.mark.parametrize("number", [2, 7])
def test_an_edit_of_a_site_with_archives_does_not_concern_what_rests_there(wire: Mill, number: int, edit: str) -> None:
    wire.configure(archiving("all"))
    for story in range(8):
        change(wire, "", story)
    watching = Watching(wire)
    watching.build(NOW)
    change(wire, "add", 8)
    later = NOW + timedelta(days=60)
    watching.build(later)
    change(wire, edit, number)
    built = watching.build(later)
    # The headline of a story that rests is to be written down, should its file be renamed next.
    assert watching.has_looked_at_all == (number == 2 and edit == "title")
    assert {entry.slug for entry in built.contents.entries} >= {"s7", "s108"}
    assert len(built.contents.resting) == built.contents.unseen >= 4
    assert bool(built.published.count(Change.REPLACED) > 1) == (number == 7)


def test_an_edit_of_a_story_that_nobody_sees_concerns_no_feed(wire: Mill) -> None:
    watching = site_of(wire, 8)
    change(wire, "body", 3)
    built = watching.build(LATER)
    assert not watching.has_looked_at_all
    assert {change.value for change in built.published.changes.values()} == {"untouched"}


def test_a_file_that_may_have_changed_without_a_trace_is_looked_at_again(wire: Mill) -> None:
    watching = site_of(wire, 8)
    story = wire.directory / "content" / "s7.md"
    before = story.stat()
    story.write_text(story.read_text("utf-8").replace("Words of", "Texts of"), "utf-8")
    os.utime(story, ns=(before.st_mtime_ns, before.st_mtime_ns))
    watching.before = Survey(str(wire.directory), "content", "feeds").told
    with sqlite3.connect(wire.directory / ".feedmill" / "cache.sqlite3") as database:
        [packed] = next(database.execute("SELECT packed FROM gathered"))
        last = msgspec.msgpack.decode(packed)
        last[0] = sha256(watching.before).digest()
        packed = msgspec.msgpack.encode(last)
        database.execute("UPDATE gathered SET checksum = ?, packed = ?", (crc32(packed), packed))
    watching.unsettled = ("s7.md",)
    watching.build(LATER)
    assert not watching.has_looked_at_all
    assert "Texts of" in (wire.feeds / "all.atom").read_text("utf-8")


def test_what_decides_which_feeds_show_a_story_concerns_all(wire: Mill) -> None:
    watching = site_of(wire, 8)
    for edit in ("topics", "date", "draft", "expires", "delete", "add"):
        change(wire, edit, 7)
        watching.build(LATER)
        assert watching.has_looked_at_all, edit


def test_time_alone_needs_no_file(wire: Mill) -> None:
    watching = site_of(wire, 8)
    watching.build(LATER)
    assert not watching.has_looked_at_all


def test_a_clock_that_was_set_back_needs_all(wire: Mill) -> None:
    watching = site_of(wire, 8)
    watching.build(NOW - timedelta(hours=1))
    assert watching.has_looked_at_all


def test_a_ledger_that_something_else_has_written_needs_all(wire: Mill) -> None:
    watching = site_of(wire, 8)
    assert wire.run("withdraw", "s7", "--reason", "Wrong") == 0
    watching.build(LATER)
    assert watching.has_looked_at_all
    assert f"{WORDS}7" not in (wire.feeds / "all.atom").read_text("utf-8")


def test_nothing_is_kept_of_a_site_whose_file_tells_a_withdrawn_story(wire: Mill) -> None:
    watching = site_of(wire, 8)
    path = wire.directory / "content" / "s7.md"
    path.write_text(path.read_text("utf-8").replace("---\ntitle", "---\nwithdrawn: {reason: Wrong}\ntitle"))
    for name in (b"Story 7", WORDS.encode()):
        assert name in (wire.directory / ".feedmill" / "cache.sqlite3").read_bytes()
    watching.build(LATER)
    assert b"Story 7" not in (wire.directory / ".feedmill" / "cache.sqlite3").read_bytes()


def test_a_sidecar_or_another_convention_needs_all(wire: Mill) -> None:
    watching = site_of(wire, 4)
    wire.write("beside.md", WORDS)
    wire.write("beside.yaml", "title: Beside\ndate: 2024-06-15\n")
    watching.build(LATER)
    wire.write("beside.yaml", "title: Beside it\ndate: 2024-06-15\n")
    watching.build(LATER)
    assert watching.has_looked_at_all
    assert "Beside it" in (wire.feeds / "all.atom").read_text("utf-8")
    wire.story("s3.md", f"{WORDS}{next(_ticks)}", title="Story 3", date="2024-06-04", layout="post", topics="[china]")
    watching.build(LATER)
    assert watching.has_looked_at_all


def test_a_file_that_has_become_a_link_needs_all(wire: Mill) -> None:
    watching = site_of(wire, 8)
    secret = wire.directory / "secret.md"
    story = wire.directory / "content" / "s7.md"
    secret.write_text(story.read_text("utf-8") + "A secret.\n", "utf-8")
    story.unlink()
    story.symlink_to(secret)
    watching.build(LATER)
    assert watching.has_looked_at_all
    assert "secret" not in (wire.feeds / "all.atom").read_text("utf-8")


def test_a_file_whose_name_is_no_text_needs_all(wire: Mill) -> None:
    watching = site_of(wire, 8)
    odd = os.fsencode(wire.directory / "content") + b"/odd-\xff.md"
    for text in (b"One.", b"Another."):
        with open(odd, "wb") as file:  # noqa: PTH123 - no Path has such a name
            file.write(text)
        built = watching.build(LATER)
        assert watching.has_looked_at_all
        assert "file-name" in {problem.code for problem in built.contents.problems}


def test_what_was_gathered_and_is_damaged_is_gathered_anew(wire: Mill) -> None:
    watching = site_of(wire, 8)
    with sqlite3.connect(wire.directory / ".feedmill" / "cache.sqlite3") as database:
        database.execute("UPDATE gathered SET packed = substr(packed, 1, length(packed) - 1)")
    change(wire, "body", 7)
    watching.build(LATER)
    assert watching.has_looked_at_all


def test_what_a_stopped_build_read_is_no_news_of_the_one_before(wire: Mill) -> None:
    watching = site_of(wire, 8)
    change(wire, "date", 0)
    with pytest.raises(Stopped), killing(really=True):
        watching.build(LATER, is_killed=True)
    watching.build(LATER)
    assert "Story 0" in (wire.feeds / "all.atom").read_text("utf-8")


def test_edits_of_neighbours_are_all_kept(wire: Mill) -> None:
    watching = site_of(wire, 8)
    for number in (5, 6, 7):
        change(wire, "nonsense", number)
    assert len(watching.build(LATER).contents.problems) == 3 + 1, "and the list that names a story which is not there"
    for number in (5, 6, 7):
        change(wire, "body", number, 1)
    built = watching.build(LATER)
    assert not watching.has_looked_at_all
    assert [problem.code for problem in built.contents.problems] == ["collection-story"]
