"""What is reported of template tokens: cheap looks agree with close ones."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from feedmill.normalising.tokens import _MARK_IN_ADDRESS, find_token, has_marks, token_in_html


@given(st.text("{}% a"))
def test_marks_are_found_in_any_order(text: str) -> None:
    assert has_marks(text) == any(mark in text for mark in ("{{", "}}", "{%"))


@example(["%7B", "<code>", "</code>", "%7B"])
@example(["{%", "<code>", "{{", "</code>", "%"])
@example(["%7B", "<code>", "{{", "</code>", "%7B"])
@given(st.lists(st.sampled_from(["%7B", "%7b", "%25", "%7D", "%", "7", "{{", "}}", "{%", "a", "<code>", "</code>"])))
def test_a_token_of_clean_html_is_in_its_text_or_in_an_address(pieces: list[str]) -> None:
    content = "".join(pieces)
    prose = re.sub(r"<code>.*?</code>", " ", content)  # none goes on beyond code
    assert (token_in_html(content) is None) == (find_token(prose) is None and not _MARK_IN_ADDRESS.search(prose))


def test_what_stands_around_code_is_no_token() -> None:
    assert token_in_html("<p>{<code>{{ x }}</code>{ y</p>") is None
    assert token_in_html("<p>{<code>x</code>{ y</p>") is None
    assert token_in_html("<p>{{ y }} and <code>x</code></p>") is not None
