"""Pages for people → problems: nothing that runs, every address absolute."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html
from lxml.etree import _Element

from feedmill.model import Level, Place, Problem
from feedmill.validating.findings import line_of


def page_problems(path: str, content: bytes) -> Iterator[Problem]:
    """Yield the problems of a page that Feedmill wrote."""
    root = html.document_fromstring(content)
    if not (root.findtext(".//title") or "").strip():
        yield _finding(path, root, "page-title", "a page without title")
    for element in root.iter():
        if element.tag == "script" or any(str(name).startswith("on") for name in element.attrib):
            yield _finding(path, element, "SecurityRisk", f"<{element.tag}> runs code")
        href = element.get("href")
        if href is not None and not href.startswith(("https://", "http://")):
            yield _finding(path, element, "relative-url", f"'{href}' is not absolute")


def _finding(path: str, element: _Element, code: str, message: str) -> Problem:
    place = Place(path, line_of(element))
    return Problem(Level.ERROR, code, place, message, "report this as a fault of Feedmill")
