"""The bytes of a page that was saved as plain text → its text, within bounds."""

from __future__ import annotations

import re

from feedmill.characters import xml_legal
from feedmill.errors import UsageError

MAX_BYTES = 2_000_000
MAX_LINES = 5_000


def page_text(name: str, data: bytes) -> str:
    """Return the text of a page with plain line ends. Raises UsageError when it is not one, or too large."""
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES:,} bytes", remedy="save one page to a file")
    if len(data.splitlines()) > MAX_LINES:
        raise UsageError(f"{name}: more than {MAX_LINES:,} lines", remedy="save one page to a file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: not UTF-8", remedy="save the page as UTF-8 text") from None
    if re.match(r"\s*(?:<!doctype|<html|<\?xml|<rss|<feed)", text, re.IGNORECASE):
        raise UsageError(f"{name}: this is markup, not plain text", remedy="save the page as plain text")
    return xml_legal(text.replace("\r\n", "\n").replace("\r", "\n"))
