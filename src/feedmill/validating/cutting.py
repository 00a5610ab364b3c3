"""A feed in XML, as bytes → the bytes of each of its entries, where it is written as Feedmill writes it.

Every `<` then begins a tag: there are no comments, sections of characters, instructions or document types, within which
one might stand for itself. So the entries lie between the texts `<entry` and `</entry>`, one beside the other with
white space alone between them, and the feed ends after the last. Of a document that is written otherwise nothing is
said.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.model import Format

_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_OPENING = rb'(?: [^\s<>="\'/]+="[^<>"]*")*>'
_OPENINGS = {
    Format.ATOM: expression(rb"<feed" + _OPENING),
    Format.RSS: expression(rb"<rss" + _OPENING + rb"\n  <channel>"),
}
_MARKS = {Format.ATOM: expression(rb"<(?:[!?]|/?entry)"), Format.RSS: expression(rb"<(?:[!?]|/?item)")}
_BETWEEN = {Format.ATOM: b"</entry>\n  ", Format.RSS: b"</item>\n    "}
_ENDS = {Format.ATOM: b"</feed>\n", Format.RSS: b"  </channel>\n</rss>\n"}


class Cut(Struct, frozen=True):
    """A document in pieces: what stands before its `entries`, between them and after them; each is up to its end tag.

    `opening` is all that stands around an entry: the tags that are open there, with their attributes.
    """

    opening: bytes
    head: bytes
    entries: Sequence[bytes]
    between: bytes
    end: bytes

    def with_only(self, entries: Sequence[bytes]) -> bytes:
        """Return the document as it would be with some of its entries alone."""
        if not entries:
            return self.head + self.end
        return self.head + self.between.join(entries) + self.between.rstrip(b" ") + self.end


def cut_entries(content: bytes, format_: Format) -> Cut | None:
    """Return the pieces of a document; None where they are not sure."""
    opening = _OPENINGS[format_].match(content, len(_DECLARATION))
    if opening is None or not content.startswith(_DECLARATION):
        return None
    _, *marks = _MARKS[format_].finditer(content)
    starts = [mark.start() for mark in marks]
    begins, ends = starts[::2], starts[1::2]
    if len(begins) != len(ends) or {mark[0] for mark in marks[::2]} - {b"<entry", b"<item"}:
        return None
    between, end = _BETWEEN[format_], _ENDS[format_]
    if any(content[end:begin] != between for end, begin in zip(ends, begins[1:], strict=False)):
        return None
    if not content.endswith(end) or (ends and content[ends[-1] :] != between.rstrip(b" ") + end):
        return None
    head = content[: begins[0]] if begins else content[: -len(end)]
    entries = [content[begin:end] for begin, end in zip(begins, ends, strict=True)]
    return Cut(opening[0], head, entries, between, end)
