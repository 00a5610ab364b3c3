"""A story of which no valid document can be made does not hold the others back."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedmill.model import Level
from tests.conftest import Mill

TOKEN = "/pictures/a%7B%7B.png"
"""An address that reads like an unresolved template, which only validation notices."""


def documents(feeds: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in feeds.rglob("*") if path.is_file()}


def test_a_story_that_no_document_can_carry_is_left_out_alone(wire: Mill) -> None:
    for number in range(1, 9):
        wire.story(f"2024-05-0{number}-s{number}.md", topics="[china]", image_alt="x", image="/pictures/a.png")
    wire.build()
    without = documents(wire.feeds)
    wire.story("2024-05-09-bad.md", title="The bad one", topics="[china]", image_alt="x", image=TOKEN)
    built = wire.build()
    [problem] = built.contents.problems
    assert (problem.level, problem.code, problem.place.path) == (
        Level.ERROR, "entry-invalid", "content/2024-05-09-bad.md",
    )  # fmt: skip
    assert "template-token" in problem.message
    assert (built.contents.found, built.contents.left_out, len(built.contents.entries)) == (9, 1, 8)
    assert documents(wire.feeds) == without, "just as if it were not there"


@pytest.mark.parametrize(("good", "bad"), [(0, 1), (9, 2), (40, 9), (9, 40)])
def test_each_of_many_is_left_out_and_reported_by_itself(wire: Mill, good: int, bad: int) -> None:
    for number in range(good):
        wire.story(f"2024-05-01-good{number}.md", title=f"Good {number}")
    for number in range(bad):
        wire.story(f"2024-05-02-bad{number}.md", title=f"Bad {number}", image_alt="x", image=TOKEN)
    for _ in range(2):
        built = wire.build()
        assert [problem.place.path for problem in built.contents.problems] == sorted(
            f"content/2024-05-02-bad{number}.md" for number in range(bad)
        )
        assert {problem.code for problem in built.contents.problems} == {"entry-invalid"}
        assert len(built.contents.feeds[0].entries) == good
        assert built.contents.left_out == bad


def test_one_that_is_left_out_makes_room_for_the_next(wire: Mill) -> None:
    wire.configure((wire.directory / "feedmill.yaml").read_text() + "feeds: {limit: 2}\n")
    for day in range(1, 5):
        image = TOKEN if day > 2 else "/a.png"
        wire.story(f"2024-05-0{day}-s{day}.md", title=f"Story {day}", image_alt="x", image=image)
    built = wire.build()
    assert [entry.slug for entry in built.contents.feeds[0].entries] == ["s2", "s1"]
    wire.story("2024-05-04-s4.md", title="Story 4", image_alt="x", image="/b.png")
    built = wire.build()
    assert [entry.slug for entry in built.contents.feeds[0].entries] == ["s4", "s2"]
    assert [problem.place.path for problem in built.contents.problems] == ["content/2024-05-03-s3.md"]


def test_a_published_story_that_goes_wrong_stays_as_last_published(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", title="A", topics="[china]", image_alt="x", image="/a.png")
    wire.story("2024-05-02-b.md", title="B", topics="[china]", image_alt="x", image="/b.png")
    wire.build()
    before = (wire.feeds / "china.atom").read_bytes()
    wire.story("2024-05-01-a.md", title="A", topics="[china]", image_alt="x", image=TOKEN)
    built = wire.build()
    assert "entry-invalid" in {problem.code for problem in built.contents.problems}
    assert (wire.feeds / "china.atom").read_bytes() == before
