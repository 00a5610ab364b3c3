"""What a browser's parser finds in documents: elements, attributes and addresses that could run."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import html5lib
from lxml import etree

from tests.parts import ROOT

_RUNNING = frozenset(
    "script iframe frame frameset object embed applet form input button select textarea base link meta style svg "
    "mglyph malignmark annotation-xml maction template noscript noembed noframes xmp plaintext portal dialog marquee "
    "isindex image title body html head".split()
)
_PAGE = frozenset("link meta style svg title body html head".split())
"""What Feedmill's own pages are made of, and bodies are not."""
_ADDRESSES = frozenset(
    "href src action formaction data cite poster background longdesc usemap codebase classid profile manifest icon "
    "dynsrc lowsrc xlink:href ping".split()
)
_SAFE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_SAFE_LINK = re.compile(
    r"(?:https?://|(?:mailto|tel|sms|geo|xmpp|magnet|ftp|gemini|gopher|ircs?|matrix|webcal|news|nntp|bitcoin|nostr):)",
    re.IGNORECASE,
)
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
ATOM = "{http://www.w3.org/2005/Atom}"


@cache
def _own_script() -> str:
    return (ROOT / "src/feedmill/rendering/templates/page.js").read_text("utf-8").strip()


def dangers(markup: str, *, page: bool = False) -> Iterator[str]:
    """Yield what could run in HTML as html5lib, which follows the standard's parsing rules, understands it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        root = parser.parse(markup) if page else parser.parseFragment(markup)
    forbidden = _RUNNING - _PAGE if page else _RUNNING
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2].lower()
        if page and tag == "script" and not element.attrib and (element.text or "").strip() == _own_script():
            continue  # the one that pages have of their own
        if tag in forbidden:
            yield f"<{tag}>"
        for name, value in element.attrib.items():
            name = str(name).rpartition("}")[2].lower()
            if name.startswith("on") or name in ("style", "srcdoc"):
                yield f"<{tag} {name}={value[:50]}>"
            safe = _SAFE_LINK if (tag, name) == ("a", "href") else _SAFE
            if name in _ADDRESSES and not safe.match(re.sub(r"[\x00-\x20\x7f-\xa0\u2000-\u200f]", "", value)):
                yield f"<{tag} {name}={value[:50]!r}>"
            if name in ("srcset", "imagesrcset") and re.search(r"(?:java|vb)script|data:", value, re.IGNORECASE):
                yield f"<{tag} {name}={value[:50]!r}>"


def markups(path: Path) -> Iterator[str]:
    """Yield every text of a feed document that a reader takes for HTML."""
    if path.suffix == ".json":
        for item in json.loads(path.read_bytes())["items"]:
            yield item.get("content_html", "")
    elif path.suffix == ".atom":
        for element in etree.parse(path).iter(*(f"{ATOM}{name}" for name in ("content", "summary", "title", "rights"))):
            if element.get("type") == "html":
                yield element.text or ""
            else:
                assert element.get("type") in (None, "text")
    elif path.suffix == ".rss":
        for item in etree.parse(path).iter("item"):
            yield from (element.text or "" for element in item.iter(CONTENT, "description"))


def dangers_in(feeds: Path) -> tuple[list[str], int]:
    """Return what could run in all documents of a site, and how many texts were looked at; each is looked at once."""
    found: list[str] = []
    seen: set[str] = set()
    for path in sorted(feeds.rglob("*")):
        if path.suffix == ".html":
            found += [f"{path.name}: {danger}" for danger in dangers(path.read_text("utf-8"), page=True)]
        elif path.suffix in (".atom", ".rss", ".json") and path.name != "manifest.json":
            for markup in markups(path):
                if markup not in seen:
                    seen.add(markup)
                    found += [f"{path.name}: {danger}" for danger in dangers(markup)]
    return found, len(seen)
