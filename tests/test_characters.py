"""Which characters a document can carry is told alike at a glance and at a closer look."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from feedmill.characters import illegal_character, xml_legal

# XML 1.0 §2.2 Char, without the controls that it discourages.
LEGAL = re.compile("[\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def test_every_character_of_unicode_is_judged_as_xml_does() -> None:
    illegal = [code for code in range(0x110000) if illegal_character(f"a{chr(code)}b")]
    assert illegal == [code for code in range(0x110000) if not LEGAL.match(chr(code))]


@given(st.text(st.characters() | st.sampled_from("\0\x1b\x7f\x85\x9f\xa0\ud800\ufffe")))
@example("京，»\ufffd\U0001f600")
def test_only_what_is_illegal_is_removed(text: str) -> None:
    assert xml_legal(text) == "".join(character for character in text if LEGAL.match(character))
    found = illegal_character(text)
    assert (found is None) == (xml_legal(text) == text)
    assert found is None or not LEGAL.match(found[0])
