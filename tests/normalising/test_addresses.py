"""Addresses become absolute, or are no addresses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalising import addresses
from feedmill.normalising.addresses import absolute_url, story_url

BASE = "https://example.org/2024/05/01/story/"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("picture.png", BASE + "picture.png"),
        ("../other/", "https://example.org/2024/05/01/other/"),
        ("/a b.png", "https://example.org/a%20b.png"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("#part", BASE + "#part"),
        ("?page=2", BASE + "?page=2"),
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("https://例え.jp/日本?q=語#結", "https://xn--r8jz45g.jp/%E6%97%A5%E6%9C%AC?q=%E8%AA%9E#%E7%B5%90"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://math.example/gif.latex?\\inline i", "https://math.example/gif.latex?%5Cinline%20i"),
        ("/\\evil.example/<x>", "https://example.org/%5Cevil.example/%3Cx%3E"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
    ],
)
def test_relative_and_odd_addresses_become_plain_absolute_ones(text: str, url: str) -> None:
    assert absolute_url(text, BASE) == url


@pytest.mark.parametrize(
    "text",
    ["", "javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "mailto:a@b.example", "https://", "https://[",
     "http://user:secret@x.example/", "https://x.example:port/", "https://x.example/a\nb", "a" * 9000,
     "https://good.example\\evil", "https:\\\\evil.example", "https://a%2fb.example/"],
)  # fmt: skip
def test_what_is_no_web_address_is_none(text: str) -> None:
    assert absolute_url(text, BASE) is None


@given(st.text())
def test_any_text_gives_an_absolute_ascii_address_or_none(text: str) -> None:
    url = absolute_url(text, BASE)
    if url is not None:
        assert url.startswith(("https://", "http://"))
        assert url.isascii()
        assert not set(url) & set(' "<>\\^`{|}\n')
        assert absolute_url(url, "") == url


def test_a_story_lies_where_the_pattern_says() -> None:
    url = story_url("{year}/{month}/{day}/{slug}/", "https://e.example/n/", date(2024, 5, 1), "北京", lambda _: None)
    assert url == "https://e.example/n/2024/05/01/%E5%8C%97%E4%BA%AC/"


PARTS = st.sampled_from(
    ["a", "b.c", "x-1", "~u", "A9", "..", ".", "", ".hid", "a b", "é", "%20", "?q=1", "#f", ":", ";p", "c:", "a..b"]
)
STARTS = st.sampled_from(
    ["", "/", "../", "../../", "./", "//h/", "https://h.example/", "http://H.example/", "https://h"]
)
BASES = ["https://s.example/", "https://s.example/a/", "https://s.example/a/b/c", "https://s.example", "https://S.x/a/"]


@given(STARTS, st.lists(PARTS, max_size=4), st.sampled_from(BASES))
def test_a_plain_address_is_made_absolute_as_every_other_is(start: str, parts: list[str], base: str) -> None:
    text = start + "/".join(parts)
    plain = addresses._plain_url(text, base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "_plain_url", lambda _text, _base: "")
        assert plain in ("", absolute_url(text, base))


def test_most_addresses_are_plain() -> None:
    base = "https://s.example/2024/05/01/story/"
    for text in ("/images/7.jpg", "chart.png", "../other-1/", "https://h.example/a/b.html", "../../a/b"):
        assert addresses._plain_url(text, base)


PATTERN_PARTS = st.sampled_from(
    [*("{year}", "{month}", "{day}", "{slug}", ":year", ":slug", "{title}", ":section", "{other}"), "/", "//", "a", "-",
     ".", "..", "~", "x.html", "é", " ", "?", "#", "%", ":", "{", "}", "http://", "https://h"]
)  # fmt: skip
SLUGS = st.one_of(
    st.sampled_from(
        ["a", "b-1", "c.d", "..", ".", ".e", "", "北京", "%20", "A~", "x" * 199, "x" * 900, "a/b", "{day}"]
    ),
    st.text(max_size=5),
)


@given(st.lists(PATTERN_PARTS, max_size=8), st.sampled_from(BASES), SLUGS)
def test_a_plain_pattern_gives_the_address_that_it_gives_part_by_part(parts: list[str], base: str, slug: str) -> None:
    pattern, day = "".join(parts), date(2024, 5, 1)
    found = story_url(pattern, base, day, slug, {"title": "t", "section": "s/u"}.get)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "_template", lambda _pattern, _base: "")
        assert found == story_url(pattern, base, day, slug, {"title": "t", "section": "s/u"}.get)


def test_the_usual_patterns_are_plain() -> None:
    for pattern in ("{year}/{month}/{slug}/", "/:year/:month/:day/:slug/", "news/{slug}.html"):
        assert addresses._template(pattern, "https://s.example/news/")
