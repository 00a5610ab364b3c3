"""Documents → problems: each by itself, and those of one feed beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml.etree import _Element

from feedmill.model import Document, Format, Level, Place, Problem
from feedmill.validating.agreement import Told, disagreements, told_by_atom, told_by_json, told_by_rss
from feedmill.validating.atom_rules import atom_problems
from feedmill.validating.grammar import ATOM, grammar_problems, has_grammar, parse_xml
from feedmill.validating.json_rules import json_problems, parse_json
from feedmill.validating.markup_rules import MarkupRules
from feedmill.validating.opml_rules import opml_problems
from feedmill.validating.page_rules import page_problems
from feedmill.validating.rss_rules import rss_problems


def validate_documents(
    documents: Sequence[Document], *, on_progress: Callable[[int, int], None] | None = None
) -> list[Problem]:
    """Judge every document of a build: its syntax, grammar and rules, its own address, and its kin.

    Empty when all may be published.
    """
    markup = MarkupRules()
    problems: list[Problem] = []
    told: dict[str, dict[str, list[Told]]] = {}
    for number, document in enumerate(documents, 1):
        if document.format is not None:
            said, found = _feed_document(document, markup)
            told.setdefault(document.feed, {})[document.path] = said
        elif document.media_type == "text/html":
            found = list(page_problems(document.path, document.content))
        else:
            found, _ = _judge(document.path, document.content, markup)
        problems.extend(found)
        if on_progress is not None:
            on_progress(number, len(documents))
    if not problems:
        for said_by in told.values():
            problems.extend(disagreements(said_by))
    return problems


def judge(path: str, content: bytes) -> list[Problem]:
    """Judge one document of any kind. `path` is what problems name."""
    return _judge(path, content, MarkupRules())[0]


def _feed_document(document: Document, markup: MarkupRules) -> tuple[list[Told], list[Problem]]:
    problems, parsed = _judge(document.path, document.content, markup)
    problems = problems or _own_address(document, parsed)
    if problems:
        return [], problems
    if document.format is Format.JSON and isinstance(parsed, dict):
        return told_by_json(parsed), []
    if isinstance(parsed, _Element):
        return told_by_atom(parsed) if document.format is Format.ATOM else told_by_rss(parsed), []
    return [], [_not_a_feed(document.path)]


def _judge(path: str, content: bytes, markup: MarkupRules) -> tuple[list[Problem], object]:
    """Return the problems of a document and, when it could be read, what was read."""
    if content.lstrip()[:1] in (b"{", b"["):
        document, problems = parse_json(path, content)
        if document is None or path.endswith("manifest.json"):
            return problems, document
        return list(json_problems(path, document, markup)), document
    if not content.strip():
        place = Place(path)
        return [Problem(Level.ERROR, "empty", place, "the document is empty", "write a feed into it")], None
    root, problems = parse_xml(path, content)
    if root is None or problems:
        return problems, None
    if not has_grammar(root):
        return [_not_a_feed(path)], None
    problems = grammar_problems(path, root)
    if root.tag == f"{ATOM}feed":
        problems.extend(atom_problems(path, root, markup))
    elif root.tag == "rss":
        problems.extend(rss_problems(path, root, markup))
    elif root.tag == "opml":
        problems.extend(opml_problems(path, root))
    return problems, root


def _own_address(document: Document, parsed: object) -> list[Problem]:
    """A feed's `self` is where it is published: readers follow it, and hubs are told it."""
    if isinstance(parsed, dict):
        told = parsed.get("feed_url")
    elif isinstance(parsed, _Element):
        told = next((link.get("href") for link in parsed.iter(f"{ATOM}link") if link.get("rel") == "self"), None)
    else:
        told = None
    if told == document.url:
        return []
    message = f"self is {told} and not {document.url}"
    return [Problem(Level.ERROR, "SelfDoesntMatchLocation", Place(document.path), message, "report this as a fault")]


def _not_a_feed(path: str) -> Problem:
    message = "not an Atom, RSS, JSON Feed or OPML document"
    return Problem(Level.ERROR, "not-a-feed", Place(path), message, "name a feed document")
