"""An XML document and the RelaxNG grammar of its format.

The grammars are narrower than the standards: they describe what Feedmill writes. They say yes or no, fast and
independently of the rules in Python, which say what is wrong and where. What only a grammar rejects is reported in
its own words.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

from feedcheck.names import ATOM_NAMESPACE
from feedmill.model import Level, Place, Problem
from feedmill.validating.patterns import keeps_patterns
from feedmill.validating.trees import tree_of

_SCHEMA_FOLDER = Path(__file__).with_name("schemas")
_RNG = "{http://relaxng.org/ns/structure/1.0}"
_SCHEMAS = {f"{{{ATOM_NAMESPACE}}}feed": "atom", f"{{{ATOM_NAMESPACE}}}entry": "atom", "rss": "rss", "opml": "opml"}


def follows_grammar(root: etree._Element) -> bool:
    """Whether a document has a grammar and follows it, and has no document type that could hide something from it."""
    if root.tag not in _SCHEMAS or root.getroottree().docinfo.internalDTD is not None:
        return False
    return bool(_schema(_SCHEMAS[root.tag]).validate(root))


def surely_follows_grammar(root: etree._Element) -> bool:
    """Whether a document surely follows its grammar: known sooner, and at times no of a document that does.

    The grammar without its patterns says so of the structure, and the patterns say it of each text.
    """
    if root.tag not in _SCHEMAS or root.getroottree().docinfo.internalDTD is not None:
        return False
    return bool(_structure(_SCHEMAS[root.tag]).validate(root)) and keeps_patterns(root)


def grammar_problems(path: str, content: bytes) -> list[Problem]:
    """Say in the grammar's words why a well-formed document does not follow it."""
    root = tree_of(content)
    schema = _schema(_SCHEMAS[root.tag])
    if schema.validate(root):
        return []
    return [
        Problem(
            Level.ERROR,
            "grammar",
            Place(path, error.line, max(error.column, 1)),
            error.message,
            f"see the grammar {_SCHEMAS[root.tag]}.rng",
        )
        for error in list(schema.error_log)[:5]
    ]


@cache
def _structure(name: str) -> etree.RelaxNG:
    """Return a grammar without its patterns. lxml includes no part of a grammar that was changed: it is put in here."""
    grammar = etree.parse(_SCHEMA_FOLDER / f"{name}.rng").getroot()
    for include in grammar.findall(f"{_RNG}include"):
        part = etree.parse(_SCHEMA_FOLDER / include.get("href", "")).getroot()
        for element in part.iter(f"{_RNG}element"):
            element.set("ns", element.get("ns", part.get("ns", "")))
        for define in list(part):
            include.addprevious(define)
        grammar.remove(include)
    for pattern in list(grammar.iter(f"{_RNG}param")):
        data = pattern.getparent()
        if pattern.get("name") == "pattern" and data is not None:
            data.remove(pattern)
    return etree.RelaxNG(grammar)


@cache
def _schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(_SCHEMA_FOLDER / f"{name}.rng"))
