"""OPML documents and outlines as a whole → complaints (OPML 2.0)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedcheck.findings import Complaint, Spot

_OF_SUBSCRIPTIONS = ("description", "htmlUrl", "language", "title", "version", "xmlUrl")


def version(text: str, _: Spot) -> Iterator[Complaint]:
    """OPML 2.0, opml: version is 2.0; older documents say 1.0 or 1.1."""
    if text not in ("1.0", "1.1", "2.0"):
        yield Complaint("InvalidOPMLVersion", f"there is no version '{text[:20]}' of OPML")


def opml_is_complete(spot: Spot) -> Iterator[Complaint]:
    """OPML 2.0, opml: a version, one head, one body."""
    if spot.name == "outlineDocument":
        yield Complaint("ObsoleteVersion", "<outlineDocument> became <opml> in 2000")
    elif "version" not in spot.element.attrib:
        yield Complaint("MissingAttribute", "<opml> has no version")
    for name in ("head", "body"):
        if spot.element.find(name) is None:
            yield Complaint("MissingElement", f"<opml> has no <{name}>")


def body_has_outlines(spot: Spot) -> Iterator[Complaint]:
    """OPML 2.0, body: one or more outlines."""
    if spot.element.find("outline") is None:
        yield Complaint("MissingElement", "<body> has no <outline>")


def outline_says_what_it_is(spot: Spot) -> Iterator[Complaint]:
    """OPML 2.0, subscription lists and inclusion: a feed has its address and title, a link or inclusion its url."""
    outline = spot.element
    kind = outline.get("type", "").lower()
    if kind == "rss":
        if not outline.get("xmlUrl"):
            yield Complaint("MissingXmlURL", "a subscription has no xmlUrl", "OPML 2.0, subscription lists")
        if "title" not in outline.attrib:
            yield Complaint("MissingTitleAttr", "a subscription has no title", "OPML 2.0, subscription lists")
    elif kind in ("link", "include"):
        if not outline.get("url"):
            yield Complaint("MissingUrlAttr", f"an outline of the type {kind} has no url", "OPML 2.0, inclusion")
    elif kind and spot.document.version.startswith("1."):
        yield Complaint("InvalidOutlineType", f"OPML 1 knows no outline of the type '{kind[:20]}'")
    if not kind and any(name in outline.attrib for name in _OF_SUBSCRIPTIONS):
        yield Complaint("MissingOutlineType", "an outline has what a subscription has, and no type")


def outline_version(text: str, _: Spot) -> Iterator[Complaint]:
    """OPML 2.0, subscription lists: RSS1, RSS or RSS2, and what the first aggregators wrote."""
    if text not in ("RSS", "RSS1", "RSS2", "scriptingNews"):
        yield Complaint("InvalidOutlineVersion", f"version is '{text[:20]}'", "OPML 2.0, subscription lists")


def categories(text: str, _: Spot) -> Iterator[Complaint]:
    """OPML 2.0, category: words or paths, with commas between."""
    if any(not part.strip() for part in text.split(",")):
        yield Complaint("AttrNotBlank", f"category is '{text[:40]}', with nothing between commas", "OPML 2.0, category")


def expansion_state(text: str, _: Spot) -> Iterator[Complaint]:
    """OPML 2.0, expansionState: line numbers with commas between."""
    if text and not re.fullmatch(r"-?\d+(,\s*-?\d+)*", text):
        yield Complaint("InvalidExpansionState", f"'{text[:40]}' is not a list of line numbers")
