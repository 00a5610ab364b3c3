"""Feedmill's own documents → problems: what it promises beyond the standards.

Every address is whole, every body is sanitised and has no template tokens, `self` is where the document will lie, and
nothing is changed before it is there. What the standards only advise is kept as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from lxml.etree import ParserError, _Element

from feedcheck.catalogue import level_of
from feedcheck.findings import line_of
from feedcheck.html_names import MATHML_ELEMENTS, SAFE_ATTRIBUTES, SAFE_ELEMENTS
from feedcheck.names import ATOM_NAMESPACE
from feedcheck.report import Severity
from feedcheck.values.uris import absolute_iri
from feedmill.characters import without_formulas
from feedmill.expressions import expression
from feedmill.model import Document, Format, Problem
from feedmill.validating.faults import fault
from feedmill.validating.safe_markup import is_harmless

ATOM = f"{{{ATOM_NAMESPACE}}}"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
PROMISED = frozenset(
    "MissingSelf MissingAtomSelfLink MissingGuid DuplicateEntries SecurityRisk SecurityRiskAttr DangerousStyleAttr "
    "SelfDoesntMatchLocation RelativeSelf NotHtml ContainsRelRef NotUTF8 UnknownNamespace".split()
)
"""Warnings about other people's feeds that are errors in Feedmill's own: a subscriber would see the fault."""
_ADDRESSES = frozenset({"href", "src", "cite", "poster", "action", "formaction", "data", "background"})
_CODE = frozenset({"code", "pre", "samp", "kbd"})
_MARKS = ("{{", "}}", "{%")
_SCHEMES = ("https://", "http://")
_LINK_SCHEMES = tuple(
    f"{scheme}:"
    for scheme in (
        "mailto tel sms geo xmpp magnet ftp gemini gopher irc ircs matrix webcal news nntp bitcoin nostr".split()
    )
)
_WHOLE = expression(r'https?://[^ \t\n<>"]*')
_FORBIDDEN = frozenset("iframe form input button select textarea svg template noscript".split())


class Promises:
    """Judges documents of one build; a body that stands in several documents is looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, str], ...]] = {}

    def broken_by(self, document: Document, parsed: object) -> Iterator[Problem]:
        """Yield what a document that follows its standard breaks of Feedmill's promises."""
        told: object = None
        if isinstance(parsed, dict):
            told = parsed.get("feed_url")
            yield from self._json(document.path, parsed)
        elif isinstance(parsed, _Element):
            told = next((link.get("href") for link in parsed.iter(f"{ATOM}link") if link.get("rel") == "self"), None)
            yield from self._xml(document, parsed)
        if told != document.url:
            said = f"self is {told} and not {document.url}"
            yield _problem(document.path, None, "SelfDoesntMatchLocation", said)

    def _xml(self, document: Document, root: _Element) -> Iterator[Problem]:
        path = document.path
        if root.getroottree().docinfo.internalDTD is not None:
            yield _problem(path, root, "doctype", "the document has a document type")
        for link in root.iter(f"{ATOM}link", "link"):
            address = link.get("href") if link.tag != "link" else link.text
            if not _is_whole(address):
                yield _problem(path, link, "relative-url", f"'{address}' is not an absolute web address")
        for identifier in root.iter(f"{ATOM}id", "guid"):
            for code, message in _wrong_id(identifier.text or ""):
                yield _problem(path, identifier, code, message)
        if document.format is Format.ATOM:
            for entry in root.iterchildren(f"{ATOM}entry"):
                yield from _order_of_dates(path, entry)
                for name in ("content", "summary", "title"):
                    element = next(entry.iterchildren(ATOM + name), None)
                    if element is not None and element.get("type") == "html":
                        yield from self._body(path, element, element.text or "")
        for encoded in root.iter(ENCODED):
            yield from self._body(path, encoded, encoded.text or "")

    def _json(self, path: str, feed: dict[str, Any]) -> Iterator[Problem]:
        for owner in (feed, *feed.get("items", [])):
            for key in ("home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image"):
                if key in owner and not _is_whole(owner[key]):
                    yield _problem(path, None, "relative-url", f"{key}: '{owner[key]}' is not an absolute web address")
            yield from self._body(path, None, owner.get("content_html", ""))

    def _body(self, path: str, element: _Element | None, markup: str) -> Iterator[Problem]:
        if markup not in self._known:
            self._known[markup] = () if is_harmless(markup) else tuple(dict.fromkeys(faults(markup)))
        for code, message in self._known[markup]:
            yield _problem(path, element, code, message)


