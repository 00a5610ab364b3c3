"""Page capture → stories: the text of a whole web page saved by hand, distinguished by its structure.

A capture has no markup. What remains of the page is the shape of its lines: a headline is a line that ends like no
sentence and has paragraphs under it; navigation is short lines with nothing under them; a list of links ends a
story. Nothing here knows the words of any one page.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from feedmill.expressions import expression
from feedmill.importing.capture_lines import Block, Kind, blocks_of, names_of


class LeftOut(Struct, frozen=True):
    """A line of a capture that is in no story, and why."""

    line: int
    text: str
    why: str


class Piece(Struct, frozen=True):
    """Another piece that the page points to, with something to read, hear or watch. It has no address here."""

    line: int
    title: str


class CapturedStory(Struct, frozen=True):
    """A story found in a capture. `body` is Markdown."""

    line: int
    title: str
    body: str
    related: tuple[Piece, ...] = ()
    authors: tuple[str, ...] = ()
    date: str = ""


class Capture(Struct, frozen=True):
    """What a page held: its stories, and every line that is in none of them."""

    stories: tuple[CapturedStory, ...]
    left_out: tuple[LeftOut, ...]


class _Draft(Struct):
    """A story while its lines come in."""

    headline: Block
    paragraphs: list[str] = field(default_factory=list)
    related: list[Piece] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    date: str = ""
    ended: bool = False


def read_capture(text: str) -> Capture:
    r"""Find the stories of a page saved as plain text. Line ends are `\n` already."""
    blocks = list(blocks_of(text))
    names = _page_names(blocks)
    left_out: list[LeftOut] = []
    drafts: list[_Draft] = []
    for position, block in enumerate(blocks):
        if block.token_removed:
            left_out.append(LeftOut(block.line, block.token_removed, "a template token that nothing filled in"))
        why = _place(block, blocks, position, drafts, names)
        if why:
            left_out.append(LeftOut(block.line, block.text, why))
        elif block.target != (title := _without_page_name(block.target, names)):
            left_out.append(LeftOut(block.line, block.target[len(title) :].strip(), "the page's name after a title"))
    return Capture(tuple(_story(draft) for draft in drafts if draft.paragraphs), tuple(left_out))


def _place(block: Block, blocks: list[Block], position: int, drafts: list[_Draft], names: set[str]) -> str:
    """Put a block where it belongs; return why when it belongs nowhere."""
    draft = drafts[-1] if drafts else None
    if block.kind in _FURNITURE:
        return _FURNITURE[block.kind]
    if block.kind is Kind.LINE:
        return _place_line(block, blocks, position, drafts)
    if draft is None:
        return "text before any headline"
    if block.kind in (Kind.BYLINE, Kind.DATE):
        if draft.paragraphs and block.kind is Kind.BYLINE:
            return _place_line(block, blocks, position, drafts)
        return _place_particulars(block, draft)
    if block.kind is Kind.CALL:
        draft.related.append(Piece(block.line, block.target))
        return ""
    if block.kind is Kind.LINK or (block.kind is Kind.ITEM and _is_link_list(blocks, position, draft)):
        draft.related.append(Piece(block.line, _without_page_name(block.target, names)))
        draft.ended = True
        return ""
    if draft.ended:
        return "text after the links that end a story"
    draft.paragraphs.append(f"- {_markdown(block.target)}" if block.kind is Kind.ITEM else _markdown(block.text))
    return ""


_FURNITURE = {
    Kind.TOKEN: "a template token that nothing filled in",
    Kind.CONSENT: "a notice about consent or terms",
    Kind.BOILERPLATE: "a copyright or sharing line",
}


def _place_line(block: Block, blocks: list[Block], position: int, drafts: list[_Draft]) -> str:
    under = _next_text(blocks, position)
    draft = drafts[-1] if drafts else None
    if under is None or under.kind is not Kind.PARAGRAPH:
        opens_links = under is not None and under.kind in (Kind.LINK, Kind.ITEM)
        return "the heading of a list" if opens_links else "a heading or menu line with no text under it"
    running = draft is not None and draft.paragraphs and not draft.ended
    if draft is not None and running and not _is_headline(block, blocks, position):
        draft.paragraphs.append(f"## {_markdown(block.text)}")
        return ""
    drafts.append(_Draft(block))
    return ""


_LEAST_HEADLINE_WORDS = 4


def _is_headline(block: Block, blocks: list[Block], position: int) -> bool:
    """Whether a line between two paragraphs begins a story, rather than a section of the one that is running.

    Where the page puts author or date under any of its headlines, each of them has one; elsewhere a headline is
    known by its length.
    """
    if any(_is_signed(blocks, at) for at, other in enumerate(blocks) if other.kind is Kind.LINE):
        return _is_signed(blocks, position)
    return block.words >= _LEAST_HEADLINE_WORDS


def _is_signed(blocks: list[Block], position: int) -> bool:
    return position + 1 < len(blocks) and blocks[position + 1].kind in (Kind.BYLINE, Kind.DATE)


def _place_particulars(block: Block, draft: _Draft) -> str:
    if draft.paragraphs:
        return "an author or date after the story's text"
    if block.kind is Kind.BYLINE:
        draft.authors.extend(names_of(block.target))
    else:
        draft.date = draft.date or block.target
    return ""


def _next_text(blocks: list[Block], position: int) -> Block | None:
    """Return what stands under a line: the next block that is neither furniture nor author nor date."""
    for block in blocks[position + 1 :]:
        if block.kind not in _FURNITURE and block.kind not in (Kind.BYLINE, Kind.DATE):
            return block
    return None


def _is_link_list(blocks: list[Block], position: int, draft: _Draft) -> bool:
    """Whether a bulleted line belongs to links rather than to the story's text.

    A list is of links when any of its lines points somewhere (›), or when no line ends like a sentence and no
    paragraph introduces it with a colon.
    """
    start = end = position
    while start > 0 and blocks[start - 1].kind in (Kind.ITEM, Kind.LINK):
        start -= 1
    while end + 1 < len(blocks) and blocks[end + 1].kind in (Kind.ITEM, Kind.LINK):
        end += 1
    members = blocks[start : end + 1]
    if any(member.kind is Kind.LINK for member in members):
        return True
    introduced = start > 0 and blocks[start - 1].text.endswith(":")
    followed = end + 1 < len(blocks) and blocks[end + 1].kind is Kind.PARAGRAPH
    return not (introduced or followed or any(member.ends_sentence for member in members))


def _page_names(blocks: list[Block]) -> set[str]:
    """Return what stands after the last dash of a line and elsewhere on the page too: the publisher's name."""
    names = set()
    whole = [block.text for block in blocks]
    for position, text in enumerate(whole):
        suffix = _SUFFIX.search(text.rstrip(" ›»→>"))
        if suffix and any(suffix[1] in other for at, other in enumerate(whole) if at != position):
            names.add(suffix[1])
    return names


