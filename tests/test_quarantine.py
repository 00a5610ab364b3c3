"""One story of which no valid document can be made does not hold the others back; many do, as a fault of Feedmill's."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedmill.errors import Refused
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


@pytest.mark.parametrize("bad", [1, 2, 9])
def test_when_many_or_all_are_to_blame_nothing_is_replaced(wire: Mill, bad: int) -> None:
    good = 0 if bad == 1 else 9
    for number in range(good):
        wire.story(f"2024-05-01-good{number}.md")
    for number in range(bad):
        wire.story(f"2024-05-02-bad{number}.md", image_alt="x", image=TOKEN)
    with pytest.raises(Refused, match="nothing was replaced"):
        wire.build()
    assert not [path for path in wire.feeds.rglob("*") if path.is_file()]
