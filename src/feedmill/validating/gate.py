"""The documents of a build → problems: none may be published that does not follow its standard and our promises."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from lxml import etree

from feedmill.model import Document, Format, Level, Problem
from feedmill.validating.agreement import disagreements
from feedmill.validating.grammar import grammar_problems
from feedmill.validating.judging import judge
from feedmill.validating.page_rules import page_problems
from feedmill.validating.promises import PROMISED, Promises
from feedmill.validating.telling import Told, told_by_atom, told_by_json, told_by_rss


def validate_documents(
    documents: Sequence[Document], *, now: datetime, on_progress: Callable[[int, int], None] | None = None
) -> list[Problem]:
    """Judge every document of a build by its standard, by our promises, and beside its kin of other formats.

    Empty when all may be published.
    """
    promises = Promises()
    problems: list[Problem] = []
    told: dict[str, dict[str, list[Told]]] = {}
    for number, document in enumerate(documents, 1):
        found = _faults(document, now)
        if document.format is not None and not found:
            said, found = _feed_document(document, promises)
            told.setdefault(document.feed, {})[document.path] = said
        problems.extend(found)
        if on_progress is not None:
            on_progress(number, len(documents))
    if not problems:
        for said_by in told.values():
            problems.extend(dataclasses.replace(each, level=Level.ERROR) for each in disagreements(said_by))
    return problems


def _faults(document: Document, now: datetime) -> list[Problem]:
    """Errors, and warnings that are errors in a document of our own."""
    if document.media_type == "text/html":
        return list(page_problems(document.path, document.content))
    if document.path.endswith("manifest.json"):
        return []
    address = document.url if document.format is not None else ""
    return [
        dataclasses.replace(problem, level=Level.ERROR)
        for problem in judge(document.path, document.content, now=now, address=address)
        if problem.level is Level.ERROR or (document.format is not None and problem.code in PROMISED)
    ]


def _feed_document(document: Document, promises: Promises) -> tuple[list[Told], list[Problem]]:
    if document.format is Format.JSON:
        feed = json.loads(document.content)
        problems = list(promises.broken_by(document, feed))
        return ([] if problems else told_by_json(feed)), problems
    root = etree.fromstring(document.content, etree.XMLParser(resolve_entities=False, no_network=True))
    problems = [*grammar_problems(document.path, root), *promises.broken_by(document, root)]
    if problems:
        return [], problems
    return (told_by_atom(root) if document.format is Format.ATOM else told_by_rss(root)), []