_SUFFIX = expression(r"\s[-–—|]\s([^-–—|]{2,60})$")


def _without_page_name(title: str, names: set[str]) -> str:
    suffix = _SUFFIX.search(title)
    return title[: suffix.start()].rstrip() if suffix and suffix[1] in names else title


def _story(draft: _Draft) -> CapturedStory:
    return CapturedStory(
        line=draft.headline.line,
        title=draft.headline.text,
        body="\n".join(_spaced(draft.paragraphs)) + "\n",
        related=tuple(dict.fromkeys(draft.related)),
        authors=tuple(draft.authors),
        date=draft.date,
    )


def _spaced(paragraphs: list[str]) -> Iterator[str]:
    """Part paragraphs by blank lines, but keep the items of one list together."""
    for position, paragraph in enumerate(paragraphs):
        if position and not (paragraph.startswith("- ") and paragraphs[position - 1].startswith("- ")):
            yield ""
        yield paragraph


_INLINE_MARKS = expression(r"([\\`*_\[\]<~|$])|&(?=#?\w+;)")
_BLOCK_MARKS = expression(r"^(#{1,6}(?=\s|$)|>|[-+=](?=\s|$|[-=])|:(?=\s)|(\d{1,9})([.)])(?=\s|$))")


def _markdown(text: str) -> str:
    """Return Markdown that shows a line of text exactly as it is."""
    text = _INLINE_MARKS.sub(lambda mark: "\\" + mark[0], text)
    return _BLOCK_MARKS.sub(lambda mark: f"{mark[2]}\\{mark[3]}" if mark[2] else "\\" + mark[0], text)
