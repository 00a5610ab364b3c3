"""Archives: a client that walks from the head finds every story ever published, once; closed periods never change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree, html

from feedmill.publishing import Change
from tests.conftest import CONFIGURATION, Mill
from tests.dying import build_that_dies
from tests.ledger.reader import ATOM, DELETED, all_bytes, link, shown, walk

BASE = "https://wire.example/feeds/"
START = datetime(2023, 11, 3, 12, tzinfo=UTC)


def publish(wire: Mill, day: datetime, name: str, **more: str) -> None:
    more = {"title": name, "topics": "[china]", **more}
    wire.story(f"{day:%Y-%m-%d}-{name}.md", f"What {name} says.\n", **more)


def grow(wire: Mill, count: int, *, limit: int = 4, every: int = 5) -> datetime:
    """Publish a story every few days and build each time. Return the last moment."""
    wire.configure(CONFIGURATION + f"feeds: {{archive: true, limit: {limit}}}\n")
    now = START
    known: dict[str, str] = {}
    before: dict[str, list[bytes]] = {}
    for number in range(count):
        now = START + timedelta(days=every * number)
        publish(wire, now, f"s{number}")
        wire.build(now)
        found = walk(wire.feeds, BASE)
        assert len(found) == number + 1
        assert known.items() <= found.items()
        known = found
        after = entries_of_archives(wire.feeds)
        assert {path: after[path] for path in before} == before, "no entry of a closed period ever changes"
        before = after
    return now


def entries_of_archives(feeds: Path) -> dict[str, list[bytes]]:
    return {
        path.relative_to(feeds).as_posix(): [
            etree.tostring(entry) for entry in etree.parse(path).getroot().findall(f"{ATOM}entry")
        ]
        for path in feeds.glob("archive/**/*.atom")
    }


def test_at_any_time_a_walk_finds_every_story(wire: Mill) -> None:
    now = grow(wire, 40)
    assert walk(wire.feeds, BASE, "china").keys() == walk(wire.feeds, BASE).keys()
    assert len(shown(wire.feeds)) == 4
    names = sorted(path.stem for path in (wire.feeds / "archive/all").iterdir())
    assert "2023-11" in names
    assert wire.build(now).plan.feeds[0].is_quiet


def test_a_site_that_fits_its_window_has_no_archives(wire: Mill) -> None:
    grow(wire, 4)
    assert not (wire.feeds / "archive").exists()
    assert b"prev-archive" not in (wire.feeds / "all.atom").read_bytes()


def test_an_old_site_is_archived_at_once_by_year_or_by_month_as_there_is_much(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 10}\n")
    for number in range(120):
        publish(wire, datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=3 * number), f"much{number}")
    for number in range(30):
        publish(wire, datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=9 * number), f"little{number}")
    for number in range(11):
        publish(wire, datetime(2024, 6, 2, tzinfo=UTC) + timedelta(days=number), f"new{number}")
    wire.build()
    names = sorted(path.stem for path in (wire.feeds / "archive/all").iterdir())
    assert names == [*(f"2022-{month:02}" for month in range(1, 13)), "2023", "2024-06"]
    assert len(walk(wire.feeds, BASE)) == 161
    manifest = json.loads((wire.feeds / "manifest.json").read_bytes())["documents"]
    assert manifest["archive/all/2023.atom"]["entries"] == 30


def test_every_format_leads_to_the_newest_archive(wire: Mill) -> None:
    grow(wire, 12)
    newest = link(etree.parse(wire.feeds / "all.atom").getroot(), "prev-archive")
    assert newest.startswith(BASE + "archive/all/")
    assert link(etree.parse(wire.feeds / "all.rss").getroot()[0], "prev-archive") == newest
    assert json.loads((wire.feeds / "all.json").read_bytes())["_feedmill"]["prev_archive"] == newest


def test_a_story_that_comes_late_into_a_closed_period_is_found_and_changes_nothing_there(wire: Mill) -> None:
    now = grow(wire, 12)
    before = entries_of_archives(wire.feeds)
    publish(wire, START - timedelta(days=400), "late")
    wire.build(now)
    after = entries_of_archives(wire.feeds)
    assert {path: after[path] for path in before} == before
    assert "late" in walk(wire.feeds, BASE).values()
    assert len(walk(wire.feeds, BASE)) == 13


def test_a_late_correction_is_in_the_subscription_document_for_a_while(wire: Mill) -> None:
    now = grow(wire, 12)
    assert "s0" not in shown(wire.feeds).values()
    before = entries_of_archives(wire.feeds)
    corrected = now + timedelta(days=1)
    publish(wire, START, "s0", correction=f"{{date: '{corrected.isoformat()}', note: It was less.}}")
    plan = wire.build(corrected).plan
    assert plan.brakes == ()
    assert entries_of_archives(wire.feeds) == before
    for ending in ("atom", "rss", "json"):
        assert b"It was less." in (wire.feeds / f"all.{ending}").read_bytes()
    wire.build(corrected + timedelta(days=29))
    assert "s0" in shown(wire.feeds).values()
    wire.build(corrected + timedelta(days=31))
    assert "s0" not in shown(wire.feeds).values()
    for number in range(20):
        publish(wire, corrected + timedelta(days=40 + number), f"more{number}")
    wire.build(corrected + timedelta(days=80))
    again = [path for path, entries in entries_of_archives(wire.feeds).items() if b"It was less." in b"".join(entries)]
    assert len(again) == 2, "the next archives of both feeds carry it along"


def test_a_late_correction_stays_in_the_subscription_document_though_an_archive_has_it_by_then(wire: Mill) -> None:
    now = grow(wire, 12)
    corrected = now + timedelta(days=1)
    publish(wire, START, "s0", correction=f"{{date: '{corrected.isoformat()}', note: It was less.}}")
    for number in range(8):
        publish(wire, corrected + timedelta(days=number), f"more{number}")
    wire.build(corrected + timedelta(days=8))
    again = [path for path, entries in entries_of_archives(wire.feeds).items() if b"It was less." in b"".join(entries)]
    assert len(again) == 2, "no reader fetches the first one again"
    for days in (8, 29):
        wire.build(corrected + timedelta(days=days))
        assert "s0" in shown(wire.feeds).values()
    wire.build(corrected + timedelta(days=31))
    assert "s0" not in shown(wire.feeds).values()


def test_a_withdrawal_takes_the_text_out_of_archives_and_leaves_the_tombstone(wire: Mill) -> None:
    now = grow(wire, 12)
    before = entries_of_archives(wire.feeds)
    assert wire.run("withdraw", "s2", "--reason", "No.", "--now", now.isoformat()) == 0
    wire.build(now)
    assert b"What s2 says" not in all_bytes(wire.directory)
    assert shown(wire.feeds)["tag:wire.example,2024:2023-11-13:s2"] == "Withdrawn"
    path = wire.feeds / "archive/all/2023-11.atom"
    assert b"This story was withdrawn" in path.read_bytes()
    after = entries_of_archives(wire.feeds)
    for name, entries in before.items():
        kept = [entry for entry in entries if b"What s2 says" not in entry]
        assert [entry for entry in after[name] if b"This story was withdrawn" not in entry] == kept
    assert len(walk(wire.feeds, BASE)) == 11
    wire.build(now + timedelta(days=40))
    assert b"This story was withdrawn" not in all_bytes(wire.feeds)
    [tombstone] = etree.parse(path).getroot().findall(DELETED)
    assert tombstone.get("ref") == "tag:wire.example,2024:2023-11-13:s2"
    untouched = path.read_bytes()
    wire.build(now + timedelta(days=80))
    assert path.read_bytes() == untouched


@pytest.mark.parametrize("hidden", [{"expires": "2024-01-05"}, {"draft": "true"}])
def test_what_no_feed_may_show_any_more_goes_from_archives_too(wire: Mill, hidden: dict[str, str]) -> None:
    now = grow(wire, 12)
    publish(wire, datetime(2023, 11, 13, tzinfo=UTC), "s2", **hidden)
    later = now + timedelta(days=30)
    wire.build(later)
    assert b"What s2 says" not in all_bytes(wire.feeds)
    assert len(walk(wire.feeds, BASE)) == 11
    publish(wire, datetime(2023, 11, 13, tzinfo=UTC), "s2")
    wire.build(later)
    assert len(walk(wire.feeds, BASE)) == 12


def test_the_list_of_documents_knows_at_once_that_an_archives_newest_entry_has_gone(wire: Mill) -> None:
    now = grow(wire, 12)

    def newest() -> str:
        listed = json.loads((wire.feeds / "manifest.json").read_bytes())["documents"]
        return str(listed["archive/all/2023-11.atom"]["newest"])

    assert newest() == "2023-11-13T05:00:00+00:00"
    publish(wire, datetime(2023, 11, 13, tzinfo=UTC), "s2", expires="2024-01-05")
    later = now + timedelta(days=30)
    wire.build(later)
    assert newest() == "2023-11-08T05:00:00+00:00"
    assert set(wire.build(later).published.changes.values()) == {Change.UNTOUCHED}


def test_an_archive_that_is_written_again_is_listed_at_once_as_it_is_by_every_later_build(wire: Mill) -> None:
    now = grow(wire, 12) + timedelta(days=60)
    publish(wire, datetime(2023, 11, 3, tzinfo=UTC), "s0", updated="2024-02-01")
    wire.build(now)
    (wire.feeds / "archive/all/2023-11.atom").unlink()
    wire.build(now)
    assert set(wire.build(now).published.changes.values()) == {Change.UNTOUCHED}


def test_an_archive_that_all_entries_have_left_is_followed_by_the_next(wire: Mill) -> None:
    now = grow(wire, 12)
    newest = max((wire.feeds / "archive/all").iterdir())
    gone = set(shown(wire.feeds, newest.relative_to(wire.feeds).with_suffix("").as_posix()).values())
    assert gone
    for number in range(12):
        if f"s{number}" in gone:
            publish(wire, START + timedelta(days=5 * number), f"s{number}", draft="true")
    wire.build(now, force=True)
    for number in range(12, 24):
        now = START + timedelta(days=5 * number)
        publish(wire, now, f"s{number}")
        wire.build(now)
    assert set(walk(wire.feeds, BASE).values()) == {f"s{number}" for number in range(24)} - gone


def test_an_archive_that_is_gone_is_written_again(wire: Mill) -> None:
    now = grow(wire, 12)
    path = wire.feeds / "archive/all/2023-11.atom"
    path.unlink()
    wire.build(now)
    assert len(walk(wire.feeds, BASE)) == 12
    assert path.exists()


def test_when_the_feeds_move_their_archives_links_move_too(wire: Mill) -> None:
    now = grow(wire, 12)
    before = walk(wire.feeds, BASE)
    text = (wire.directory / "feedmill.yaml").read_text()
    wire.configure(text.replace("https://wire.example/", "https://moved.example/"))
    wire.build(now)
    assert walk(wire.feeds, "https://moved.example/feeds/") == before


def test_archives_may_be_left_out(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 2, archive: false}\n")
    for number in range(5):
        publish(wire, START + timedelta(days=number), f"s{number}")
    wire.build()
    assert not (wire.feeds / "archive").exists()


def renamed(wire: Mill) -> str:
    return (
        (wire.directory / "feedmill.yaml")
        .read_text()
        .replace("  china: {title: China", "  cathay: {moved_from: [china], title: Cathay")
    )


def test_a_topic_that_was_renamed_keeps_its_old_document_and_leads_to_the_new(wire: Mill) -> None:
    now = grow(wire, 3)
    before = shown(wire.feeds, "china")
    wire.configure(renamed(wire))
    assert wire.build(now).plan.brakes == ()
    publish(wire, now, "fresh", topics="[china]")
    wire.build(now)
    assert shown(wire.feeds, "china") == before
    assert "fresh" in shown(wire.feeds, "cathay").values()
    assert before.keys() <= shown(wire.feeds, "cathay").keys()
    assert link(etree.parse(wire.feeds / "china.atom").getroot(), "current") == BASE + "cathay.atom"
    assert link(etree.parse(wire.feeds / "china.rss").getroot()[0], "current") == BASE + "cathay.rss"
    told = json.loads((wire.feeds / "china.json").read_bytes())
    assert told["expired"] is True
    assert "expired" not in json.loads((wire.feeds / "cathay.json").read_bytes())
    assert (wire.feeds / "redirects.txt").read_text().splitlines() == [
        "/feeds/china.atom /feeds/cathay.atom 301",
        "/feeds/china.rss /feeds/cathay.rss 301",
        "/feeds/china.json /feeds/cathay.json 301",
        "/feeds/china.html /feeds/cathay.html 301",
    ]
    page = html.document_fromstring((wire.feeds / "china.html").read_bytes())
    assert "https://wire.example/feeds/cathay.html" in [link.get("href") for link in page.iter("a")]
    assert b"china.atom" not in (wire.feeds / "feeds.opml").read_bytes()
    assert b"china.atom" not in (wire.feeds / "index.html").read_bytes()


def test_a_topic_that_was_retired_may_lead_to_the_feed_of_all(wire: Mill) -> None:
    now = grow(wire, 3)
    before = shown(wire.feeds, "china")
    text = (wire.directory / "feedmill.yaml").read_text()
    text = "".join(line for line in text.splitlines(keepends=True) if "china:" not in line)
    wire.configure(text.replace("feeds: {archive: true, ", "feeds: {archive: true, moved_from: [china], "))
    wire.build(now)
    assert shown(wire.feeds, "china") == before
    assert "/feeds/china.html /feeds/index.html 301" in (wire.feeds / "redirects.txt").read_text()


def test_topics_that_were_merged_show_each_story_once(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", title="A", topics="[china]")
    wire.story("2024-05-02-b.md", title="B", topics="[ai]")
    wire.story("2024-05-03-c.md", title="C", topics="[china, ai]")
    wire.build()
    ids = shown(wire.feeds)
    wire.configure(CONFIGURATION.split("topics:")[0] + "topics:\n  both: {title: Both, moved_from: [china, ai]}\n")
    wire.build()
    assert shown(wire.feeds, "both") == ids
    assert list(shown(wire.feeds, "china").values()) == ["C", "A"]
    assert list(shown(wire.feeds, "ai").values()) == ["C", "B"]


def test_a_withdrawal_reaches_a_feed_that_has_moved(wire: Mill) -> None:
    now = grow(wire, 3)
    wire.configure(renamed(wire))
    wire.build(now)
    assert wire.run("withdraw", "s1", "--now", now.isoformat()) == 0
    wire.build(now)
    assert b"What s1 says" not in all_bytes(wire.directory)
    assert "Withdrawn" in shown(wire.feeds, "china").values()


@pytest.mark.parametrize("after", range(8))
def test_archives_stay_linked_when_the_build_that_writes_them_dies(wire: Mill, after: int) -> None:
    now = grow(wire, 12) + timedelta(days=40)
    for number in range(6):
        publish(wire, now + timedelta(days=number), f"new{number}")
    build_that_dies(wire, after, now + timedelta(days=6))
    wire.build(now + timedelta(days=7))
    assert len(walk(wire.feeds, BASE)) == len(walk(wire.feeds, BASE, "china")) == 18


@pytest.mark.parametrize("second", range(1, 5))
def test_no_archive_leads_to_one_that_two_builds_did_not_come_to_write(wire: Mill, second: int) -> None:
    configuration = CONFIGURATION + "brake: {lost: 100, emptied: 99}\nfeeds: {archive: true, limit: %d}\n"
    wire.configure(configuration % 4)
    for month in range(7, 11):
        publish(wire, datetime(2023, month, 13, tzinfo=UTC), f"s{month}")
    last_year = datetime(2023, 12, 31, 20, tzinfo=UTC)
    wire.build(last_year)
    for number in range(3):
        publish(wire, last_year, f"new{number}")
    build_that_dies(wire, 2, last_year)
    wire.configure(configuration % 1)
    this_year = last_year + timedelta(days=1)
    build_that_dies(wire, second, this_year)
    wire.build(this_year)
    assert len(walk(wire.feeds, BASE)) == len(walk(wire.feeds, BASE, "china")) == 7


@pytest.mark.parametrize("then", ["goes on", "shows less", "has less"])
@pytest.mark.parametrize("after", [1, 2, 4])
def test_no_archive_leads_to_one_that_a_build_did_not_come_to_write(wire: Mill, after: int, then: str) -> None:
    configuration = CONFIGURATION + "brake: {lost: 100, emptied: 99}\nfeeds: {archive: true, limit: %d}\n"
    wire.configure(configuration % 4)
    for month in range(7, 11):
        publish(wire, datetime(2023, month, 13, tzinfo=UTC), f"s{month}")
    last_year = datetime(2023, 12, 31, 20, tzinfo=UTC)
    wire.build(last_year)
    for number in range(3):
        publish(wire, last_year, f"new{number}")
    build_that_dies(wire, after, last_year)
    if then == "shows less":
        wire.configure(configuration % 1)
    told = walk(wire.feeds, BASE)
    for path in (wire.directory / "content").glob("*-new*.md") if then == "has less" else ():
        path.unlink()
    # Of a year that is over one archive is enough, where months had theirs: the next has another name.
    this_year = last_year + timedelta(days=1)
    wire.configure((wire.directory / "feedmill.yaml").read_text() + "content: {on_missing: drop}\n")
    wire.build(this_year)
    left = 4 if then == "has less" else 7
    assert len(walk(wire.feeds, BASE)) == len(walk(wire.feeds, BASE, "china")) == left
    assert then == "has less" or told.keys() <= walk(wire.feeds, BASE).keys()
    assert set(wire.build(this_year).published.changes.values()) == {Change.UNTOUCHED}


def test_an_archived_story_that_comes_under_embargo_is_in_no_archive_until_its_time(wire: Mill) -> None:
    now = grow(wire, 12)
    until = now + timedelta(days=100)
    publish(wire, START, "s0", embargo=until.isoformat())
    assert wire.run("build", "--now", now.isoformat(), "--force") == 0
    assert b"What s0 says" not in all_bytes(wire.feeds)
    assert wire.run("build", "--now", (until + timedelta(days=1)).isoformat()) == 0
    assert "s0" in walk(wire.feeds, BASE).values()
