"""HTML that stands escaped in a document → complaints: what runs, what is not HTML, where links lead.

A second look, with another parser than the one that sanitised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5

from lxml.etree import ParserError, _Element

from feedcheck.balance import VOID, imbalance
from feedcheck.findings import Complaint, Spot
from feedcheck.html_names import HTML_ELEMENTS, MATHML_ELEMENTS, SAFE_ATTRIBUTES, SAFE_ELEMENTS
from feedcheck.regex import expression
from feedcheck.styles import unsafe_styles

_SAFETY = "RFC 4287 §8.1"
_WHOLE_PAGE = expression(r"</?(?:html|head|body|frameset|frame)[\s>/]", re.IGNORECASE)
_CONTROL = expression("[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_CLOSED_AT_ONCE = expression(r"<([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?/>")
_TAG = expression(r"<[^<>]*>")
_REFERENCE = expression(r"&([a-zA-Z][a-zA-Z0-9]*)(;?)")
_SCHEME = expression(r"\s*\w+:")
_ILLEGAL_IN_ADDRESS = expression(r"(?=[\x00-\x7f])[^0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]")


def html_complaints(markup: str, spot: Spot) -> Iterator[Complaint]:
    """Judge a piece of HTML, and be done with it at the first sign that it is not one."""
    if not spot.document.bodies_are_known:
        yield from _judged(markup)


def html_with_whole_links(markup: str, spot: Spot) -> Iterator[Complaint]:
    """Judge HTML of RSS, which has no base that relative links could be resolved against."""
    if not spot.document.bodies_are_known:
        yield from html_complaints(markup, spot)
        yield from _relative_links(markup)


def is_whole_page(markup: str) -> bool:
    """Whether markup has tags that only a whole page has."""
    return _WHOLE_PAGE.search(markup) is not None


@lru_cache(maxsize=4_096)
def _judged(markup: str) -> tuple[Complaint, ...]:
    """One body stands in many documents, and is looked at once."""
    return tuple(dict.fromkeys(_complaints(markup)))


@lru_cache(maxsize=4_096)
def _relative_links(markup: str) -> tuple[Complaint, ...]:
    return tuple(dict.fromkeys(_relative(markup)))


def forget_bodies() -> None:
    """Forget the bodies that were looked at, to measure what looking costs."""
    _judged.cache_clear()
    _relative_links.cache_clear()


def _complaints(markup: str) -> Iterator[Complaint]:
    if "<" not in markup and "&" not in markup and not _CONTROL.search(markup):
        return
    if "<?import " in markup.lower():
        yield Complaint("SecurityRisk", "<?import> in a text", _SAFETY)
    broken = _mistake(markup) or imbalance(markup)
    if broken:
        yield Complaint("NotHtml", f"this is not HTML: {broken}", "RFC 4287 §3.1.1.2")
    root = _parsed(markup)
    for element in root.iterdescendants() if root is not None else ():
        if isinstance(element.tag, str):
            yield from _element(element)


def _parsed(markup: str) -> _Element | None:
    from lxml import html  # a build has no need of it

    try:
        parser = html.HTMLParser(recover=True, huge_tree=False)
        root: _Element = html.fragment_fromstring(markup, create_parent="div", parser=parser)
    except (ParserError, ValueError, AssertionError):
        return None  # nothing but comments or white space, or nothing that is text
    return root


def _mistake(markup: str) -> str:
    """Find what HTML's own parser calls an error, and this one repairs without a word (HTML, 13.2.2)."""
    if _CONTROL.search(markup):
        return "a control character"
    if "<?" in markup:
        return "a processing instruction"
    for closed in _CLOSED_AT_ONCE.finditer(markup):
        if closed.group(1).lower() in HTML_ELEMENTS - VOID:
            return f"<{closed.group(1)}/> closes nothing"
    for reference in _REFERENCE.finditer(_TAG.sub(" ", markup)) if "&" in markup else ():
        name, end = reference.groups()
        if (end and f"{name};" not in html5) or (not end and name in html5):
            return f"&{name}{end} is {'no character' if end else 'not closed with a semicolon'}"
    return ""


def _element(element: _Element) -> Iterator[Complaint]:
    name = str(element.tag).rpartition("}")[2].lower()
    if name in MATHML_ELEMENTS:
        return
    if name not in HTML_ELEMENTS:
        yield Complaint("NotHtml", f"HTML has no <{name[:40]}>", "RFC 4287 §3.1.1.2")
        return
    if name not in SAFE_ELEMENTS:
        yield Complaint("SecurityRisk", f"<{name}> in a text", _SAFETY)
        return
    for key, value in element.attrib.items():
        attribute = str(key).lower()
        if attribute == "style":
            for unsafe in unsafe_styles(str(value)):
                yield Complaint("DangerousStyleAttr", f"the style '{unsafe[:60]}' in a text", _SAFETY)
        elif attribute not in SAFE_ATTRIBUTES and not attribute.startswith(("data-", "aria-")):
            yield Complaint("SecurityRiskAttr", f"the attribute {attribute[:40]} in a text", _SAFETY)


def _relative(markup: str) -> Iterator[Complaint]:
    if "href" not in markup and "src" not in markup:
        return
    root = _parsed(markup)
    for element in () if root is None else root.iter("a", "img"):
        link = (element.get("href" if element.tag == "a" else "src") or "").strip()
        if not link or _SCHEME.match(link):
            continue
        illegal = _ILLEGAL_IN_ADDRESS.search(link)
        if illegal:
            said = f"{illegal.group()!r} must be percent-encoded in the link '{link[:60]}'"
            yield Complaint("InvalidUriChar", said, "RFC 3986 §2")
        else:
            said = f"the link '{link[:60]}' is relative, and RSS has no base"
            yield Complaint("ContainsRelRef", said, "Best Practices Profile, description")
