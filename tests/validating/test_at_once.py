"""What the gate tells fast is what it would tell slowly: a document that is passed at once has no finding."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from feedcheck.html_names import SAFE_ATTRIBUTES, SAFE_ELEMENTS
from feedmill.model import Document, Problem
from feedmill.validating import validate_documents
from feedmill.validating.explaining import explain_feeds
from feedmill.validating.grammar import follows_grammar, surely_follows_grammar
from feedmill.validating.promises import faults
from feedmill.validating.safe_markup import is_harmless
from tests.conftest import CONFIGURATION, NOW, Mill, documents_of
from tests.rendering.test_atom_rss import RICH
from tests.validating.entries import with_only

_TAG = re.compile(r"</?[\w:]+[^<>]*>")
_PIECE = re.compile(r'"[^"\n]*"|<[^<>]*>|[\w:-]+|\{|\}|,')
_ODD = [
    "", "<", ">", "&", "&#0;", '"', "x", "\x0b", "\ufffe", "/", "entry", "item", "<!-- x -->",
    "<![CDATA[x]]>", "<?x y?>",
    "<entry>", "</entry>", "</item>", "{{ x }}", "&lt;script>", 'xml:base="/x"', 'xmlns="urn:x"',
    ' type="html"', "null", "7",
    "<itunes:x xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'/>", "<title>Second</title>", "<x/>",
    "javascript:x",
]  # fmt: skip


@pytest.fixture
def documents(wire: Mill) -> dict[str, Document]:
    wire.configure(CONFIGURATION + "feeds: {hub: https://hub.example/}\n")
    wire.story("2024-05-01-a.md", body="Words <b>x</b>, [more](b/) and ![a map](m.png).\n", **RICH)
    wire.story("2024-05-02-b.md", body="Words.\n", topics="[china]")
    wire.story("2024-05-03-c.md", body="Other & words.\n", topics="[china, ai]", summary="Short.")
    return {each.path: each for each in documents_of(wire.build()) if each.format is not None}


def spoilt(text: str, chance: random.Random) -> str:
    """Return a document with something taken out, put in, doubled, moved or replaced."""
    pieces = list((_TAG if chance.random() < 0.5 else _PIECE).finditer(text))
    one, other = chance.choice(pieces), chance.choice(pieces)
    how = chance.randrange(5)
    if how == 0:
        return text[: one.start()] + chance.choice(_ODD) + text[one.end() :]
    if how == 1:
        return text[: one.start()] + chance.choice(_ODD) + text[one.start() :]
    if how == 2:
        return text[: one.start()] + other[0] + text[one.end() :]
    begin, end = sorted((one.start(), other.end()))
    return text[:begin] + (text[begin:end] * 2 if how == 3 else "") + text[end:]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Document]], bool]:
    """Whether documents are told right without the rules that find the words."""
    asked: list[object] = []

    def explained(documents: Sequence[Document], _now: datetime) -> list[Problem]:
        asked.extend(documents)
        return []

    def passes(documents: list[Document]) -> bool:
        asked.clear()
        assert validate_documents(documents, now=NOW) == []
        return not asked

    monkeypatch.setattr("feedmill.validating.gate._explained", explained)
    return passes


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("path", ["china.atom", "china.rss", "china.json", "ai.atom", "all.rss"])
def test_a_spoilt_document_passes_at_once_only_where_nothing_is_found_slowly(
    documents: dict[str, Document], at_once: Callable[[list[Document]], bool], path: str, seed: int
) -> None:
    chance = random.Random(f"{path} {seed}")
    passed = 0
    for _ in range(120):
        content = spoilt(documents[path].content.decode(), chance).encode("utf-8", "surrogatepass")
        wrong = replace(documents[path], content=content)
        if at_once([wrong]):
            assert explain_feeds([wrong], NOW) == [], content
            passed += 1
    assert passed < 120


def test_what_feedmill_writes_passes_at_once(
    documents: dict[str, Document], at_once: Callable[[list[Document]], bool]
) -> None:
    assert at_once(list(documents.values()))
    for feed in {each.feed for each in documents.values()}:
        kin = [each for each in documents.values() if each.feed == feed]
        entries = kin[0].entries
        assert entries
        assert at_once([with_only(each, []) for each in kin])
        for number in range(entries):
            assert at_once([with_only(each, [number]) for each in kin])


_TEXTS = [
    "", " ", "x", "a/b", "a/b; c=d", "a/b\n", "text", "html", "https://e.example/", " https://e.example/",
    "https://e.example/ x", "2024-05-01T00:00:00Z", "2024-05-01T00:00:00", " 2024-05-01T00:00:00Z",
    "2024-05-01T00:00:00z",
    "2024-13-01T00:00:00Z",
    "Wed, 01 May 2024 00:00:00 +0000", "Wed, 01 May 24 00:00:00 GMT", "1 May 2024 00:00 Z", "1 May 2024 00:00 GMT\n",
    "en", "en-", "de-AT", "\u00a0", "\n", "tag:e,2024:x", "tag:e, 2024:x", "a@b", "a@b (c)", "a b@c",
    "7", "-7", "true", "false",
]  # fmt: skip


@pytest.mark.parametrize("path", ["china.atom", "china.rss"])
def test_a_grammar_is_surely_followed_only_where_it_is_followed(documents: dict[str, Document], path: str) -> None:
    root = etree.fromstring(documents[path].content)
    assert surely_follows_grammar(root)
    assert follows_grammar(root)
    for element in root.iter():
        for name in (None, *element.attrib):
            before = element.text if name is None else element.get(name)
            for text in _TEXTS:
                if name is None:
                    element.text = text
                else:
                    element.set(name, text)
                assert follows_grammar(root) or not surely_follows_grammar(root), (element.tag, name, text)
            if name is None:
                element.text = before
            else:
                element.set(name, str(before))
    assert surely_follows_grammar(root)


def test_only_what_is_safe_by_the_thorough_rules_can_be_harmless() -> None:
    for element in SAFE_ELEMENTS | {
        "iframe",
        "form",
        "script",
        "style",
        "svg",
        "math",
        "template",
        "noscript",
        "input",
    }:
        if is_harmless(f"<{element}>x</{element}>"):
            assert list(faults(f"<{element}>x</{element}>")) == []
    for attribute in SAFE_ATTRIBUTES | {"style", "onclick", "srcset", "formaction", "data-x"}:
        for value in ("x", "/x", "https://e.example/", "javascript:x", "{{ x }}", "https://e.example/ 2x, /b 3x"):
            markup = f'<p {attribute}="{value}">x</p>'
            assert not (is_harmless(markup) and list(faults(markup))), markup


_PARTS = [
    "words", " ", "<p>", "</p>", "<b>", "</b>", "<br>", "<a href=\"https://e.example/\">", "</a>", "<a href=\"/x\">",
    "<a href=\"https://e.example/%7B%7B\">", "<img src=\"https://e.example/a.png\" alt=\"x > y\">", "&amp;",
    "&lt;", "&#123;",
    "{", "}", "{{", "%", "<", ">", "\"", "'", "<!--", "-->", "<script>", "</script>", " onclick=\"x\"",
    "<p onclick=\"x\">",
    "<p style=\"x\">", "<pre>", "</pre>", "<code>", "</code>", "<table>", "<tr>", "<td>", "<svg>",
    "<textarea>", "<p\n>", "<P>",
    "<a href=\"https://e.example/&#123;{\">",
    "<img srcset=\"https://e.example/a.png 2x, https://e.example/b.png 3x\">",
    "<img srcset=\"https://e.example/a.png 2x, b.png 3x\">", "<a title=\"{{ x }}\">", "\x00", "\r", "\x1f",
    "<p/>", "<hr />",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PARTS), max_size=12).map("".join))
@settings(max_examples=1500, deadline=None)
def test_a_body_that_is_harmless_has_no_fault_to_a_parser(markup: str) -> None:
    if is_harmless(markup):
        assert list(faults(markup)) == []
