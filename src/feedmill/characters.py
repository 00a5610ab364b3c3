"""Which characters a text may hold that goes into a document."""

from __future__ import annotations

import re

# XML 1.0 §2.2 Char, turned round, and the C1 controls that it discourages: in text they are always a mistake, which
# readers mend each in its own way.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_legal(text: str) -> str:
    """Remove every character that XML 1.0 cannot carry or discourages as a control (§2.2)."""
    return text if text.isprintable() else _ILLEGAL.sub("", text)


def illegal_character(text: str) -> re.Match[str] | None:
    """Find the first character that `xml_legal` removes."""
    return None if text.isprintable() else _ILLEGAL.search(text)
