"""Markdown in the dialects that people write → HTML that is not yet safe, without anything left raw.

CommonMark by pyromark, with the extensions that GitHub and the site generators share. TeX is held out of it: a
backslash, an underscore or a brace in a formula is not Markdown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping

import pyromark

from feedmill.config.content_settings import MARKDOWN
from feedmill.expressions import expression
from feedmill.model import BodyFormat

_O = pyromark.Options
_OPTIONS = {
    "tables": _O.ENABLE_TABLES,
    "footnotes": _O.ENABLE_FOOTNOTES,
    "strikethrough": _O.ENABLE_STRIKETHROUGH,
    "tasks": _O.ENABLE_TASKLISTS,
    "definitions": _O.ENABLE_DEFINITION_LIST,
    "alerts": _O.ENABLE_GFM,
    "math": _O.ENABLE_MATH,
    "attributes": _O.ENABLE_HEADING_ATTRIBUTES,
}
_ALERT = expression(r'<blockquote class="markdown-alert-([a-z]+)">')
_CHECKBOX = expression(r'<input disabled="" type="checkbox"( checked="")?/>\n?')
_ALIGNED = expression(r' style="text-align: (left|right|center)"')
_IPV6 = expression(r'((?:href|src)="[a-z]+://)%5B([0-9A-Fa-f:.]{2,45})%5D')
_MATH = expression(r'<span class="math math-(inline|display)">([^<]*)</span>')
_FOOTNOTE_REFERENCE = expression(r'<sup class="footnote-reference"><a href="#[^"]*">(\d+)</a></sup>')
_FOOTNOTE = expression(r'<sup class="footnote-definition-label">(\d+)</sup>\s*<p>')
_BRACKET = expression(r"\\[\\()\[\]]|\n[ \t]*\n")
_LIKE_TEX = expression(r"[\\^_={}+<>]|^[a-zA-Z]$")
_ATTRIBUTE_LINE = expression(r"^[ \t]*\{:[^{}\n]{0,300}\}[ \t]*$", re.MULTILINE)
_ATTRIBUTES_AFTER = expression(r"(?<=[)\]*_`>])\{:[^{}\n]{0,300}\}")
_PIECE = expression(r"<[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>|[^<]+|<")
_OPENED = expression(r"<(/?)(a|code|pre|samp|kbd|script|style|textarea|title)\b", re.IGNORECASE)
_ADDRESS = expression(r"(?<![\w/.@:-])(?:https?://|www\.(?=\w))[^\s<>\"'`|\\^{}]+")
_TRAILING = "?!.,:*_~;"


class Markdown:
    """One body of Markdown as HTML, in which formulas are `held` by names that stand for them."""

    def __init__(self, body: str, on: Collection[str] = MARKDOWN) -> None:
        """Render it. `on` are the extensions that count (content.markdown)."""
        self.held: dict[str, str] = {}
        self._name = f"feedmilltex{len(body)}x"
        while self._name in body:
            self._name += "x"
        options = _OPTIONS["tables"] if "tables" in on else _O(0)
        for name in on:
            options |= _OPTIONS.get(name, _O(0))
        if "math" in on and "\\" in body:
            body = self._without_brackets(body)
        if "attributes" in on and "{:" in body:
            body = _without_attributes(body)
        made = pyromark.html(body, options=options)
        if "math-" in made:
            made = _MATH.sub(self._hold_math, made)
        if "footnote-" in made:
            # Ids do not survive in a reader, where several stories stand on one page.
            made = _FOOTNOTE.sub(r"<p><sup>\1</sup> ", _FOOTNOTE_REFERENCE.sub(r"<sup>[\1]</sup>", made))
        if "markdown-alert" in made:
            made = _ALERT.sub(lambda found: f"<blockquote>\n<p><strong>{found[1].capitalize()}</strong></p>", made)
        if "checkbox" in made:
            made = _CHECKBOX.sub(lambda found: "☑ " if found[1] else "☐ ", made)
        if "text-align" in made:
            made = _ALIGNED.sub(r' align="\1"', made)
        if "://%5B" in made:
            made = _IPV6.sub(r"\1[\2]", made)
        if "addresses" in on and ("://" in made or "www." in made):
            made = _with_links(made)
        self.html = made

    def _hold(self, written: str) -> str:
        name = f"{self._name}{len(self.held)}q"
        self.held[name] = written
        return name

    def _hold_math(self, found: re.Match[str]) -> str:
        mark = "$" if found[1] == "inline" else "$$"
        return self._hold(f"{mark}{html.unescape(found[2])}{mark}")

    def _without_brackets(self, body: str) -> str:
        r"""Hold what stands between `\(` and `\)`, or `\[` and `\]` on lines of their own, outside code.

        A bracket that is only escaped stands within a line, and has no TeX after it.
        """
        from feedmill.normalising.unsafe import without_code

        if "\\(" not in body and "\\[" not in body:
            return body
        prose = without_code(body, BodyFormat.MARKDOWN, indented=True)
        made, at, opened = [], 0, None
        for found in _BRACKET.finditer(prose):
            mark = found[0][:2]
            if mark in ("\\(", "\\["):
                opened = found
            elif opened is not None and mark == {"\\(": "\\)", "\\[": "\\]"}[opened[0]]:
                inner = prose[opened.end() : found.start()]
                if (
                    (opened[0] == "\\(" or _stands_apart(prose, opened.start(), found.end()))
                    and _LIKE_TEX.search(inner)
                    and "`" not in inner
                ):
                    made += [body[at : opened.start()], self._hold(body[opened.start() : found.end()])]
                    at = found.end()
                opened = None
            elif mark != "\\\\" and not mark.startswith("\\"):
                opened = None
        return "".join((*made, body[at:]))


def _stands_apart(prose: str, start: int, end: int) -> bool:
    """Whether nothing else stands on the lines of a piece of text."""
    before = prose[prose.rfind("\n", 0, start) + 1 : start]
    after = prose.find("\n", end)
    return not before.strip() and not prose[end : after if after >= 0 else len(prose)].strip()


def put_back(content: str, held: Mapping[str, str]) -> str:
    """Return clean HTML with its formulas in their places."""
    if not held:
        return content
    names = re.compile(rf"{next(iter(held))[:-2]}\d+q")
    return names.sub(lambda found: html.escape(held.get(found[0], found[0]), quote=False), content)


def _without_attributes(body: str) -> str:
    """Take out kramdown's and Python-Markdown's attribute lists: a class or an id says nothing to a reader."""
    from feedmill.normalising.unsafe import without_code

    prose = without_code(body, BodyFormat.MARKDOWN, indented=True)
    made, at = [], 0
    spans = [found.span() for each in (_ATTRIBUTE_LINE, _ATTRIBUTES_AFTER) for found in each.finditer(prose)]
    for start, end in sorted(spans):
        if start >= at:
            made.append(body[at:start])
            at = end
    return "".join((*made, body[at:]))


def _with_links(markup: str) -> str:
    """Make links of bare addresses in text (GitHub Flavored Markdown §6.9), outside links and code."""
    made, inside = [], 0
    for piece in _PIECE.finditer(markup):
        text = piece[0]
        if text.startswith("<"):
            edge = _OPENED.match(text)
            if edge is not None:
                inside = max(0, inside - 1) if edge[1] else inside + 1
        elif not inside and ("://" in text or "www." in text):
            text = _ADDRESS.sub(_link, text)
        made.append(text)
    return "".join(made)


def _link(found: re.Match[str]) -> str:
    """Return a bare address as a link; what only ends the sentence is left out of it."""
    address = found[0]
    end, too_many = len(address), address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        name = address.rfind("&", max(0, end - 33), end) if last == ";" else -1
        if name >= 0 and address[name:end] != "&amp;" and address[name + 1 : end - 1].isalnum():
            end = name
        elif last in _TRAILING:
            end -= 1
        elif last == ")" and too_many > 0:
            end, too_many = end - 1, too_many - 1
        else:
            break
    address, after = address[:end], address[end:]
    if not address.rpartition("//")[2]:
        return found[0]
    target = address if "://" in address else f"http://{address}"
    return f'<a href="{target}">{address}</a>{after}'
