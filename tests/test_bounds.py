"""One bad story costs itself alone: bounds in size, number, time, and in the length of every name made of content."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from feedmill.model import BodyFormat
from feedmill.normalising.markup import MarkupError, clean_body
from feedmill.normalising.parts import MOST_PEOPLE
from feedmill.normalising.shortcodes import find_shortcodes
from feedmill.normalising.slugs import MOST_BYTES, file_slug_from
from feedmill.normalising.summaries import summary_of
from feedmill.normalising.text import plain_text, shorten
from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import shown
from tests.parts import count
from tests.test_linear_time import grows

URL = "https://wire.example/a/"
_STAIRS = "".join(f"{' ' * n}a:\n" for n in range(3_000))
STORIES = {
    "a TOML number of 4,301 digits": '+++\ntitle = "T"\nn = ' + "1" * 4_301 + "\n+++\nWords.\n",
    "a TOML key of 2,000 parts": '+++\ntitle = "T"\n' + ".".join(["a"] * 2_000) + " = 1\n+++\nWords.\n",
    "a TOML list in 5,000 lists": '+++\ntitle = "T"\nn = ' + "[" * 5_000 + "]" * 5_000 + "\n+++\nWords.\n",
    "a JSON number of 5,000 digits": '{"title": "T", "n": ' + "1" * 5_000 + "}\nWords.\n",
    "a JSON list in 100,000 lists": '{"title": "T", "n": ' + "[" * 100_000 + "]" * 100_000 + "}\nWords.\n",
    "YAML in 5,000 lists": "---\ntitle: T\nn: " + "[" * 5_000 + "]" * 5_000 + "\n---\nWords.\n",
    "a YAML mapping in 3,000 mappings": "---\ntitle: T\n" + _STAIRS + "---\nWords.\n",
    "40,000 openings of a body": "---\ntitle: T\n---\n" + "<body " * 40_000,
    "elements in 100,000 elements": "---\ntitle: T\n---\n" + "<div>" * 100_000,
    "a quotation in 20,000 quotations": "---\ntitle: T\n---\n" + "> " * 20_000 + "x\n",
    "a list in 5,000 lists": "---\ntitle: T\n---\n" + "".join(f"{' ' * (2 * n)}- x\n" for n in range(1_000)),
    "300,000 character references": "---\ntitle: T\n---\n" + "&#1;" * 300_000,
}  # fmt: skip


@pytest.mark.parametrize("text", STORIES.values(), ids=STORIES)
@pytest.mark.parametrize("ending", ["md", "html"])
def test_a_story_beyond_all_bounds_costs_itself_alone(wire: Mill, text: str, ending: str) -> None:
    wire.story("2024-04-01-good.md", title="Good")
    wire.write(f"2024-05-01-bad.{ending}", text)
    began = time.monotonic()
    assert wire.run("build") in (0, 1)
    assert time.monotonic() - began < 30
    assert "Good" in shown(wire.feeds).values()


def test_substitutions_that_double_are_refused_at_once(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "content: {convention: pelican}\n")
    doubling = ".. |a0| replace:: xx\n" + "".join(f".. |a{n}| replace:: |a{n - 1}| |a{n - 1}|\n" for n in range(1, 30))
    wire.write("2024-05-01-bad.rst", f"Bad\n===\n\n:date: 2024-05-01\n\n{doubling}\n|a29|\n")
    wire.write("2024-05-02-good.rst", "Good\n====\n\n:date: 2024-05-02\n\n.. |x| replace:: words\n\nSome |x|.\n")
    began = time.monotonic()
    built = wire.build()
    assert time.monotonic() - began < 5
    assert [(each.code, "substitutions" in each.message) for each in built.contents.problems] == [
        ("markup-bounds", True)
    ]
    assert list(shown(wire.feeds).values()) == ["Good"]


@pytest.mark.parametrize("name", ["中" * 84, "x" * 5_000, "é" * 300, "👩" * 90 + "a", "." * 300 + "a"])
def test_a_name_of_any_length_names_a_file(wire: Mill, name: str) -> None:
    assert len(file_slug_from(name).encode()) <= MOST_BYTES
    wire.configure(CONFIGURATION + "feeds: {authors: true, archive: true}\n")
    wire.story("2024-05-01-a.md", authors=f"['{name}', '{name}b']", tags=f"['{name}']", series=f"'{name}'")
    assert wire.run("build") in (0, 1)
    assert len(list((wire.feeds / "authors").glob("*.atom"))) == 2


def test_two_long_names_that_begin_alike_are_two() -> None:
    assert file_slug_from("中" * 84 + "a") != file_slug_from("中" * 84 + "b")
    assert file_slug_from("Ada Lovelace") == "ada-lovelace"


def test_a_story_with_thousands_of_authors_has_feeds_for_some(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {authors: true}\n")
    wire.story(authors="[" + ", ".join(f"Author {number}" for number in range(9_000)) + "]")
    [problem] = wire.build().contents.problems
    assert (problem.code, f"first {MOST_PEOPLE} count" in problem.message) == ("author-list", True)
    assert len(list((wire.feeds / "authors").glob("*.atom"))) == MOST_PEOPLE


def test_a_topic_with_a_name_too_long_for_a_file_is_a_mistake(wire: Mill) -> None:
    wire.configure(CONFIGURATION + f"  {'x' * 300}: {{title: X}}\n")
    assert wire.run("check") == 2


def _clean(body_format: BodyFormat) -> Callable[[str], object]:
    def run(text: str) -> object:
        try:
            return clean_body(text, body_format, URL)
        except MarkupError:
            return None

    return run


READERS: dict[str, Callable[[str], object]] = {
    "HTML": _clean(BodyFormat.HTML),
    "Markdown": _clean(BodyFormat.MARKDOWN),
    "plain text": _clean(BodyFormat.TEXT),
    "a title": plain_text,
    "a summary": summary_of,
    "shortening": lambda text: shorten(text, len(text) // 2 or 1),
    "shortcodes": lambda text: list(find_shortcodes(text, text)),
}
PIECES = (
    "<", "<a ", "<a href=x>", "<p>", "</p>", "<b>", "<!--", "&", "&amp;", "&#65;", " ", "\n", "\n\n", "\t", ",", ", ",
    '<img srcset="', "<img srcset=',' >",
    "<body ", "<svg>", "<math><mi>", "<noscript>", "<iframe src=x>", "<table><tr>",
    "[", "](", "![", "*", "**a", "_", "`", "~~", "> ", "- ", "- [ ] ", "# ", "|a|b|\n", "$", "$$", "\\(", "\\[", "{:",
    "{: .x}", "https://x.example/ ", "www.x ", "www.", "[^1]", "[^1]: ", ": ", "a\n: b\n", "{{", "{{<", "{{< a >}}",
    "{%", "中",
    "e\u0301", "👩\u200d", "a", "a ", '"', "'", "<span style=x>", "<p onclick=x>", "<a href='javascript:x'>",
    "![](data:,x)", "<script>", "</script>", "<base href=x>", "<video src=x>", "<select><option>",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_whatever_reads_a_story_takes_time_in_proportion(reader: str) -> None:
    run = READERS[reader]

    def run_with(piece: str, length: int) -> Callable[[], object]:
        text = piece * (length // len(piece))
        return lambda: run(text)

    # Not in proportion: nh3 takes 0.7 s for 200,000 lone ampersands, which is the most that a body may have.
    most = count(8_000, 16_000)
    slow = {piece: grows(partial(run_with, piece), most=most) for piece in PIECES}
    assert {piece: said for piece, said in slow.items() if said} == {}
