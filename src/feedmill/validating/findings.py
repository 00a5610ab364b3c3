"""How a rule reports what it found in a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml.etree import _Element

from feedmill.model import Level, Place, Problem


def finding(path: str, element: _Element | None, code: str, message: str, remedy: str) -> Problem:
    """Make an error at an element of the document at `path`."""
    line = 0 if element is None else cast(int | None, element.sourceline) or 0
    return Problem(Level.ERROR, code, Place(path, line), message, remedy)


def is_web_address(text: str | None) -> bool:
    """Whether a URL is absolute, and http or https."""
    return text is not None and text.startswith(("https://", "http://")) and not any(c in text for c in ' \t\n<>"')


def absolute_link(path: str, link: _Element) -> Iterator[Problem]:
    """Yield a finding when a link's address is not absolute: many readers ignore xml:base."""
    href = link.get("href")
    if not is_web_address(href):
        yield finding(path, link, "relative-url", f"'{href}' is no absolute web address", "write it in full")
