"""An XML document → findings: by the vocabulary of its root element, each where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml.etree import _Element
from msgspec.structs import replace

from feedcheck.catalogue import level_of
from feedcheck.elements import ElementRule
from feedcheck.findings import Circumstances, Complaint, Spot, line_of
from feedcheck.names import ATOM_NAMESPACE, OLD_ATOM_NAMESPACE, XHTML_NAMESPACE, near, split
from feedcheck.namespace_rules import declared_namespaces
from feedcheck.placing import Position, finding
from feedcheck.regex import expression
from feedcheck.report import Finding, Severity
from feedcheck.tree_judging import judge_tree
from feedcheck.xml_reading import Positions, XmlDocument

_ODD_CHARACTER = expression("[\x80-\x9f\ufffd\xc2\xc3]")
_ODD_REFERENCE = expression(r"&#(?:[xX]0*(?:[89cC]|[fF][fF]?[dD])|0*(?:1[2-9]|6553))")
_EXPECTED = frozenset({"MissingSelf", "MissingAtomSelfLink", "MissingGuid", "DuplicateEntries"})
"""Warnings that a publisher who could do right never gives cause for."""
_OPEN_SPECIFICATIONS = ("http://www.rssboard.org/rss-specification", "https://www.rssboard.org/rss-specification")


def judge_xml(path: str, document: XmlDocument, now: datetime, address: str) -> list[Finding]:
    """Judge what was read of a document. `address` is where it lies on the web, "" when that is not known."""
    found = [finding(path, position, "", complaint) for position, complaint in document.complaints]
    if document.root is None:
        return _ordered(found)
    said = list(_findings(document.root, document, now, address))
    if said:
        positions = Positions(document)
        wanted = {spot.element for spot, _ in said}
        numbers = {element: number for number, element in enumerate(document.root.iter("*")) if element in wanted}
        for spot, complaint in said:
            number = numbers.get(spot.element)
            here = None if number is None else positions.of(number)
            found.append(finding(path, here or Position(line_of(spot.element)), spot.name.lstrip("?:"), complaint))
    return _ordered(found)


def relations_are_right(root: _Element, address: str, now: datetime) -> bool:
    """Whether a document that follows its grammar also keeps the rules that a grammar cannot say.

    These are the rules about feeds, channels, entries and items as a whole; what their bodies hold is not looked at.
    """
    namespace, local = split(root.tag)
    known = _root_rule(local)
    if known is None:
        return False
    kind, rule = known
    document = Circumstances(kind=kind, core=namespace, now=now, address=address, version=_version(root))
    outer, outer_rule, inner_name = (
        (root, rule, "entry") if kind == "atom" else (root[0], rule.children["channel"], "item")
    )
    inner_rule = outer_rule.children[inner_name]
    tag = f"{{{namespace}}}{inner_name}" if namespace else inner_name
    places = [(outer, outer_rule, "feed" if kind == "atom" else "channel", "")]
    places.extend((each, inner_rule, inner_name, places[0][2]) for each in outer.iterchildren(tag))
    for element, each_rule, name, parent in places:
        spot = Spot(element, name, parent, document)
        for judge in each_rule.rules:
            for complaint in judge(spot):
                if level_of(complaint.code) is Severity.ERROR or complaint.code in _EXPECTED:
                    return False
    return True


def is_web_page(root: _Element) -> bool:
    """Whether a document is a page for people."""
    namespace, local = split(root.tag)
    return local.lower() == "html" and namespace in ("", XHTML_NAMESPACE)


def _root_rule(local: str) -> tuple[str, ElementRule] | None:
    """Return the format that a root element is of, and its rule. A build has no need of every vocabulary."""
    if local in ("feed", "entry"):
        from feedcheck.vocabularies.atom_elements import ENTRY, FEED

        return ("atom", FEED) if local == "feed" else ("entry", ENTRY)
    if local == "rss":
        from feedcheck.vocabularies.rss_elements import RSS

        return "rss", RSS
    if local in ("opml", "outlineDocument"):
        from feedcheck.vocabularies.opml_elements import OPML

        return "opml", OPML
    return None


def _ordered(found: list[Finding]) -> list[Finding]:
    once = dict.fromkeys(found)
    return sorted(once, key=lambda problem: (problem.line, problem.column))


def _findings(root: _Element, document: XmlDocument, now: datetime, address: str) -> Iterator[tuple[Spot, Complaint]]:
    namespace, local = split(root.tag)
    known = _root_rule(local)
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
        declares_inside="xmlns" in document.text[_end_of_root_tag(document.text, local) :],
        has_odd_characters=_may_be_wrongly_encoded(document.text),
    )
    spot = Spot(root, local, "", circumstances)
    bare = replace(circumstances, core="")
    if known is None or (local == "feed" and namespace == OLD_ATOM_NAMESPACE):
        yield spot, _unknown_root(spot, namespace)
        yield from ((spot, complaint) for complaint in declared_namespaces(replace(spot, document=bare)))
        return
    if known[0] == "rss":
        yield from ((spot, complaint) for complaint in _document_type(spot))
    if known[0] in ("atom", "entry"):
        yield from ((spot, complaint) for complaint in _atom_namespace(spot, namespace))
    elif namespace:
        said = f"<{local}> is of the namespace {namespace}, and {known[0].upper()} of none"
        yield spot, Complaint("InvalidNamespace", said, "RSS 2.0, Extending RSS")
    yield from judge_tree(root, known[1], replace(circumstances, core=namespace))


def _document_type(spot: Spot) -> Iterator[Complaint]:
    """RSS 0.91 had a document type, at an address that Netscape gave up; no other version has one."""
    info: Any = spot.element.getroottree().docinfo  # the stubs lack its address
    if info.public_id != "-//Netscape Communications//DTD RSS 0.91//EN":
        return
    if "my.netscape.com" in info.doctype:
        yield Complaint("DeprecatedDTD", "Netscape's document type is there no longer", "RSS 0.91")
    if spot.document.version != "0.91":
        said = f"the document type of version 0.91 in a document of version {spot.document.version[:10]}"
        yield Complaint("InvalidDoctype", said, "RSS 0.91")


def _may_be_wrongly_encoded(text: str) -> bool:
    """Whether there is any sign at all of a wrong encoding: odd characters, or references to them."""
    odd = not text.isascii() and _ODD_CHARACTER.search(text) is not None
    return odd or ("&#" in text and _ODD_REFERENCE.search(text) is not None)


def _end_of_root_tag(text: str, name: str) -> int:
    start = re.search(rf"<(?:[\w.-]+:)?{re.escape(name)}[\s>]", text)
    return 0 if start is None else max(text.find(">", start.end() - 1), 0)


def _version(root: _Element) -> str:
    return root.get("version", "2.0")


def _unknown_root(spot: Spot, namespace: str) -> Complaint:
    if namespace == OLD_ATOM_NAMESPACE:
        return Complaint("ObsoleteNamespace", "this is Atom 0.3, which RFC 4287 replaced in 2005", "RFC 4287 §1.2")
    if is_web_page(spot.element):
        return Complaint("HtmlPage", "this is a web page, and no feed", "")
    return Complaint("UndefinedElement", f"<{spot.name}> is not an Atom, RSS 2.0 or OPML document", "")


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
