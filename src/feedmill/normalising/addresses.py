"""Story → Entry: addresses. Every URL becomes absolute, http or https, and plain ASCII."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from feedmill.expressions import expression

_FIELD = expression(r"\{([a-z_]+)\}|(?<![\w:]):([a-z_]+)")
_PATH = "/%:@!$&'()*+,;=-._~"
_QUERY = _PATH + "?"
_PLAIN_FIELD = expression(r"[A-Za-z0-9/._~-]*")
_LONE_PERCENT = expression(r"%(?![0-9A-Fa-f]{2})")
_SLASHES = expression(r"/{2,}")
_MAX_LENGTH = 8_000
# What every rule leaves as it is: no percent sign, no query, no empty segment, none that begins with a dot.
_SEGMENT = r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*"
_PLAIN_URL = expression(rf"(https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/(?:{_SEGMENT}/)*(?:{_SEGMENT})?")
_PLAIN_PATH = expression(rf"(/)?((?:\.\./)*)((?:{_SEGMENT}/)*(?:{_SEGMENT})?)")
_PLAIN_PART = expression(_SEGMENT)
_PLAIN_PARTS = expression(rf"{_SEGMENT}(?:/{_SEGMENT})*/?")
_MAX_PART = 200
"""With a plain pattern and a plain slug no longer than that, an address stays plain."""
_DATED = frozenset({"year", "month", "day", "slug"})
_PARTING = frozenset("/?#@\\")
_NOT_IN_HOST = frozenset('@ \\"<>^`{|}%')


def absolute_url(text: str, base: str) -> str | None:
    """Resolve a URL against `base` (RFC 3986 §5) and encode what is not ASCII.

    None when that gives no http or https URL: `javascript:`, `data:`, a host that cannot exist.
    """
    text = text.strip()
    plain = _plain_url(text, base)
    if plain:
        return plain
    if not text or len(text) > _MAX_LENGTH or any(character in text for character in "\t\n\r"):
        return None
    try:
        given = urlsplit(text)
        if given.scheme and not given.netloc:
            return None
        parts = urlsplit(urljoin(base, text))
        if "%" in parts.netloc:
            # Markdown writes a host that is not ASCII, or of IPv6, so.
            netloc = unquote(parts.netloc, errors="strict")
            if set(netloc) & _PARTING:
                return None
            parts = urlsplit(parts._replace(netloc=netloc).geturl())
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


def _plain_url(text: str, base: str) -> str:
    """Return the absolute form of a plain address or path, as `absolute_url` would; empty when it is not plain.

    Most are, and the whole of RFC 3986 takes ten times as long.
    """
    if not text or len(text) > _MAX_LENGTH // 2 or len(base) > _MAX_LENGTH // 2:
        return ""
    if _PLAIN_URL.fullmatch(text):
        return text
    path, root = _PLAIN_PATH.fullmatch(text), _plain_base(base)
    if path is None or root is None:
        return ""
    rooted, up, rest = path.groups()
    origin, folders = root
    if rooted:
        return f"{origin}/{rest}" if not up else ""
    above = len(up) // 3
    if above > len(folders):
        return ""
    return "/".join((origin, *folders[: len(folders) - above], rest))


@lru_cache(64)  # a site has one base, and each of its stories another
def _plain_base(base: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the origin of a base and the folders of its path, None when it is not plain."""
    root = _PLAIN_URL.fullmatch(base)
    return (root[1], tuple(base[len(root[1]) + 1 :].split("/")[:-1])) if root is not None else None


def _is_ascii(text: str) -> bool:
    return text.isascii()


def story_url(pattern: str, base: str, day: date, slug: str, more: Callable[[str], str | None]) -> str | None:
    """Return the address that a pattern gives, as {field} (Feedmill) or :field (Hugo, Jekyll).

    `more` gives further fields, such as `sections` or `categories`, by name, None where there is none; one that is
    empty takes a slash with it.
    """
    written = day.isoformat()
    dated = {"year": written[:4], "month": written[5:7], "day": written[8:], "slug": slug}
    template = _template(pattern, base)
    if template and len(slug) <= _MAX_PART and _PLAIN_PART.fullmatch(slug):
        return template.format_map(dated)
    parts = []
    for text, name in _parts(pattern):
        value = (dated.get(name) or more(name)) if name else None
        if value is None:
            parts.append(text)
        elif _PLAIN_FIELD.fullmatch(value):
            parts.append(value)
        else:
            parts.append(quote(value, safe="/-._~%"))
    path = "".join(parts)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    return absolute_url(path.lstrip("/") or ".", base)


@lru_cache(64)
def _template(pattern: str, base: str) -> str:
    """Return the address that a pattern gives to every story with a plain slug, as a format of day and slug.

    Empty where a pattern has other fields or anything that is not plain: what `absolute_url` makes of a plain path that
    goes no folder up stands below the base as it is, whatever the slug.
    """
    root, parts = _plain_base(base), _parts(pattern)
    path = "".join("0" if name else text for text, name in parts).lstrip("/")
    if root is None or max(len(pattern), len(base)) > _MAX_PART or not _PLAIN_PARTS.fullmatch(path):
        return ""
    if not _DATED.issuperset(name for _, name in parts if name):
        return ""
    path = "".join(f"{{{name}}}" if name else text for text, name in parts)
    return "/".join((root[0], *root[1], path.lstrip("/")))


@lru_cache(64)
def _parts(pattern: str) -> tuple[tuple[str, str], ...]:
    """Return the texts of a pattern, each with the name of the field that it stands for, if any."""
    parts, at = [], 0
    for place in _FIELD.finditer(pattern):
        parts += [(pattern[at : place.start()], ""), (place[0], place[1] or place[2])]
        at = place.end()
    return (*parts, (pattern[at:], ""))
