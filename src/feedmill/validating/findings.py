"""What a rule says, and the finding that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from lxml.etree import _Element


class Complaint(NamedTuple):
    """What a rule found wrong: the code of the finding, and words for people. `clause` names its source."""

    code: str
    message: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is true of a whole document while it is judged.

    `kind` is atom, entry, rss, opml or json; `core` the namespace that stands for the format's own; `encoding` the
    one that the bytes were in; `lines` the document's text; `address` where it lies, if that is known; `unfinished`
    the elements that a syntax error cut off, of which nothing can be said. `open_to_attributes` says that an RSS
    document names the specification of the RSS Advisory Board, which lets extensions add attributes;
    `bodies_are_known` that HTML is judged elsewhere.
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
    unfinished: frozenset[_Element] = frozenset()


@dataclass(frozen=True, slots=True)
class Spot:
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
