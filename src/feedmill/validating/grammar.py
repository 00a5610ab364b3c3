"""An XML document and the RelaxNG grammar of its format.

The grammars are narrower than the standards: they describe what Feedmill writes. They say yes or no, fast and
independently of the rules in Python, which say what is wrong and where. What only a grammar rejects is told in its own
words.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from feedmill.model import Level, Place, Problem
from feedmill.validating.names import ATOM_NAMESPACE

_SCHEMAS = {f"{{{ATOM_NAMESPACE}}}feed": "atom", f"{{{ATOM_NAMESPACE}}}entry": "atom", "rss": "rss", "opml": "opml"}


def follows_grammar(root: etree._Element) -> bool:
    """Whether a document has a grammar and follows it, and has no document type that could hide something from it."""
    if root.tag not in _SCHEMAS or root.getroottree().docinfo.internalDTD is not None:
        return False
    return bool(_schema(_SCHEMAS[root.tag]).validate(root))


def grammar_problems(path: str, content: bytes) -> list[Problem]:
    """Say in the grammar's words why a well-formed document does not follow it."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
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
def _schema(name: str) -> etree.RelaxNG:
    with as_file(files("feedmill.validating") / "schemas") as folder:
        return etree.RelaxNG(etree.parse(folder / f"{name}.rng"))
