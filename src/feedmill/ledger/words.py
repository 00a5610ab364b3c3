"""An entry's body → the digest of its words, whatever its markup and white space."""

from __future__ import annotations

import html
import re

from feedmill.ledger.records import digest_of
from feedmill.model import Entry

_TAG = re.compile(r"<[^>]*>")


def words_of(entry: Entry) -> str:
    """Return the digest of the words of an entry's body; empty when it has none.

    What a change of markup, of white space or of addresses in links would alter does not count.
    """
    words = "".join(html.unescape(_TAG.sub("", entry.content)).split())
    return digest_of(words) if words else ""
