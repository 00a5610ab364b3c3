"""OPML → problems: what the grammar cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element

from feedmill.model import Problem
from feedmill.validating.findings import finding, is_web_address


def opml_problems(path: str, opml: _Element) -> Iterator[Problem]:
    """Yield the problems of a subscription list (OPML 2.0, subscription lists)."""
    for outline in opml.iter("outline"):
        if outline.get("type", "").lower() != "rss":
            continue
        if not is_web_address(outline.get("xmlUrl")):
            yield finding(
                path,
                outline,
                "opml-xmlurl",
                "a subscription without an absolute xmlUrl",
                "add the feed's address",
            )
