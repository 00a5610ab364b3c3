"""Pages for people → problems: nothing runs but what the page's own policy names, and every address is absolute."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from lxml.etree import HTMLParser, XPath, _Element, fromstring

from feedcheck.findings import line_of
from feedmill.model import Problem
from feedmill.validating.faults import fault

_IS_WRONG = XPath(
    "//script[@src] or //@*[starts-with(name(), 'on')] or //iframe or //object or //embed or //base or //form"
    " or //@href[not(starts-with(., 'https://') or starts-with(., 'http://'))]"
    " or //@src[not(starts-with(., 'https://') or starts-with(., 'http://'))]"
)
"""Whether any element has a fault: libxml2 goes through a page sooner than Python does."""
_NOT_ALLOWED = frozenset(("iframe", "object", "embed", "base", "form"))


def page_problems(path: str, content: bytes) -> Iterator[Problem]:
    """Yield the problems of a page.

    A script may stand in it where its Content-Security-Policy (level 3, §2.3.1) names the digest of that script.
    """
    root = fromstring(content, HTMLParser(encoding="utf-8"))
    if root is None or not (root.findtext(".//title") or "").strip():
        yield fault(path, "page-title", "a page without title")
    if root is None:
        return
    allowed = _allowed(root)
    for script in root.iter("script"):
        if script.get("src") is not None or _digest(script.text or "") not in allowed:
            yield _finding(path, script, "SecurityRisk", "<script> is not one that the page's policy names")
    if not _IS_WRONG(root):
        return
    for element in root.iter("*"):
        if element.tag in _NOT_ALLOWED or any(str(name).startswith("on") for name in element.attrib):
            yield _finding(path, element, "SecurityRisk", f"<{element.tag}> may run code")
        for name in ("href", "src"):
            address = element.get(name)
            if address is not None and not address.startswith(("https://", "http://")):
                yield _finding(path, element, "relative-url", f"'{address}' is not absolute")


def _allowed(root: _Element) -> set[str]:
    """Return the sources of scripts that every policy of a page names; none where it has no policy."""
    found: list[set[str]] = []
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").lower() != "content-security-policy":
            continue
        for directive in filter(str.strip, (meta.get("content") or "").split(";")):
            name, *sources = directive.split()
            if name == "script-src":
                found.append(set(sources))
    return set.intersection(*found) if found else set()


def _digest(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode('utf-8', 'surrogatepass')).digest()).decode()}'"


def _finding(path: str, element: _Element, code: str, message: str) -> Problem:
    return fault(path, code, message, line_of(element))
