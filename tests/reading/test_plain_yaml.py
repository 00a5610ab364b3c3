"""YAML in its plainest form: read as libyaml reads it, or not at all."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedmill.config.yaml_values import load_yaml
from feedmill.located import LocatedError, Mapping, Scalar
from feedmill.reading.plain_yaml import read_plain_yaml

PLAIN = """title: "It's: a # title"
date: 2024-05-01T10:00:00-04:00
authors: [Ada Lovelace, 'Grace H.', "x"]
topics: [china, ai-policy]
tags:
- one
- "two: 2"
related:
  - https://example.org/a#b
summary: Zürich, 北京 & more; a:b
image:
draft: no
none: ~
empty: []
"""

PIECES = st.sampled_from(
    [
        *""": # - [ ] , { } " ' \\ &a *a !x | > % @ ` ? ~ null true --- ... é 北京 a b x-y << = 😀 a:b #c""".split(),
        *(": ", " #", "- ", "? ", ", ", " ", "  ", "\n", "\n\n", "\n  ", "\t", "\r", "\x00", "\x7f"),
        *("\u0085", "\u00a0", "\u2028", "\u3000", "\ufeff"),
    ]
)
KEYS = st.sampled_from(["a", "title", "b-c"])
LINES = st.lists(st.tuples(KEYS, st.lists(PIECES, max_size=6)), min_size=1, max_size=4)


def read_by_libyaml(text: str) -> object:
    try:
        return load_yaml(text, first_line=2)
    except LocatedError:
        return None


def test_the_plainest_front_matter_is_read_with_every_place() -> None:
    found = read_plain_yaml(PLAIN, first_line=2)
    assert found == load_yaml(PLAIN, first_line=2)
    assert isinstance(found, Mapping)
    assert found.values["draft"] == Scalar("no", 13, 8, plain=True)


@pytest.mark.parametrize(
    "text",
    [
        "title: one: two\n",
        "title: one # two\n",
        "title: >\n  folded\n",
        "title: a\n  continued\n",
        'title: "a \\" b"\n',
        "title: 'it''s'\n",
        "a: 1\na: 2\n",
        "a: {b: c}\n",
        "a: [b, [c]]\n",
        "a: [b: c]\n",
        "a: [b,\n  c]\n",
        "a: &x b\n",
        "a: *x\n",
        "a: !x b\n",
        "# comment\na: b\n",
        "a:\n  b: c\n",
        "a:\n- b: c\n",
        "a: b",
        "",
    ],
)
def test_anything_else_is_left_to_libyaml(text: str) -> None:
    assert read_plain_yaml(text) is None


@given(st.text(alphabet=st.one_of(st.sampled_from(string.ascii_letters + ":#-[]{},'\" \n"), st.characters())))
@example("a: b:\n")
@example("a: -\n")
@example("a: - b\n")
@example("a: [,]\n")
@example("a: [b,]\n")
@example("a:\n-\n")
def test_what_is_read_of_any_text_is_what_libyaml_reads(text: str) -> None:
    found = read_plain_yaml(text, first_line=2)
    assert found is None or found == read_by_libyaml(text)


@given(LINES)
def test_what_is_read_of_any_keys_and_values_is_what_libyaml_reads(lines: list[tuple[str, list[str]]]) -> None:
    text = "".join(f"{key}: {''.join(pieces)}\n" for key, pieces in lines)
    found = read_plain_yaml(text, first_line=2)
    assert found is None or found == read_by_libyaml(text)


@given(st.lists(st.lists(PIECES, max_size=4), max_size=4), st.sampled_from(["- ", "  - ", " -  "]))
def test_what_is_read_of_any_list_is_what_libyaml_reads(items: list[list[str]], before: str) -> None:
    in_lines = "a:\n" + "".join(f"{before}{''.join(item)}\n" for item in items) + "b: c\n"
    in_brackets = f"a: [{', '.join(map(''.join, items))}]\n"
    for text in (in_lines, in_brackets):
        found = read_plain_yaml(text, first_line=2)
        assert found is None or found == read_by_libyaml(text)
