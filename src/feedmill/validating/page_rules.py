"""Pages for people → problems: nothing that runs, every address absolute."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html

from feedmill.model import Problem
from feedmill.validating.findings import finding, is_web_address


def page_problems(path: str, content: bytes) -> Iterator[Problem]:
    """Yield the problems of a page that Feedmill wrote."""
    root = html.document_fromstring(content)
    if not (root.findtext(".//title") or "").strip():
        yield finding(path, root, "page-title", "a page without title", "report this as a fault of Feedmill")
    for element in root.iter():
        if element.tag == "script" or any(str(name).startswith("on") for name in element.attrib):
            yield finding(path, element, "SecurityRisk", f"<{element.tag}> runs code", "report this as a fault")
        href = element.get("href")
        if href is not None and not is_web_address(href):
            yield finding(path, element, "relative-url", f"'{href}' is not absolute", "write it in full")
