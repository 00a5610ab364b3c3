"""What the grammars say of texts by patterns → whether a document keeps it.

libxml2 compiles a pattern again for each text that it is held to, which takes longer than all the rest of a grammar.
Here each is compiled once, and somewhat narrower: what does not match may follow the grammar nevertheless.
"""

from __future__ import annotations

import re

from lxml.etree import _Element

from feedcheck.names import ATOM_NAMESPACE, MEDIA_NAMESPACE, XML_NAMESPACE
from feedmill.expressions import expression

_ADDRESS = expression(r"https?://\S+")
_FILLED = expression(r"\s*\S.*", re.DOTALL)
_LANGUAGE = expression(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = expression(r"[^/\s;]+/[^/\s;]+")
_MOMENT = expression(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+\-][0-9]{2}:[0-9]{2})")
_MAIL_DATE = expression(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "
    r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})? (?:[+\-][0-9]{4}|GMT)"
)
_ID = expression(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_EMAIL = expression(r"[^@\s]+@[^@\s]+")
_CONTENT_TYPE = expression("text|html")
_NEVER = expression(r"(?!)")

_ATOM, _DC, _MEDIA = f"{{{ATOM_NAMESPACE}}}", "{http://purl.org/dc/elements/1.1/}", f"{{{MEDIA_NAMESPACE}}}"
_IN_ATOM = {
    f"{_ATOM}id": _ID,
    f"{_ATOM}updated": _MOMENT,
    f"{_ATOM}published": _MOMENT,
    f"{_ATOM}name": _FILLED,
    f"{_ATOM}email": _EMAIL,
}
_IN_RSS = {
    **dict.fromkeys(("title", "guid", f"{_DC}creator"), _FILLED),
    **dict.fromkeys(("link", "comments", "docs", "url"), _ADDRESS),
    **dict.fromkeys(("language", f"{_DC}language"), _LANGUAGE),
    **dict.fromkeys(("pubDate", "lastBuildDate"), _MAIL_DATE),
    **dict.fromkeys(("author", "managingEditor", "webMaster"), _NEVER),
}
_ATTRIBUTES = {
    (f"{_ATOM}link", "type"): _MEDIA_TYPE,
    (f"{_ATOM}link", "hreflang"): _LANGUAGE,
    (f"{_ATOM}content", "type"): _CONTENT_TYPE,
    (f"{_MEDIA}content", "url"): _ADDRESS,
    (f"{_MEDIA}content", "type"): _MEDIA_TYPE,
    (f"{_MEDIA}thumbnail", "url"): _ADDRESS,
    ("enclosure", "url"): _ADDRESS,
    ("enclosure", "type"): _MEDIA_TYPE,
    ("source", "url"): _ADDRESS,
}
_LANG = f"{{{XML_NAMESPACE}}}lang"


def keeps_patterns(root: _Element) -> bool:
    """Whether every text of a document surely matches the pattern that its grammar has for it.

    The text of an element is what stands before its first child; the rest of the grammar sees to it that it has none.
    """
    texts = _IN_RSS if root.tag == "rss" else _IN_ATOM
    for element in root.iter("*"):
        tag = str(element.tag)
        pattern = texts.get(tag)
        if pattern is not None:
            text = element.text or ""
            if not pattern.fullmatch(text):
                return False
            if tag == "guid" and element.get("isPermaLink") != "false" and not _ADDRESS.fullmatch(text):
                return False
        for name, value in element.items():
            form = _LANGUAGE if name == _LANG else _ATTRIBUTES.get((tag, str(name)))
            if form is not None and not form.fullmatch(str(value)):
                return False
    return True
