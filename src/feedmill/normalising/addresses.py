"""Story → Entry: addresses. Every URL becomes absolute, http or https, and plain ASCII."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_FIELD = re.compile(r"\{([a-z_]+)\}|(?<![\w:]):([a-z_]+)")
_PATH = "/%:@!$&'()*+,;=-._~"
_QUERY = _PATH + "?"
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MAX_LENGTH = 8_000
_NOT_IN_HOST = frozenset('@ \\"<>^`{|}%')


def absolute_url(text: str, base: str) -> str | None:
    """Resolve a URL against `base` (RFC 3986 §5) and encode what is not ASCII.

    None when that gives no http or https URL: `javascript:`, `data:`, a host that cannot exist.
    """
    text = text.strip()
    if not text or len(text) > _MAX_LENGTH or any(character in text for character in "\t\n\r"):
        return None
    try:
        given = urlsplit(text)
        if given.scheme and not given.netloc:
            return None
        parts = urlsplit(urljoin(base, text))
        host = (parts.hostname or "").encode("idna").decode("ascii") if not _is_ascii(parts.netloc) else ""
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if set(parts.netloc) & _NOT_IN_HOST:
        return None
    netloc = parts.netloc if not host else host + (f":{port}" if port else "")
    return urlunsplit(
        (
            parts.scheme,
            netloc.lower(),
            quote(_LONE_PERCENT.sub("%25", parts.path) or "/", safe=_PATH),
            quote(_LONE_PERCENT.sub("%25", parts.query), safe=_QUERY),
            quote(_LONE_PERCENT.sub("%25", parts.fragment), safe=_QUERY),
        )
    )


def _is_ascii(text: str) -> bool:
    return text.isascii()


def story_url(pattern: str, base: str, day: date, slug: str, **more: str) -> str | None:
    """Return the address that a pattern gives, as {field} (Feedmill) or :field (Hugo, Jekyll).

    `more` are further fields, such as `sections` or `categories`; one that is empty takes a slash with it.
    """
    fields = {"year": f"{day.year:04}", "month": f"{day.month:02}", "day": f"{day.day:02}", "slug": slug, **more}

    def fill(place: re.Match[str]) -> str:
        name = place[1] or place[2]
        return quote(fields[name], safe="/-._~%") if name in fields else place[0]

    path = re.sub(r"/{2,}", "/", _FIELD.sub(fill, pattern)).lstrip("/")
    return absolute_url(path or ".", base)
