"""A withdrawal reaches every format, and the withdrawn text is nowhere afterwards."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from lxml import etree

from tests.conftest import CONFIGURATION, NOW, Mill
from tests.ledger.reader import ATOM, DELETED, all_bytes, shown_everywhere, walk
from tests.ledger.test_policies import let_a_vanished_story_age_out

SECRETS = [
    text.encode()
    for text in "Wrongful headline,Unprovable claim,Hidden digest,Nobody Really,shaming-tag,Odd caption".split(",")
]
ID = "tag:wire.example,2024:2024-05-02:b"


def fill(wire: Mill, *, withdrawn: str = "") -> None:
    wire.configure(CONFIGURATION + "feeds: {authors: true}\n")
    wire.story("2024-05-01-a.md", title="First", topics="[china]")
    wire.story(
        "2024-05-02-b.md",
        "Unprovable claim, at length.\n",
        title="Wrongful headline",
        summary="Hidden digest",
        topics="[china, ai]",
        authors="[Nobody Really]",
        tags="[shaming-tag]",
        image="/x.png",
        image_alt="Odd caption",
        withdrawn=withdrawn,
    )
    wire.story("2024-05-03-c.md", title="Third", topics="[ai]")


@pytest.fixture(params=["verb", "front matter"])
def withdrawn(request: pytest.FixtureRequest, wire: Mill) -> Mill:
    """Return a site whose second story was withdrawn at NOW, and built."""
    fill(wire)
    wire.build()
    assert all(secret in all_bytes(wire.directory) for secret in SECRETS)
    if request.param == "verb":
        assert wire.run("withdraw", "2024-05-02-b.md", "--reason", "The claim <b>did</b> not hold.") == 0
    else:
        fill(wire, withdrawn=f"{{date: '{NOW.isoformat()}', reason: The claim <b>did</b> not hold.}}")
    assert wire.run("build") == 0
    return wire


def test_every_format_and_feed_shows_a_neutral_stub_with_the_reason(withdrawn: Mill) -> None:
    for name, count in (("all", 3), ("china", 2), ("ai", 2)):
        titles = shown_everywhere(withdrawn.feeds, name)
        assert len(titles) == count
        assert titles[ID] == "Withdrawn"
        for ending in ("atom", "rss", "json", "html") if name != "all" else ("atom", "rss", "json"):
            text = (withdrawn.feeds / f"{name}.{ending}").read_text()
            assert "This story was withdrawn on 2024-07-01. The claim" in text, (name, ending)
    item = next(i for i in json.loads((withdrawn.feeds / "ai.json").read_bytes())["items"] if i["id"] == ID)
    assert item["date_modified"] == NOW.isoformat()
    assert item["url"] == "https://wire.example/2024/05/02/b/"
    assert "tags" not in item


def test_atom_has_a_tombstone(withdrawn: Mill) -> None:
    root = etree.parse(withdrawn.feeds / "ai.atom").getroot()
    [tombstone] = root.findall(DELETED)
    assert (tombstone.get("ref"), tombstone.get("when")) == (ID, NOW.isoformat())
    assert "did" in (tombstone.findtext("{http://purl.org/atompub/tombstones/1.0}comment") or "")
    [entry] = [e for e in root.findall(f"{ATOM}entry") if e.findtext(f"{ATOM}id") == ID]
    assert entry.findtext(f"{ATOM}updated") == NOW.isoformat()


def test_the_withdrawn_text_is_in_no_byte_of_output_or_state(withdrawn: Mill) -> None:
    everything = all_bytes(withdrawn.directory)
    assert b"Third" in everything
    assert not [secret for secret in SECRETS if secret in everything]


@pytest.mark.parametrize("becomes", ["broken", "deleted", "full of mistakes"])
def test_the_withdrawn_text_is_nowhere_whatever_its_file_is_then(wire: Mill, becomes: str) -> None:
    fill(wire)
    assert wire.run("build") == 0
    path = wire.directory / "content/2024-05-02-b.md"
    text = path.read_text()
    if becomes == "broken":
        path.write_text(text.replace("title:", "title: ["))
    elif becomes == "deleted":
        path.unlink()
    else:
        path.write_text(text.replace("tags:", "related: [{title: Wrongful headline}]\ntags:"))
    wire.run("build")
    assert wire.run("withdraw", ID) == 0
    wire.run("build")
    assert not [secret for secret in SECRETS if secret in all_bytes(wire.directory)]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=50)])
def test_a_clock_that_is_set_back_takes_no_withdrawal_back(withdrawn: Mill, back: timedelta) -> None:
    withdrawn.build()
    before = shown_everywhere(withdrawn.feeds)
    for now in (NOW - back, NOW - back + timedelta(minutes=1), NOW + timedelta(minutes=1)):
        withdrawn.build(now)
        assert shown_everywhere(withdrawn.feeds) == before
        assert not [secret for secret in SECRETS if secret in all_bytes(withdrawn.directory)]


def test_after_the_retention_window_the_stub_goes_and_the_story_stays_away(withdrawn: Mill) -> None:
    withdrawn.build(NOW + timedelta(days=29))
    assert ID in shown_everywhere(withdrawn.feeds)
    withdrawn.build(NOW + timedelta(days=31))
    assert ID not in shown_everywhere(withdrawn.feeds)
    assert etree.parse(withdrawn.feeds / "ai.atom").getroot().findall(DELETED) == []
    withdrawn.build(NOW + timedelta(days=400))
    assert ID not in shown_everywhere(withdrawn.feeds)


@pytest.mark.parametrize("by", ["verb", "front matter"])
def test_the_retention_window_begins_when_subscribers_are_told(
    wire: Mill, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    fill(wire)
    wire.build()
    told = NOW
    if by == "verb":
        assert wire.run("withdraw", ID) == 0
        told += timedelta(days=50)  # nobody built for so long
    else:
        fill(wire, withdrawn="{date: 2024-05-03, reason: 'Dated far back.'}")
    capsys.readouterr()
    assert wire.run("plan", "--now", told.isoformat()) == 0
    assert "  x withdrawn: " in capsys.readouterr().out
    wire.build(told)
    assert shown_everywhere(wire.feeds)[ID] == "Withdrawn"
    [tombstone] = etree.parse(wire.feeds / "ai.atom").getroot().findall(DELETED)
    assert tombstone.get("when") == told.isoformat(), "later than anything that told the story, as RFC 6721 needs it"
    before = all_bytes(wire.feeds)
    wire.build(told + timedelta(days=29))
    assert all_bytes(wire.feeds) == before
    wire.build(told + timedelta(days=31))
    assert ID not in shown_everywhere(wire.feeds)


def test_a_withdrawal_that_front_matter_puts_off_again_stands(wire: Mill) -> None:
    fill(wire)
    wire.build()
    assert wire.run("withdraw", ID) == 0
    fill(wire, withdrawn="{date: 2044-01-01}")
    wire.build()
    assert shown_everywhere(wire.feeds)[ID] == "Withdrawn"


@pytest.mark.parametrize(
    ("said", "code", "reason"),
    [
        ("true", "withdrawn", ""),
        ("It was wrong.", "withdrawn", " It was wrong."),
        ("{reason: It was wrong.}", "withdrawn", " It was wrong."),
        ("{date: 2024-13-45, reason: It was wrong.}", "date", " It was wrong."),
        ("2024-06-30", "", ""),
    ],
)
def test_whoever_withdraws_a_story_in_whatever_words_takes_it_back(
    wire: Mill, said: str, code: str, reason: str
) -> None:
    fill(wire)
    wire.build()
    fill(wire, withdrawn=said)
    built = wire.build()
    assert [(str(p.level), p.code) for p in built.contents.problems] == ([("warning", code)] if code else [])
    assert shown_everywhere(wire.feeds)[ID] == "Withdrawn"
    assert f"withdrawn on 2024-07-01.{reason}<" in (wire.feeds / "ai.html").read_text()
    assert not [secret for secret in SECRETS if secret in all_bytes(wire.directory)]


@pytest.mark.parametrize("said", ["false", "no", "''", "{date: '', reason: ''}", "{}", "[]", "null"])
def test_a_withdrawal_that_says_nothing_withdraws_nothing(wire: Mill, said: str) -> None:
    fill(wire)
    wire.build()
    fill(wire, withdrawn=said)
    assert not wire.build().contents.problems
    assert shown_everywhere(wire.feeds)[ID] == "Wrongful headline"


@pytest.mark.parametrize("rest", ["", "title: Left\nupdated: soon\n", "title: Left\nmedia: [{title: No address}]\n"])
def test_a_story_is_withdrawn_whatever_else_of_it_is_gone_or_wrong(wire: Mill, rest: str) -> None:
    fill(wire)
    wire.build()
    wire.write("2024-05-02-b.md", f"---\n{rest}withdrawn: {{date: 2024-06-30, reason: It was wrong.}}\n---\n")
    assert wire.run("build") == 0
    assert shown_everywhere(wire.feeds)[ID] == "Withdrawn"
    assert not [secret for secret in SECRETS if secret in all_bytes(wire.directory)]


def test_whatever_becomes_of_its_file_a_withdrawn_story_stays_away(wire: Mill) -> None:
    fill(wire)
    wire.build()
    assert wire.run("withdraw", ID) == 0
    fill(wire)
    wire.story("2024-05-02-b.md", "New words.\n", title="New headline", slug="b", date="2024-05-02T10:00:00")
    wire.build()
    (wire.directory / "content/2024-05-02-b.md").rename(wire.directory / "content/2024-06-02-z.md")
    built = wire.build(NOW + timedelta(days=40))
    assert set(shown_everywhere(wire.feeds).values()) == {"First", "Third"}
    assert "withdrawn-before" in {problem.code for problem in built.contents.problems}


@pytest.mark.parametrize("now_says", ["Unprovable claim, {{ nobody }} says.\n", ""])
@pytest.mark.parametrize("by", ["verb", "front matter"])
def test_a_withdrawn_story_stays_away_though_its_body_was_broken_for_a_while(
    wire: Mill, by: str, now_says: str
) -> None:
    words = "Nothing said here before was said at such a length as this, and that is why everybody knows it again.\n"
    path = wire.story("2024-05-02-b.md", words, title="Wrongful headline")
    wire.story("2024-05-03-c.md", title="Third")
    wire.build()
    text = path.read_text()
    if by == "verb":
        assert wire.run("withdraw", ID) == 0
    else:
        path.write_text(text.replace("---\n", "---\nwithdrawn: 2024-06-30\n", 1))
    wire.build()
    path.write_text(path.read_text().replace(words, now_says))
    wire.build()
    path.unlink()
    path.with_name("2024-05-02-moved.md").write_text(text.replace("Wrongful headline", "Another"))
    wire.build()
    assert set(shown_everywhere(wire.feeds).values()) == {"Third", "Withdrawn"}


@pytest.mark.parametrize("name", ["weekly", "content/2024-06-20-weekly.md"])
def test_a_story_of_which_no_file_is_known_any_more_is_found_by_the_name_that_it_had_and_withdrawn_by_its_id(
    wire: Mill, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    let_a_vanished_story_age_out(wire, "true")
    # A file that is broken may have the name, and be meant.
    wire.write("2024-06-20-weekly.md", "---\ntitle: [\n---\nAnother one.\n")
    wire.build()
    assert "Week 1" in walk(wire.feeds, "https://wire.example/feeds/").values()
    assert wire.run("withdraw", name) == 2
    said = capsys.readouterr().err
    meant = re.search(r"did you mean 'Week 1' \((tag:\S+)\), of which no file is known\? Then name it by its id", said)
    assert meant is not None
    assert wire.run("withdraw", meant[1]) == 0
    wire.build()
    assert "Week 1" not in walk(wire.feeds, "https://wire.example/feeds/").values()
    assert wire.run("withdraw", name, "--reason", "Another.") == 2


def test_all_stories_that_had_a_name_are_named(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.configure(
        CONFIGURATION + "content: {on_missing: keep}\nfeeds: {limit: 1}\nbrake: {shown_again: 99, lost: 100}\n"
    )
    wire.story("2024-01-01-first.md", title="First")
    for day in (1, 8):
        words = f"What week {day} had was quite another thing.\n"
        path = wire.story("weekly.md", words, title=f"Week {day}", date=f"2024-05-{day:02}")
        wire.build()
        path.unlink()
        wire.build()
        wire.story(f"2024-05-{day + 1:02}-x.md", f"Of day {day}.\n", title=f"After {day}")
        wire.build()
    assert wire.run("withdraw", "weekly") == 2
    said = capsys.readouterr().err
    authority = "tag:wire.example,2024"
    meant = f"'Week 1' ({authority}:2024-05-01:weekly) or 'Week 8' ({authority}:2024-05-08:weekly)"
    assert f"did you mean {meant}, of which no file is known? Then name it by its id" in said


@pytest.mark.parametrize("how", ["draft: true", "embargo: 2025-01-01", "date: 2025-01-01"])
@pytest.mark.parametrize("then", ["breaks", "is withdrawn"])
def test_where_a_story_lies_that_has_become_a_draft_is_told_to_nobody(wire: Mill, how: str, then: str) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\nfeeds: {archive: false}\nbrake: {lost: 100}\n")
    path = wire.story("2024-05-01-a.md", "What was said at first.\n", title="First")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    path.write_text(path.read_text().replace("title: First\n", f"title: First\n{how}\n"))
    wire.build()
    path = path.rename(path.with_name("2024-05-01-acme-buys-initech.md"))
    wire.build()
    if then == "breaks":
        path.write_text("---\ntitle: [\n---\n")
    else:
        assert wire.run("withdraw", "tag:wire.example,2024:2024-05-01:a") == 0
    wire.build()
    assert (set(shown_everywhere(wire.feeds).values()) == {"Day 2", "Withdrawn"}) is (then != "breaks")
    assert b"initech" not in all_bytes(wire.feeds)


@pytest.mark.parametrize("how", ["draft: true", "embargo: 2025-01-01"])
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_story_that_was_a_draft_for_a_while_is_known_by_the_address_that_it_got_as_one(
    wire: Mill, how: str, *, is_withdrawn: bool
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: keep}\nbrake: {lost: 100, shown_again: 99}\n")
    words = "The first had words of its own, which go on about ministers, harbours, islands, and about nothing else.\n"
    path = wire.story("2024-05-01-a.md", words, title="First")
    wire.story("2024-05-02-b.md", "Of day 2.\n", title="Day 2")
    wire.build()
    if is_withdrawn:
        assert wire.run("withdraw", "a") == 0
        wire.build()
    path.unlink()
    draft = wire.write("drafts/2024-05-01-better.md", f"---\ntitle: First\n{how}\n---\n{words}")
    wire.build()
    draft.unlink()
    other = "Entirely unlike text, of rivers under ice and bells at night, which nobody had told before this day.\n"
    wire.story("2024-05-01-better.md", other, title="Second thoughts")
    wire.build()
    found = {title: id_ for id_, title in shown_everywhere(wire.feeds).items()}
    assert found.get("Second thoughts") == (None if is_withdrawn else "tag:wire.example,2024:2024-05-01:a")


def test_the_name_of_a_file_that_is_there_means_no_other_story_that_had_it(wire: Mill) -> None:
    let_a_vanished_story_age_out(wire, "true")
    wire.story("weekly.md", "What the second one had was quite another thing.\n", title="Week 2", date="2024-06-01")
    wire.build()
    assert wire.run("withdraw", "weekly") == 0
    wire.build()
    told = walk(wire.feeds, "https://wire.example/feeds/").values()
    assert "Week 1" in told
    assert "Week 2" not in told


def test_a_story_that_was_never_published_leaves_no_trace(wire: Mill) -> None:
    fill(wire, withdrawn="{date: 2024-06-01, reason: Never shown.}")
    wire.build()
    everything = all_bytes(wire.directory)
    assert b"Never shown" not in everything
    assert not [secret for secret in SECRETS if secret in everything]
    assert ID.encode() not in all_bytes(wire.directory, but="cache.sqlite3")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no-such-story", "no story is called 'no-such-story'"),
        ("2024-05-01-x.md", "did you mean content/2024-05-01-a.md?"),
        ("c", "'c' was never published"),
    ],
)
def test_a_story_that_cannot_be_withdrawn_is_told(
    wire: Mill, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    fill(wire)
    wire.story("2024-05-03-c.md", title="Third", draft="true")
    wire.build()
    assert wire.run("withdraw", name) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("again", [[], ["--reason", "Reason one."]])
def test_withdrawing_twice_changes_nothing(wire: Mill, capsys: pytest.CaptureFixture[str], again: list[str]) -> None:
    fill(wire)
    wire.build()
    assert wire.run("withdraw", ID, "--reason", "Reason one.") == 0
    before = (wire.directory / ".feedmill/ledger.sqlite3").read_bytes()
    assert wire.run("withdraw", ID, *again) == 0
    assert "was withdrawn before" in capsys.readouterr().out
    assert (wire.directory / ".feedmill/ledger.sqlite3").read_bytes() == before


@pytest.mark.parametrize("by", ["verb", "front matter"])
def test_a_reason_can_be_mended_in_feeds_archives_and_ledger(wire: Mill, by: str) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 1, archive: true}\n")
    for number in range(1, 4):
        wire.story(f"2024-0{number}-01-s.md", title=f"Story {number}")

    def withdraw(reason: str) -> None:
        if by == "verb":
            assert wire.run("withdraw", "2024-01-01-s.md", "--reason", reason) == 0
        else:
            told = f"{{date: '{NOW.isoformat()}', reason: {reason}}}"
            wire.story("2024-01-01-s.md", title="Story 1", withdrawn=told)

    wire.build()
    withdraw("Reason one.")
    wire.build()
    assert sum(b"Reason one." in path.read_bytes() for path in wire.feeds.rglob("*.atom")) == 2
    withdraw("Reason two.")
    wire.build()
    assert b"Reason one." not in all_bytes(wire.directory)
    assert sum(b"Reason two." in path.read_bytes() for path in wire.feeds.rglob("*.atom")) == 2


@pytest.mark.parametrize(
    ("reason", "said"),
    [("bad \x08 char", "the reason has U+0008 as its character 5"), ("caf\udce9", "the byte e9, which is not UTF-8")],
)
def test_a_reason_that_no_feed_can_carry_is_refused_in_one_line(
    wire: Mill, capsys: pytest.CaptureFixture[str], reason: str, said: str
) -> None:
    fill(wire)
    wire.build()
    before = all_bytes(wire.directory)
    assert wire.run("withdraw", ID, "--reason", reason) == 2
    found = capsys.readouterr().err
    assert said in found
    assert found.count("\n") == 1
    assert all_bytes(wire.directory) == before


def test_a_reason_that_no_feed_can_carry_stops_no_build_wherever_it_comes_from(wire: Mill) -> None:
    fill(wire, withdrawn="")
    wire.build()
    fill(wire, withdrawn='{date: 2024-06-30, reason: "Not \\x08 so."}')
    assert wire.run("build") == 0
    assert b"Not so." in (wire.feeds / "ai.atom").read_bytes()
    with closing(sqlite3.connect(wire.directory / ".feedmill/ledger.sqlite3")) as database:
        database.execute("UPDATE entry SET reason = ? WHERE id = ?", ("Not \x08 so.", ID))
        database.commit()
    (wire.directory / "content/2024-05-02-b.md").unlink()
    assert wire.run("build") == 0
    assert not [secret for secret in SECRETS if secret in all_bytes(wire.directory)]


def test_a_new_piece_under_the_name_of_a_withdrawn_one_stays(withdrawn: Mill) -> None:
    (withdrawn.directory / "content" / "2024-05-02-b.md").unlink()
    withdrawn.story("2024-05-02-b.md", "Other words.\n", title="Another piece", date="2024-05-20", topics="[china]")
    for _ in range(3):
        withdrawn.build()
        titles = shown_everywhere(withdrawn.feeds, "china")
        assert sorted(titles.values()) == ["Another piece", "First", "Withdrawn"]


def test_the_new_address_of_a_withdrawn_draft_is_told_by_no_build(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", title="First")
    wire.build()
    wire.story("2024-05-01-a.md", title="First", draft="true", slug="secret-slug")
    assert wire.run("build", "--force") == 0
    assert wire.run("withdraw", "tag:wire.example,2024:2024-05-01:a") == 0
    for _ in range(3):
        assert wire.run("build", "--force") == 0
        assert b"secret-slug" not in all_bytes(wire.feeds)


def test_the_title_of_a_withdrawn_story_goes_out_of_what_was_said_of_runs(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", title="Wrongful headline")
    wire.story("2024-05-02-b.md", title="Second")
    assert wire.run("build") == 0
    wire.story("2024-05-01-a.md", title="Wrongful headline", draft="true")
    assert wire.run("build") == 3, "a brake names the story"
    wire.story("2024-05-01-a.md", title="Wrongful headline")
    assert wire.run("build") == 0
    assert wire.run("withdraw", "2024-05-01-a.md") == 0
    assert wire.run("build") == 0
    (wire.directory / "content" / "2024-05-01-a.md").unlink()
    assert b"Wrongful headline" not in all_bytes(wire.directory)
