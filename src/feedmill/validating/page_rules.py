"""Pages for people → problems: nothing that runs, every address absolute."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import HTMLParser, XPath, _Element, fromstring

from feedcheck.findings import line_of
from feedmill.model import Problem
from feedmill.validating.faults import fault

_IS_WRONG = XPath(
    "//script or //@*[starts-with(name(), 'on')]"
    " or //@href[not(starts-with(., 'https://') or starts-with(., 'http://'))]"
)
"""Whether any element has a fault: libxml2 goes through a page sooner than Python does."""


def page_problems(path: str, content: bytes) -> Iterator[Problem]:
    """Yield the problems of a page that Feedmill wrote."""
    root = fromstring(content, HTMLParser())
    if not (root.findtext(".//title") or "").strip():
        yield _finding(path, root, "page-title", "a page without title")
    if not _IS_WRONG(root):
        return
    for element in root.iter():
        if element.tag == "script" or any(str(name).startswith("on") for name in element.attrib):
            yield _finding(path, element, "SecurityRisk", f"<{element.tag}> runs code")
        href = element.get("href")
        if href is not None and not href.startswith(("https://", "http://")):
            yield _finding(path, element, "relative-url", f"'{href}' is not absolute")


def _finding(path: str, element: _Element, code: str, message: str) -> Problem:
    return fault(path, code, message, line_of(element))
