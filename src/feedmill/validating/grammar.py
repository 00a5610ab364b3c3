"""XML document → problems: well-formed, and as its RelaxNG grammar says."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from lxml import etree

from feedmill.model import Level, Place, Problem

ATOM = "{http://www.w3.org/2005/Atom}"
_SCHEMAS = {f"{ATOM}feed": "atom", f"{ATOM}entry": "atom", "rss": "rss", "opml": "opml"}


def parse_xml(path: str, content: bytes) -> tuple[etree._Element | None, list[Problem]]:
    """Parse bytes without entities, external subsets or network, in bounded depth and size."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place = Place(path, line or 1, max(column or 1, 1))
        return None, [Problem(Level.ERROR, "SAXError", place, error.msg or "not XML", "write well-formed XML")]
    if root.getroottree().docinfo.internalDTD is not None:
        problem = Problem(
            Level.ERROR,
            "doctype",
            Place(path, 1),
            "the document has a document type",
            "feeds have none: remove it",
        )
        return root, [problem]
    return root, []


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
        for error in schema.error_log
    ]


def has_grammar(root: etree._Element) -> bool:
    """Whether the document is Atom, RSS or OPML."""
    return root.tag in _SCHEMAS


@cache
def _schema(name: str) -> etree.RelaxNG:
    with as_file(files("feedmill.validating") / "schemas") as folder:
        return etree.RelaxNG(etree.parse(folder / f"{name}.rng"))
