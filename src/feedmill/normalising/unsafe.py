"""Story body → what sanitising will take out of it, with line and column, for the report only.

nh3 decides what is safe; these patterns only find for a person what it removed and where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyromark

from feedmill.characters import illegal_character
from feedmill.expressions import expression
from feedmill.model import BodyFormat, Level, Place, Problem, Story
from feedmill.normalising.tokens import Token, find_token

# Few stories have such things: what finds them is compiled, and then kept by `re`, when one may.
_REMOVED = {
    "script": r"<script\b",
    "style sheet": r"<style\b",
    "frame or plug-in": r"<(?:iframe|object|embed|applet|frame)\b",
    "form": r"<(?:form|input|button|select|textarea)\b",
    "event handler": r"<[a-z][^<>]{0,2000}?[\s\"'/](on[a-z]{3,})\s*=",
    "style attribute": r"<[a-z][^<>]{0,2000}?[\s\"'/](style)\s*=",
    "link that is not a web address": r"(?:\]\(\s*<?|(?:href|src)\s*=\s*[\"']?\s*)((?:javascript|vbscript|data|file):)",
}
_HINT = (
    r"<(?:script|style|iframe|object|embed|applet|frame|form|input|button|select|textarea)\b"
    r"|[\s\"'/](?:on[a-z]{3,}|style)\s*="
)
_SCHEMES = ("javascript", "vbscript", "data", "file")
_LONGEST_SCHEME = max(map(len, _SCHEMES))
_HTML_CODE = r"(?is)<(code|pre|samp|kbd)\b[^<>]*>.*?</\1\s*>"
_NOT_LINE_END = expression(r"[^\n]")


def token_problem(story: Story, token: Token) -> Problem:
    """Return the error of a template token that stands in a story's clean HTML, at its place in the body."""
    prose = without_code(story.body, story.body_format)
    at = find_token(prose)
    return _problem(
        story,
        at.start if at is not None else 0,
        Level.ERROR,
        "template-token",
        f"an unresolved template token {at.text if at is not None else token.text}",
        "replace it by what it stands for, or write it as code",
    )


def body_problems(story: Story) -> Iterator[Problem]:
    """Yield what sanitising removes, and characters that XML cannot carry."""
    illegal = illegal_character(story.body)
    if illegal is not None:
        yield _problem(
            story,
            illegal.start(),
            Level.WARNING,
            "control-character",
            f"the character U+{ord(illegal[0]):04X} in the body is removed",
            "delete it: XML cannot carry it",
        )
    if story.body_format is not BodyFormat.TEXT and _may_lose_markup(story.body):
        yield from _removed(story, without_code(story.body, story.body_format))


def _may_lose_markup(body: str) -> bool:
    """Whether a closer look is worth its time; for most bodies it is not."""
    return ("<" in body and bool(re.search(_HINT, body, re.IGNORECASE))) or _names_a_scheme(body)


def _names_a_scheme(body: str) -> bool:
    """Whether a scheme that no link may have, and its colon, stand anywhere. Most bodies have few colons, or none."""
    *before_colons, _ = body.split(":")
    return any(text[-_LONGEST_SCHEME:].lower().endswith(_SCHEMES) for text in before_colons)


def _removed(story: Story, prose: str) -> Iterator[Problem]:
    for what, pattern in _REMOVED.items():
        found = [match.start(match.lastindex or 0) for match in re.finditer(pattern, prose, re.IGNORECASE)]
        if found:
            times = f" ({len(found)} times)" if len(found) > 1 else ""
            yield _problem(
                story,
                found[0],
                Level.WARNING,
                "markup-removed",
                f"a {what} is removed{times}".replace("a event", "an event"),
                "readers do not run or show it: say it in text, an image or a plain link",
            )


def without_code(body: str, body_format: BodyFormat, *, indented: bool = True) -> str:
    """Return a body of the same length and lines in which code is blank.

    `indented` says whether lines that stand in by four spaces are code: to site generators, whose shortcodes come
    before Markdown, they are not.
    """
    if body_format is BodyFormat.MARKDOWN:
        data = body.encode("utf-8", "replace")
        pieces = []
        at = 0
        for start, end in _code_ranges(body, indented=indented):
            if start >= at:
                pieces.append(data[at:start].decode("utf-8", "replace"))
                pieces.append(_NOT_LINE_END.sub(" ", data[start:end].decode("utf-8", "replace")))
                at = end
        pieces.append(data[at:].decode("utf-8", "replace"))
        return "".join(pieces)
    if body_format is BodyFormat.HTML:
        return re.sub(_HTML_CODE, lambda code: _NOT_LINE_END.sub(" ", code[0]), body)
    return body


def _code_ranges(body: str, *, indented: bool) -> Iterator[tuple[int, int]]:
    options = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_FOOTNOTES | pyromark.Options.ENABLE_STRIKETHROUGH
    for event, span in pyromark.events_with_range(body, options=options):
        if not isinstance(event, dict):
            continue
        start = event.get("Start")
        block = start.get("CodeBlock") if isinstance(start, dict) else None
        if "Code" in event or isinstance(block, dict) or (indented and block is not None):
            yield span["start"], span["end"]


def _problem(story: Story, offset: int, level: Level, code: str, message: str, remedy: str) -> Problem:
    before = story.body[:offset]
    line = story.body_line + before.count("\n")
    place = Place(story.shown_path, line, offset - (before.rfind("\n") + 1) + 1)
    return Problem(level, code, place, message, remedy)
