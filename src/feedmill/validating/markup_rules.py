"""HTML in a document → problems: nothing that runs, every address absolute.

A second look, with another parser than the one that sanitised.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html
from lxml.etree import ParserError, _Element

from feedmill.model import Problem
from feedmill.validating.findings import finding

_FORBIDDEN = frozenset(
    "script style iframe frame frameset object embed applet form input button select textarea base link meta svg "
    "math template noscript".split()
)
_ADDRESSES = frozenset({"href", "src", "cite", "poster", "action", "formaction", "data", "background"})
_CODE = frozenset({"code", "pre", "samp", "kbd"})
_MARKS = ("{{", "}}", "{%")
_SCHEMES = ("https://", "http://", "mailto:", "tel:")


class MarkupRules:
    """Judges HTML texts; one that stands in several documents is looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, str], ...]] = {}

    def problems(self, path: str, element: _Element | None, markup: str) -> Iterator[Problem]:
        """Yield the problems of HTML that stands in an element of the document at `path`."""
        if markup not in self._known:
            self._known[markup] = tuple(dict.fromkeys(_faults(markup)))
        for code, message in self._known[markup]:
            yield finding(path, element, code, message, "the body was not sanitised: report this as a fault")


def _tokens(element: _Element) -> Iterator[tuple[str, str]]:
    """Template tokens are shown to subscribers as they stand; in code they are what the story is about."""
    above = {element.tag, *(ancestor.tag for ancestor in element.iterancestors())}
    texts = [] if above & _CODE else [element.text or ""]
    if not (above - {element.tag}) & _CODE:
        texts.append(element.tail or "")
    for text in texts:
        if any(mark in text for mark in _MARKS):
            yield "template-token", f"a template token in a body: {' '.join(text.split())[:60]}"
    for name in _ADDRESSES:
        value = element.get(name, "")
        if "{{" in value or "%7B%7B" in value:
            yield "template-token", f"a template token in {name}='{value[:60]}'"


def _faults(markup: str) -> Iterator[tuple[str, str]]:
    if "<" not in markup and not any(mark in markup for mark in _MARKS):
        return
    try:
        root = html.fragment_fromstring(markup, create_parent="div")
    except ParserError:
        return  # nothing but comments or white space
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        yield from _tokens(element)
        if element.tag in _FORBIDDEN:
            yield "SecurityRisk", f"<{element.tag}> in a body"
        for name, value in element.attrib.items():
            if str(name).startswith("on"):
                yield "SecurityRiskAttr", f"the attribute {name} in a body"
            elif name == "style":
                yield "DangerousStyleAttr", "a style attribute in a body"
            elif name in _ADDRESSES and not str(value).startswith(_SCHEMES):
                yield "relative-url", f"{name}='{str(value)[:60]}' in a body is no absolute address"
            elif name == "srcset" and not all(part.strip().startswith("http") for part in str(value).split(", ")):
                yield "relative-url", f"srcset='{str(value)[:60]}' in a body is not absolute"
