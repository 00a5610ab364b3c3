"""Real stories: the words that a reader sees are those that an independent renderer and a browser's parser find."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from markdown_it import MarkdownIt

from feedmill.model import BodyFormat
from feedmill.normalising.markup import clean_body
from tests.parts import count, require_shared

UNSEEN = {"script", "style", "template", "iframe", "svg", "textarea", "select", "noframes"}
INDEPENDENT = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def texts(element: Any) -> Iterator[str]:
    """Yield what a browser shows of an element, and of what follows it."""
    if isinstance(element.tag, str) and element.tag not in UNSEEN:
        yield element.text or ""
        for inner in element:
            yield from texts(inner)
    yield f" {element.tail or ''}"


def words(markup: str) -> list[str]:
    root = html5lib.parseFragment(markup, treebuilder="etree", namespaceHTMLElements=False)
    return re.findall(r"\w+", "".join(texts(root)))


@pytest.mark.parametrize("corpus", ["digitalgov", "18f"])
def test_the_words_of_real_bodies_are_all_there_or_a_problem_says_which_are_not(corpus: str) -> None:
    files = sorted(require_shared("corpora", corpus).rglob("*.md"))
    random.Random(20_240_501).shuffle(files)
    whole, lacking = 0, []
    for path in files[: count(250, 5_000)]:
        text = path.read_text("utf-8", "replace")
        front = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
        body = text[front.end() :] if front else text
        if "{{" in body or "{%" in body:
            continue  # shortcodes have tests of their own
        clean = clean_body(body, BodyFormat.MARKDOWN, "https://x.example/a/")
        without_attributes = re.sub(r"\s?\{[:#][^{}\n]*\}", "", body)
        missing = Counter(words(INDEPENDENT.render(without_attributes))) - Counter(words(clean.content))
        if not missing:
            whole += 1
        elif not [loss for loss in clean.losses if not loss.harmless]:
            lacking.append((str(path), missing))
    assert whole > 40
    assert lacking == []
