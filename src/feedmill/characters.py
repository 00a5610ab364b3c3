"""Which characters a text may hold that goes into a document."""

from __future__ import annotations

import re

from feedmill.expressions import expression

_ILLEGAL = expression("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0 §2.2 Char, turned round, and the C1 controls that it discourages: in text they are always a mistake, which
readers repair each in its own way."""
# Bytes of UTF-8 of which no illegal character is made. Most texts have no others, which is seen in a third of the time.
_LEGAL_BYTES = bytes({*b"\t\n\r", *range(0x20, 0x7F), *range(0x80, 0x100)} - {0xC2, 0xED, 0xEF})


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
