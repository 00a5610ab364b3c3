"""The plan says what subscribers will see; the brakes hold what they should not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import CONFIGURATION, NOW, Mill
from tests.ledger.reader import shown

# What a run notes for the next one.
NOTES = ("lock", "runs.json", "cache.sqlite3", "snapshot")


def everything(wire: Mill) -> dict[Path, tuple[bytes, int]]:
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in wire.directory.rglob("*")
        if path.is_file() and "content" not in path.parts and path.name not in NOTES
    }


def fill(wire: Mill, count: int = 10, limit: int = 50) -> None:
    wire.configure(CONFIGURATION + f"feeds: {{limit: {limit}, archive: false}}\n")
    for number in range(1, count + 1):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[china]")


def test_a_plan_names_every_kind_of_change_and_writes_nothing(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(wire, 10, limit=10)
    assert wire.run("build") == 0
    wire.story("2024-06-01-new.md", title="Fresh", topics="[china]")
    wire.story("2024-05-09-s.md", title="Story 9, repaired", topics="[china]")
    wire.story("2024-05-08-s.md", title="Story 8", topics="[ai]")
    assert wire.run("withdraw", "2024-05-07-s.md", "--reason", "It was wrong.") == 0
    before = everything(wire)
    capsys.readouterr()
    assert wire.run("plan") == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "all: 1 new, 2 changed, 1 withdrawn",
        "  + new: Fresh",
        "  ~ changed: Story 9, repaired (title)",
        "  ~ changed: Story 8 (topics)",
        "  x withdrawn: Withdrawn (It was wrong.)",
        "china: 1 new, 1 changed, 1 withdrawn, 1 lost",
        "  + new: Fresh",
        "  ~ changed: Story 9, repaired (title)",
        "  x withdrawn: Withdrawn (It was wrong.)",
        "  ! lost: Story 8 (no longer one of its stories)",
        "ai: 1 new",
        "  + new: Story 8",
        "In all 2 entries new, 0 shown again.",
    ]
    assert wire.run("plan", "--json") == 0
    told = json.loads(capsys.readouterr().out)["plan"]
    china = next(feed for feed in told["feeds"] if feed["name"] == "china")
    assert (china["before"], china["after"]) == (10, 10)
    assert [item["title"] for item in china["lost"]] == ["Story 8"]
    assert set(china) == {
        "name", "title", "before", "after", "new", "changed", "withdrawn", "left_the_window", "shown_again", "lost",
        "moved", "moved_from", "moved_to", "documents_gone",
    }  # fmt: skip
    assert everything(wire) == before
    assert wire.run("build", "--json") == 0
    assert json.loads(capsys.readouterr().out)["plan"] == told
    assert wire.run("plan") == 0
    assert capsys.readouterr().out.splitlines() == ["3 feeds unchanged", "In all 0 entries new, 0 shown again."]


def test_what_leaves_the_window_by_age_holds_no_brake(wire: Mill) -> None:
    fill(wire, 10, limit=5)
    wire.build()
    for number in range(11, 15):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[china]")
    plan = wire.build().plan
    assert (len(plan.feeds[0].left), len(plan.feeds[0].new), plan.brakes) == (4, 4, ())


def test_what_expires_holds_no_brake(wire: Mill) -> None:
    fill(wire, 3)
    wire.build()
    for number in (1, 2, 3):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[china]", expires="2024-06-30")
    assert wire.run("build") == 0
    assert shown(wire.feeds) == {}


def refuses(wire: Mill, capsys: pytest.CaptureFixture[str], words: str) -> None:
    """See that a build and a plan refuse for a reason, that nothing changes, and that --force passes."""
    before = everything(wire)
    capsys.readouterr()
    assert wire.run("build") == 3
    said = capsys.readouterr().err
    assert words in said
    assert "--force" in said
    assert everything(wire) == before
    assert wire.run("plan") == 3
    assert words in capsys.readouterr().out
    assert everything(wire) == before
    assert wire.run("build", "--force") == 0
    assert everything(wire) != before
    assert wire.run("build") == 0


def test_a_brake_holds_a_change_of_published_ids(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(wire)
    wire.build()
    wire.story("2024-05-03-s.md", title="Story 3", topics="[china]", id="another")
    refuses(wire, capsys, "1 published entries would change their id, first 'Story 3'")
    assert "tag:wire.example,2024:another" in shown(wire.feeds)


def test_a_brake_holds_old_entries_that_would_be_shown_again(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(wire, 20, limit=20)
    wire.build()
    wire.configure(CONFIGURATION + "feeds: {limit: 10, archive: false}\n")
    assert wire.run("build") == 0
    wire.configure(CONFIGURATION + "feeds: {limit: 20, archive: false}\n")
    refuses(wire, capsys, "10 old entries would be shown again, first 'Story 10' in all")


def test_a_few_shown_again_pass(wire: Mill) -> None:
    fill(wire, 20, limit=20)
    wire.build()
    wire.configure(CONFIGURATION + "feeds: {limit: 15, archive: false}\n")
    wire.build()
    wire.configure(CONFIGURATION + "feeds: {limit: 20, archive: false}\n")
    assert len(wire.build().plan.feeds[0].again) == 5


def test_a_brake_holds_a_feed_that_would_become_empty(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(wire, 2)
    wire.build()
    for number in (1, 2):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[ai]")
    refuses(wire, capsys, "these feeds would lose all their entries: china")


def test_a_brake_holds_a_feed_that_nobody_would_make_any_more(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(wire, 2)
    wire.build()
    wire.configure(CONFIGURATION.replace("  china:", "  asia:").replace("[prc]", "[china]"))
    refuses(wire, capsys, "these feeds would lose all their entries: china")


def test_a_brake_holds_documents_that_subscribers_would_find_no_more(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(wire, 2)
    wire.build()
    wire.configure(CONFIGURATION + "feeds: {formats: [atom]}\n")
    assert wire.run("plan") == 3
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "all: 2 documents gone",
        "  ! gone: https://wire.example/feeds/all.json",
        "  ! gone: https://wire.example/feeds/all.rss",
    ]
    assert wire.run("plan", "--json") == 3
    told = json.loads(capsys.readouterr().out)["plan"]["feeds"][0]
    assert told["documents_gone"] == [f"https://wire.example/feeds/all.{name}" for name in ("json", "rss")]
    refuses(wire, capsys, "those who fetch these documents would find nothing: https://wire.example/feeds/all.json, ")
    assert not (wire.feeds / "all.rss").exists()
    assert wire.run("plan") == 0


def test_a_format_that_comes_holds_no_brake(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {formats: [atom]}\n")
    wire.story(topics="[china]")
    wire.build()
    wire.configure(CONFIGURATION)
    assert wire.build().plan.brakes == ()


def test_a_plan_says_that_a_topic_moves_and_that_its_entries_are_the_same(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(wire, 4)
    wire.build()
    wire.configure(CONFIGURATION.replace("  china: {title: China", "  cathay: {moved_from: [china], title: Cathay"))
    wire.story("2024-06-01-new.md", title="Fresh", topics="[cathay]")
    for number in range(1, 5):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[cathay]")
    assert wire.run("plan") == 0
    said = capsys.readouterr().out.splitlines()
    assert "cathay: takes the place of china, with the same 4 entries; 1 new" in said
    assert "china: moves to cathay; 4 changed" in said
    assert said[-1] == "In all 1 entry new, 0 shown again."
    assert wire.run("plan", "--json") == 0
    feeds = {feed["name"]: feed for feed in json.loads(capsys.readouterr().out)["plan"]["feeds"]}
    assert (feeds["cathay"]["moved_from"], feeds["china"]["moved_to"]) == (["china"], "cathay")
    assert len(feeds["cathay"]["moved"]) == 4
    assert [seen["title"] for seen in feeds["cathay"]["new"]] == ["Fresh"]
    assert wire.run("build") == 0
    assert wire.run("plan") == 0
    assert "moves" not in capsys.readouterr().out


def test_a_brake_holds_the_loss_of_more_than_a_fifth(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    fill(wire, 10)
    wire.build()
    for number in (1, 2):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[ai]")
    assert wire.run("build") == 0, "a fifth is not more than a fifth"
    for number in (3, 4):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[china]", draft="true")
    refuses(wire, capsys, "would lose 2 of its 8 entries other than by age, first 'Story ")


def test_the_bounds_of_every_brake_are_the_sites(wire: Mill) -> None:
    bounds = "brake: {lost: 100, emptied: 9, shown_again: 99, changed_ids: 9}\n"
    fill(wire, 20, limit=20)
    wire.build()
    wire.configure(CONFIGURATION + bounds + "feeds: {limit: 5, archive: false}\n")
    wire.build()
    wire.configure(CONFIGURATION + bounds + "feeds: {limit: 20, archive: false}\n")
    wire.story("2024-05-03-s.md", title="Story 3", topics="[china]", id="another")
    assert wire.run("build") == 0
    for number in range(1, 21):
        wire.story(f"2024-05-{number:02}-s.md", title=f"Story {number}", topics="[ai]")
    assert wire.run("build", "--now", NOW.isoformat()) == 0
