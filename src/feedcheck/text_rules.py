"""Text constructs and content of Atom → complaints (RFC 4287 §3.1, §4.1.3)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator

from lxml.etree import _Element

from feedcheck.findings import Complaint, Spot
from feedcheck.inline_rules import inline_markup
from feedcheck.markup_rules import html_complaints, is_whole_page
from feedcheck.names import XHTML_NAMESPACE, split
from feedcheck.regex import expression
from feedcheck.values.codes import is_media_type
from feedcheck.values.plain_text import plain_text, undeclared_html
from feedcheck.values.uris import reference

_WRONG_CHARACTERS = expression("[\x80-\x9f\ufffd]")
_TWICE_ENCODED = expression("[\xc2\xc3][\x80-\xbf]")
_WORDS = ("text", "html", "xhtml")
_DIV = f"{{{XHTML_NAMESPACE}}}div"


def bad_characters(text: str, spot: Spot) -> Iterator[Complaint]:
    """Characters that only a wrong encoding puts there: of Windows, replaced ones, UTF-8 read as Latin-1."""
    if not text or text.isascii():
        return
    if _WRONG_CHARACTERS.search(text):
        yield _bad(spot, "characters of another encoding")
    elif _TWICE_ENCODED.search(text):
        try:
            text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return
        yield _bad(spot, "UTF-8 that was encoded a second time")


def _bad(spot: Spot, what: str) -> Complaint:
    return Complaint("BadCharacters", f"<{spot.name}> has {what}", "XML 1.0 §2.2")


def text_construct(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §3.1: plain text, escaped HTML, or one XHTML div."""
    kind = spot.element.get("type", "text")
    if "/" in kind:
        said = f"the type of <{spot.name}> is {kind}, and not text, html or xhtml"
        yield Complaint("InvalidTextType", said, "RFC 4287 §3.1.1")
    yield from _construct(spot, kind)


def content(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.3: a text construct, or any media type, there or elsewhere."""
    kind = spot.element.get("type", "" if "src" in spot.element.attrib else "text")
    if kind == "multipart/alternative":
        said = "multipart/alternative is a composite type, which content may not have"
        yield Complaint("InvalidMIMEType", said, "RFC 4287 §4.1.3.1")
    yield from _construct(spot, kind)


def _construct(spot: Spot, kind: str) -> Iterator[Complaint]:
    element = spot.element
    elsewhere = element.get("src")
    if "type" in element.attrib and not kind:
        yield Complaint("AttrNotBlank", f"the type of <{spot.name}> is empty", "RFC 4287 §3.1.1")
    if elsewhere is not None:
        yield from reference(elsewhere, spot, "InvalidURIAttribute")
        if "type" not in element.attrib:
            said = "content that is elsewhere should say its type"
            yield Complaint("MissingTypeAttr", said, "RFC 4287 §4.1.3.2")
    elif spot.document.kind == "rss" and spot.name not in ("atom:summary",) and kind == "text":
        said = f"<{spot.name}> says what RSS has an element of its own for"
        yield Complaint("DuplicateDescriptionSemantics", said, "RSS 2.0, Extending RSS")
    if kind and (kind not in _WORDS or elsewhere is not None) and not is_media_type(kind):
        yield Complaint("InvalidMIMEType", f"'{kind[:60]}' is not a media type", "RFC 4287 §4.1.3.1")
    yield from _order(spot, kind, elsewhere)
    for child in element.iterchildren("*"):
        yield from _child(spot, child, kind)
        yield from inline_markup(spot, child)
    if element not in spot.document.unfinished:
        yield from _said(spot, kind, elsewhere)


def _child(spot: Spot, child: _Element, kind: str) -> Iterator[Complaint]:
    namespace, local = split(child.tag)
    before = (spot.element.text or "").strip()
    if kind != "xhtml" and not kind.endswith(("+xml", "/xml")):
        said = f"<{local}> in <{spot.name}>, whose type {kind or 'is empty'} allows no elements"
        yield Complaint("UndefinedElement", said, "RFC 4287 §3.1.1")
    if kind == "xhtml" and child.tag != _DIV and not before:
        said = f"<{local}> in <{spot.name}> where one div of XHTML belongs"
        yield Complaint("MissingXhtmlDiv", said, "RFC 4287 §3.1.1.3")
        if local == "div":
            yield Complaint("NotHtml", f"this div is of the namespace '{namespace}'", "RFC 4287 §3.1.1.3")
    elif (kind == "xhtml" or (kind == "application/xhtml+xml" and local == "html")) and namespace != XHTML_NAMESPACE:
        yield Complaint("NotHtml", f"<{local}> is of the namespace '{namespace}'", "RFC 4287 §3.1.1.3")
    if kind == "application/xhtml+xml" and local != "html":
        yield Complaint("HtmlFragment", f"<{local}>, where a whole document belongs", "RFC 4287 §4.1.3.3")
    if spot.element.get("mode") == "escaped":
        yield Complaint("NotEscaped", f"<{local}> in <{spot.name}>, whose mode is escaped", "Atom 0.3")


def _order(spot: Spot, kind: str, elsewhere: str | None) -> Iterator[Complaint]:
    """Text and elements do not mix, and content that is elsewhere is empty here."""
    element = spot.element
    before = (element.text or "").strip()
    if kind == "xhtml" and before:
        said = f"text in <{spot.name}> where one div of XHTML belongs"
        yield Complaint("MissingXhtmlDiv", said, "RFC 4287 §3.1.1.3")
    after = any((child.tail or "").strip() for child in element.iterchildren("*"))
    if after or (elsewhere is not None and before):
        where = "beside elements" if after else "beside src"
        yield Complaint("UnexpectedText", f"text in <{spot.name}> {where}", "RFC 4287 §4.1.3")


def _said(spot: Spot, kind: str, elsewhere: str | None) -> Iterator[Complaint]:
    """Judge the words."""
    element = spot.element
    value = _own_text(element)
    if kind == "xhtml":
        yield from plain_text(value, spot, "NotInline")
    elif kind == "text":
        yield from undeclared_html(value, spot)
    else:
        if "/" in kind and not kind.endswith(("+xml", "/xml")) and not kind.startswith("text/") and elsewhere is None:
            try:
                value = b64decode("".join(value.split()), validate=True).decode("utf-8", "replace")
            except (NotBase64, ValueError):
                said = f"content of type {kind} is not in Base64"
                yield Complaint("NotBase64", said, "RFC 4287 §4.1.3.3")
        if kind == "html" or kind.endswith("/html"):
            yield from html_complaints(value, spot)
            if kind == "html" and is_whole_page(value):
                said = "the tags of a whole page, where a piece that fits into a div belongs"
                yield Complaint("NotHtml", said, "RFC 4287 §3.1.1.2")
            if kind.endswith("/html") and "<html" not in value and elsewhere is None:
                yield Complaint("HtmlFragment", f"a piece of HTML with the type {kind}", "RFC 4287 §4.1.3.3")
        else:
            yield from undeclared_html(value, spot)
    if not value and len(element) == 0 and elsewhere is None:
        yield Complaint("NotBlank", f"<{spot.name}> is there, but empty", "RFC 4287 §3.1")


def _own_text(element: _Element) -> str:
    """The text outside elements, and that of a div that holds nothing else."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == _DIV and len(child) == 0:
            parts.append(child.text or "")
        parts.append(child.tail or "")
    return "".join(parts)
