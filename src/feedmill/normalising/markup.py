"""Story body → clean HTML: rendered, sanitised with nh3, every URL absolute."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from msgspec import Struct

from feedmill.characters import xml_legal
from feedmill.config.content_settings import MARKDOWN
from feedmill.expressions import expression
from feedmill.model import BodyFormat, Image
from feedmill.normalising.linking import LINK_SCHEMES, lost_addresses, with_absolute_addresses
from feedmill.normalising.markdown import Markdown, put_back
from feedmill.normalising.rewriting import Loss, may_need_rewriting, rewrite

MAX_NESTING = 200
MAX_ATTRIBUTES = 500
MAX_REFERENCES = 200_000
MAX_CONTENT_BYTES = 8_000_000
"""libxml2, which every other reader uses too, takes no text longer than 10 MB."""

_TAGS = set(
    "a abbr address article aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn "
    "div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s "
    "samp section small source span strong sub summary sup table tbody td tfoot th thead time tr track tt u ul "
    "var video wbr data".split()
)
# MathML Core, without what may hold HTML again: <annotation-xml>, <maction>.
_TAGS |= set(
    "math annotation mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle "
    "msub msubsup msup mtable mtd mtext mtr munder munderover semantics".split()
)
# Elements whose content is not text for readers: it goes with them.
_UNSEEN = set("script style title template textarea select object iframe svg annotation-xml noembed noframes".split())
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang", "rel", "type"},
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "annotation": {"encoding"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "data": {"value"},
    "li": {"value"},
    "math": {"display", "alttext"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "srcset", "sizes", "type", "media"},
    "td": {"colspan", "rowspan", "headers", "align"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr", "align"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label"},
    "video": {"src", "controls", "poster", "width", "height"},
}
_SCHEMES = {"http", "https", *LINK_SCHEMES}

_HTML_BODY = expression(r"<body\b[^<>]*>(.*?)(?:</body\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG_EDGE = expression(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)(?=[\s/>])")
# Elements that never nest by themselves: they are empty, or the next one of their kind closes them.
_FLAT = frozenset(
    "area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot "
    "option optgroup rp rt colgroup caption".split()
)
# nh3's output is regular: every attribute is quoted, every reference numbered or named.
_TAG = expression(r"<[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>")
_INLINE_EDGE = expression(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|u|var|wbr)"
    r"(?:\s[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*)?>"
)
_IMAGE = expression(r'<img\b[^<>]*?\ssrc="([^"]*)"')
_SIZE = expression(r"-\d{2,5}x\d{2,5}(?=\.[a-zA-Z]{3,4}$)")
_CODE_CLASS = expression(r"\blanguage-[A-Za-z0-9_+#.-]{1,40}")

_SUBSTITUTION = expression(r"\.\.[ \t]+\|([^|\n]{1,200})\|[ \t]+replace::(.*)")
_SUBSTITUTED = expression(r"\|([^|\n]{1,200})\|")
_MOST_SUBSTITUTED = 2_000_000
_LONG_TAG_LENGTH = 10_000
_LONG_TAG = expression(rf"<[a-zA-Z][^<>]{{{_LONG_TAG_LENGTH},}}")
_QUOTED = expression(r"\"[^\"]*\"|'[^']*'")


class CleanBody(Struct, frozen=True):
    """A body as readers may be given it, and what they are not given."""

    content: str
    losses: tuple[Loss, ...] = ()


class MarkupError(ValueError):
    """Markup that sanitising would take minutes for. The message says what a story may not have."""


def clean_body(body: str, body_format: BodyFormat, url: str, markdown: Collection[str] = MARKDOWN) -> CleanBody:
    """Return a body as clean HTML. `url` is the story's own address, `markdown` the extensions that count.

    Raises MarkupError for markup that cannot be rendered, or would take minutes.
    """
    held: Mapping[str, str] = {}
    if body_format is BodyFormat.MARKDOWN:
        made = Markdown(xml_legal(body), markdown)
        rendered, held = made.html, made.held
        _check_bounds(rendered)
    else:
        rendered = render_body(body, body_format)
    losses: list[Loss] = []
    if may_need_rewriting(rendered):
        rendered, losses, url = rewrite(rendered, url)
    losses += lost_addresses(rendered, url)
    return CleanBody(put_back(sanitise(rendered, url), held), tuple(losses))


def render_body(body: str, body_format: BodyFormat) -> str:
    """Return a body as HTML that is not yet safe. Raises MarkupError for markup that cannot be rendered."""
    body = xml_legal(body)
    if body_format is BodyFormat.TEXT:
        rendered = _paragraphs(body)
        _check_bounds(rendered)
        return rendered
    if body_format is BodyFormat.RST:
        return _restructured(body)
    if body_format is BodyFormat.MARKDOWN:
        made = Markdown(body)
        rendered = put_back(made.html, made.held)
    else:
        whole = _HTML_BODY.search(body) if "<body" in body or "<BODY" in body else None
        rendered = whole[1] if whole else body
    _check_bounds(rendered)
    return rendered


def sanitise(markup: str, base: str) -> str:
    """Return HTML that a reader may show: known elements and attributes only, every URL absolute.

    Relative URLs, `srcset` candidates too, are resolved against `base`, the story's own address. What is no
    http, https, mailto or tel URL loses its attribute. Raises MarkupError when the result is too large.
    """
    classes = frozenset(_CODE_CLASS.findall(markup)[:1_000]) if "language-" in markup else None
    clean = with_absolute_addresses(_cleaner(classes).clean(markup), base)
    # Character references such as &#1; have become characters by now.
    # NEL is a line's end in XML 1.1 and a control in HTML.
    clean = xml_legal(clean).replace("\x85", "\n").strip()
    if len(clean) > MAX_CONTENT_BYTES // 4 and len(clean.encode()) > MAX_CONTENT_BYTES:
        raise MarkupError(f"as HTML it is larger than {MAX_CONTENT_BYTES:,} bytes")
    return clean


def lead_image(content: str, image: Image | None) -> str:
    """Put the story's image before a body that does not show it: some readers show no other.

    The same picture in another size, or by another scheme, is shown already.
    """
    if image is None or _picture_key(image.url) in {_picture_key(found) for found in _IMAGE.findall(content)}:
        return content
    picture = f'<p><img src="{html.escape(image.url)}" alt="{html.escape(image.alt)}"></p>'
    return f"{picture}\n{content}".rstrip()


def _picture_key(address: str) -> str:
    """Return what addresses of one picture have in common: neither scheme nor query, nor the size in its name."""
    parts = urlsplit(html.unescape(address))
    return _SIZE.sub("", f"{parts.netloc}{parts.path}")


def correction_note(day: str, note: str) -> str:
    """Return a correction as a visible paragraph for the body's head."""
    return f"<p><strong>Correction, {html.escape(day)}:</strong> {html.escape(note)}</p>"


