"""What a rule says, and the finding that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple, cast

from lxml.etree import _Element
from msgspec import Struct


class Complaint(NamedTuple):
    """What a rule found wrong: the code of the finding, and words for people. `clause` names its source."""

    code: str
    message: str
    clause: str = ""


class Circumstances(Struct, frozen=True):
    """What is true of a whole document while it is judged.

    `kind` is atom, entry, rss, opml or json; `core` the namespace that stands for the format's own; `encoding` the
    one that the bytes were in; `lines` the document's text; `address` where it lies, if that is known; `unfinished`
    the elements that a syntax error cut off, of which nothing can be said. `open_to_attributes` says that an RSS
    document names the specification of the RSS Advisory Board, which lets extensions add attributes;
    `bodies_are_known` that HTML is judged elsewhere; `declares_inside` that elements within the root may declare
    namespaces, and `has_odd_characters` that a text may have characters that only a wrong encoding puts there, so
    that most documents need not be searched for either.
    """

    kind: str
    core: str
    now: datetime
    encoding: str = "utf-8"
    lines: tuple[str, ...] = ()
    address: str = ""
    version: str = ""
    open_to_attributes: bool = False
    bodies_are_known: bool = False
    declares_inside: bool = True
    has_odd_characters: bool = True
    unfinished: frozenset[_Element] = frozenset()


class Spot(Struct, frozen=True):
    """Where a rule looks: an element, its name as people write it, and the name of what it stands in."""

    element: _Element
    name: str
    parent: str
    document: Circumstances


def line_of(element: _Element) -> int:
    """Return the line that an element begins on, 0 when that is not known."""
    return cast("int | None", element.sourceline) or 0


Check = Callable[[str, Spot], Iterator[Complaint]]
"""Judges a text that stands in an element or in one of its attributes."""

Rule = Callable[[Spot], Iterator[Complaint]]
"""Judges an element as a whole."""
