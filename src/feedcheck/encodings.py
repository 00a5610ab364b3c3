"""Bytes → text: which encoding an XML document is in (XML 1.0, appendix F), and what is wrong with it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from msgspec import Struct

from feedcheck.findings import Complaint
from feedcheck.regex import expression

_CLAUSE = "XML 1.0 §4.3.3"
_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
)
_STARTS = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARATION = expression(
    r"<\?xml\s+version\s*=\s*(?:\"(?P<v1>[^\"]*)\"|'(?P<v2>[^']*)')"
    r"(?P<encoding>\s+encoding\s*=\s*(?:\"(?P<e1>[-A-Za-z0-9._:]+)\"|'(?P<e2>[-A-Za-z0-9._:]+)'))?"
)
_COMMON = frozenset(
    "utf-8 utf-16 us-ascii iso-8859-1 euc-jp iso-8859-2 iso-8859-15 iso-8859-7 koi8-r shift_jis windows-1250 "
    "windows-1251 windows-1252 windows-1254 windows-1255 windows-1256 gb18030".split()
)
_NOT_FOR_XML = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
"""Codecs of Python's that hide markup in what looks like other text, or are none of IANA's."""


class Decoded(Struct, frozen=True):
    """A document's text, without mark and without the declaration of an encoding; in which one it was."""

    text: str
    encoding: str
    complaints: tuple[Complaint, ...]


def decode(content: bytes, *, charset: str = "") -> Decoded:
    """Decode an XML document. `charset` is what HTTP said, which outranks the document (RFC 7303 §3).

    What cannot be decoded becomes U+FFFD, with a complaint, so that the rest can be judged.
    """
    complaints: list[Complaint] = []
    mark, found, family = next(((m, name, kind) for m, name, kind in _MARKS if content.startswith(m)), (b"", "", ""))
    looks = found or next((name for start, name in _STARTS if content.startswith(start)), "")
    body = content[len(mark) :]
    head = body[:400].decode(looks or "latin-1", "replace")
    declaration = _DECLARATION.match(head)
    declared = (declaration["e1"] or declaration["e2"] or "") if declaration else ""
    if declaration and (version := declaration["v1"] if declaration["v1"] is not None else declaration["v2"]) != "1.0":
        complaints.append(Complaint("BadXmlVersion", f"feeds are XML 1.0, and not {version[:20]!r}", "XML 1.0 §2.8"))
    complaints.extend(_claims(declared, looks, family))
    encoding = charset if charset and _codec(charset) else looks or (declared if _codec(declared) else "utf-8")
    if looks and declared and _codec(declared) and looks.startswith("cp"):
        encoding = declared
    try:
        text = body.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError) as error:
        text = body.decode(encoding, "replace") if _codec(encoding) else body.decode("utf-8", "replace")
        complaints.append(Complaint("UnicodeError", f"not all of it is {encoding}: {_reason(error)}", _CLAUSE))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(_undeclared(text), family or declared or encoding, tuple(complaints))


def _claims(declared: str, looks: str, family: str) -> Iterator[Complaint]:
    """Hold what a document says of its encoding against what it looks like."""
    if declared and not _codec(declared):
        yield Complaint("UnknownEncoding", f"there is no encoding '{declared[:40]}' for XML", _CLAUSE)
        return
    if declared and declared.lower() not in _COMMON:
        yield Complaint("ObscureEncoding", f"few readers know the encoding {declared[:40]}; all know UTF-8", _CLAUSE)
    if looks and declared:
        same = _codec(declared) == _codec(looks)
        loosely = declared.lower().replace("_", "-") in (family, looks.rpartition("-")[0]) or looks.startswith("cp")
        wide = declared.lower() in ("iso-10646-ucs-2", "ucs-2", "csunicode", "iso-10646-ucs-4", "ucs-4", "csucs4")
        if not (same or loosely or wide):
            said = f"declared as {declared[:40]}, and written in {family or looks}"
            yield Complaint("UnicodeError", said, _CLAUSE)
    if looks.startswith("utf-16") and not family and declared.lower() not in ("utf-16le", "utf-16be"):
        yield Complaint("UnicodeError", "UTF-16 without a byte order mark", _CLAUSE)
    elif looks and not family and not declared:
        yield Complaint("UnicodeError", f"{looks} needs a declaration of its encoding", _CLAUSE)


def _codec(name: str) -> str:
    """Return the name of the codec for an encoding, "" when there is none that a document may be in."""
    try:
        codec = codecs.lookup(name) if name and "\0" not in name else None
    except (LookupError, ValueError):
        return ""
    if codec is None or codec.name in _NOT_FOR_XML or not getattr(codec, "_is_text_encoding", True):
        return ""
    return codec.name


def _undeclared(text: str) -> str:
    """Blank out the declared encoding, for the parser is given UTF-8; every column stays where it was."""
    found = _DECLARATION.match(text)
    if not found or found["encoding"] is None:
        return text
    start, end = found.span("encoding")
    return text[:start] + " " * (end - start) + text[end:]


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"{error.reason} at byte {error.start:,}"
    return str(error)[:80]
