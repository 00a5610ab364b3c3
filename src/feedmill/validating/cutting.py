"""A feed in XML, as bytes → the bytes of each of its entries, where it is written as Feedmill writes it.

Every `<` then begins a tag: there are no comments, sections of characters, instructions or document types, within which
one might stand for itself. So the entries lie between the texts `<entry` and `</entry>`, one beside the other with
white space alone between them, and the feed ends after the last. Of a document that is written otherwise nothing is
said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedmill.model import Format

_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_MARKS = {Format.ATOM: re.compile(rb"<(?:[!?]|/?entry)"), Format.RSS: re.compile(rb"<(?:[!?]|/?item)")}
_BETWEEN = {Format.ATOM: b"</entry>\n  ", Format.RSS: b"</item>\n    "}
_LAST = {Format.ATOM: b"</entry>\n</feed>\n", Format.RSS: b"</item>\n  </channel>\n</rss>\n"}


def cut_entries(content: bytes, format_: Format) -> Sequence[bytes] | None:
    """Return the bytes of each entry of a document, up to its end tag; None where that is not sure."""
    if not content.startswith(_DECLARATION):
        return None
    _, *marks = _MARKS[format_].finditer(content)
    starts = [mark.start() for mark in marks]
    begins, ends = starts[::2], starts[1::2]
    if len(begins) != len(ends) or {mark[0] for mark in marks[::2]} - {b"<entry", b"<item"}:
        return None
    between = _BETWEEN[format_]
    if any(content[end:begin] != between for end, begin in zip(ends, begins[1:], strict=False)):
        return None
    if ends and content[ends[-1] :] != _LAST[format_]:
        return None
    return [content[begin:end] for begin, end in zip(begins, ends, strict=True)]
