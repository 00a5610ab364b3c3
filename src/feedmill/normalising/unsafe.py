"""What readers are not given of a body → problems, with line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

import pyromark

from feedmill.characters import illegal_character
from feedmill.expressions import expression
from feedmill.model import BodyFormat, Level, Place, Problem, Story
from feedmill.normalising.rewriting import Loss
from feedmill.normalising.tokens import Token, find_token

_HTML_CODE = r"(?is)<(code|pre|samp|kbd)\b[^<>]*>.*?</\1\s*>"
_MAX_SHOWN = 80
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
    """Yield characters that XML cannot carry."""
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


def loss_problems(story: Story, losses: Iterable[Loss]) -> Iterator[Problem]:
    """Yield what readers are not given of a body, each kind once, at its first place. Harmless ones are notices."""
    prose = ""
    for loss in losses:
        prose = prose or without_code(story.body, story.body_format)
        times = f" ({loss.count:,} times)" if loss.count > 1 else ""
        if loss.what == "address":
            # Markdown writes some characters otherwise in an address.
            at = max(prose.find(loss.written), prose.find(unquote(loss.written)))
            shown = loss.written if len(loss.written) <= _MAX_SHOWN else loss.written[: _MAX_SHOWN - 1] + "…"
            what = "picture" if loss.element == "img" else "link"
            message = f"'{shown}' is not a web address, so the {what} is removed{times}"
            remedy = "write https://… or a path of this site"
        else:
            found = re.search(_where(loss), prose, re.IGNORECASE)
            at = found.start() if found is not None else -1
            article = "an" if loss.what[0] in "aeiou" else "a"
            message = f"{article} {loss.what} is removed{times}"
            remedy = "readers do not run or show it: say it in text, an image or a plain link"
        level = Level.NOTICE if loss.harmless else Level.WARNING
        yield _problem(story, max(at, 0), level, "markup-removed", message, remedy)


def _where(loss: Loss) -> str:
    """Return the expression by which a loss is found in what the story's author wrote."""
    if loss.what == "event handler":
        return r"[\s\"'/]on[a-z]{3,}\s*="
    if loss.what.endswith(" attribute"):
        return rf"[\s\"'/]{re.escape(loss.what.removesuffix(' attribute'))}(?:-[\w-]{{1,40}})?\s*="
    return rf"<{re.escape(loss.element)}\b"


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
