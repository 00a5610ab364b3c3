"""Clean HTML → a summary, for stories that declare none: the first paragraph of prose."""

from __future__ import annotations

from feedmill.expressions import expression
from feedmill.normalising.markup import body_text
from feedmill.normalising.text import shorten

SUMMARY_LENGTH = 300
"""The most characters of a summary that is made of the body."""
# nh3's output is regular: names are in lower case and every attribute is quoted.
_EDGE = expression(r"<(/?)([a-z][a-z0-9]*)(?:[^<>\"]*\"[^\"]*\")*[^<>\"]*>")
_APART = frozenset(
    "aside blockquote code dd del dl dt figcaption figure h1 h2 h3 h4 h5 h6 li ol pre s table ul".split()
)
"""Elements whose text is no prose of the story: captions, headings, code, notices, quotations, lists."""
_SET_OFF = frozenset({"a", "em", "i", "small"})
"""A paragraph that is nothing but these is a list of links, a credit or a note by the editor."""
_CREDIT = expression(
    r"(?:photo|image|picture|illustration|credit|foto|bild|photographie|摄影|图片|写真)\w*\s*(?:by\b|:|：|/|©)|©", 2
)
_MOST_SEARCHED = 40 * SUMMARY_LENGTH


def summary_of(content: str) -> str:
    """Return the beginning of clean HTML as a summary.

    It is the first paragraph that is prose: no caption, credit, heading, code, notice or list of links. Where there is
    none, the first paragraph with words stands for it; else the first words of anything.
    """
    for is_prose in (True, False):
        for paragraph in _paragraphs(content[:_MOST_SEARCHED], is_prose=is_prose):
            text = body_text(paragraph)
            if text and not (is_prose and _CREDIT.match(text)):
                return shorten(text, SUMMARY_LENGTH)
    return shorten(body_text(content[: 20 * SUMMARY_LENGTH]), SUMMARY_LENGTH)


def _paragraphs(content: str, *, is_prose: bool) -> list[str]:
    """Return the inside of each paragraph; of prose only those that stand by themselves and have text of their own."""
    found: list[str] = []
    apart, began, own, opened = 0, -1, False, 0
    at = 0
    for edge in _EDGE.finditer(content):
        if began >= 0 and not opened and content[at : edge.start()].strip(" \n\t.,;:|·•-–—/()[]"):
            own = True
        at = edge.end()
        closing, name = edge[1], edge[2]
        if name == "p":
            if closing and began >= 0 and (own or not is_prose):
                found.append(content[began : edge.start()])
            began = -1 if closing or (apart and is_prose) else edge.end()
            own, opened = False, 0
        elif name in _APART:
            apart = max(0, apart - 1) if closing else apart + 1
        elif name in _SET_OFF and began >= 0:
            opened = max(0, opened - 1) if closing else opened + 1
    if began >= 0 and content[began:].strip():
        found.append(content[began:])
    return found
