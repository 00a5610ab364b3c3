"""import: a page capture becomes story files, and nothing is invented."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from feedmill.commands.import_command import add_arguments, run
from feedmill.operations.logs import Log
from feedmill.running.outcome import RunContext
from tests.conftest import CONFIGURATION, NOW, Mill, no_progress
from tests.importing.test_capture import HARBOUR
from tests.parts import require_shared

PAGE = """\
Menu
Chips cross the strait
Makers in China ship fewer chips than a year ago, says a trade body.
- Where the machines come from ›
"""
GIVEN = ("--date", "2024-05-01", "--base-url", "https://old.example/news")


@pytest.fixture
def desk(wire: Mill) -> Mill:
    (wire.directory / "page.txt").write_text(PAGE)
    return wire


def test_a_page_becomes_stories_that_build(desk: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("import", "page.txt", *GIVEN) == 0
    assert capsys.readouterr().out.splitlines() == [
        "page.txt:2: story: Chips cross the strait",
        "page.txt:4: related piece without an address: Where the machines come from",
        "page.txt:1: left out: a heading or menu line with no text under it: Menu",
        "wrote content/2024-05-01-chips-cross-the-strait.md",
        "1 story",
    ]
    [entry] = desk.build().whole_feeds()[0].entries
    assert entry.title == "Chips cross the strait"
    assert entry.external_url == "https://old.example/news/chips-cross-the-strait/"
    assert entry.url == "https://wire.example/2024/05/01/chips-cross-the-strait/"
    assert entry.topics == ("china",)
    assert entry.content == (
        "<p>Makers in China ship fewer chips than a year ago, says a trade body.</p>\n"
        "<p>Related:</p>\n<ul><li>Where the machines come from</li></ul>"
    ), "what cannot be a link is shown to readers of every format"
    assert [(related.title, related.url) for related in entry.related] == [("Where the machines come from", "")]


def test_all_that_is_missing_is_named_at_once(desk: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("import", "page.txt") == 2
    said = capsys.readouterr().err
    assert "when 'Chips cross the strait' appeared" in said
    assert "where its stories lie" in said
    assert "--date" in said
    assert "--base-url" in said
    assert not list((desk.directory / "content").iterdir())


def test_a_date_on_the_page_counts_and_authors_are_taken(wire: Mill) -> None:
    (wire.directory / "page.txt").write_text(HARBOUR)
    assert wire.run("import", "page.txt", "--base-url", "https://e.example/") == 2, "one story is undated"
    assert wire.run("import", "page.txt", "--base-url", "https://e.example/", *("--date", "2024-03-12") * 2) == 0
    shipyard, pilots = wire.mill().entries
    assert [person.name for person in pilots.authors] == ["Mira Holt", "Jan Voss"]
    assert shipyard.day.isoformat() == "2024-03-12"


def test_at_a_terminal_the_person_is_asked(desk: Mill) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    asked = []

    def ask(question: str) -> str:
        asked.append(question)
        return "2024-05-01" if question.startswith("When") else "https://e.example/"

    log = Log("run", clock=lambda: NOW, format_=None, write=lambda line, level: None)
    context = RunContext(desk.directory, NOW, no_progress, elapsed=lambda: 0.0, log=log, ask=ask)
    assert run(parser.parse_args(["page.txt"]), context).exit_code == 0
    assert len(asked) == 2
    assert [entry.day.isoformat() for entry in desk.mill().entries] == ["2024-05-01"]
    silent = replace(context, ask=None)
    assert run(parser.parse_args(["page.txt", *GIVEN, "--dry-run"]), silent).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--date", "03/04/2024", "--base-url", "https://e.example/"), "can be read in two ways"),
        (("--date", "2024-05-01", "--base-url", "e.example"), "is not a valid web address"),
        (("--date", "2024-05-01", "--base-url", "javascript:x"), "is not a valid web address"),
        ((*GIVEN, "--date", "2024-05-02"), "2 dates for 1 story"),
        ((*GIVEN, "--topic", "chna"), "no topic is called 'chna'; did you mean 'china'?"),
    ],
)
def test_what_is_given_wrongly_is_refused(
    desk: Mill, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert desk.run("import", "page.txt", *arguments) == 2
    assert message in capsys.readouterr().err
    assert not list((desk.directory / "content").iterdir())


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"\xff\xfe", 2, "not UTF-8"),
        (b"<!DOCTYPE html><html></html>", 2, "this is markup, not plain text"),
        (b"", 1, "no story was found"),
        (b"Home\nNews\n", 1, "no story was found"),
        (b"x\n" * 10_000, 2, "more than 5,000 lines"),
        (b"x" * 3_000_000, 2, "larger than 2,000,000 bytes"),
    ],
)
def test_what_is_no_page_is_a_clear_line(
    wire: Mill, capsys: pytest.CaptureFixture[str], content: bytes, code: int, message: str
) -> None:
    (wire.directory / "page.txt").write_bytes(content)
    assert wire.run("import", "page.txt", *GIVEN) == code
    said = capsys.readouterr()
    assert message in said.err + said.out


def test_a_file_in_the_way_is_never_overwritten(desk: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("import", "page.txt", *GIVEN) == 0
    assert desk.run("import", "page.txt", *GIVEN) == 0, "the same again changes nothing"
    [story] = (desk.directory / "content").iterdir()
    story.write_text("edited")
    assert desk.run("import", "page.txt", *GIVEN) == 2
    assert "is there already, with another text" in capsys.readouterr().err
    assert story.read_text() == "edited"


def test_a_dry_run_writes_nothing(desk: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("import", "page.txt", *GIVEN, "--dry-run") == 0
    assert "would write content/2024-05-01-chips-cross-the-strait.md" in capsys.readouterr().out
    assert not list((desk.directory / "content").iterdir())


def test_the_projects_own_capture_gives_feeds_on_china_and_ai(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    page = require_shared("captures", "china-ai-topic-page.txt")
    wire.configure(CONFIGURATION)
    assert wire.run("import", str(page), "--json", *GIVEN) == 0
    told = json.loads(capsys.readouterr().out)
    assert [item["line"] for item in told["sources"][0]["left_out"]] == [1, 2, 3, 18]
    built = wire.build()
    lines = page.read_text("utf-8").splitlines()
    for name in ("china", "ai"):
        [feed] = [feed for feed in built.contents.feeds if feed.name == name]
        assert {entry.title for entry in feed.entries} == {lines[3], lines[7]}
    democracies = next(entry for entry in built.contents.entries if entry.title == lines[7])
    assert len(democracies.related) == 6
    for path in wire.feeds.iterdir():
        text = path.read_text("utf-8")
        assert "{{" not in text
        assert "Privacy Policy" not in text
        assert "Trending" not in text
