"""A tree and a vocabulary → complaints: every element in its place, as often as it may be, with what it may hold."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import Entity, _Element

from feedcheck.elements import Attribute, ElementRule, Inside
from feedcheck.findings import Circumstances, Complaint, Spot
from feedcheck.names import OLD_ATOM_NAMESPACE, XML_NAMESPACE, prefix_of, split
from feedcheck.namespace_rules import declared_namespaces
from feedcheck.odd_places import ODD_PLACES
from feedcheck.text_rules import bad_characters
from feedcheck.values.codes import xml_language
from feedcheck.values.uris import iri

Found = tuple[Spot, Complaint]

_XML = f"{{{XML_NAMESPACE}}}"
_MAX_FINDINGS = 2_000


def judge_tree(root: _Element, rule: ElementRule, document: Circumstances) -> Iterator[Found]:
    """Yield what is wrong with an element and all that stands in it, in the order of the document, bounded."""
    for number, found in enumerate(_judge(Spot(root, element_name(root, document), "", document), rule)):
        if number >= _MAX_FINDINGS:
            return
        yield found


def element_name(element: _Element, document: Circumstances) -> str:
    """Name an element as people write it: the local name in the format's own namespace, else with the usual prefix."""
    namespace, local = split(element.tag)
    if namespace == document.core:
        return local
    if not namespace:
        return f":{local}"  # of no namespace, in a format that has one
    prefix = prefix_of(namespace)
    return f"{prefix}:{local}" if prefix else f"?:{local}"


def _judge(spot: Spot, rule: ElementRule) -> Iterator[Found]:
    element, document = spot.element, spot.document
    finished = element not in document.unfinished
    if document.declares_inside or document.has_odd_characters or element.getparent() is None:
        for complaint in _declared(spot):
            yield spot, complaint
    if element.attrib:
        for complaint in _attributes(spot, rule):
            yield spot, complaint
    missing = [name for name, each in rule.attributes.items() if each.required and not _has(element, name)]
    for name in missing:
        yield spot, Complaint(rule.attributes[name].missing, f"<{_shown(spot.name)}> has no {name}", rule.clause)
    if rule.inside is Inside.ANYTHING:
        yield from _eaten(spot)
        return
    if rule.inside is Inside.TEXT:
        if finished:
            for complaint in _text(spot, rule):
                yield spot, complaint
        for child in element.iterchildren("*"):
            unknown = Complaint(
                "UndefinedElement", f"<{_local(child)}> in <{_shown(spot.name)}>, which holds text", rule.clause
            )
            yield Spot(child, element_name(child, document), spot.name, document), unknown
    elif rule.inside is Inside.CHILDREN:
        if finished and _has_own_text(element):
            yield spot, Complaint("UnexpectedText", f"text in <{_shown(spot.name)}>, which holds elements", rule.clause)
        yield from _children(spot, rule)
    if finished:
        for judge in rule.rules:
            for complaint in judge(spot):
                yield spot, _sourced(complaint, rule)


def _children(spot: Spot, rule: ElementRule) -> Iterator[Found]:
    document = spot.document
    seen: set[str] = set()
    for child in spot.element.iterchildren("*"):
        name = element_name(child, document)
        there = Spot(child, name, spot.name, document)
        expected = rule.children.get(name)
        if expected is None and name.startswith("dc:"):
            expected = rule.children.get(name.partition(".")[0])  # qualified Dublin Core: dc:date.issued
        if expected is None:
            yield from _unexpected(there)
            continue
        if expected.once and name in seen:
            yield there, Complaint(expected.twice, f"a second <{name}> in <{_shown(spot.name)}>", expected.clause)
        seen.add(name)
        if _is_plain(child, expected, document):
            value = (child.text or "").strip()
            for check in expected.checks:
                for complaint in check(value, there):
                    yield there, _sourced(complaint, expected)
        else:
            yield from _judge(there, expected)


def _is_plain(child: _Element, rule: ElementRule, document: Circumstances) -> bool:
    """Whether an element is a mere text, which most are: nothing but its checks can find fault with it."""
    return (
        rule.inside is Inside.TEXT
        and not (rule.rules or rule.attributes or rule.exact or rule.closed_up)
        and not (document.declares_inside or document.has_odd_characters or document.unfinished)
        and not (len(child) or child.attrib)
    )


