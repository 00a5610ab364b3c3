"""An entry's body → its fingerprint: the digests by which it is known again."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.ledger.records import digest_of
from feedmill.model import Entry

_TAG = expression(rb"<[^>]*>")
_ASCII_SPACE = b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "
# The other white space of Unicode, each kind with what is sought first.
_OTHER_SPACE = (
    (b"\xc2", expression(rb"\xc2[\x85\xa0]")),
    (b"\xe1\x9a\x80", expression(rb"\xe1\x9a\x80")),
    (b"\xe2", expression(rb"\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)")),
    (b"\xe3\x80\x80", expression(rb"\xe3\x80\x80")),
)
_TELLING = 80
"""A body shorter than so many characters is no sign by which a story is known again."""


class Fingerprint(Struct, frozen=True):
    """The digests of a body as HTML and of its words; and whether the words alone tell one story from others."""

    body: str
    words: str
    is_telling: bool


class Bodies(Protocol):
    """Whoever knows the bodies of entries, which are not carried about with them."""

    def whole(self, entry: Entry) -> Entry:
        """Return an entry with its body."""

    def hold(self, entries: Iterable[Entry]) -> None:
        """Load the bodies of entries for processes that are about to be made."""

    def seen(self, entry: Entry) -> str:
        """Return the digest of all that subscribers see of an entry."""

    def fingerprint(self, entry: Entry) -> Fingerprint:
        """Return the fingerprint of an entry's body."""


def fingerprint_of(entry: Entry) -> Fingerprint:
    """Return the fingerprint of a whole entry's body."""
    return Fingerprint(digest_of(entry.content), words_of(entry), len(entry.content) >= _TELLING)


def words_of(entry: Entry) -> str:
    """Return the digest of the words of an entry's body; empty when it has none.

    What a change of markup, of white space or of addresses in links would alter does not count.
    """
    words = _words(entry.content)
    return digest_of(words) if words else ""


def _words(content: str) -> str:
    """Return HTML without tags and without what `str.split` takes for white space, references decoded.

    In UTF-8, where nothing is made for each of the words, that takes half as long.
    """
    data = _TAG.sub(b"", content.encode("utf-8", "surrogatepass"))
    if b"&" in data:
        data = html.unescape(data.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")
    data = data.translate(None, _ASCII_SPACE)
    for lead, space in _OTHER_SPACE:
        if lead in data:
            data = space.sub(b"", data)
    return data.decode("utf-8", "surrogatepass")
