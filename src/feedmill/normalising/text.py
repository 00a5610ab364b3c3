"""Plain text out of text with markup."""

from __future__ import annotations

import html
import re
import unicodedata

from feedmill.characters import xml_legal
from feedmill.expressions import expression

_SPACE = expression(r"[ \t\n\r\f\v\u0085\u2028\u2029]+")
_TAG_NAMES = (
    "a abbr acronym address article aside audio b base bdi bdo big blockquote body br button canvas caption "
    "center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset "
    "figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe "
    "img input ins kbd label legend li link main map mark marquee menu meta meter nav noframes noscript object "
    "ol optgroup option output p param picture pre progress q rp rt ruby s samp script search section select "
    "slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th "
    "thead time title tr track tt u ul var video wbr"
).split()
# No pattern looks past the next `<`: time stays linear on hostile text.
_TAG = expression(
    r"<(?:!--[^<]*?-->|(?P<close>/?)(?P<name>" + "|".join(_TAG_NAMES) + r")(?=[\s/>])(?P<more>[^<>]*)>)", re.IGNORECASE
)
_EMPTY = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
_UNSEEN = expression(r"<(script|style|template)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)


def is_plain(text: str) -> bool:
    """Whether a text is plain already, but for spaces around it, and has nothing of a template: most are.

    No character that can be printed is illegal in XML, or white space other than the space itself.
    """
    return (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and "  " not in text
        and "{" not in text
        and "}" not in text
    )


def plain_text(text: str) -> str:
    """Return one line of plain text: HTML markup removed, references decoded once, white space collapsed.

    A tag is markup when its element is closed, when it has attributes, or when it stands right beside a letter; a lone
    one that stands like a word is a word: `How the <details> element works`. Only names of HTML elements count at all,
    so that `vector<int>` and `a < b` stay what they are, and what is written as `&lt;b&gt;` is no tag.
    """
    if is_plain(text):
        return text.strip()
    text = xml_legal(text)
    if "<" in text:
        text = _without_tags(_UNSEEN.sub(" ", text))
    if "&" in text:
        text = xml_legal(html.unescape(text))
    return _SPACE.sub(" ", text).strip()


def _without_tags(text: str) -> str:
    found = list(_TAG.finditer(text))
    markup: set[int] = set()
    opened: dict[str, list[int]] = {}
    for number, tag in enumerate(found):
        name = (tag["name"] or "").lower()
        if not name or (tag["more"].strip(" /") and not tag["close"]) or "/" in tag["more"] or _is_beside_a_letter(tag):
            markup.add(number)
        if not name or name in _EMPTY:
            continue
        if not tag["close"]:
            opened.setdefault(name, []).append(number)
        elif opened.get(name):
            markup.update((opened[name].pop(), number))
    made, at = [], 0
    for number, tag in enumerate(found):
        if number in markup:
            made += [text[at : tag.start()], _gap(tag)]
            at = tag.end()
    return "".join((*made, text[at:]))


def _gap(tag: re.Match[str]) -> str:
    name = tag["name"]
    return "" if name is None or name.lower() in _INLINE else " "


def _is_beside_a_letter(tag: re.Match[str]) -> bool:
    before, after = tag.string[tag.start() - 1 : tag.start()], tag.string[tag.end() : tag.end() + 1]
    return before.isalnum() or after.isalnum() or "<" in after or ">" in before


def is_visible(text: str) -> bool:
    """Whether a text shows anything: not only spaces, joiners and marks of direction."""
    return text[:1].isalnum() or any(unicodedata.category(character)[0] not in "CZ" for character in text)


def shorten(text: str, most: int) -> str:
    """Return at most `most` characters of a text, with an ellipsis where it is cut.

    It is cut between graphemes (Unicode Annex 29), and between words where one ends in the last fifth: a Chinese or
    Thai text has few spaces, and would lose most of itself.
    """
    if len(text) <= most:
        return text
    cut = text[: _last_grapheme(text, most - 1)]
    space = cut.rfind(" ")
    if space >= len(cut) * 4 // 5:
        cut = cut[:space]
    return cut.rstrip(" ,;:–—-、，；：") + "…"


def _last_grapheme(text: str, most: int) -> int:
    """Return where the last grapheme ends that ends within `most` characters; `most` where the first is longer."""
    if text[: most + 1].isascii():
        return most
    import regex  # few texts are cut

    end = 0
    for grapheme in regex.finditer(r"\X", text[: most + 1]):
        if grapheme.end() > most:
            break
        end = grapheme.end()
    return end or most
