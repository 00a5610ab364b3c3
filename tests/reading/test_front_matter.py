"""Front matter and body."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.located import LocatedError, Scalar
from feedmill.reading import front_matter
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
        ("+++\ntitle = 'One'\n", "front-matter-end"),
        ("+++\ntitle = \n+++\n", "toml-syntax"),
        ('{"title": }\n', "json-syntax"),
        ('{"title": "One"\n', "json-syntax"),
        ("---\n- a\n- b\n---\n", "front-matter-type"),
        ("---\njust words\n---\n", "front-matter-type"),
        (f"---\na: {'x' * MAX_CHARACTERS}\n---\n", "front-matter-size"),
    ],
)
def test_what_cannot_be_front_matter_is_refused(text: str, code: str) -> None:
    with pytest.raises(LocatedError) as caught:
        split_front_matter(text)
    assert caught.value.code == code


TOML = """\
+++
title = "One"
date = 2024-05-01T10:00:00
weight = 3
draft = false

[taxonomies]
tags = ["a", "b"]
+++
Body
"""


def test_toml_between_plus_signs_is_read_with_its_lines() -> None:
    parts = split_front_matter(TOML)
    assert parts.metadata is not None
    assert {key: (value.line, getattr(value, "text", None)) for key, value in parts.metadata.values.items()} == {
        "title": (2, "One"),
        "date": (3, "2024-05-01T10:00:00"),
        "weight": (4, "3"),
        "draft": (5, "false"),
        "taxonomies": (7, None),
    }
    assert (parts.language, parts.body, parts.body_line) == ("toml", "Body\n", 10)


def test_json_in_braces_is_read_with_its_lines() -> None:
    parts = split_front_matter('{\n  "title": "One {",\n  "tags": ["a"]\n}\n\nBody\n')
    assert parts.metadata is not None
    assert [(key, value.line) for key, value in parts.metadata.values.items()] == [("title", 2), ("tags", 3)]
    assert (parts.language, parts.body, parts.body_line) == ("json", "\nBody\n", 5)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("\n \n---\ntitle: One\n---\nBody\n", "blank lines stand before the front matter", 1),
        ("---\ntitle: One\n---\ndate: 2024-05-01\n---\nBody\n", "a marker divides the front matter in two", 3),
        ("---\ntitle: One\ndate: 2024-05-01\n\nBody of words.\n\nMore.\n", "the front matter has no end", 5),
        ("+++\ntitle: One\n+++\nBody\n", "this is YAML between the markers of TOML", 1),
        ("---\ntitle = 'One'\n---\nBody\n", "this is TOML between the markers of YAML", 1),
    ],
)
def test_damage_that_a_person_can_read_past_is_mended_and_told(text: str, message: str, line: int) -> None:
    parts = split_front_matter(text)
    assert parts.metadata is not None
    title = parts.metadata.values["title"]
    assert isinstance(title, Scalar)
    assert title.text == "One"
    assert parts.body.startswith("Body")
    [told] = parts.repaired
    assert (told.message, told.line) == (message, line)
    assert text.split("\n")[parts.body_line - 1].startswith("Body")


def test_rules_of_markdown_are_no_second_front_matter() -> None:
    parts = split_front_matter("---\ntitle: One\n---\nNote: this is prose\nthat goes on.\n\n---\n\nMore\n")
    assert parts.body.startswith("Note: this")
    assert parts.repaired == ()


@given(st.lists(st.sampled_from(["\n", " ", "\t", "\x0b", "\u00a0", "a", "_b-1", "é", ":", "-", "---", "a: b", "k:"])))
def test_the_first_key_of_what_may_be_front_matter_is_sought_in_its_first_line_of_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    first = next((line for line in text.split("\n") if line.strip()), "")
    is_key = re.match(r"[A-Za-z_][\w-]*:(?:[ \t]|$)", first) is not None
    assert (front_matter._FIRST_KEY.match(text) is not None) == is_key
