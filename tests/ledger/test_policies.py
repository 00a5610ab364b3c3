"""What becomes of published stories that break or vanish, and when `updated` moves."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import CONFIGURATION, NOW, Mill
from tests.ledger.reader import shown, shown_everywhere

RICH = {
    "title": "A story",
    "summary": "In short",
    "topics": "[china]",
    "tags": "[one, two]",
    "authors": "[{name: Ada, email: ada@wire.example}, Bo]",
    "image": "/i.png",
    "image_alt": "A thing",
    "media": "[{url: /a.mp3, length: 7, duration: '1:01', title: Heard}]",
    "related": "[{title: More, url: /more/}]",
    "source": "{title: There, url: 'https://there.example/'}",
    "series": "Row",
    "rights": "Mine",
    "language": "de",
}


def documents(wire: Mill) -> dict[str, bytes]:
    found = {str(p.relative_to(wire.feeds)): p.read_bytes() for p in wire.feeds.rglob("*") if p.is_file()}
    # How many builds have published anything is another thing than what they published.
    return {path: re.sub(rb'"serial": \d+', b"", content) for path, content in found.items()}


def fill(wire: Mill, on_missing: str = "keep") -> None:
    decided = f"content: {{on_missing: {on_missing}}}\n" if on_missing else ""
    wire.configure(CONFIGURATION + f"{decided}feeds: {{authors: true}}\nbrake: {{lost: 90}}\n")
    wire.story("2024-05-01-a.md", "<b>Words</b> & [more](x).\n", **RICH)
    wire.story("2024-05-02-b.md", title="Other", topics="[china, ai]", authors="[Ada, Bo]")


@pytest.mark.parametrize("broken", ["---\ntitle: [\n---\n", "---\ntopics: [china]\n---\nno title\n", b"\xff\xfe\x00"])
def test_a_published_story_that_broke_stays_as_last_published_with_its_problem(wire: Mill, broken: str | bytes) -> None:
    fill(wire)
    wire.build()
    before = documents(wire)
    wire.write("2024-05-01-a.md", broken)
    built = wire.build()
    assert documents(wire) == before
    codes = {problem.code for problem in built.contents.problems}
    assert "story-kept" in codes
    assert any(problem.level == "error" for problem in built.contents.problems)
    wire.build()
    assert documents(wire) == before


def test_a_story_that_is_kept_is_so_still_when_the_clock_was_set_back_for_a_while(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "brake: {lost: 100}\n")
    wire.story("2024-05-01-a.md", title="Other")
    wire.story("new.md", title="New", date=NOW.isoformat())
    wire.build()
    before = documents(wire)
    wire.write("new.md", "---\ntitle: [\n---\n")
    wire.build()
    for hours in (2, 1):
        wire.build(NOW - timedelta(hours=hours))
        assert list(shown_everywhere(wire.feeds).values()) == ["Other"]
    wire.build()
    assert documents(wire) == before


def test_a_vanished_story_is_kept_unless_the_site_says_otherwise(wire: Mill) -> None:
    fill(wire)
    wire.build()
    before = documents(wire)
    (wire.directory / "content/2024-05-01-a.md").unlink()
    built = wire.build()
    assert documents(wire) == before
    assert [problem.code for problem in built.contents.problems] == ["story-missing"]


def test_of_a_vanished_story_nothing_is_told_once_no_feed_shows_it(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 2}\n")
    for name in ("2024-05-01-a.md", "2024-05-02-b.md"):
        wire.story(name, title=name)
    wire.build()
    (wire.directory / "content/2024-05-01-a.md").unlink()
    assert [problem.code for problem in wire.build().contents.problems] == ["story-missing"]
    wire.story("2024-05-03-c.md", title="Newer")
    assert wire.build().contents.problems == ()
    assert "2024-05-01-a.md" not in shown_everywhere(wire.feeds).values()


_KEEP = "feeds: {limit: 2, archive: %s}\nbrake: {lost: 100}\ncontent: {on_missing: %s}\n"


def let_a_vanished_story_age_out(wire: Mill, archive: str = "false") -> None:
    wire.configure(CONFIGURATION + _KEEP % (archive, "keep"))
    path = wire.story("weekly.md", "Of the first week.\n", title="Week 1", date="2024-05-01")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    path.unlink()
    wire.build()
    assert "Week 1" in shown(wire.feeds).values()
    for day in (3, 4):
        wire.story(f"2024-05-{day:02}-c.md", f"Of day {day}.\n", title=f"Day {day}")
        wire.build()
    assert "Week 1" not in shown(wire.feeds).values()


@pytest.mark.parametrize("archive", ["false", "true"])
def test_a_story_may_have_the_name_of_one_that_vanished_and_was_kept_until_it_left_its_feeds(
    wire: Mill, archive: str
) -> None:
    let_a_vanished_story_age_out(wire, archive)
    wire.story("weekly.md", "What the second one had was quite another thing.\n", title="Week 2", date="2024-06-01")
    assert not wire.build().contents.problems
    assert list(shown_everywhere(wire.feeds).values()) == ["Week 2", "Day 4"]


def test_a_story_may_have_the_name_of_one_that_vanished_and_was_kept_until_it_expired(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "brake: {lost: 100}\ncontent: {on_missing: keep}\n")
    path = wire.story("notice.md", "Closed for now.\n", title="Notice 1", date="2024-05-01", expires="2024-07-10")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    path.unlink()
    wire.build()
    wire.build(NOW + timedelta(days=20))
    wire.story("notice.md", "There is a new door on the other side.\n", title="Notice 2", date="2024-07-20")
    assert not wire.build(NOW + timedelta(days=21)).contents.problems
    assert list(shown_everywhere(wire.feeds).values()) == ["Notice 2", "Day 2"]


@pytest.mark.parametrize("policy", ["withdraw", "refuse"])
def test_another_policy_does_nothing_to_a_vanished_story_that_has_left_its_feeds(wire: Mill, policy: str) -> None:
    let_a_vanished_story_age_out(wire)
    before = documents(wire)
    wire.configure(CONFIGURATION + _KEEP % ("false", policy))
    wire.build()
    assert documents(wire) == before


def test_cron_hears_of_a_vanished_story_once_until_somebody_has_decided(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(wire, "")
    assert wire.run("build") == 0
    before = documents(wire)
    (wire.directory / "content/2024-05-01-a.md").unlink()
    assert wire.run("build") == 1
    said = capsys.readouterr().err
    assert "content/2024-05-01-a.md: error: story-missing: the file of a published story has vanished" in said
    assert "content.on_missing: keep, drop or withdraw" in said
    assert wire.run("build") == 1
    assert capsys.readouterr().err == ""
    fill(wire)
    (wire.directory / "content/2024-05-01-a.md").unlink()
    assert wire.run("build") == 0
    assert capsys.readouterr().err == ""
    assert documents(wire) == before


def test_a_vanished_story_is_dropped_withdrawn_or_refused_as_the_site_says(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(wire, "refuse")
    assert wire.run("build") == 0
    ids = list(shown_everywhere(wire.feeds))
    before = documents(wire)
    (wire.directory / "content/2024-05-01-a.md").unlink()
    assert wire.run("build") == 3
    assert "content/2024-05-01-a.md: error: story-missing" in capsys.readouterr().err
    assert documents(wire) == before
    wire.configure((wire.directory / "feedmill.yaml").read_text().replace("refuse", "withdraw"))
    assert wire.run("build", "--force") == 0
    assert shown_everywhere(wire.feeds) == {ids[0]: "Other", ids[1]: "Withdrawn"}


def test_a_dropped_story_that_comes_back_has_its_id_again(wire: Mill) -> None:
    fill(wire, "drop")
    wire.build()
    ids = list(shown_everywhere(wire.feeds))
    path = wire.directory / "content/2024-05-01-a.md"
    text = path.read_text()
    path.unlink()
    wire.build()
    assert list(shown_everywhere(wire.feeds)) == ids[:1]
    wire.write("elsewhere/2024-06-30-z.md", text.replace("title: A story", "title: A story\ndate: 2024-05-01"))
    plan = wire.build().plan
    assert list(shown_everywhere(wire.feeds)) == ids
    assert [seen.id for seen in plan.feeds[0].again] == ids[1:]


def updated(wire: Mill) -> str:
    [item] = json.loads((wire.feeds / "all.json").read_bytes())["items"]
    return str(item["date_modified"])


LATER = NOW + timedelta(days=9)


@pytest.mark.parametrize(
    ("body", "moves"),
    [
        ("Some **words** of  it.\n", False),
        ("Some words\nof it.\n", False),
        ("<p>Some <em>words</em> of it.</p>\n", False),
        ("Some other words of it.\n", True),
    ],
)
def test_by_content_words_move_updated_and_markup_and_white_space_do_not(wire: Mill, body: str, moves: bool) -> None:
    wire.configure(CONFIGURATION + "content: {updated: content}\n")
    wire.story(body="Some words of it.\n")
    wire.build()
    first = updated(wire)
    wire.story(body=body)
    wire.build(LATER)
    assert updated(wire) == (LATER.isoformat() if moves else first)
    wire.build(LATER + timedelta(days=1))
    assert updated(wire) == (LATER.isoformat() if moves else first), "and it stays"


def test_by_content_a_title_moves_updated(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "content: {updated: content}\n")
    wire.story()
    wire.build()
    wire.story(title="A better one")
    wire.build(LATER)
    assert updated(wire) == LATER.isoformat()


def test_by_declaration_only_the_story_moves_updated(wire: Mill) -> None:
    wire.story(body="Some words.\n")
    wire.build()
    first = updated(wire)
    wire.story(body="Other words.\n")
    wire.build(LATER)
    assert updated(wire) == first
    wire.story(body="Other words.\n", updated="2024-07-02")
    wire.build(LATER)
    assert updated(wire) > first


@pytest.mark.parametrize("policy", ["declared", "content"])
def test_a_correction_gives_a_visible_note_and_a_new_updated(wire: Mill, policy: str) -> None:
    wire.configure(CONFIGURATION + f"content: {{updated: {policy}}}\n")
    wire.story()
    wire.build()
    wire.story(correction="{date: 2024-07-03T12:00:00Z, note: The sum was wrong.}")
    wire.build(datetime(2024, 7, 3, 12, tzinfo=UTC))
    assert updated(wire) == "2024-07-03T12:00:00+00:00"
    assert b"The sum was wrong." in (wire.feeds / "all.rss").read_bytes()
