"""A shortcode → the HTML or Markdown that a reader shows: images, embeds as titled links, code blocks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

import pyromark

from feedmill.expressions import expression
from feedmill.normalising.shortcodes import Shortcode

_IMAGE_NAME = expression(r"(?:^|[-_/.])(?:figure|fig|img|image|picture|photo)s?(?:[-_/.]|$)|^(?:fig|img|image)")
_WIDTHS = expression(r"[0-9]{1,5}")
_PLACEHOLDER = expression(r"(=\s*[\"'][^\"'{}]*)?\{([\w.-]+)\}")
_EMPTY = expression(r"<(figcaption|p|cite|blockquote|figure|a|span|em|strong)(?: [^<>]*)?></\1>")
_FENCE = expression(r"`{3,}")


def embed_of(tag: Shortcode) -> str | None:
    """Return the HTML of a single shortcode of a kind that every site means alike; None for other names."""
    name = tag.name.rpartition("/")[2].removesuffix(".html").removesuffix(".liquid")
    if tag.name == "include" and tag.positional:
        name = tag.positional[0].rpartition("/")[2].partition(".")[0]
        tag = Shortcode(tag.start, tag.end, tag.kind, name, named=tag.named, positional=tag.positional[1:])
    maker = _MAKERS.get(name)
    if maker is not None:
        return maker(tag)
    if _IMAGE_NAME.search(name):
        return _figure(tag)
    return None


def _figure(tag: Shortcode) -> str | None:
    source = tag.first("src", "url", "path", "image_path", "image", "file")
    if not source:
        return None
    alt = tag.get("alt", "alt_text") or _plain(tag.get("caption", "title"))
    attributes = "".join(
        f' {name}="{tag.get(name)}"' for name in ("width", "height") if _WIDTHS.fullmatch(tag.get(name))
    )
    image = f'<img src="{html.escape(source)}" alt="{html.escape(alt)}"{attributes}>'
    link = tag.get("link", "href")
    if link:
        image = f'<a href="{html.escape(link)}">{image}</a>'
    said = [tag.get("title") if tag.get("caption") != tag.get("title") else "", tag.get("caption"), tag.get("attr")]
    caption = "<br>".join(inline_markdown(text) for text in said if text)
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>" if caption else f"<figure>{image}</figure>"


def _link(url: str, title: str) -> str:
    return f'<p><a href="{html.escape(url)}">{html.escape(title)}</a></p>'


def _video_page(base: str, service: str) -> Callable[[Shortcode], str | None]:
    def make(tag: Shortcode) -> str | None:
        video = tag.first("id", "video", "videoid", "video_id")
        if not video:
            return None
        url = video if video.startswith("https://") else base + video
        return _link(url, tag.get("title", "alt") or f"Watch on {service}")

    return make


def _tweet(tag: Shortcode) -> str | None:
    numbers = [word for word in (tag.get("id"), *tag.positional) if re.fullmatch(r"[0-9]{3,25}", word)]
    links = [word for word in (tag.get("url"), *tag.positional) if word.startswith("https://")]
    if links:
        return _link(links[0], tag.get("title") or "See the post on X")
    if not numbers:
        return None
    user = tag.get("user") or next((word for word in tag.positional if word not in numbers), "i")
    return _link(f"https://x.com/{user}/status/{numbers[0]}", tag.get("title") or "See the post on X")


def _instagram(tag: Shortcode) -> str | None:
    post = tag.first("id")
    return (
        _link(f"https://www.instagram.com/p/{post}/", tag.get("title") or "See the post on Instagram") if post else None
    )


def _gist(tag: Shortcode) -> str | None:
    words = [tag.get("user"), tag.get("id"), *tag.positional]
    path = "/".join([word for word in words if word][:2])
    return _link(f"https://gist.github.com/{path}", tag.get("title") or "See the code on GitHub") if path else None


def _player(element: str) -> Callable[[Shortcode], str | None]:
    def make(tag: Shortcode) -> str | None:
        source = tag.first("src", "url", "file", "path")
        if not source or ("." not in source and "/" not in source):
            return None
        title = html.escape(tag.get("title", "caption", "alt") or source.rpartition("/")[2])
        address = html.escape(source)
        return f'<{element} src="{address}" controls><a href="{address}">{title}</a></{element}>'

    return make


_MAKERS: Mapping[str, Callable[[Shortcode], str | None]] = {
    "youtube": _video_page("https://www.youtube.com/watch?v=", "YouTube"),
    "youtubeplayer": _video_page("https://www.youtube.com/watch?v=", "YouTube"),
    "vimeo": _video_page("https://vimeo.com/", "Vimeo"),
    "tweet": _tweet,
    "twitter": _tweet,
    "twitter_simple": _tweet,
    "x": _tweet,
    "instagram": _instagram,
    "gist": _gist,
    "audio": _player("audio"),
    "video": _player("video"),
    "figure": _figure,
}


def code_block(code: str, language: str, *, markdown: bool) -> str:
    """Return what `highlight` encloses as a code block."""
    code = code.strip("\n")
    if not markdown:
        return f"<pre><code>{html.escape(code, quote=False)}</code></pre>"
    fence = "`" * (max((len(found) for found in _FENCE.findall(code)), default=2) + 1)
    return f"{fence}{re.sub(r'[^A-Za-z0-9_+#.-]', '', language)}\n{code}\n{fence}"


def fill_template(template: str, tag: Shortcode, inner: str, *, markdown: bool) -> str:
    """Return a site's own template with a shortcode's arguments: `{src}`, `{alt}`, `{0}`, `{inner}`.

    Arguments are escaped in attributes and read as inline Markdown elsewhere. One that is not given is empty, and an
    element of the template with nothing else in it goes with it.
    """

    def fill(place: re.Match[str]) -> str:
        before, name = place[1] or "", place[2]
        if name == "inner":
            return before + (f"\n\n{inner.strip()}\n\n" if markdown and "\n" in inner else inner)
        value = tag.positional[int(name)] if name.isdigit() and int(name) < len(tag.positional) else ""
        value = value or tag.named.get(name.lower(), "")
        return before + (html.escape(value) if before else inline_markdown(value))

    return _EMPTY.sub("", _PLACEHOLDER.sub(fill, template))


def inline_markdown(text: str) -> str:
    """Return a line of Markdown as inline HTML."""
    rendered = pyromark.html(" ".join(text.split())).strip()
    if rendered.startswith("<p>") and rendered.endswith("</p>") and rendered.count("<p>") == 1:
        return rendered[3:-4]
    return rendered


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", inline_markdown(text))).split()) if text else ""
