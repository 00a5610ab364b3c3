"""Of a story that was taken back no word stays below .feedmill/ or in feeds/, wherever it had been remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CONFIGURATION, Mill
from tests.ledger.test_recovery import reword

CONFIGURED = CONFIGURATION + (
    "content: {on_missing: keep}\nfeeds: {archive: true, limit: 2, authors: true, status: true}\nbrake: {lost: 1}\n"
)
TOKEN = "Zqxjkv"
"""Stands in every field of the story, each time with another ending."""
FIELDS = {
    "title": f"{TOKEN}title",
    "summary": f"{TOKEN}summary",
    "tags": f"[{TOKEN}tag]",
    # Not the author's name: it is that of a feed, which stays with the stub in it.
    "authors": f"[{{name: Ann Lee, url: 'https://wire.example/{TOKEN}'}}]",
    "image": f"https://wire.example/{TOKEN}.png",
    "image_alt": f"{TOKEN}alt",
    "media": f"[{{url: 'https://wire.example/{TOKEN}.mp3', title: {TOKEN}media}}]",
    "related": f"[{{url: 'https://wire.example/{TOKEN}r', title: {TOKEN}related}}]",
    "source": f"{{title: {TOKEN}source, url: 'https://other.example/{TOKEN}'}}",
    "series": f"{TOKEN}series",
    "rights": f"{TOKEN}rights",
    "correction": f"{{date: 2024-05-03, note: {TOKEN}note}}",
    "odd": f"{TOKEN}odd",
    "topics": f"[china, {TOKEN}topic]",
}
BODY = f"{TOKEN}body and [a link](javascript:{TOKEN}) with {{{{ {TOKEN}template }}}}.\n"


def kept(wire: Mill) -> list[Path]:
    files = [
        path for folder in (".feedmill", "feeds") for path in (wire.directory / folder).rglob("*") if path.is_file()
    ]
    return [path for path in files if TOKEN.encode().lower() in path.read_bytes().lower()]


def story(wire: Mill, **more: str) -> Path:
    return wire.story("2024-05-01-a.md", BODY.replace("{{ ", "").replace(" }}", ""), **{**FIELDS, **more})


def look_at_all(wire: Mill) -> None:
    """Have the story in problems, plans, brakes, records of runs and explanations."""
    for verb in (("plan",), ("check",), ("status",), ("next",), ("explain", "a"), ("build",), ("build", "--force")):
        wire.run(*verb)


@pytest.fixture
def told(wire: Mill) -> Mill:
    """A site that has published the story, seen it with problems, and held a brake because of it."""
    wire.configure(CONFIGURED)
    for number in range(2, 8):
        wire.story(f"2024-05-0{number}-s{number}.md", f"Number {number}.\n", title=f"S{number}", topics="[china]")
    story(wire)
    assert wire.run("build", "--force") in (0, 1)
    assert kept(wire)
    story(wire, language="not a language")
    look_at_all(wire)
    story(wire)
    reword(wire.directory / "content/2024-05-01-a.md", ("body and", "body {{ x }} and"))
    look_at_all(wire)
    story(wire, topics="[ai]", title=f"{TOKEN}retitled")
    look_at_all(wire)
    (wire.directory / "content/2024-05-01-a.md").unlink()
    look_at_all(wire)
    story(wire)
    look_at_all(wire)
    assert kept(wire)
    return wire


@pytest.mark.parametrize("file", ["stays", "goes", "breaks", "moves", "is marked", "is copied"])
def test_no_word_of_a_withdrawn_story_stays(told: Mill, file: str) -> None:
    path = told.directory / "content/2024-05-01-a.md"
    if file == "is marked":
        story(told, withdrawn="{date: 2024-06-30, reason: Wrong}")
    else:
        assert told.run("withdraw", "a", "--reason", "Wrong") == 0
    if file == "goes":
        path.unlink()
    elif file == "breaks":
        path.write_bytes(path.read_bytes().replace(b"title:", b"title: [", 1))
    elif file == "moves":
        path.rename(path.with_name("2024-05-01-b.md"))
    elif file == "is copied":
        path.with_name("2024-05-01-b.md").write_bytes(path.read_bytes())
    for _ in range(2):
        assert told.run("build", "--force") in (0, 1)
        assert kept(told) == []
    look_at_all(told)
    told.run("build")
    assert kept(told) == []


def test_no_word_stays_of_a_story_that_is_unclear_between_two_that_were_withdrawn(wire: Mill) -> None:
    wire.configure(CONFIGURED)
    wire.story("2024-05-02-other.md", "Other.\n", title="Other")
    for name in ("a", "b"):
        wire.story(f"2024-05-01-{name}.md", f"Of {name} alone {TOKEN}body.\n", title=f"{TOKEN}title")
    wire.run("build")
    for name in ("a", "b"):
        assert wire.run("withdraw", name) == 0
        (wire.directory / f"content/2024-05-01-{name}.md").unlink()
    wire.story("2024-05-01-c.md", f"Of neither {TOKEN}body.\n", title=f"{TOKEN}title", odd=f"{TOKEN}odd")
    for _ in range(2):
        assert wire.run("build", "--force") in (0, 1)
    assert kept(wire) == []
