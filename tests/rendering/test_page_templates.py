"""Pages are made by templates, of which a site may replace each by its own: one that is not right costs only itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape

import pytest
from lxml import html

from feedmill.cli import main
from tests.conftest import CONFIGURATION, NOW, Mill

OWN = CONFIGURATION.replace("  timezone", "  templates: looks\n  timezone")
NASTY = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"


def own(wire: Mill, configuration: str = OWN, **templates: str) -> None:
    """Give a site templates of its own, by their names with `_` for the dot."""
    wire.configure(configuration)
    (wire.directory / "looks").mkdir(exist_ok=True)
    for name, text in templates.items():
        (wire.directory / "looks" / name.replace("_", ".")).write_text(text, "utf-8")


def page(wire: Mill, name: str = "china.html") -> html.HtmlElement:
    return html.document_fromstring((wire.feeds / name).read_bytes())


def of_templates(wire: Mill) -> list[tuple[str, int, str]]:
    found = [problem for problem in wire.build().contents.problems if problem.code == "template"]
    return [(problem.place.path, problem.place.line, problem.message) for problem in found]


def test_a_template_of_the_sites_own_makes_the_page_and_others_stay(wire: Mill) -> None:
    wire.story(topics="[china]", title='"A & b"')
    listed = "{% for s in stories %}<i>{{ s.title }}</i>{% endfor %}"
    mine = "<title>{{ page.title }}</title>\n<h1>{{ feed.name }}</h1>" + listed
    own(wire, feed_html=mine)
    assert of_templates(wire) == []
    assert (wire.feeds / "china.html").read_text("utf-8") == (
        "<title>Test Wire: China</title>\n<h1>China</h1><i>A &amp; b</i>\n"
    )
    assert "Feeds of Test Wire" in str(page(wire, "index.html").xpath("string()"))


def test_a_part_that_several_pages_include_is_replaced_in_all(wire: Mill) -> None:
    wire.story(topics="[china]")
    own(wire, what_html="<p>Subscribe!</p>", page_css="body { color: teal }")
    assert of_templates(wire) == []
    for name in ("china.html", "ai.html", "index.html"):
        assert page(wire, name).xpath("//p[text()='Subscribe!']")
        assert page(wire, name).findtext("head/style") == "body { color: teal }"


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("<title>x</title>\n{% for s in stories %}", 2, "unexpected end of input"),
        ("<title>x</title>\n{{ feed.nme }}", 2, "undefined"),
        ("<title>x</title>\n{% include 'other.html' %}", 2, "non-existing template"),
        ("<title>x</title>\n\n{{ feed.name|safe }}", 3, "unescaped"),
        ("<title>x</title>\n{% autoescape false %}\n{{ feed.name }}{% endautoescape %}", 2, "unescaped"),
        ("<title>x</title>\n<p title={{ feed.name }}>", 2, "unescaped"),
        ("<title>x</title>\n<p>\n<script>{{ feed.about }}</script>", 3, "unescaped"),
        ("<title>x</title>\n<p style='color: {{ feed.name }}'>", 2, "unescaped"),
        ("<title>x</title><a href='{{ feed.name }}'>y</a>", 0, "not absolute"),
        ("<title>x</title><script>alert(1)</script>", 0, "not safe"),
        ("<title>x</title><script src='https://else.example/x.js'></script>", 0, "not safe"),
        ("<title>x</title><p onclick='alert(1)'>", 0, "not safe"),
        ("<title>x</title>\n{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", 2, "recursion"),
        (
            "<title>x</title>\n{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
            2,
            "looped for ever",
        ),
        ("<title>x</title>\n{{ 'x' * 20000000 }}", 0, "characters"),
        ("<p>no title</p>", 0, "without title"),
        ("", 0, "without title"),
    ],
)
def test_a_template_that_is_not_right_is_a_problem_and_the_built_in_page_stays(
    wire: Mill, template: str, line: int, message: str
) -> None:
    wire.story(topics="[china]", title=f"'{NASTY.replace(chr(39), chr(39) * 2)}'")
    wire.configure(CONFIGURATION)
    wire.build()
    before = (wire.feeds / "china.html").read_bytes()
    own(wire, feed_html=template)
    for _ in range(2):
        [(path, at, said)] = of_templates(wire)
        assert (path, at) == ("looks/feed.html", line)
        assert message in said
        assert (wire.feeds / "china.html").read_bytes() == before


def test_a_shared_part_that_is_not_right_is_reported_once(wire: Mill) -> None:
    wire.story(topics="[china]")
    own(wire, base_html="<title>x</title>\n{% if %}")
    [(path, line, _)] = of_templates(wire)
    assert (path, line) == ("looks/base.html", 2)
    assert page(wire).findtext(".//h1") == "China"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("feed.html", b"a\n\xff", "not valid UTF-8"),
        ("feed.html", b" " * 300_000, "larger"),
        ("fed.html", b"", "no page"),
    ],
)
def test_a_file_that_is_no_template_is_a_problem(wire: Mill, name: str, content: bytes, message: str) -> None:
    wire.story(topics="[china]")
    own(wire)
    (wire.directory / "looks" / name).write_bytes(content)
    [(path, _, said)] = of_templates(wire)
    assert path == f"looks/{name}"
    assert message in said
    assert page(wire).findtext(".//h1") == "China"


def test_a_directory_that_is_not_there_is_a_problem(wire: Mill) -> None:
    wire.story()
    wire.configure(OWN)
    [(path, _, said)] = of_templates(wire)
    assert path == "looks"
    assert "No such file" in said


def test_what_only_a_real_page_shows_wrong_is_reported_by_every_build(wire: Mill) -> None:
    wire.story(topics="[china]", language="fr")
    mine = "<title>x</title>{% for s in stories %}\n{% if s.language == 'fr' %}{{ s.nothing }}{% endif %}{% endfor %}"
    own(wire, feed_html=mine)
    for _ in range(2):
        [(path, line, _)] = of_templates(wire)
        assert (path, line) == ("looks/feed.html", 2)
        assert page(wire).findtext(".//h1") == "China"


def test_a_changed_template_changes_pages_alone(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story(topics="[china]")
    own(wire, what_html="<p>one</p>")
    at = (NOW).isoformat()

    def build() -> dict[str, bytes]:
        assert main(["-C", str(wire.directory), "build", "--now", at]) == 0
        return {path.name: path.read_bytes() for path in wire.feeds.iterdir() if path.name != "manifest.json"}

    first = build()
    own(wire, what_html="<p>two</p>")
    second = build()
    assert {name for name in first if first[name] != second[name]} == {"china.html", "ai.html", "index.html"}
    (wire.directory / "looks" / "what.html").unlink()
    third = build()
    assert b"<p>two</p>" in second["china.html"]
    assert b"<p>two</p>" not in third["china.html"]
    assert capsys.readouterr().err == ""


def test_templates_must_lie_apart_from_stories_and_feeds(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    for place in ("content/looks", "feeds"):
        wire.configure(OWN.replace("templates: looks", f"templates: {place}"))
        assert main(["-C", str(wire.directory), "build"]) == 2
        assert "give the templates a directory of their own" in capsys.readouterr().err


def test_whatever_stories_say_nothing_of_it_becomes_markup(wire: Mill) -> None:
    escaped = "'" + escape(NASTY) + "'"
    quoted = "'" + NASTY.replace("'", "''") + "'"
    wire.story(
        topics="[china]",
        title=escaped,
        summary=escaped,
        authors=f"[{escaped}]",
        image="/a.png",
        image_alt="'\"> onerror=alert(1) '",
    )
    configuration = CONFIGURATION.replace("title: Test Wire", f"title: {quoted}").replace(
        "title: China", f"title: {quoted}"
    )
    wire.configure(configuration + "feeds: {status: true}\n")
    wire.build()
    for name in ("china.html", "index.html", "status.html"):
        shown = page(wire, name)
        assert len(shown.xpath("//script")) == 1
        assert shown.xpath("//*[@*[starts-with(name(), 'on')]]") == []
        assert NASTY in str(shown.xpath("string()"))
    [image] = page(wire).xpath("//img")
    assert image.get("alt") == '"> onerror=alert(1)'
    assert image.get("src") == "https://wire.example/a.png"


def test_the_policy_of_a_page_names_its_script_and_its_style_and_no_other_source(wire: Mill) -> None:
    wire.story(topics="[china]")
    wire.build()
    shown = page(wire)
    [policy] = shown.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for name, element in (("script-src", "//script"), ("style-src", "//style")):
        [text] = shown.xpath(f"{element}/text()")
        assert rules[name] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_button_is_a_link_where_no_script_runs(wire: Mill) -> None:
    wire.story(topics="[china]")
    wire.build()
    [button] = page(wire).xpath("//a[@class='copy']")
    assert button.get("href") == "https://wire.example/feeds/china.atom"


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("az-Arab", "rtl"), ("ur-Latn", "ltr")]
)
def test_a_page_runs_in_the_direction_of_the_sites_language(wire: Mill, language: str, direction: str) -> None:
    wire.configure(CONFIGURATION.replace("  timezone", f"  language: {language}\n  timezone"))
    wire.story(topics="[china]")
    wire.build()
    root = page(wire)
    assert (root.get("lang"), root.get("dir")) == (language, direction)


def test_a_page_of_300_stories_is_smaller_than_200_kilobytes(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {limit: 300}\n")
    for number in range(300):
        wire.story(
            f"2024-05-01-a-story-of-middling-length-{number}.md",
            "The academy has told the premier that the country leans on models that are made elsewhere. " * 9,
            topics="[china]",
            title=f"The title of a story that is as long as titles mostly are, number {number}",
            authors="[Lena Marsh, Tomas Reyl]",
            image=f"/pictures/2024/05/01/{number}.jpg",
            image_alt="A reading room with rows of lit desks",
        )
    wire.build()
    assert len(page(wire).xpath("//ul[@class='stories']/li")) == 300
    assert (wire.feeds / "china.html").stat().st_size < 200_000


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_colour_of_text_has_the_contrast_of_wcag_aa(wire: Mill) -> None:
    wire.story(topics="[china]")
    wire.build()
    style = page(wire).findtext("head/style") or ""
    palettes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", rule)) for rule in re.findall(r":root \{(.*?)\}", style)]
    assert len(palettes) == 3
    light, dark, print_ = palettes
    for colours in (light, dark, {**light, **print_}):
        for name in ("ink", "faint", "accent", "error", "warning"):
            assert contrast(colours[name], colours["paper"]) >= 4.5, name
        assert contrast(colours["accent"], colours["on-accent"]) >= 4.5
        assert contrast(colours["bar"], colours["paper"]) >= 3


def test_the_manifest_lists_pages_as_they_are(wire: Mill) -> None:
    wire.story(topics="[china]")
    own(wire, what_html="<p>one</p>")
    wire.build()
    listed = json.loads((wire.feeds / "manifest.json").read_bytes())["documents"]["china.html"]
    assert listed["sha256"] == hashlib.sha256((wire.feeds / "china.html").read_bytes()).hexdigest()
