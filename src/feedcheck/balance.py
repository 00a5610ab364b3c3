"""HTML's tags → what is wrong with how they nest (HTML, 13.1.2.4 and 13.2.6)."""

from __future__ import annotations

import re

from feedcheck.regex import expression

_TOKEN = expression(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
_CUT_OFF = expression(r"<[a-zA-Z/][^<>]*\Z")
_MAX_DEPTH = 512
VOID = frozenset(
    "area base basefont br col command embed frame hr img input keygen link meta param source track wbr".split()
)
_END_MAY_LACK = frozenset(
    "body colgroup dd dt html li optgroup option p rb rp rt rtc tbody td tfoot th thead tr".split()
)
_ENDS_PARAGRAPH = frozenset(
    "address article aside blockquote center details dialog dir div dl dt dd fieldset figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section summary table ul".split()
)
_ENDS_SAME = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "option": frozenset({"option"}),
    "rt": frozenset({"rt", "rp"}),
    "rp": frozenset({"rt", "rp"}),
}
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"})


def imbalance(markup: str) -> str:
    """Return what is wrong with how tags open and close, in words; "" when nothing is."""
    if _CUT_OFF.search(markup):
        return "a tag has no end"
    open_: list[str] = []
    raw = ""
    for token in _TOKEN.finditer(markup):
        name = (token.group(2) or "").lower()
        if not name or (raw and not (token.group(1) and name == raw)):
            continue
        raw = ""
        if token.group(1):
            wrong = _close(name, open_)
            if wrong:
                return wrong
        elif name not in VOID:
            wrong = _open(name, open_)
            if wrong:
                return wrong
            raw = name if name in _RAW else ""
    left = next((name for name in reversed(open_) if name not in _END_MAY_LACK), "")
    return f"<{left}> is not closed" if left else ""


def _open(name: str, open_: list[str]) -> str:
    if name in _ENDS_PARAGRAPH and open_ and open_[-1] == "p":
        open_.pop()
    while open_ and open_[-1] in _ENDS_SAME.get(name, ()):
        open_.pop()
    if name == "a" and "a" in open_:
        return "<a> within <a>"
    open_.append(name)
    return f"{len(open_)} elements within each other" if len(open_) > _MAX_DEPTH else ""


def _close(name: str, open_: list[str]) -> str:
    if name in VOID or name not in open_:
        return f"</{name[:40]}> closes nothing"
    while open_:
        last = open_.pop()
        if last == name:
            return ""
        if last not in _END_MAY_LACK:
            return f"</{name[:40]}> where <{last}> is open"
    return ""
