"""HTML that readers would show less of → HTML that says the same in elements they have; and what is lost all the same.

Sanitising comes afterwards: nothing here has to be safe, only to keep words, pictures and addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from feedmill.expressions import expression

if TYPE_CHECKING:
    from lxml.html import HtmlElement as _Element

_NAMED = expression(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_STAYING = frozenset({"amp", "lt", "gt", "quot"})
_ALIGNED = expression(r"(?:^|;)\s*text-align\s*:\s*(left|right|center)\s*(?:;|$)", re.IGNORECASE)
_YOUTUBE = expression(
    r"https?://(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com/(?:embed/|shorts/|v/|watch\?v=)|youtu\.be/)([\w-]{6,20})"
)
_VIMEO = expression(r"https?://(?:player\.)?vimeo\.com/(?:video/)?(\d{3,15})")
_GIST = expression(r"(https://gist\.github\.com/[\w.-]+/[0-9a-f]+)\.js")
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url", "data-hi-res-src", "data-full-src")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
_OTHER_NAMES = {
    "center": "div", "main": "div", "header": "div", "footer": "div", "nav": "div", "hgroup": "div", "search": "div",
    "form": "div", "fieldset": "div", "legend": "p", "dialog": "div", "menu": "ul", "dir": "ul", "listing": "pre",
    "xmp": "pre", "plaintext": "pre", "strike": "s", "tt": "code", "big": "span", "label": "span", "acronym": "abbr",
    "marquee": "div", "output": "span", "option": "span",
}  # fmt: skip
"""What stands for elements that sanitising would unwrap, joining the words around them, or that have a newer name."""
_PICTURES = frozenset({"img", "svg", "canvas", "video", "audio"})
_HANDLER = expression(r"on[a-z]{3,}")
_SAYING = frozenset({"background", "data", "code", "archive", "longdesc", "usemap", "srcdoc", "formaction", "action"})
"""Attributes with an address or words in them, which no reader is given."""


class Loss(Struct, frozen=True):
    """Something that readers are not given: of which element or attribute, how often, and whether it says anything.

    What says nothing (a style, a class, an element that only groups) is harmless. Of an address, `written` is what the
    story has.
    """

    what: str
    element: str
    count: int = 1
    harmless: bool = False
    written: str = ""


def may_need_rewriting(markup: str) -> bool:
    """Whether HTML may hold what readers would be given less of. Where nobody wrote any HTML it does not."""
    return bool(_HINT.search(markup))


_HINT = expression(
    r"<(?:noscript|iframe|object|embed|applet|frame|svg|math|script|style|base|template|textarea|select|input|button"
    r"|center|main|header|footer|nav|hgroup|search|form|fieldset|legend|dialog|menu|dir|listing|xmp|plaintext|strike"
    r"|tt|big|label|acronym|marquee|output|option|canvas|map|font|video|audio|picture)\b"
    r"|\sdata-|\s(?:style|background|longdesc|usemap)\s*=|\son[a-z]{3,}\s*=",
    re.IGNORECASE,
)


def rewrite(markup: str, url: str) -> tuple[str, list[Loss], str]:
    """Return HTML in elements that readers have, what is lost, and the address against which the rest is resolved.

    `url` is the story's own address, which `<base href>` may replace.
    """
    from lxml import etree  # most stories need none of this
    from lxml.html import HTMLParser, fragment_fromstring

    parser = HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
    try:
        root = fragment_fromstring(_NAMED.sub(_character, markup).encode("utf-8"), create_parent="div", parser=parser)
    except (etree.ParserError, ValueError):
        return markup, [], url
    made = _Rewriting(root, url)
    made.run()
    text = etree.tostring(root, method="html", encoding="unicode")
    return text.removeprefix("<div>").removesuffix("</div>"), made.losses(), made.base


def _character(named: re.Match[str]) -> str:
    """Write a character as itself: libxml2 knows only the names of HTML 4."""
    return named[0] if named[1] in _STAYING else html5.get(f"{named[1]};", named[0])


class _Rewriting:
    def __init__(self, root: _Element, url: str) -> None:
        self._root, self.base = root, url
        self._lost: dict[tuple[str, str, bool], int] = {}

    def run(self) -> None:
        for element in list(self._all("base")):
            self.base = urljoin(self.base, element.get("href") or "")
            break
        for element in list(self._root.iter("img", "source", "iframe", "video", "audio")):
            _eager(element)
        self._unwrap_noscripts()
        for name, change in (
            ("script", self._script),
            ("svg", self._svg),
            ("math", _math),
            ("iframe", self._frame),
            ("frame", self._frame),
            ("embed", self._frame),
            ("object", self._object),
            ("applet", self._object),
            ("picture", _picture),
            ("video", _player),
            ("audio", _player),
            ("textarea", self._field),
            ("select", self._field),
            ("input", self._field),
        ):
            for element in list(self._all(name)):
                change(element)
        for element in self._root.iter():
            if not isinstance(element.tag, str):
                continue
            style = element.get("style")
            aligned = _ALIGNED.search(style) if style and element.tag in ("td", "th") else None
            if aligned is not None:
                element.set("align", aligned[1].lower())
                del element.attrib["style"]
            element.tag = _OTHER_NAMES.get(element.tag, element.tag)
        self._look_at_what_goes()

    def losses(self) -> list[Loss]:
        """Return what is lost, by kind."""
        return [Loss(what, element, count, harmless) for (what, element, harmless), count in self._lost.items()]

    def _all(self, name: str) -> Iterator[_Element]:
        yield from self._root.iter(name)

    def _lose(self, what: str, element: str, *, harmless: bool = False) -> None:
        key = what, element, harmless
        self._lost[key] = self._lost.get(key, 0) + 1

    def _unwrap_noscripts(self) -> None:
        """Show what stands for scripts: no reader runs any. Not a picture that a lazy one beside it shows already."""
        found = list(self._all("noscript"))
        images = [image for each in found for image in each.iter("img")]
        hidden = set(images)
        shown = {image.get("src") for image in self._all("img") if image not in hidden} if images else set()
        for image in images:
            if image.get("src") in shown:
                image.drop_tree()
        for element in found:
            element.drop_tag()

    def _svg(self, element: _Element) -> None:
        """Put the words of a drawing in its place."""
        words = [" ".join("".join(each.itertext()).split()) for each in element.iter("title", "desc", "text")]
        said = " ".join(dict.fromkeys(filter(None, [*words, element.get("aria-label") or ""])))
        if not said:
            self._lose("drawing", "svg", harmless=element.get("aria-hidden") == "true")
        _replace(element, "span", said)

    def _frame(self, element: _Element) -> None:
        """Put a link in place of what is embedded from elsewhere, with its picture where the address names it."""
        address = (element.get("src") or "").strip()
        link = _linked(address, element.get("title") or element.get("aria-label") or "", self.base)
        if link is None:
            self._lose("frame", str(element.tag), harmless=not (address or element.get("srcdoc")))
            element.drop_tree()
        else:
            _swap(element, link)

    def _script(self, element: _Element) -> None:
        gist = _GIST.match(element.get("src") or "")
        if gist is not None:
            _swap(element, _paragraph_to(gist[1], "See the code on GitHub"))
            return
        self._lose("script", "script", harmless=element.get("type") in ("application/ld+json", "application/json"))
        element.drop_tree()

    def _object(self, element: _Element) -> None:
        """Show the fallback of a plug-in; a link to what it would show where it has none."""
        for param in list(element.iter("param")):
            param.drop_tree()
        has_words = bool("".join(element.itertext()).strip()) or element.find(".//img") is not None
        if has_words or element.find(".//a") is not None:
            element.tag = "div"
            element.attrib.clear()
            return
        kind, address = element.get("type") or "", element.get("data") or element.get("code") or ""
        if kind.startswith("image/") and address:
            image = _new("img", src=address, alt=element.get("title") or element.get("aria-label") or "")
            _swap(element, image)
            return
        link = _linked(address, element.get("title") or element.get("aria-label") or "", self.base)
        if link is None:
            self._lose("plug-in", str(element.tag), harmless=not address)
            element.drop_tree()
        else:
            _swap(element, link)

    def _field(self, element: _Element) -> None:
        """Take out what only a form could use, and say so where it shows words."""
        if next(element.iterancestors("select", "textarea"), None) is not None:
            return  # it goes with that
        kind = element.get("type") or ""
        if element.tag == "input" and kind == "checkbox":
            _replace(element, "span", "☑ " if "checked" in element.attrib else "☐ ")
            return
        words = "".join(element.itertext()).strip() or (element.get("value") if kind != "hidden" else "") or ""
        self._lose("form field", str(element.tag), harmless=not words)
        element.drop_tree()

    def _look_at_what_goes(self) -> None:
        for element in self._root.iter():
            if not isinstance(element.tag, str):
                continue
            if element.tag in ("style", "link", "meta", "title", "template", "noembed", "noframes"):
                has_picture = any(each.tag in _PICTURES for each in element.iter())
                words = element.tag not in ("style", "link", "meta") and "".join(element.itertext()).strip()
                name = "style sheet" if element.tag == "style" else element.tag
                self._lose(name, element.tag, harmless=not (words or has_picture))
            elif element.tag == "canvas" and not "".join(element.itertext()).strip():
                self._lose("canvas", "canvas")
            for name, value in element.attrib.items():
                key = str(name)
                if _HANDLER.fullmatch(key):
                    self._lose("event handler", element.tag)
                elif key in _SAYING and value.strip():
                    self._lose(f"{key} attribute", element.tag)
                elif key in ("style", "class", "id") or key.startswith(("data-", "aria-")):
                    self._lose(f"{key.partition('-')[0]} attribute", element.tag, harmless=True)


def _eager(element: _Element) -> None:
    """Show a picture that a script would have loaded, not what stands for it until then."""
    for name in _LAZY:
        value = (element.get(name) or "").strip()
        if value and not value.startswith("data:"):
            element.set("src", value)
            break
    for name in _LAZY_SETS:
        value = (element.get(name) or "").strip()
        if value:
            element.set("srcset", value)
            break
    if element.tag == "img" and not element.get("src") and element.get("srcset"):
        element.set("src", _first_candidate(element.get("srcset") or ""))


def _first_candidate(srcset: str) -> str:
    return next(iter(srcset.split()), "").strip(",")


def _picture(element: _Element) -> None:
    """Give a choice of pictures the one that every reader can show."""
    if element.find(".//img") is None:
        source = element.find(".//source[@srcset]")
        if source is not None:
            element.append(_new("img", src=_first_candidate(source.get("srcset") or ""), alt=""))


def _player(element: _Element) -> None:
    """Give a player that readers may not have a link to what it plays."""
    source = element.find("source")
    address = element.get("src") or (source.get("src") if source is not None else "") or ""
    has_words = bool("".join(element.itertext()).strip()) or element.find(".//a") is not None
    if address and not has_words:
        title = element.get("title") or element.get("aria-label") or urlsplit(address).path.rpartition("/")[2]
        link = _new("a", href=address)
        link.text = title or address
        element.append(link)
    if address:
        element.set("controls", "")


def _math(element: _Element) -> None:
    """Let the text of a formula stand with it, for readers that show no MathML."""
    said = element.get("alttext")
    if said and not any(True for _ in element.iter("annotation")):
        holder, row, note = _new("semantics"), _new("mrow"), _new("annotation", encoding="application/x-tex")
        note.text = said
        row.text = element.text
        row.extend(list(element))
        holder.extend([row, note])
        element.text = None
        element.append(holder)


def _linked(address: str, title: str, base: str) -> _Element | None:
    """Return a paragraph that leads to something embedded; None where the address is not on the web."""
    url = urljoin(base, address.strip()) if address.strip() else ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    picture, host = "", parts.hostname.removeprefix("www.")
    youtube, vimeo = _YOUTUBE.match(url), _VIMEO.match(url)
    if youtube is not None:
        url, host = f"https://www.youtube.com/watch?v={youtube[1]}", "YouTube"
        picture = f"https://i.ytimg.com/vi/{youtube[1]}/hqdefault.jpg"
    elif vimeo is not None:
        url, host = f"https://vimeo.com/{vimeo[1]}", "Vimeo"
    words = title.strip() or (f"Watch on {host}" if host in ("YouTube", "Vimeo") else f"See it on {host}")
    return _paragraph_to(url, words, picture)


def _paragraph_to(url: str, words: str, picture: str = "") -> _Element:
    paragraph, link = _new("p"), _new("a", href=url)
    if picture:
        image = _new("img", src=picture, alt="")
        image.tail = words
        link.append(image)
    else:
        link.text = words
    paragraph.append(link)
    return paragraph


def _new(name: str, **attributes: str) -> _Element:
    from lxml.html import Element

    made: _Element = Element(name)
    for key, value in attributes.items():
        made.set(key, value)
    return made


def _replace(element: _Element, name: str, words: str) -> None:
    made = _new(name)
    made.text = words
    _swap(element, made)


def _swap(element: _Element, other: _Element) -> None:
    parent = element.getparent()
    if parent is not None:
        other.tail, element.tail = element.tail, None
        parent.replace(element, other)
