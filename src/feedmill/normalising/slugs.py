"""Story → Entry: slugs and ids. An id depends on neither URL nor domain, so that it outlives both."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote, unquote

from feedmill.expressions import expression

_SLUG = expression(r"[^\W_](?:[\w.~-]|%[0-9A-Fa-f]{2})*")
_NOT_SLUG = expression(r"[^\w.~]+|\.{2,}")
_SLUG_ALREADY = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WHOLE_URI = expression(r"(?:tag|urn|https?):[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_SPECIFIC = expression(r"[A-Za-z0-9/._~!$&'()*+,;=:@-]*")
_MAX_SLUG = 200
MOST_BYTES = 150
"""File systems take names of 255 bytes, of which an ending and a temporary one need some."""
_NEVER = frozenset("/\\?#%\x7f\ufffd") | {chr(code) for code in range(32)}


def check_slug(slug: str) -> str | None:
    """Return a slug in normal form (NFC), or None when it could not be one part of a URL and a file name.

    What is percent-encoded in it must be as harmless as the rest.
    """
    slug = unicodedata.normalize("NFC", slug)
    meant = unquote(slug)
    if len(slug) > _MAX_SLUG or ".." in meant or not _SLUG.fullmatch(slug) or set(meant) & _NEVER:
        return None
    return slug


@lru_cache(2048)  # the names of topics and authors come again and again
def slug_from(text: str) -> str:
    """Make a slug out of a title or a file's name: small letters, digits and hyphens of any script.

    Empty when the text has neither letters nor digits.
    """
    if len(text) <= _MAX_SLUG and _SLUG_ALREADY.fullmatch(text):
        return text
    return _whole_slug(text)[:_MAX_SLUG].rstrip("-._~")


def _whole_slug(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).casefold().replace("'", "").replace("’", "")
    return _NOT_SLUG.sub("-", plain).strip("-._~")


def file_slug_from(text: str) -> str:
    """Make a slug that may name a file: as `slug_from` does, and no longer than file systems take with an ending.

    What is cut off counts still, as a digest at its end.
    """
    if len(text) <= MOST_BYTES // 4:
        return slug_from(text)
    slug = _whole_slug(text)
    if len(slug.encode()) <= MOST_BYTES:
        return slug
    begin = slug.encode()[: MOST_BYTES - 9].decode("utf-8", "ignore").rstrip("-._~")
    return f"{begin}-{blake2b(slug.encode(), digest_size=4).hexdigest()}"


def entry_id(authority: str, day: date, slug: str, declared: str) -> tuple[str, str]:
    """Return an entry's id and the rule that gave it.

    A declared tag:, urn: or http(s): URI is taken as it is (feeds that another tool published have such ids);
    any other declared id, and otherwise day and slug, become the specific part of a tag URI (RFC 4151 §2.1).
    """
    if declared:
        if _WHOLE_URI.fullmatch(declared):
            return declared, "the front matter's id"
        return f"tag:{authority}:{_specific(declared)}", "the front matter's id under site.id_authority"
    return f"tag:{authority}:{day.isoformat()}:{_specific(slug)}", "day and slug under site.id_authority"


def _specific(text: str) -> str:
    if _SPECIFIC.fullmatch(text):
        return text
    return quote(unicodedata.normalize("NFC", unquote(text)), safe="/-._~!$&'()*+,;=:@")
