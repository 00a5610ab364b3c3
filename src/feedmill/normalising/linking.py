"""Clean HTML → the same with every address in it absolute.

Works on nh3's output, which is regular: names are in lower case, every attribute is quoted, and in text no `<` stands
for itself. To have nh3 call back for every attribute takes twice as long.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from feedmill.expressions import expression
from feedmill.normalising.addresses import absolute_url
from feedmill.normalising.rewriting import Loss

# The commonest tag by itself: of any other with attributes, each is looked at in turn.
_TAG = expression(r'<a href="([^"]*)">|<[a-z][a-z0-9]*(?: [a-z]+="[^"]*")+>')
_ATTRIBUTE = expression(r' ([a-z]+)="([^"]*)"')
LINK_SCHEMES = frozenset(
    "mailto tel sms geo xmpp magnet ftp gemini gopher irc ircs matrix webcal news nntp bitcoin nostr".split()
)
"""What a link may lead to beside the web: nothing that runs or reads anything where the reader is."""
_SCHEME = expression(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ADDRESSES = frozenset({"href", "src", "cite", "poster", "srcset"})
_WRITTEN = expression(r"\s(href|src)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
MISSING = "about:missing"
"""Where a reference that leads nowhere points: sanitising removes such a link and keeps its text."""
_LINE_ENDS = expression(r"[\t\r\n]")
_CANDIDATE = expression(r"[\s,]*+(\S++)")
_TO_COMMA = expression(r"([^,]*+),?")
_DESCRIPTOR = expression(r"[0-9]{1,9}(?:\.[0-9]{1,9})?[wxh]")
# Where it begins, and what every rule leaves as it is: no escape, no query, no segment that is empty or begins with a
# dot, and no longer than the rules begin to look at lengths.
_PLAIN_PATH = expression(r"(/|(?:\.\./){0,20})([A-Za-z0-9_~-](?:[A-Za-z0-9_.~-]|/(?![/.])){0,2000})")


def with_absolute_addresses(clean: str, base: str) -> str:
    """Resolve every address of nh3's output against `base`, `srcset` candidates too.

    What is no http or https URL loses its attribute, but for links of LINK_SCHEMES.
    """
    resolver = _Resolver(base)

    def tag(found: re.Match[str]) -> str:
        target = found[1]
        if target is None:
            return _with_attributes(found[0], resolver)
        made = resolver.address(target, is_link=True)
        return "<a>" if made is None else f'<a href="{made}">'

    return _TAG.sub(tag, clean)


def lost_addresses(markup: str, base: str) -> list[Loss]:
    """Return the addresses of HTML that readers are not given, each once, as it was written."""
    found: dict[tuple[str, str], int] = {}
    for name, *values in _WRITTEN.findall(markup):
        value = "".join(values)
        if not value or _PLAIN_PATH.fullmatch(value):
            continue
        address = html.unescape(value).strip()
        scheme = _SCHEME.match(address)
        if scheme is not None and (scheme[1].lower() in LINK_SCHEMES or address == MISSING):
            if name.lower() == "href" or address == MISSING:
                continue
        elif not address or absolute_url(_LINE_ENDS.sub("", address), base) is not None:
            continue
        key = address, "a" if name.lower() == "href" else "img"
        found[key] = found.get(key, 0) + 1
    return [Loss("address", element, count, written=address) for (address, element), count in found.items()]


def _with_attributes(tag: str, resolver: _Resolver) -> str:
    attributes = _ATTRIBUTE.findall(tag)
    made: list[str | None] = []
    for name, value in attributes:
        if name in _ADDRESSES:
            value = resolver.srcset(value) if name == "srcset" else resolver.address(value, is_link=name == "href")
        made.append(None if value is None else f' {name}="{value}"')
    # What is lost leaves its place to the last, as in nh3: bodies that were published so stay what they are.
    for number in range(len(made) - 1, -1, -1):
        if made[number] is None:
            last = made.pop()
            if number < len(made):
                made[number] = last
    return f"{tag[: tag.index(' ')]}{''.join(filter(None, made))}>"


class _Resolver:
    """Resolves values of attributes, as they are written in HTML, against one address."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._beginnings: dict[str, str] = {}

    def address(self, written: str, *, is_link: bool = False) -> str | None:
        """Return an absolute address as it is written in HTML; None where there is none."""
        plain = _PLAIN_PATH.fullmatch(written)
        if plain is not None and (beginning := self._beginning(plain[1])):
            return beginning + plain[2]
        value = html.unescape(written) if "&" in written else written
        scheme = _SCHEME.match(value) if is_link else None
        if scheme is not None and scheme[1].lower() in LINK_SCHEMES:
            return written
        made = absolute_url(_LINE_ENDS.sub("", value), self._base)
        return None if made is None else _escaped(made)

    def srcset(self, written: str) -> str | None:
        """Return the candidates of a `srcset` that have an address; None where none has."""
        candidates = []
        for url, descriptor in _candidates(html.unescape(written)):
            absolute = absolute_url(url, self._base)
            if absolute is not None:
                candidates.append(f"{absolute} {descriptor}".strip())
        return _escaped(", ".join(candidates)) or None

    def _beginning(self, climbing: str) -> str:
        """Return the folder that a plain path begins with, which a body's links share; empty where it is not plain."""
        known = self._beginnings.get(climbing)
        if known is None:
            made = (absolute_url(f"{climbing}x", self._base) or "").removesuffix("x")
            plain = made.endswith("/") and "&" not in made and len(made) < 2_000
            known = self._beginnings[climbing] = made if plain else ""
        return known


def _candidates(text: str) -> Iterator[tuple[str, str]]:
    """Yield the candidates of a `srcset`, each with its descriptor, if any (HTML §4.8.4.2.1)."""
    at = 0
    while (found := _CANDIDATE.match(text, at)) is not None:
        url, at = found[1], found.end()
        bare, descriptor = url.rstrip(","), ""
        if bare == url and (rest := _TO_COMMA.match(text, at)) is not None:
            descriptor, at = rest[1].strip(), rest.end()
        if bare and (not descriptor or _DESCRIPTOR.fullmatch(descriptor)):
            yield bare, descriptor


def _escaped(address: str) -> str:
    """Return an absolute URL as an attribute's value: of all that HTML escapes there, it has only ampersands."""
    return address.replace("&", "&amp;")
