"""Plain text and XML's characters."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from feedmill.characters import xml_legal
from feedmill.normalising.text import is_visible, plain_text, shorten


@given(st.text())
def test_what_xml_legal_leaves_lxml_takes_and_what_it_removes_lxml_refuses(text: str) -> None:
    kept = xml_legal(text)
    element = etree.Element("x")
    element.text = kept
    assert etree.fromstring(etree.tostring(element)).text == (kept.replace("\r", "\r") or None)
    for character in set(text) - set(kept):
        if "\x7f" <= character <= "\x9f":
            continue  # a control that XML discourages, though lxml takes it
        with pytest.raises(ValueError, match="XML compatible"):
            element.text = character


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Deep Dive: Data &#43; Innovation", "Deep Dive: Data + Innovation"),
        ("AT&amp;T &lt; <em>all</em>", "AT&T < all"),
        ("a < b > c & d", "a < b > c & d"),
        ("vector<int> and List<String>", "vector<int> and List<String>"),
        ("one<br>two<p>three", "one two three"),
        ("<script>alert(1)</script>Title", "Title"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Title", "<script>alert(1)</script>Title"),
        ("How the <details> element works", "How the <details> element works"),
        ("How the &lt;details&gt; element works", "How the <details> element works"),
        ("What is <details>?", "What is <details>?"),
        ("The (<p>) and the <br> tag", "The (<p>) and the <br> tag"),
        ("A <b>bold</b> claim<br/>in two lines", "A bold claim in two lines"),
        ('See <a href="/x">this', "See this"),
        ("&amp;lt;b&amp;gt; twice", "&lt;b&gt; twice"),
        ("  many \n\t spaces\u2028", "many spaces"),
        ("<!-- hidden -->Seen", "Seen"),
        ("5 &notanentity; x", "5 ¬anentity; x"),
    ],
)
def test_titles_become_plain_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(st.text(alphabet=st.characters(exclude_characters="&<")))
def test_text_without_markup_only_loses_what_xml_cannot_carry_and_white_space(text: str) -> None:
    squeezed = re.sub(r"[ \t\n\r\f\v\u0085\u2028\u2029]+", " ", xml_legal(text)).strip()
    assert plain_text(text) == squeezed


def test_hostile_text_takes_linear_time() -> None:
    for hostile in ("<script>" * 30_000, "<!--" * 60_000, "<a " * 80_000, "&" * 250_000):
        plain_text(hostile)


@given(st.text(min_size=1), st.integers(min_value=5, max_value=50))
def test_shortened_text_is_short_enough(text: str, most: int) -> None:
    made = shorten(text, most)
    assert len(made) <= most
    assert made == text or made.endswith("…")


@given(st.text(max_size=4))
@example("\u200b\u00a0")
@example("\u2160")
@example("\u0660")
def test_a_text_shows_something_where_a_character_is_neither_space_nor_control(text: str) -> None:
    assert is_visible(text) == any(unicodedata.category(character)[0] not in "CZ" for character in text)
