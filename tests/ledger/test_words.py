"""The words of a body: what is left without markup and white space."""

from __future__ import annotations

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st

from feedmill.ledger.words import _words


def the_long_way(content: str) -> str:
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", content)).split())


def test_every_white_space_of_unicode_is_left_out_and_nothing_else() -> None:
    everything = "".join(map(chr, range(0x110000))).replace("<", "").replace(">", "").replace("&", "")
    assert _words(everything) == "".join(everything.split())


@given(
    st.text(st.sampled_from("<>&;ab#x20 \n\t\x1c\x85\xa0\u1680\u2003\u2019\u2029\u202f\u205f\u3000é京\ud800\U0001f600"))
)
@example("<p>R&amp;D &nbsp; &#x3000;&lt;p&gt; \u2018so\u2019</p>")
def test_words_are_what_splitting_gives(content: str) -> None:
    assert _words(content) == the_long_way(content)
