"""Bytes → a tree: safely, within bounds, and as much as can be saved of a document that is not well-formed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from xml.parsers import expat

from lxml import etree
from lxml.etree import _Element
from msgspec import Struct, field

from feedcheck.encodings import decode
from feedcheck.findings import Complaint, line_of
from feedcheck.placing import Position
from feedcheck.regex import expression

_DOCTYPE = expression(r"<!DOCTYPE\b[^\[>]*(\[)?", re.IGNORECASE)
_LONG_TAG = expression(r"<[^<]{20000}")
_MAX_ATTRIBUTES = 1_000
_COUNTED_LINE = 100_000
_ENTITY = expression(r"<!ENTITY\s+(?:%\s+)?([\w.:-]{1,60})\s+(SYSTEM|PUBLIC)?", re.IGNORECASE)


class XmlDocument(Struct, frozen=True):
    """What could be read of a document.

    `root` is None when nothing could; `unfinished` are the elements that were open when the first syntax error came;
    `complaints` are about the document as text, each where it stands.
    """

    root: _Element | None
    text: str
    encoding: str
    unfinished: frozenset[_Element] = frozenset()
    complaints: tuple[tuple[Position, Complaint], ...] = ()
    lines: tuple[str, ...] = field(default=())


def read_xml(content: bytes, *, charset: str = "") -> XmlDocument:
    """Read a document without fetching or expanding anything. Raises nothing for what the bytes hold."""
    decoded = decode(content, charset=charset)
    complaints = [(Position(1, 1), complaint) for complaint in decoded.complaints]
    complaints.extend(_entities(decoded.text))
    overgrown = _overgrown(decoded.text)
    if overgrown is not None:
        complaints.append((Position(1, 1), overgrown))
        return XmlDocument(None, decoded.text, decoded.encoding, complaints=tuple(complaints))
    octets = decoded.text.encode("utf-8", "replace")
    lines = tuple(decoded.text.split("\n"))
    root, fault = _parse(octets, recover=False)
    unfinished: frozenset[_Element] = frozenset()
    if fault is not None:
        position, said = fault
        complaints.append((_in_characters(position, lines), Complaint("SAXError", said, "XML 1.0 §2.1")))
        root, _ = _parse(octets, recover=True)
        if root is not None:
            unfinished = _open_at(root, position.line)
    return XmlDocument(root, decoded.text, decoded.encoding, unfinished, tuple(complaints), lines)


def _parse(octets: bytes, *, recover: bool) -> tuple[_Element | None, tuple[Position, str] | None]:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(octets, parser), None
    except etree.XMLSyntaxError as error:
        line, column = error.position
        said = (error.msg or "not XML").partition(", line ")[0]
        return None, (Position(max(line or 1, 1), max(column or 1, 1)), said)


def _entities(text: str) -> list[tuple[Position, Complaint]]:
    """A document type that declares entities is a way to attack a reader: none of them is looked up or expanded."""
    found = _DOCTYPE.search(text, 0, 20_000)
    if not found or not found.group(1):
        return []
    complaints = []
    for entity in list(_ENTITY.finditer(text, found.end(), found.end() + 20_000))[:5]:
        line = text.count("\n", 0, entity.start()) + 1
        column = entity.start() - text.rfind("\n", 0, entity.start())
        what = "reads it from elsewhere" if entity.group(2) else "is not expanded by careful readers"
        said = f"the entity &{entity.group(1)}; {what}"
        complaints.append((Position(line, column), Complaint("EntityDeclared", said, "RFC 4287 §8.5")))
    return complaints


def _open_at(root: _Element, line: int) -> frozenset[_Element]:
    """The elements that a syntax error on a line cut off: the last one that began before it, and what it stands in."""
    last = root
    for element in root.iter("*"):
        if line_of(element) > line:
            break
        last = element
    return frozenset((last, *last.iterancestors()))


def _in_characters(position: Position, lines: tuple[str, ...]) -> Position:
    """Count characters where a parser counted bytes; in a line too long for anybody to count in, leave it."""
    if not 0 < position.line <= len(lines) or len(lines[position.line - 1]) > _COUNTED_LINE:
        return position
    before = lines[position.line - 1].encode("utf-8", "replace")[: position.column - 1]
    return Position(position.line, len(before.decode("utf-8", "ignore")) + 1)


class Positions:
    """Where each element of a document begins, by a second parser, since lxml knows lines alone.

    The work is done for documents that have findings.
    """

    def __init__(self, document: XmlDocument) -> None:
        self._lines = document.lines
        self._found: list[tuple[int, int]] = []
        parser = _expat(
            lambda _name, _attributes: self._found.append((parser.CurrentLineNumber, parser.CurrentColumnNumber))
        )
        with contextlib.suppress(expat.ExpatError, ValueError):
            parser.Parse(document.text.encode("utf-8", "replace"), True)

    def of(self, number: int) -> Position | None:
        """Return where the element of a number begins, in the order of the document; None past a syntax error."""
        if number >= len(self._found):
            return None
        line, column = self._found[number]
        return _in_characters(Position(line, column + 1), self._lines)


def _expat(start: Callable[[str, dict[str, str]], object]) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.DefaultHandler = lambda _data: None  # keeps internal entities from being expanded
    return parser


def _overgrown(text: str) -> Complaint | None:
    """Refuse an element with so many attributes that libxml2 would take hours over them."""
    if not _LONG_TAG.search(text):
        return None
    most = 0

    def start(_name: str, attributes: dict[str, str]) -> None:
        nonlocal most
        most = max(most, len(attributes))

    with contextlib.suppress(expat.ExpatError, ValueError):
        _expat(start).Parse(text.encode("utf-8", "replace"), True)
    if most <= _MAX_ATTRIBUTES:
        return None
    return Complaint("SAXError", f"an element with {most:,} attributes", "XML 1.0 §2.1")
