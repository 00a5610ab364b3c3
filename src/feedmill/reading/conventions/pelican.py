"""Pelican: header lines, HTML `<meta>`, reStructuredText fields, and its default addresses.

Source: docs.getpelican.com, "Writing content".
"""

from __future__ import annotations

import html
import re

from feedmill.expressions import expression
from feedmill.located import Mapping, Scalar, Value
from feedmill.reading.conventions.raw import (
    Interpreted,
    RawStory,
    canonical,
    placed,
    site_path,
    split_words,
    text_of,
    with_value,
    without,
)

_NAMES = {
    "title": ("title",),
    "date": ("date",),
    "updated": ("modified",),
    "slug": ("slug",),
    "url": ("url", "save_as"),
    "summary": ("summary", "description"),
    "authors": ("authors", "author"),
    "topics": ("topics",),
    "categories": ("category",),
    "tags": ("tags", "keywords"),
    "language": ("lang",),
    "status": ("status",),
    "image": ("image", "cover"),
    "series": ("series",),
}
_HEADER_LINE = expression(r"^([A-Za-z_][A-Za-z0-9_-]*):[ \t]*(.*)\n", re.MULTILINE)
_GOES_ON = expression(r"(?: {4}|\t)[ \t]*(\S.*)\n")
_META = expression(r"<meta\s+([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = expression(r"(name|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_TITLE = expression(r"<title[^<>]*>([^<]*)</title>", re.IGNORECASE)
_RST_TITLE = expression(r"(?:\A|\n)([=~#*^\"+-]{3,}\n)?(\S.*)\n([=~#*^\"+-]{3,})\n")
_RST_FIELD = expression(r"^:([A-Za-z_]+):[ \t]+(.*)$", re.MULTILINE)


def interpret(story: RawStory) -> Interpreted:
    """Map Pelican's keys. The folder is the category where none is named; the address is `{slug}.html`."""
    raw, body, line = _headed(story)
    metadata = canonical(raw, _NAMES)
    values: dict[str, Value] = dict(metadata.values)
    for key, separator in (("tags", r"\s*[,;]\s*"), ("authors", r"\s*;\s*" if _has_semicolon(values) else r"\s*,\s*")):
        if key in values:
            values[key] = split_words(values[key], separator)
    folder = story.path.split("/")[0] if "/" in story.path else ""
    if "categories" not in values and folder and folder not in ("posts", "articles"):
        values["categories"] = Scalar(folder)
    metadata = placed(values, metadata)
    status = values.get("status")
    if text_of(status).lower() in ("draft", "hidden", "skip"):
        metadata = with_value(metadata, "draft", "true", at=status)
    metadata = without(metadata, "status")
    url = metadata.values.get("url")
    if url is not None:
        metadata = without(metadata, "url")
    address = site_path(text_of(url)) if url is not None else "{title}.html"
    return Interpreted(metadata, address=address, body=body, body_line=line)


def has_header(text: str) -> bool:
    """Whether a text begins with Pelican's header lines, a title or date among them."""
    first = _HEADER_LINE.match(text)
    if first is None:
        return False
    names = {match[1].lower() for match in _HEADER_LINE.finditer(text.split("\n\n", 1)[0] + "\n")}
    return "title" in names and bool(names & {"date", "category", "tags", "author", "authors", "slug", "modified"})


def _has_semicolon(values: dict[str, Value]) -> bool:
    return ";" in text_of(values.get("authors"))


def _headed(story: RawStory) -> tuple[Mapping, str, int]:
    """Return the metadata of a file, its body, and the line of the body."""
    if story.metadata.values:
        return story.metadata, story.body, story.body_line
    suffix = story.path.rpartition(".")[2].lower()
    if suffix in ("html", "htm"):
        return _html_head(story.body), story.body, story.body_line
    if suffix == "rst":
        return _rst_fields(story)
    return _header_lines(story.body)


def _header_lines(text: str) -> tuple[Mapping, str, int]:
    values: dict[str, Value] = {}
    keys: dict[str, Scalar] = {}
    at, line, last = 0, 1, ""
    while found := _HEADER_LINE.match(text, at) or (_GOES_ON.match(text, at) if last else None):
        if found.re.groups > 1:
            last = found[1].lower()
            values[last] = Scalar(found[2].strip(), line, len(found[1]) + 3)
            keys[last] = Scalar(last, line, 1)
        else:
            before = values[last]
            joined = f"{text_of(before)} {found[1].strip()}".strip()
            values[last] = Scalar(joined, before.line, before.column)
        at, line = found.end(), line + 1
    return Mapping(values, keys, 1, 1), text[at:], line


def _html_head(text: str) -> Mapping:
    values: dict[str, Value] = {}
    title = _TITLE.search(text)
    if title:
        line = text.count("\n", 0, title.start()) + 1
        values["title"] = Scalar(html.unescape(title[1].strip()), line, 1)
    for meta in _META.finditer(text):
        given = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(meta[1])}
        if "name" in given and "content" in given:
            line = text.count("\n", 0, meta.start()) + 1
            values[given["name"].lower()] = Scalar(html.unescape(given["content"]), line, 1)
    return placed(values, Mapping(line=1, column=1))


def _rst_fields(story: RawStory) -> tuple[Mapping, str, int]:
    """Return title and field list of reStructuredText; its body begins after both."""
    text = story.body
    values: dict[str, Value] = {}
    title = _RST_TITLE.search(text)
    end = 0
    if title and not text[: title.start()].strip():
        values["title"] = Scalar(title[2].strip(), text.count("\n", 0, title.start(2)) + 1, 1)
        end = title.end()
    at = end
    for field in _RST_FIELD.finditer(text, end):
        if text[at : field.start()].strip():
            break
        values[field[1].lower()] = Scalar(field[2].strip(), text.count("\n", 0, field.start()) + 1, len(field[1]) + 4)
        at = field.end()
    return placed(values, Mapping(line=1, column=1)), text[at:], text.count("\n", 0, at) + 1