def with_unlinked(content: str, titles: Sequence[str]) -> str:
    """Name related pieces that have no address at a body's end: as links, Atom and RSS could not carry them."""
    if not titles:
        return content
    items = "".join(f"<li>{html.escape(title, quote=False)}</li>" for title in titles)
    return f"{content}\n<p>Related:</p>\n<ul>{items}</ul>".lstrip()


def body_text(content: str) -> str:
    """Return the words of clean HTML on one line: blocks stand apart, inline elements do not."""
    if "<" in content:
        content = _TAG.sub(" ", _INLINE_EDGE.sub("", content))
    return " ".join(html.unescape(content).split())


def _paragraphs(text: str) -> str:
    """Return plain text as HTML: blank lines part paragraphs, other line ends stay line ends."""
    blocks = (block.strip("\n") for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text))
    return "\n".join(
        "<p>" + html.escape(block, quote=False).replace("\n", "<br>\n") + "</p>" for block in blocks if block.strip()
    )


def _restructured(body: str) -> str:
    """Return reStructuredText as HTML. Raises MarkupError when docutils is not installed or gives up."""
    try:
        from docutils.core import publish_parts
        from docutils.utils import SystemMessage
    except ImportError:
        raise MarkupError("reStructuredText needs docutils: pip install 'feedmill[rst]'") from None
    _check_substitutions(body)
    settings = {
        "file_insertion_enabled": False,
        "raw_enabled": False,
        "report_level": 5,
        "halt_level": 4,
        "syntax_highlight": "none",
        "initial_header_level": 2,
        "_disable_config": True,
        "line_length_limit": 100_000,
    }
    try:
        parts = publish_parts(body, writer="html5", settings_overrides=settings)
    except (SystemMessage, RecursionError) as error:
        raise MarkupError(f"docutils cannot read it: {error}") from None
    rendered = str(parts["body"])
    _check_bounds(rendered)
    return rendered


def _check_substitutions(body: str) -> None:
    """Raise MarkupError where substitutions that hold others would make a text too large (docutils has no bound)."""
    sizes: dict[str, int] = {}
    total = 0
    for line in body.split("\n"):
        defined = _SUBSTITUTION.match(line)
        text = defined[2] if defined is not None else line
        size = len(text)
        for name in _SUBSTITUTED.findall(text):
            size += sizes.get(name.lower(), 0)
        if defined is not None:
            sizes[defined[1].lower()] = min(size, _MOST_SUBSTITUTED + 1)
        total += size
        if total > _MOST_SUBSTITUTED:
            raise MarkupError(f"substitutions make it larger than {_MOST_SUBSTITUTED:,} characters")


def _check_bounds(markup: str) -> None:
    """Raise MarkupError for deep nesting and many attributes: HTML parsers need quadratic time for both."""
    if markup.count("&") > MAX_REFERENCES:
        raise MarkupError(f"more than {MAX_REFERENCES:,} ampersands or character references")
    for tag in _LONG_TAG.finditer(markup) if len(markup) > _LONG_TAG_LENGTH else ():
        if len(re.findall(r"[\s/]+", _QUOTED.sub("", tag[0]))) > MAX_ATTRIBUTES:
            raise MarkupError(f"an element has more than {MAX_ATTRIBUTES} attributes")
    if markup.count("<") <= MAX_NESTING:
        return
    opened: dict[str, int] = {}
    depth = 0
    for closing, element in _TAG_EDGE.findall(markup):
        name = element.lower()
        if name in _FLAT:
            continue
        if not closing:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            if depth > MAX_NESTING:
                raise MarkupError(f"elements nest more than {MAX_NESTING} levels deep")
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1


@lru_cache(maxsize=64)
def _cleaner(code_classes: frozenset[str] | None) -> nh3.Cleaner:
    """Return what cleans markup; to make one again for every body takes as long as to clean it."""
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_UNSEEN,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative="pass_through",
        link_rel=None,
        allowed_classes={"code": code_classes} if code_classes is not None else None,
    )
