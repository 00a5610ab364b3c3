"""Front matter and body."""

import pytest

from feedmill.located import LocatedError, Scalar
from feedmill.reading.front_matter import MAX_CHARACTERS, split_front_matter


def test_front_matter_and_body_are_parted_and_the_body_knows_its_line() -> None:
    parts = split_front_matter("---\ntitle: One\n---\n\nBody\n---\nmore\n")
    assert parts.metadata is not None
    title = parts.metadata.values["title"]
    assert isinstance(title, Scalar)
    assert (title.text, title.line) == ("One", 2)
    assert (parts.body, parts.body_line) == ("\nBody\n---\nmore\n", 4)


def test_a_text_without_front_matter_is_all_body() -> None:
    parts = split_front_matter("Words\n---\ntitle: no\n---\n")
    assert (parts.metadata, parts.body_line) == (None, 1)


@pytest.mark.parametrize("text", ["---\na: 1\n...\nB", "---  \na: 1\n---\t\nB", "---\na: 1\n---\nB"])
def test_yamls_own_end_marker_and_trailing_blanks_are_fine(text: str) -> None:
    assert split_front_matter(text).body == "B"


def test_front_matter_may_end_the_file() -> None:
    assert split_front_matter("---\na: 1\n---").body == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("---\ntitle: One\n", "front-matter-end"),
        ("---\n- a\n- b\n---\n", "front-matter-type"),
        ("---\njust words\n---\n", "front-matter-type"),
        (f"---\na: {'x' * MAX_CHARACTERS}\n---\n", "front-matter-size"),
    ],
)
def test_what_cannot_be_front_matter_is_refused(text: str, code: str) -> None:
    with pytest.raises(LocatedError) as caught:
        split_front_matter(text)
    assert caught.value.code == code
