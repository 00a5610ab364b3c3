"""Texts that are not HTML → complaints."""

from __future__ import annotations

from collections.abc import Iterator
from html.entities import name2codepoint

from feedcheck.findings import Check, Complaint, Spot, line_of
from feedcheck.html_names import HTML_ELEMENTS
from feedcheck.regex import expression

_END_TAG = expression(r"</(\w+)>")
_ENTITY = expression(r"&(#?\w+)")
_RAW_MARKUP = expression(r"&#[x0-9]|<[/a-zA-Z]")


def plain_text(text: str, spot: Spot, code: str = "ContainsHTML") -> Iterator[Complaint]:
    """A text that readers show as it stands: tags and entities in it are seen by people.

    Best Practices Profile, character data: what is written as a hexadecimal reference was meant as a character.
    """
    if "<" not in text and "&" not in text:
        return
    tags = [tag for tag in _END_TAG.findall(text) if tag.lower() in HTML_ELEMENTS]
    if tags:
        yield Complaint(code, f"<{tags[0]}> in a plain text: '{' '.join(text.split())[:60]}'")
        return
    names = _ENTITY.findall(text)
    if names:
        for name in names:
            if (name in name2codepoint or name == "apos" or not name.isalpha()) and not _meant_as_characters(
                text, spot
            ):
                yield Complaint(code, f"the entity &{name}; in a plain text: '{' '.join(text.split())[:60]}'")
                return
    elif (
        spot.document.kind == "rss"
        and spot.document.version.startswith("2.")
        and _RAW_MARKUP.search(text)
        and not _meant_as_characters(text, spot)
    ):
        yield Complaint("CharacterData", f"readers may take '{' '.join(text.split())[:60]}' for HTML")


def undeclared_html(text: str, spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §3.1.1.1: type=text is not HTML, and shown as it stands."""
    yield from plain_text(text, spot, "ContainsUndeclaredHTML")


def not_blank(text: str, _: Spot) -> Iterator[Complaint]:
    """An element that is there should say something."""
    if not text:
        yield Complaint("NotBlank", "there, but empty")


def attribute_not_blank(text: str, _: Spot) -> Iterator[Complaint]:
    """An attribute that is there should say something."""
    if not text:
        yield Complaint("AttrNotBlank", "an attribute that is there, but empty")


def no_longer_than(most: int) -> Check:
    """Make a check for a text of at most so many characters."""

    def check(text: str, spot: Spot) -> Iterator[Complaint]:
        if len(text) > most:
            yield Complaint("TooLong", f"{len(text):,} characters, where {most:,} are allowed")
        yield from plain_text(text, spot)

    return check


def _meant_as_characters(text: str, spot: Spot) -> bool:
    start = max(line_of(spot.element) - 1, 0)
    return any("&#x" in line for line in spot.document.lines[start : start + text.count("\n") + 1])
