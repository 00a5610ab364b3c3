"""Bodies become clean HTML with absolute addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import BodyFormat, Image
from feedmill.normalising.markup import MarkupError, body_text, lead_image, render_body, sanitise
from feedmill.normalising.summaries import summary_of
from tests.conftest import Mill

BASE = "https://example.org/2024/story/"


def clean(body: str, body_format: BodyFormat = BodyFormat.MARKDOWN) -> str:
    return sanitise(render_body(body, body_format), BASE)


def test_markdown_has_tables_footnotes_and_strikethrough() -> None:
    made = clean("| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\nSaid[^1].\n\n[^1]: By whom.\n")
    assert "<th>a</th>" in made
    assert "<td><del>2</del></td>" in made
    assert "<p>Said<sup>[1]</sup>.</p>" in made
    assert "<p><sup>1</sup> By whom.</p>" in made, "a link would lead nowhere in a reader"


def test_quotation_marks_stay_as_written() -> None:
    assert clean('"It\'s -- so..."\n') == '<p>"It\'s -- so..."</p>'


def test_plain_text_keeps_its_paragraphs_and_lines() -> None:
    made = clean("One & <two>\nthree\n\n\nfour *five*\n", BodyFormat.TEXT)
    assert made == "<p>One &amp; &lt;two&gt;<br>\nthree</p>\n<p>four *five*</p>"


def test_of_a_whole_html_page_only_the_body_counts() -> None:
    page = "<!doctype html><html><head><title>T</title></head><body class=x><p>Words</p></body></html>"
    assert clean(page, BodyFormat.HTML) == "<p>Words</p>"


def test_every_address_becomes_absolute_srcset_too() -> None:
    made = clean(
        '<img src="a.png" srcset="b.png 1x, /c.png 2x,https://x.example/d.png 640w">'
        '<a href="../e/">e</a><video poster="p.jpg" src="//cdn.example/v.mp4"></video><q cite="f">f</q>'
        '<picture><source srcset="g,h.webp 2x"></picture>',
        BodyFormat.HTML,
    )
    assert f'srcset="{BASE}b.png 1x, https://example.org/c.png 2x, https://x.example/d.png 640w"' in made
    assert f'src="{BASE}a.png"' in made
    assert 'href="https://example.org/2024/e/"' in made
    assert f'poster="{BASE}p.jpg"' in made
    assert 'src="https://cdn.example/v.mp4"' in made
    assert f'cite="{BASE}f"' in made
    assert f'srcset="{BASE}g,h.webp 2x"' in made


def test_mail_and_telephone_links_stay() -> None:
    made = clean("[write](mailto:a@b.example) [call](tel:+4930123)\n")
    assert 'href="mailto:a@b.example"' in made
    assert 'href="tel:+4930123"' in made


def test_code_keeps_its_language_and_nothing_else_keeps_a_class() -> None:
    made = clean('```python\nx = "<b>"\n```\n\n<p class="lead">x</p>\n')
    assert '<code class="language-python">x = "&lt;b&gt;"' in made
    assert "lead" not in made


@pytest.mark.parametrize(
    "vector",
    ["<ScRiPt>alert(1)</sCrIpT>", "<svg/onload=alert(1)>", "<math><mtext><script>alert(1)</script>",
     '<a href="java&#10;script:alert(1)">x</a>', '<a href="&#x6A;avascript:alert(1)">x</a>',
     "<img src=x onerror=alert(1)//", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
     "<template><script>alert(1)</script></template>",
     '<a href="https://x.example" onclick=alert(1)>x</a>', "<iframe srcdoc='<script>alert(1)</script>'>",
     '<object data="javascript:alert(1)">', "<base href=//evil.example>", '<meta http-equiv=refresh content="0;url=x">',
     "<style>@import'//evil.example'</style>", "<textarea><img src=x onerror=alert(1)></textarea>"],
)  # fmt: skip
@pytest.mark.parametrize("body_format", [BodyFormat.MARKDOWN, BodyFormat.HTML])
def test_nothing_that_runs_survives(vector: str, body_format: BodyFormat) -> None:
    from lxml import html

    made = clean(f"Words {vector}\n", body_format)
    for element in html.fragment_fromstring(made, create_parent="div").iter():
        assert element.tag not in {"script", "iframe", "object", "style", "svg", "base", "meta", "template"}
        assert not [name for name in element.attrib if str(name).startswith("on") or name == "srcdoc"]
        assert not str(element.get("href", "")).startswith("java")


def test_the_lead_image_is_shown_once() -> None:
    image = Image("https://x.example/a.png?b=1&c=2", 'A "b"')
    made = lead_image("<p>Words</p>", image)
    assert made == ('<p><img src="https://x.example/a.png?b=1&amp;c=2" alt="A &quot;b&quot;"></p>\n<p>Words</p>')
    assert lead_image(made, image) == made


def test_a_summary_is_the_first_paragraph_that_has_words() -> None:
    assert summary_of('<p><img src="https://x.example/"></p>\n<p>One <em>two</em>, &amp; three.</p><p>Four</p>') == (
        "One two, & three."
    )
    assert summary_of("<ul><li>One</li><li>Two</li></ul>") == "One Two"


def test_a_long_summary_ends_between_words() -> None:
    made = summary_of("<p>" + "word " * 200 + "</p>")
    assert len(made) <= 300
    assert made.endswith("word…")


def test_blocks_stand_apart_and_inline_elements_do_not() -> None:
    assert body_text("<p>A<b>I</b></p><p>chips</p><ul><li>one</li><li>two</li></ul>") == "AI chips one two"


@given(st.text(alphabet="<>/&;\"'= abonclickscript#\n`*_[]()!-|~1\x00\x1b", max_size=200))
def test_sanitising_is_stable(body: str) -> None:
    try:
        once = clean(body, BodyFormat.HTML)
    except MarkupError:
        return
    assert sanitise(once, BASE) == once


def test_a_derived_summary_is_the_storys_and_not_its_corrections(wire: Mill) -> None:
    wire.story(
        body="First words.\n", correction="{date: 2024-05-02, note: It was Tuesday}", image="/a.png", image_alt="A"
    )
    [entry] = wire.mill().entries
    assert entry.summary == "First words."
    assert entry.content.split("\n")[1] == "<p><strong>Correction, 2024-05-02:</strong> It was Tuesday</p>"


def test_a_related_text_is_an_address_only_when_it_looks_like_one(wire: Mill) -> None:
    wire.story(related="[A piece without an address, /there/, 'https://e.example/']")
    [entry] = wire.mill().entries
    assert [(related.title, related.url) for related in entry.related] == [
        ("A piece without an address", ""),
        ("https://wire.example/there/", "https://wire.example/there/"),
        ("https://e.example/", "https://e.example/"),
    ]
