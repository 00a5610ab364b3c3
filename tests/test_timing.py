"""When time alone changes a feed is told exactly, or too early, and never too late."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedmill.identifying import prepare
from feedmill.selecting import foresee
from feedmill.timing import TimeChange
from feedmill.work import Work
from tests.conftest import CONFIGURATION, NOW, Mill, no_progress
from tests.parts import count

HOURS = st.one_of(st.none(), st.integers(-60, 60))
STORIES = st.lists(st.tuples(st.integers(-90, 60), HOURS, HOURS, HOURS, st.sampled_from(["china", "ai"])), max_size=6)


def moment(hours: int) -> str:
    return f"'{NOW + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}'"


def upcoming(wire: Mill, now: datetime) -> list[TimeChange]:
    with (
        closing(wire.store()) as store,
        Work(wire.site, wire.directory, store, now=now, progress=no_progress) as work,
    ):
        prepare(work)
        return foresee(work)


def documents(wire: Mill) -> dict[str, bytes]:
    """Return all documents but the manifest, which tells the moment itself."""
    files = (path for path in wire.feeds.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(wire.feeds)): path.read_bytes() for path in files}


@settings(max_examples=count(12, 25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=STORIES, limit=st.integers(1, 3), archive=st.booleans())
def test_nothing_changes_before_the_moment_that_is_told(
    tmp_path: Path, stories: list[tuple[int, int | None, int | None, int | None, str]], limit: int, *, archive: bool
) -> None:
    shutil.rmtree(tmp_path / "site", ignore_errors=True)
    wire = Mill(tmp_path / "site")
    wire.directory.mkdir()
    brake = "brake: {changed_ids: 99, shown_again: 99, emptied: 99, lost: 100}\n"
    wire.configure(f"{CONFIGURATION}feeds: {{limit: {limit}, archive: {str(archive).lower()}}}\n{brake}")
    wire.story("2024-01-01-steady.md", topics="[china]")
    for number, (date, embargo, expires, withdrawn, topic) in enumerate(stories):
        given_ = {"embargo": embargo, "expires": expires}
        told = {key: moment(hours) for key, hours in given_.items() if hours is not None}
        if withdrawn is not None:
            told["withdrawn"] = f"{{date: {moment(withdrawn)}, reason: Wrong}}"
        wire.story(f"s{number}.md", title=f"Story {number}", date=moment(date), topics=f"[{topic}]", **told)
    now = NOW
    for _ in range(4):
        wire.build(now)
        before = documents(wire)
        changes = upcoming(wire, now)
        said = json.loads((wire.feeds / "manifest.json").read_bytes())["next_change"]
        assert said == (changes[0].moment.isoformat() if changes else None)
        last = changes[0].moment - timedelta(seconds=1) if changes else now + timedelta(days=400)
        if last > now:
            wire.build(last)
            assert documents(wire) == before
        if not changes:
            return
        now = changes[0].moment


@pytest.mark.parametrize(
    ("metadata", "what", "hours"),
    [
        ({"embargo": moment(5)}, "its embargo ends", 5),
        ({"date": moment(7)}, "its date is reached", 7),
        ({"expires": moment(9)}, "it expires", 9),
        ({"withdrawn": f"{{date: {moment(11)}, reason: Wrong}}"}, "its withdrawal takes effect", 11),
    ],
)
def test_each_reason_is_told_with_its_story_and_its_feeds_and_a_build_then_makes_the_change(
    wire: Mill, metadata: dict[str, str], what: str, hours: int
) -> None:
    wire.story("2024-05-01-other.md", title="Other", topics="[china, ai]")
    wire.story("2024-05-02-timely.md", **{"title": "Timely", "topics": "[china]", **metadata})
    wire.build()
    changes = upcoming(wire, NOW)
    at = NOW + timedelta(hours=hours)
    assert [(c.moment, c.feed, c.what, c.title) for c in changes] == [
        (at, "all", what, "Timely"), (at, "china", what, "Timely")
    ]  # fmt: skip
    before = documents(wire)
    wire.build(at, force=True)
    changed = {path for path, content in documents(wire).items() if before.get(path) != content}
    assert {"all.atom", "china.rss"} <= changed
    assert not changed & {"ai.atom", "ai.rss", "ai.json"}


OLD = {"title": "Old", "date": "2024-05-01", "topics": "[china]"}
NEWER = [{f"n{number}.md": {"title": f"N{number}", "date": f"2024-06-2{number}"}} for number in range(2)]
SOON = f"{{date: {moment(1)}, reason: Wrong}}"
ANN = "[{name: %s, url: 'https://wire.example/authors/ann/'}]"
TWIN = {"slug": "twin", "topics": "[china]"}


@pytest.mark.parametrize(
    ("feeds", "steps", "more"),
    [
        pytest.param(
            "limit: 1, archive: true", [{"o.md": {**OLD, "expires": moment(1)}}, *NEWER], "", id="is archived first"
        ),
        pytest.param(
            "limit: 1", [{"o.md": {**OLD, "withdrawn": SOON}}, *NEWER], "",
            id="left the window, and comes back as a stub",
        ),
        pytest.param(
            "limit: 1, authors: true",
            [{"o.md": {**OLD, "authors": ANN % "ANN", "expires": moment(1)}},
             {"n.md": {"title": "New", "date": "2024-06-01", "authors": ANN % "Ann"}}], "",
            id="gives its author's feed the name",
        ),
        pytest.param(
            "limit: 1",
            [{"a/o.md": {**OLD, **TWIN, "url": "/a/", "id": "tag:wire.example,2024:a", "expires": moment(1)},
              "b/o.md": {**OLD, **TWIN, "url": "/b/", "id": "tag:wire.example,2024:b"}}, *NEWER],
            "collections: {hand: {title: H, stories: [twin]}}\n", id="makes another's name plain",
        ),
        pytest.param(
            "limit: 5",
            [{"o.md": {**OLD, "withdrawn": SOON}}, {"o.md": {**OLD, "withdrawn": SOON, "expires": moment(-1)}}], "",
            id="expired before it is withdrawn",
        ),
    ],
)  # fmt: skip
def test_what_no_window_shows_may_change_a_feed_by_time_too(
    wire: Mill, feeds: str, steps: list[dict[str, dict[str, str]]], more: str
) -> None:
    brake = "brake: {changed_ids: 99, shown_again: 99, emptied: 99, lost: 100}\n"
    wire.configure(f"{CONFIGURATION}feeds: {{{feeds}}}\n{brake}{more}")
    for number, step in enumerate(steps, 1):
        for path, metadata in step.items():
            wire.story(path, **metadata)
        wire.build(NOW - timedelta(hours=len(steps) - number))
    assert upcoming(wire, NOW)[0].moment == NOW + timedelta(hours=1)
    manifest = (wire.feeds / "manifest.json").read_bytes()
    before = documents(wire)
    wire.build(NOW + timedelta(minutes=59))
    assert (documents(wire), (wire.feeds / "manifest.json").read_bytes()) == (before, manifest)
    wire.build(NOW + timedelta(hours=1))
    assert documents(wire) != before


def test_a_stub_goes_when_its_time_is_over(wire: Mill) -> None:
    path = wire.story("2024-05-02-s.md", title="Shown", topics="[china]")
    wire.story("2024-05-03-other.md", title="Other", topics="[china]")
    wire.build()
    path.write_text(path.read_text("utf-8").replace("title:", "withdrawn: {date: 2024-07-01, reason: Wrong}\ntitle:"))
    wire.build(NOW + timedelta(hours=4), force=True)
    before = documents(wire)
    [change, *_] = upcoming(wire, NOW + timedelta(hours=4))
    assert change.what == "the stub of a withdrawn story goes"
    wire.build(change.moment - timedelta(seconds=1))
    assert documents(wire) == before
    wire.build(change.moment)
    assert documents(wire) != before


def test_what_never_changes_by_time_is_said_to(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    assert wire.run("next") == 0
    assert "no feed will change" in capsys.readouterr().out
    assert wire.run("next", "--json") == 0
    assert json.loads(capsys.readouterr().out)["next"] is None


def test_next_tells_people_a_line_a_story_and_programs_the_moment(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.story("2024-05-02-a.md", title="Held", topics="[china]", embargo=moment(5))
    wire.story("2024-05-03-b.md", title="Fleeting", topics="[ai]", expires=moment(72))
    assert wire.run("next") == 0
    assert capsys.readouterr().out.splitlines() == [
        "2024-07-01T05:00:00Z  in 5 h: its embargo ends: 'Held' (all, china)",
        "2024-07-04T00:00:00Z  in 3 days: it expires: 'Fleeting' (ai, all)",
    ]
    assert wire.run("next", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["next"], told["seconds"]) == ("2024-07-01T05:00:00+00:00", 18_000)
    assert len(told["changes"]) == 4
