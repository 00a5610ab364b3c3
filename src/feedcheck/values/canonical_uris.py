"""Addresses → their canonical form (RFC 3986 §6.2)."""

from __future__ import annotations

import re
from unicodedata import normalize
from urllib.parse import quote

from feedcheck.regex import expression

_PARTS = expression(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_PCHAR = "-._~!$&'()*+,;=:@"
_PORTS = {"http": "80", "https": "443", "ftp": "21", "telnet": "23", "gopher": "70", "news": "119", "nntp": "119"}


def canonical_form(address: str) -> str | None:
    """Return an address as RFC 3986 §6.2 normalises it: case, escapes, dot segments, default port.

    None for a relative address, and for one whose escapes are broken.
    """
    found = _PARTS.fullmatch(address)
    if not found or re.search(r"%(?![0-9A-Fa-f]{2})", address):
        return None
    scheme, authority, path, query, fragment = found.groups()
    if scheme is None:
        return None
    scheme = scheme.lower()
    if authority is not None:
        authority = _authority(authority, _PORTS.get(scheme))
        path = _path(path)
    elif path.startswith("/"):
        path = _path(path)
    else:
        path = _escapes(path, _PCHAR + "/")
    return "".join(
        (
            f"{scheme}:",
            "" if authority is None else f"//{authority}",
            path,
            "" if query is None else f"?{_escapes(query, _PCHAR + '/?')}",
            "" if fragment is None else f"#{_escapes(fragment, _PCHAR + '/?')}",
        )
    )


def _authority(text: str, default_port: str | None) -> str:
    user, at, host = text.rpartition("@")
    name, colon, port = host.partition(":") if "[" not in host else (host, "", "")
    name = name.lower()
    if name.count(".") > 1 and name.endswith("."):
        name = name[:-1]
    if colon and port and port != default_port:
        name = f"{name}:{int(port) if port.isdecimal() else port}"
    return f"{user}@{name}" if at and user not in ("", ":") else name


def _path(path: str) -> str:
    """Remove dot segments (§5.2.4), and give an empty path its slash (§6.2.3)."""
    kept: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == ".":
            kept.extend([""] if last else [])
        elif segment == "..":
            if len(kept) > 1:
                kept.pop()
            kept.extend([""] if last else [])
        else:
            kept.append(_escapes(segment, _PCHAR))
    return "/".join(kept) or "/"


def _escapes(text: str, safe: str) -> str:
    """Escape what must be, and nothing else; what stands for a reserved character stays as it is."""

    def one(found: re.Match[str]) -> str:
        octets = bytes.fromhex(found.group().replace("%", ""))
        try:
            characters = octets.decode()
        except UnicodeDecodeError:
            return found.group().upper()
        return "".join(
            f"%{ord(character):02X}"
            if character in ":/?#[]@!$&'()*+,;="
            else quote(normalize("NFC", character), safe="~")
            for character in characters
        )

    pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", text)
    return "".join(
        re.sub(r"(?:%[0-9A-Fa-f]{2})+", one, piece) if number % 2 else quote(normalize("NFC", piece), safe=safe)
        for number, piece in enumerate(pieces)
    )
