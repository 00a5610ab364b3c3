"""Addresses in clean HTML become what asking for every attribute while it is cleaned would make them."""

from __future__ import annotations

import re

import nh3
from hypothesis import example, given
from hypothesis import strategies as st

from feedmill.normalising import markup
from feedmill.normalising.addresses import absolute_url
from feedmill.normalising.linking import with_absolute_addresses

BASES = ["https://example.org/2024/story/", "https://example.org/", "https://example.org", "http://e.example:8/a?b=c&d"]
PIECES = [
    *"abc/.?#&;:=,%@ \t\n\"'<>\\é\xa0京",
    "../", "./", "//", "/", "http:", "https://e.example", "mailto:", "TEL:", "data:", "javascript:", "&amp;", "&quot;",
    "&lt;", "&#10;", "&#1;", "&nbsp;", "2x", " 640w", "x" * 900, "../" * 25, ' href="', " src=", "%7B", "xn--", "[::1]",
    "language-py",
]  # fmt: skip
ADDRESS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
ATTRIBUTE = st.tuples(
    st.sampled_from(
        ["href", "src", "srcset", "cite", "poster", "title", "alt", "class", "lang", "datetime", "onclick"]
    ),
    ADDRESS,
    st.sampled_from("\"'"),
).map(lambda made: f" {made[0]}={made[2]}{made[1].replace(made[2], '')}{made[2]}")
ELEMENT = st.tuples(
    st.sampled_from("a img video source q blockquote del code p track".split()),
    st.lists(ATTRIBUTE, max_size=4).map("".join),
    ADDRESS,
).map(lambda made: f"<{made[0]}{made[1]}>{made[2]}</{made[0]}>")
HTML = st.lists(ELEMENT | ADDRESS, max_size=6).map("".join)


def srcset_the_long_way(value: str, base: str) -> str | None:
    """Take candidates one character at a time, as the HTML standard's splitting loop does."""
    made: list[str] = []
    at = 0
    while True:
        while at < len(value) and (value[at].isspace() or value[at] == ","):
            at += 1
        if at == len(value):
            return ", ".join(made) or None
        begin = at
        while at < len(value) and not value[at].isspace():
            at += 1
        url, size = value[begin:at], ""
        if url.endswith(","):
            url = url.rstrip(",")
        else:
            begin = at
            while at < len(value) and value[at] != ",":
                at += 1
            size = value[begin:at].strip()
        absolute = absolute_url(url, base)
        if url and absolute is not None and (not size or re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?[wxh]", size)):
            made.append(f"{absolute} {size}".strip())


def the_long_way(html: str, base: str, classes: frozenset[str] | None) -> str:
    def keep(_element: str, attribute: str, value: str) -> str | None:
        if attribute == "srcset":
            return srcset_the_long_way(value, base)
        if attribute not in {"href", "src", "cite", "poster"}:
            return value
        if attribute == "href" and value.lower().startswith(("mailto:", "tel:")):
            return value
        return absolute_url(re.sub(r"[\t\r\n]", "", value), base)

    return nh3.clean(
        html,
        tags=markup._TAGS,
        clean_content_tags=markup._UNSEEN,
        attributes=markup._ATTRIBUTES,
        attribute_filter=keep,
        url_schemes=markup._SCHEMES,
        url_relative="pass_through",
        link_rel=None,
        allowed_classes={"code": set(classes)} if classes is not None else None,
    )


@given(HTML, st.sampled_from(BASES), st.sampled_from([None, frozenset({"language-py"})]))
@example('<img alt=" href=" src="a"><a title="<a href=&quot;b&quot;>" href="c">&lt;a href="d"&gt;</a>', BASES[0], None)
@example(
    '<a href="">x</a><a href="../../../../x">y</a><a href="a//b/.c/..">z</a><a href="/&quot;">q</a>', BASES[0], None
)
@example('<img src="" alt="a" title="t" srcset="" width="1" height="2">', BASES[0], None)
@example(f'<a href="{"x" * 8_000}">x</a><a href="{"y" * 7_990}">y</a>', BASES[0], None)
def test_addresses_are_those_that_asking_for_every_attribute_gives(
    html: str, base: str, classes: frozenset[str] | None
) -> None:
    assert with_absolute_addresses(markup._cleaner(classes).clean(html), base) == the_long_way(html, base, classes)


@given(ADDRESS, st.sampled_from(BASES))
@example("../" * 21 + "x", "https://example.org/" + "x/" * 30)
@example("a" * 1_500, "https://example.org/" + "x/" * 3_500)
def test_a_links_address_is_what_the_rules_of_addresses_give(address: str, base: str) -> None:
    written = address.replace("&", "&amp;").replace('"', "&quot;").replace("\xa0", "&nbsp;")
    written = written.replace("<", "&lt;").replace(">", "&gt;")
    made = with_absolute_addresses(f'<q cite="{written}">x</q>', base)
    absolute = absolute_url(re.sub(r"[\t\r\n]", "", address), base)
    said = "" if absolute is None else f' cite="{absolute.replace("&", "&amp;")}"'
    assert made == f"<q{said}>x</q>"
    link = with_absolute_addresses(f'<a href="{written}">x</a>', base)
    if address.lower().startswith(("mailto:", "tel:")):
        assert link == f'<a href="{written}">x</a>'
    else:
        assert link == f"<a{said.replace('cite=', 'href=')}>x</a>"


def test_text_that_looks_like_a_tag_is_left_alone() -> None:
    text = '<p>&lt;a href="x"&gt; and a href="y"</p>'
    assert with_absolute_addresses(text, BASES[0]) == text
