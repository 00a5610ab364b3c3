"""What a specification says of its elements: the shape that every vocabulary is written in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from feedcheck.findings import Check, Rule


class Inside(Enum):
    """What may stand in an element."""

    TEXT = "text"
    CHILDREN = "children"
    ANYTHING = "anything"
    """Not looked into: a vocabulary of its own, or one that the specification leaves open."""
    OWN = "own"
    """Judged by the element's own rules: text constructs, content, links."""


class Attribute(Struct, frozen=True):
    """One attribute: what its value is held to, and what it is called when it has to be there."""

    checks: tuple[Check, ...] = ()
    required: bool = False
    missing: str = "MissingAttribute"


class ElementRule(Struct, frozen=True):
    """One element in one place.

    `clause` names the source; `checks` judge its text, whose outer white space is cut off unless `exact`; `closed_up`
    says that white space around the text is wrong; `rules` judge the element as a whole once it is complete;
    `children` and `attributes` are named as people write them (itunes:owner).
    """

    clause: str = ""
    inside: Inside = Inside.TEXT
    checks: tuple[Check, ...] = ()
    rules: tuple[Rule, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    children: Mapping[str, ElementRule] = field(default_factory=dict)
    once: bool = True
    twice: str = "DuplicateElement"
    exact: bool = False
    closed_up: bool = False


Vocabulary = Mapping[str, ElementRule]
"""The elements that may stand in one place, by name."""


def text(*checks: Check, many: bool = False, clause: str = "", **attributes: Attribute) -> ElementRule:
    """Make the rule of an element that holds text."""
    return ElementRule(clause, Inside.TEXT, checks, attributes=attributes, once=not many)


ANYTHING = ElementRule(inside=Inside.ANYTHING, once=False)
