"""An XML document → findings: by the vocabulary of its root element, each where it stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime

from lxml.etree import _Element

from feedmill.model import Place, Problem
from feedmill.validating.catalogue import level_of, remedy_of
from feedmill.validating.elements import ElementRule
from feedmill.validating.findings import Circumstances, Complaint, Spot, line_of
from feedmill.validating.names import ATOM_NAMESPACE, OLD_ATOM_NAMESPACE, XHTML_NAMESPACE, near, split
from feedmill.validating.vocabularies.atom import ENTRY, FEED
from feedmill.validating.vocabularies.opml import OPML
from feedmill.validating.vocabularies.rss import RSS
from feedmill.validating.walking import judge_tree
from feedmill.validating.xml_reading import Position, XmlDocument, positions

_ROOTS: dict[str, tuple[str, ElementRule]] = {
    "feed": ("atom", FEED),
    "entry": ("entry", ENTRY),
    "rss": ("rss", RSS),
    "opml": ("opml", OPML),
    "outlineDocument": ("opml", OPML),
}
_OPEN_SPECIFICATIONS = ("http://www.rssboard.org/rss-specification", "https://www.rssboard.org/rss-specification")


def judge_xml(path: str, document: XmlDocument, now: datetime, address: str) -> list[Problem]:
    """Judge what was read of a document. `address` is where it lies on the web, "" when that is not known."""
    found = [finding(path, position, "", complaint) for position, complaint in document.complaints]
    if document.root is None:
        return _ordered(found)
    known = positions(document) if document.complaints else None
    numbers: dict[_Element, int] = {}
    for spot, complaint in _findings(document.root, document, now, address):
        if known is None:
            known = positions(document)
        if not numbers:
            numbers = {element: number for number, element in enumerate(document.root.iter("*"))}
        number = numbers.get(spot.element, len(known))
        here = known[number] if number < len(known) else Position(line_of(spot.element))
        found.append(finding(path, here, spot.name.lstrip("?:"), complaint))
    return _ordered(found)


def finding(path: str, position: Position, element: str, complaint: Complaint) -> Problem:
    """Make a finding of what a rule said."""
    code, message, clause = complaint
    place = Place(path, position.line, position.column)
    return Problem(level_of(code), code, place, message, remedy_of(code), element, clause)


def is_web_page(root: _Element) -> bool:
    """Whether a document is a page for people."""
    namespace, local = split(root.tag)
    return local.lower() == "html" and namespace in ("", XHTML_NAMESPACE)


def _ordered(found: list[Problem]) -> list[Problem]:
    once = dict.fromkeys(found)
    return sorted(once, key=lambda problem: (problem.place.line, problem.place.column))


def _findings(root: _Element, document: XmlDocument, now: datetime, address: str) -> Iterator[tuple[Spot, Complaint]]:
    namespace, local = split(root.tag)
    known = _ROOTS.get(local)
    circumstances = Circumstances(
        kind=known[0] if known else "",
        core=namespace,
        now=now,
        encoding=document.encoding,
        lines=document.lines,
        address=address,
        version=_version(root),
        open_to_attributes=(root.findtext("channel/docs") or "").strip() in _OPEN_SPECIFICATIONS,
        unfinished=document.unfinished,
    )
    spot = Spot(root, local, "", circumstances)
    if known is None or (local == "feed" and namespace == OLD_ATOM_NAMESPACE):
        yield spot, _unknown_root(spot, namespace)
        return
    if known[0] in ("atom", "entry"):
        yield from ((spot, complaint) for complaint in _atom_namespace(spot, namespace))
    elif namespace:
        said = f"<{local}> is of the namespace {namespace}, and {known[0].upper()} of none"
        yield spot, Complaint("InvalidNamespace", said, "RSS 2.0, Extending RSS")
    yield from judge_tree(root, known[1], dataclasses.replace(circumstances, core=namespace))


def _version(root: _Element) -> str:
    return root.get("version", "2.0")


def _unknown_root(spot: Spot, namespace: str) -> Complaint:
    if namespace == OLD_ATOM_NAMESPACE:
        return Complaint("ObsoleteNamespace", "this is Atom 0.3, which RFC 4287 replaced in 2005", "RFC 4287 §1.2")
    if is_web_page(spot.element):
        return Complaint("HtmlPage", "this is a web page, and no feed", "")
    return Complaint("UndefinedElement", f"<{spot.name}> is no Atom, RSS 2.0 or OPML document", "")


def _atom_namespace(spot: Spot, namespace: str) -> Iterator[Complaint]:
    if not namespace:
        yield Complaint("MissingNamespace", f"<{spot.name}> is of no namespace", "RFC 4287 §1.2")
    elif namespace != ATOM_NAMESPACE:
        nearly = " (see its letters)" if near(namespace) == near(ATOM_NAMESPACE) else ""
        said = f"<{spot.name}> is of the namespace {namespace}{nearly}, and not {ATOM_NAMESPACE}"
        yield Complaint("InvalidNamespace", said, "RFC 4287 §1.2")
    if not namespace and {"atom", "xhtml"} & set(spot.element.nsmap):
        said = "Atom is declared with a prefix, which some readers do not see"
        yield Complaint("AvoidNamespacePrefix", said, "RFC 4287 §1.2")
