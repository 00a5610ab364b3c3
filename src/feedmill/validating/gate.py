"""The documents of a build → problems: none may be published that does not follow its standard and our promises.

Most documents are right, and told so fast, by what is known of their entries already; else the grammar says what a
grammar can say, a few rules the rest, and each body is looked at once. Only what is wrong goes through every rule,
which find the place and the words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from lxml import etree
from msgspec.structs import replace

from feedmill.model import Document, Format, Level, Problem
from feedmill.validating.agreement import disagreements
from feedmill.validating.grammar import follows_grammar, grammar_problems
from feedmill.validating.json_judging import json_is_right
from feedmill.validating.judging import judge
from feedmill.validating.known import Known
from feedmill.validating.page_rules import page_problems
from feedmill.validating.promises import PROMISED, Promises
from feedmill.validating.telling import Told, told_by_atom, told_by_json, told_by_rss
from feedmill.validating.xml_judging import relations_are_right


def validate_documents(
    documents: Sequence[Document],
    *,
    now: datetime,
    on_progress: Callable[[int, int], None] | None = None,
    known: Known | None = None,
) -> list[Problem]:
    """Judge every document of a build by its standard, by our promises, and beside its kin of other formats.

    `known` is what was found right in other documents of the same build. Empty when all may be published.
    """
    feeds = [document for document in documents if document.format is not None]
    others = [document for document in documents if document.format is None]
    problems = [] if (known or Known()).all_right(feeds, now) else explain_feeds(feeds, now)
    for document in others:
        problems.extend(_other_document(document, now))
    if on_progress is not None:
        on_progress(len(documents), len(documents))
    return problems


def explain_feeds(documents: Sequence[Document], now: datetime) -> list[Problem]:
    """Judge documents in Atom, RSS and JSON thoroughly: say what is wrong, and where."""
    promises = Promises()
    problems: list[Problem] = []
    told: dict[str, dict[str, list[Told]]] = {}
    for document in documents:
        said, found = _feed_document(document, promises, now)
        told.setdefault(document.feed, {})[document.path] = said
        problems.extend(found)
    if not problems:
        for said_by in told.values():
            problems.extend(replace(each, level=Level.ERROR) for each in disagreements(said_by))
    return problems


def _other_document(document: Document, now: datetime) -> list[Problem]:
    if document.media_type == "text/html":
        return list(page_problems(document.path, document.content))
    found = judge(document.path, document.content, now=now)
    return [problem for problem in found if problem.level is Level.ERROR]


def _feed_document(document: Document, promises: Promises, now: datetime) -> tuple[list[Told], list[Problem]]:
    try:
        if document.format is Format.JSON:
            feed = json.loads(document.content)
            if json_is_right(feed, document.url, now):
                problems = list(promises.broken_by(document, feed))
                return ([] if problems else told_by_json(feed, words=False)), problems
        else:
            root = etree.fromstring(document.content, etree.XMLParser(resolve_entities=False, no_network=True))
            if follows_grammar(root) and relations_are_right(root, document.url, now):
                problems = list(promises.broken_by(document, root))
                tell = told_by_atom if document.format is Format.ATOM else told_by_rss
                return ([] if problems else tell(root, words=False)), problems
    except (ValueError, RecursionError, etree.XMLSyntaxError):
        pass  # which of the rules was broken is found below
    return [], _explained(document, now)


def _explained(document: Document, now: datetime) -> list[Problem]:
    """Say what is wrong with a document that is not right: errors, and warnings that are errors in one of our own."""
    found = [
        replace(problem, level=Level.ERROR)
        for problem in judge(document.path, document.content, now=now, address=document.url)
        if problem.level is Level.ERROR or problem.code in PROMISED
    ]
    return found or grammar_problems(document.path, document.content)