def _unexpected(spot: Spot) -> Iterator[Found]:
    """An element that its place does not know: an extension of somebody's own, or one out of place."""
    name, parent = spot.name, spot.parent
    for complaint in _declared(spot):
        yield spot, complaint
    if split(spot.element.tag)[0] == OLD_ATOM_NAMESPACE:
        said = f"<{_local(spot.element)}> is of Atom 0.3, which RFC 4287 replaced in 2005"
        yield spot, Complaint("ObsoleteNamespace", said, "RFC 4287 §1.2")
    if name.startswith("?:") or _has_colon(spot.element):
        yield from _eaten(spot)  # somebody's own; or a prefix that is not declared, which the parser has said
        return
    if name.startswith(":"):
        said = f"<{name[1:]}> is of no namespace, so nobody knows what it means"
        yield spot, Complaint("UndeterminableVocabulary", said, "RFC 4287 §6.2")
    elif name.startswith("xhtml:"):
        yield spot, Complaint("MisplacedXHTMLContent", f"HTML in <{parent}>, where no text stands", "RFC 4287 §6.3")
    elif name in ODD_PLACES:
        yield (
            spot,
            Complaint("QuestionableUsage", f"<{name}> in <{parent}>, where readers do not look", "RFC 4287 §6.3"),
        )
    else:
        yield spot, Complaint("UndefinedElement", f"<{name}> is not known in <{parent}>")
    yield from _eaten(spot)


def _eaten(spot: Spot) -> Iterator[Found]:
    """What is not looked into must still be XML with namespaces, and sound characters."""
    document = spot.document
    for element in spot.element.iter("*"):
        there = Spot(element, element_name(element, document), spot.parent, document)
        for complaint in bad_characters(element.text or "", there):
            yield there, complaint
        if element is spot.element:
            continue
        for complaint in declared_namespaces(there):
            yield there, complaint
        if _has_colon(element):
            yield (
                there,
                Complaint("MissingNamespace", f"the prefix of <{_local(element)}> is not declared", "Namespaces §5"),
            )
        elif document.kind == "rss" and not split(element.tag)[0] and spot.name != "xhtml:body" and ":" in spot.name:
            said = f"<{_local(element)}> stands in an extension, but is of no namespace"
            yield there, Complaint("NotInANamespace", said, "RSS 2.0, Extending RSS")


def _declared(spot: Spot) -> Iterator[Complaint]:
    element, document = spot.element, spot.document
    if document.declares_inside or element.getparent() is None:
        yield from declared_namespaces(spot)
    if document.has_odd_characters:
        for value in element.attrib.values():
            yield from bad_characters(str(value), spot)
        yield from bad_characters(element.text or "", spot)
        for child in element:
            yield from bad_characters(child.tail or "", spot)


def _attributes(spot: Spot, rule: ElementRule) -> Iterator[Complaint]:
    for tag, value in spot.element.attrib.items():
        key, text = str(tag), str(value)
        if key.startswith(_XML):
            if key == f"{_XML}lang":
                yield from xml_language(text, spot)
            elif key == f"{_XML}base":
                yield from iri(text, spot)
            continue
        namespace, local = split(key)
        prefix = prefix_of(namespace) if namespace else ""
        name = f"{prefix}:{local}" if prefix else local
        expected = rule.attributes.get(name) if prefix is not None else None
        if expected is not None:
            yield from _value(spot, text, expected)
        elif ":" in local:
            yield Complaint("MissingNamespace", f"the prefix of the attribute {local} is not declared", "Namespaces §5")
        elif rule.inside is Inside.ANYTHING:
            continue
        elif prefix is None:
            if spot.document.kind == "rss" and ":" not in spot.name and not spot.document.open_to_attributes:
                said = f"the attribute {local} of <{spot.name}> extends an element of RSS itself"
                yield Complaint("UseOfExtensionAttr", said, "RSS 2.0, Extending RSS")
        else:
            yield Complaint("UnexpectedAttribute", f"<{_shown(spot.name)}> has no attribute {name}", rule.clause)


def _value(spot: Spot, text: str, expected: Attribute) -> Iterator[Complaint]:
    for check in expected.checks:
        yield from check(text, spot)


def _text(spot: Spot, rule: ElementRule) -> Iterator[Complaint]:
    if any(child.tag is Entity for child in spot.element):
        return  # what the entity stands for is not known
    whole = "".join(map(str, spot.element.itertext(with_tail=False))) if len(spot.element) else spot.element.text or ""
    value = whole if rule.exact else whole.strip()
    if rule.closed_up and whole != whole.strip():
        yield Complaint("UnexpectedWhitespace", f"white space around the text of <{spot.name}>", rule.clause)
    for check in rule.checks:
        for complaint in check(value, spot):
            yield _sourced(complaint, rule)


def _sourced(complaint: Complaint, rule: ElementRule) -> Complaint:
    return complaint if complaint.clause else complaint._replace(clause=rule.clause)


def _has(element: _Element, name: str) -> bool:
    if ":" not in name:
        return name in element.attrib
    prefix, _, local = name.partition(":")
    return any(split(str(key))[1] == local and prefix_of(split(str(key))[0]) == prefix for key in element.attrib)


def _has_own_text(element: _Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _has_colon(element: _Element) -> bool:
    return ":" in split(element.tag)[1]


def _local(element: _Element) -> str:
    return split(element.tag)[1]


def _shown(name: str) -> str:
    return name.lstrip("?:")
