"""Which entries each feed shows, in which order, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from feedmill.identifying import prepare
from feedmill.model import Feed
from feedmill.selecting import foresee
from feedmill.store import memory_store
from feedmill.timing import first_by_feed
from feedmill.work import Work
from tests.conftest import CONFIGURATION, NOW, Mill, no_progress


def slugs(feed: Feed) -> list[str]:
    return [entry.slug for entry in feed.entries]


def feed_of(wire: Mill, name: str, now: datetime = NOW) -> Feed:
    return next(feed for feed in wire.mill(now).feeds if feed.name == name)


def test_newest_first_and_equal_dates_by_id(wire: Mill) -> None:
    wire.story("c.md", date="2024-05-01", id="zebra")
    wire.story("b.md", date="2024-05-01", id="ant")
    wire.story("a.md", date="2024-05-02")
    assert slugs(feed_of(wire, "all")) == ["a", "b", "c"]


def test_a_feed_shows_no_more_than_its_limit(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 2}\n")
    for day in (1, 2, 3):
        wire.story(f"2024-05-0{day}-s{day}.md")
    assert slugs(feed_of(wire, "all")) == ["s3", "s2"]


def test_a_feeds_date_is_its_newest_entrys_and_never_the_present(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", updated="2024-06-01T12:00:00Z")
    wire.story("2024-05-02-b.md")
    assert feed_of(wire, "all").updated == datetime(2024, 6, 1, 12, tzinfo=UTC)


def test_an_empty_feed_is_as_old_as_the_authority(wire: Mill) -> None:
    wire.story(topics="[china]")
    assert feed_of(wire, "ai").updated == datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"draft": "true"}, "a draft"),
        ({"embargo": "2024-07-01T00:00:01Z"}, "under embargo until 2024-07-01T00:00:01Z"),
        ({"date": "2024-07-02T00:00:00Z"}, "dated in the future until 2024-07-02T00:00:00Z"),
        ({"expires": "2024-07-01T00:00:00Z"}, "expired 2024-07-01T00:00:00Z"),
        ({"withdrawn": "{date: 2024-06-01, reason: Wrong}"}, "withdrawn 2024-06-01T04:00:00Z"),
    ],
)
def test_what_must_not_be_seen_is_in_no_feed_and_no_byte(wire: Mill, metadata: dict[str, str], reason: str) -> None:
    wire.configure(CONFIGURATION + "collections: {top: {stories: [secret, open]}}\nfeeds: {authors: true}\n")
    wire.story("2024-05-01-secret.md", title="Hush", authors="[Quiet Person]", topics="[china, ai]", **metadata)
    wire.story("2024-05-01-open.md", topics="[china]")
    built = wire.build()
    assert [slugs(feed) for feed in built.contents.feeds] == [["open"], ["open"], [], ["open"]]
    assert built.contents.hidden == {"2024-05-01-secret.md": reason}
    for path in wire.feeds.rglob("*"):
        if path.is_file():
            assert b"Hush" not in path.read_bytes()
            assert b"secret" not in path.read_bytes()
            assert b"Quiet" not in path.read_bytes()


def test_time_alone_shows_and_hides(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", embargo="2024-06-01T00:00:00Z", expires="2024-06-10T00:00:00Z")
    seen = {
        day: slugs(feed_of(wire, "all", datetime(2024, month, day, tzinfo=UTC)))
        for month, day in ((5, 31), (6, 1), (6, 9), (6, 10))
    }
    assert seen == {31: [], 1: ["a"], 9: ["a"], 10: []}


def test_a_story_is_as_new_as_the_end_of_its_embargo(wire: Mill) -> None:
    wire.story("2024-05-01-held.md", embargo="2024-06-01T00:00:00Z")
    wire.story("2024-05-20-other.md")
    feed = feed_of(wire, "all")
    assert slugs(feed) == ["held", "other"]
    assert feed.entries[0].published == datetime(2024, 6, 1, tzinfo=UTC)
    assert feed.entries[0].id == "tag:wire.example,2024:2024-05-01:held"


def test_a_curated_collection_keeps_its_own_order(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "collections: {top: {stories: [b, 'tag:x.example,2000:c', a.md, b], limit: 3}}\n")
    wire.story("a.md", date="2024-05-03")
    wire.story("b.md", date="2024-05-01")
    wire.story("c.md", date="2024-05-02", id="tag:x.example,2000:c")
    assert slugs(feed_of(wire, "top")) == ["b", "c", "a"]


def test_a_curated_story_that_is_not_there_or_not_clear_is_told(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "collections: {top: {stories: [gone, twice]}}\n")
    wire.story("2024-05-01-twice.md")
    wire.story("2024-05-02-twice.md")
    missing, unclear = wire.problems("collection-story")
    assert str(missing.place) == "feedmill.yaml:10:31"
    assert "no story 'gone' is published" in missing.message
    assert "'twice' names several stories" in unclear.message


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{all: [china, ai]}", ["both"]),
        ("{any: [china, ai]}", ["one", "both"]),
        ("{any: [china, ai], none: [ai]}", ["one"]),
        ("{none: [china]}", ["neither"]),
    ],
)
def test_a_rule_over_topics_shows_each_story_once(wire: Mill, rule: str, expected: list[str]) -> None:
    wire.configure(CONFIGURATION + f"collections: {{made: {{topics: {rule}}}}}\n")
    wire.story("2024-05-01-both.md", topics="[china, ai]")
    wire.story("2024-05-02-one.md", topics="[china]")
    wire.story("2024-05-03-neither.md", topics="[]", body="Nothing.\n")
    assert slugs(feed_of(wire, "made")) == expected


def test_authors_have_feeds_when_asked_for(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", authors="[Ada Ölund, {name: ada ölund}]")
    wire.story("2024-05-02-b.md", authors="[Bo]")
    assert [feed.name for feed in wire.mill().feeds] == ["all", "china", "ai"]
    wire.configure(CONFIGURATION + "feeds: {authors: true}\n")
    feeds = {feed.name: feed for feed in wire.mill().feeds}
    assert slugs(feeds["authors/ada-ölund"]) == ["a"]
    assert feeds["authors/bo"].title == "Test Wire: Bo"
    wire.build()
    assert "feeds/authors/ada-%C3%B6lund.atom" in (wire.feeds / "authors" / "ada-ölund.atom").read_text()


def test_explain_agrees_with_select_and_says_why(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 1}\n")
    wire.story("2024-05-01-old.md", topics="[china]")
    wire.story("2024-05-02-new.md", topics="[china]")

    def explained(slug: str) -> list[tuple[str, int | None, str]]:
        assert wire.run("explain", slug, "--json") == 0
        told = json.loads(capsys.readouterr().out)["feeds"]
        return [(each["feed"], each["position"], each["reason"]) for each in told]

    assert explained("old") == [
        ("all", None, "number 2 by date, and the feed shows 1"),
        ("china", None, "number 2 by date, and the feed shows 1"),
        ("ai", None, "it is not one of its stories"),
    ]
    assert explained("new") == [
        ("all", 1, "every story"),
        ("china", 1, "named by the story"),
        ("ai", None, "it is not one of its stories"),
    ]


def test_the_next_change_of_a_feed_is_the_next_date_at_which_a_story_comes_or_goes(wire: Mill) -> None:
    wire.configure(
        CONFIGURATION
        + "  chips: {title: Chips}\n"
        + "collections: {hand: {title: H, stories: [late]}, rule: {title: R, topics: {any: [ai]}}}\n"
    )
    wire.story("2024-05-01-going.md", title="Going", topics="[china]", expires="2024-09-01T00:00:00Z")
    wire.story(
        "2024-05-01-withdrawing.md",
        title="Withdrawing",
        topics="[china]",
        withdrawn="{date: '2024-08-02T00:00:00Z', reason: r}",
    )
    wire.story("late.md", date="2024-08-01T00:00:00Z", topics="[ai]")
    wire.story("later.md", date="2024-09-01T00:00:00Z", topics="[ai]")
    wire.story("draft.md", date="2024-07-02T00:00:00Z", topics="[chips]", draft="true")
    wire.story("never.md", date="2024-07-09T00:00:00Z", expires="2024-07-08T00:00:00Z", topics="[chips]")
    late, leaving = datetime(2024, 8, 1, tzinfo=UTC), datetime(2024, 8, 2, tzinfo=UTC)
    with Work(wire.site, wire.directory, memory_store(), now=NOW, progress=no_progress) as work:
        prepare(work)
        found = first_by_feed(foresee(work))
    assert found == {"all": late, "china": leaving, "ai": late, "hand": late, "rule": late}
    for name, moment in found.items():
        assert slugs(feed_of(wire, name, moment)) != slugs(feed_of(wire, name)), name
