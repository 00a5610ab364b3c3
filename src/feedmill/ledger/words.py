"""An entry's body → its fingerprint: the digests by which it is known again."""

from __future__ import annotations

import html
import re
from typing import Protocol

from msgspec import Struct

from feedmill.ledger.records import digest_of
from feedmill.model import Entry

_TAG = re.compile(r"<[^>]*>")
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
    words = "".join(html.unescape(_TAG.sub("", entry.content)).split())
    return digest_of(words) if words else ""
