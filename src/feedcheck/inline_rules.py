"""XHTML, SVG and MathML that stand in a text → complaints: what runs, and what is not of their vocabulary."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element

from feedcheck.findings import Complaint, Spot
from feedcheck.html_names import (
    HTML_ELEMENTS,
    MATHML_ATTRIBUTES,
    MATHML_ELEMENTS,
    SAFE_ATTRIBUTES,
    SAFE_ELEMENTS,
    SVG_ATTRIBUTES,
    SVG_ELEMENTS,
)
from feedcheck.names import MATHML_NAMESPACE, SVG_NAMESPACE, XHTML_NAMESPACE, prefix_of, split
from feedcheck.namespace_rules import declared_namespaces
from feedcheck.styles import unsafe_styles

_SAFETY = "RFC 4287 §8.1"


def inline_markup(spot: Spot, outer: _Element) -> Iterator[Complaint]:
    """Judge what stands in an element of a text construct."""
    in_div = split(outer.tag) == (XHTML_NAMESPACE, "div")
    yield from _names(spot, outer)
    if not in_div:
        return
    for element in outer.iterdescendants("*"):
        yield from _names(spot, element)
        yield from _inline(element)


def xhtml_body(spot: Spot) -> Iterator[Complaint]:
    """A body of XHTML in an RSS item, which says the description a second time."""
    said = "<xhtml:body> says what <description> says"
    yield Complaint("DuplicateDescriptionSemantics", said, "RSS 2.0, Extending RSS")
    for element in spot.element.iterdescendants("*"):
        local = split(element.tag)[1]
        if local.lower() not in SAFE_ELEMENTS:
            yield Complaint("SecurityRisk", f"<{local}> in a text", _SAFETY)
        for name, value in element.attrib.items():
            yield from _xhtml_attribute(str(name), str(value), strict=True)


def _names(spot: Spot, element: _Element) -> Iterator[Complaint]:
    yield from declared_namespaces(Spot(element, split(element.tag)[1], spot.name, spot.document))


def _inline(element: _Element) -> Iterator[Complaint]:
    namespace, local = split(element.tag)
    attributes = [(str(name), str(value)) for name, value in element.attrib.items()]
    plain = [name for name, _ in attributes if not name.startswith("{")]
    if not namespace:
        yield Complaint("MissingNamespace", f"<{local}> in a div of XHTML is of no namespace", "RFC 4287 §3.1.1.3")
    elif namespace == XHTML_NAMESPACE:
        if local not in HTML_ELEMENTS:
            yield Complaint("NotHtml", f"XHTML has no <{local}>", "RFC 4287 §3.1.1.3")
        elif local not in SAFE_ELEMENTS:
            yield Complaint("SecurityRisk", f"<{local}> in a text", _SAFETY)
        for name, value in attributes:
            yield from _xhtml_attribute(name, value, strict=False)
    elif namespace == SVG_NAMESPACE:
        yield from _foreign("SVG", local, plain, SVG_ELEMENTS, SVG_ATTRIBUTES)
    elif namespace == MATHML_NAMESPACE:
        yield from _foreign("MathML", local, plain, MATHML_ELEMENTS, MATHML_ATTRIBUTES)
    elif prefix_of(namespace):
        yield Complaint("UndefinedElement", f"<{prefix_of(namespace)}:{local}> in a text", "RFC 4287 §6.3")


def _xhtml_attribute(name: str, value: str, *, strict: bool) -> Iterator[Complaint]:
    if name.lower() == "style":
        for unsafe in unsafe_styles(value):
            yield Complaint("DangerousStyleAttr", f"the style '{unsafe[:60]}' in a text", _SAFETY)
    elif name.startswith("on") or (strict and not name.startswith("{") and name.lower() not in SAFE_ATTRIBUTES):
        yield Complaint("SecurityRiskAttr", f"the attribute {name} in a text", _SAFETY)


def _foreign(
    what: str, local: str, attributes: list[str], elements: frozenset[str], names: frozenset[str]
) -> Iterator[Complaint]:
    if local not in elements:
        yield Complaint("SecurityRisk", f"<{local}>, which safe {what} has not", _SAFETY)
    for name in attributes:
        if name not in names:
            yield Complaint("SecurityRiskAttr", f"the attribute {name}, which safe {what} has not", _SAFETY)
