"""Which characters a text may hold that goes into a document."""

from __future__ import annotations

import re

from feedmill.expressions import expression

_ILLEGAL = expression("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0 §2.2 Char, turned round, and the C1 controls that it discourages: in text they are always a mistake, which
readers repair each in its own way."""
# Bytes of UTF-8 of which no illegal character is made. Most texts have no others, which is seen in a third of the time.
_LEGAL_BYTES = bytes({*b"\t\n\r", *range(0x20, 0x7F), *range(0x80, 0x100)} - {0xC2, 0xED, 0xEF})


_UNPRINTABLE = expression("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
"""What moves a cursor, ends a line or turns the direction of what follows: C0, DEL, C1, separators, bidi controls."""


def visible(text: str) -> str:
    """Return one line in which what could act on a terminal, a log or a mail is spelt out, by its number."""
    return text if text.isprintable() else _UNPRINTABLE.sub(_spelt, text)


def visible_in_json(text: str) -> str:
    """Return JSON that says the same, in which all of that is spelt as JSON does (RFC 8259 §7). Line feeds stay."""
    return _UNPRINTABLE.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _spelt(found: re.Match[str]) -> str:
    code = ord(found[0])
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(found[0]) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )


_FORMULA = expression(
    r"\$\$?(?=\S)[^$]{0,2000}\\[a-zA-Z][^$]{0,2000}(?<=\S)\$\$?(?!\d)"
    r"|\\\((?:(?!\\[()]).){0,4000}\\\)|\\\[(?:(?!\\[\[\]]).){0,4000}\\\]",
    re.DOTALL,
)


def without_formulas(text: str) -> str:
    r"""Return a text without its TeX, whose braces are none of a template: `$\frac{{a}}{b}$`, `\(…\)`, `\[…\]`."""
    return _FORMULA.sub(" ", text) if "\\" in text else text


def xml_legal(text: str) -> str:
    """Remove every character that XML 1.0 cannot carry or discourages as a control (§2.2)."""
    return text if _is_plainly_legal(text) else _ILLEGAL.sub("", text)


def illegal_character(text: str) -> re.Match[str] | None:
    """Find the first character that `xml_legal` removes."""
    return None if _is_plainly_legal(text) else _ILLEGAL.search(text)


def _is_plainly_legal(text: str) -> bool:
    """Whether a text is seen at a glance to have no illegal character; where it is not, it may have none either."""
    return text.isprintable() or not text.encode("utf-8", "surrogatepass").translate(None, _LEGAL_BYTES)
