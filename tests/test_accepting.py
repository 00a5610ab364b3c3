"""A desk accepts what it knows: such problems count for nothing, and what is accepted for no reason is noticed."""

from __future__ import annotations

import pytest

from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import shown

Capture = pytest.CaptureFixture[str]


def site(wire: Mill, accept: str) -> None:
    wire.configure(f"{CONFIGURATION}problems: {{accept: {accept}}}\n")
    wire.story("2024-05-01-good.md", title="Good")
    wire.story("notes/2024-05-02-bare.md", title="", image="/a.png")
    wire.story("2024-05-03-picture.md", image="/a.png", title="Picture")


@pytest.mark.parametrize(
    ("accept", "left", "code"),
    [
        ("{}", {"title", "image-alt"}, 1),
        ("{title: ['notes/**']}", {"image-alt"}, 0),
        ("{title: notes/*, image-alt: ['**']}", set(), 0),
        ("{title: ['notes/2024-05-02-bare.md'], image-alt: ['*.md']}", set(), 0),
        ("{title: ['*'], image-alt: ['notes/**']}", {"title", "image-alt"}, 1),
        ("{title: ['n?tes/**.md']}", {"image-alt"}, 0),
    ],
)
def test_accepted_problems_count_for_nothing(
    wire: Mill, capsys: Capture, accept: str, left: set[str], code: int
) -> None:
    site(wire, accept)
    assert {problem.code for problem in wire.build().contents.problems} == left
    assert wire.run("check") == code
    assert wire.run("build") == code
    assert sorted(shown(wire.feeds).values()) == ["Good", "Picture"], "a story with an error is left out all the same"


def test_what_is_accepted_in_vain_is_noticed(wire: Mill, capsys: Capture) -> None:
    site(wire, "{title: ['notes/**'], image-alt: ['old/**']}")
    assert wire.run("check", "--all-problems") == 0
    said = capsys.readouterr().out
    assert "feedmill.yaml:" in said
    assert "notice: accept-unused: problems.accept has image-alt at old/**" in said
    assert "title at notes/**" not in said
    assert wire.run("check") == 0
    assert "accept-unused" not in capsys.readouterr().out


@pytest.mark.parametrize("accept", ["[title]", "title", "{title: {a: b}}"])
def test_what_is_no_list_of_patterns_is_a_mistake(wire: Mill, accept: str) -> None:
    wire.configure(f"{CONFIGURATION}problems: {{accept: {accept}}}\n")
    assert wire.run("check") == 2