def _problem(path: str, element: _Element | None, code: str, message: str) -> Problem:
    return fault(path, code, message, 0 if element is None else line_of(element))


def _is_whole(address: object) -> bool:
    return isinstance(address, str) and _WHOLE.fullmatch(address) is not None


@lru_cache(maxsize=256)
def _wrong_id(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((each.code, each.message) for each in absolute_iri(text) if level_of(each.code) is Severity.ERROR)


def _order_of_dates(path: str, entry: _Element) -> Iterator[Problem]:
    published, updated = (_text_of(entry, f"{ATOM}{name}") for name in ("published", "updated"))
    if published and updated and datetime.fromisoformat(updated) < datetime.fromisoformat(published):
        yield _problem(path, entry, "updated-early", "updated is before published")


def _text_of(owner: _Element, name: str) -> str | None:
    """Return the text of the first child of a name: what findtext does, without reading a path."""
    found = next(owner.iterchildren(name), None)
    return None if found is None else found.text


def faults(markup: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a body, as a parser takes it: codes and words."""
    from lxml import html  # few builds have a body that needs to be parsed

    if "<" not in markup and not any(mark in markup for mark in _MARKS):
        return
    try:
        root = html.fragment_fromstring(markup, create_parent="div")
    except ParserError:
        return  # nothing but comments or white space
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    for name in {str(element.tag) for element in elements} - SAFE_ELEMENTS - MATHML_ELEMENTS | {
        str(element.tag) for element in elements if element.tag in _FORBIDDEN
    }:
        yield "SecurityRisk", f"<{name}> in a body"
    for name in {str(name) for element in elements for name in element.keys()} - SAFE_ATTRIBUTES:  # noqa: SIM118
        if name == "style" or name.startswith("on"):
            yield ("DangerousStyleAttr" if name == "style" else "SecurityRiskAttr"), f"the attribute {name} in a body"
    has_tokens = any(mark in markup for mark in _MARKS)
    for element in elements:
        if has_tokens:
            yield from _tokens(element)
        if element.attrib:
            yield from _addresses(element)


def _tokens(element: _Element) -> Iterator[tuple[str, str]]:
    """Template tokens are shown to subscribers as they stand; in code they are what the story is about."""
    above = {element.tag, *(ancestor.tag for ancestor in element.iterancestors())}
    texts = [] if above & _CODE else [element.text or ""]
    if not (above - {element.tag}) & _CODE:
        texts.append(element.tail or "")
    for text in texts:
        if any(mark in text for mark in _MARKS) and any(mark in without_formulas(text) for mark in _MARKS):
            yield "template-token", f"a template token in a body: {' '.join(text.split())[:60]}"


def _addresses(element: _Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        address = str(value)
        if name in _ADDRESSES:
            if "{{" in address or "%7B%7B" in address:
                yield "template-token", f"a template token in {name}='{address[:60]}'"
            is_link = name == "href" and element.tag == "a"
            if not address.startswith(_SCHEMES) and not (is_link and address.lower().startswith(_LINK_SCHEMES)):
                yield "relative-url", f"{name}='{address[:60]}' in a body is no absolute address"
        elif name == "srcset" and not all(part.strip().startswith("http") for part in address.split(", ")):
            yield "relative-url", f"srcset='{address[:60]}' in a body is not absolute"
