"""XML document → problems: as the RelaxNG grammar of its format says.

The grammars say yes or no, fast and independently of the rules in Python, which say what is wrong and where. What only
a grammar rejects is told in its own words.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from feedmill.model import Level, Place, Problem
from feedmill.validating.names import ATOM_NAMESPACE

_SCHEMAS = {f"{{{ATOM_NAMESPACE}}}feed": "atom", f"{{{ATOM_NAMESPACE}}}entry": "atom", "rss": "rss", "opml": "opml"}


def grammar_problems(path: str, root: etree._Element) -> list[Problem]:
    """Check a document against the grammar of its root element, which must be one of a known format."""
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


def has_grammar(root: etree._Element) -> bool:
    """Whether the document is Atom, RSS or OPML."""
    return root.tag in _SCHEMAS


@cache
def _schema(name: str) -> etree.RelaxNG:
    with as_file(files("feedmill.validating") / "schemas") as folder:
        return etree.RelaxNG(etree.parse(folder / f"{name}.rng"))
