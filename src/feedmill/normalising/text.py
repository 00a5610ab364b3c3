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
# Neither pattern looks past the next `<`: time stays linear on hostile text.
_TAG = expression(r"<(?:!--[^<]*?-->|/?(?P<name>" + "|".join(_TAG_NAMES) + r")(?=[\s/>])[^<>]*>)", re.IGNORECASE)
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
    """Return one line of plain text: references decoded once, HTML tags removed, white space collapsed.

    Only the names of HTML elements count as tags, so that `vector<int>` and `a < b` stay what they are.
    """
    if is_plain(text):
        return text.strip()
    text = xml_legal(text)
    if "&" in text:
        text = xml_legal(html.unescape(text))
    if "<" in text:
        text = _TAG.sub(_gap, _UNSEEN.sub(" ", text))
    return _SPACE.sub(" ", text).strip()


def _gap(tag: re.Match[str]) -> str:
    name = tag["name"]
    return "" if name is None or name.lower() in _INLINE else " "


def is_visible(text: str) -> bool:
    """Whether a text shows anything: not only spaces, joiners and marks of direction."""
    return text[:1].isalnum() or any(unicodedata.category(character)[0] not in "CZ" for character in text)


def shorten(text: str, most: int) -> str:
    """Return at most `most` characters of a text, ending between words and with an ellipsis if cut."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…"
