"""The feeds of a build → problems: what is wrong with a document that was not told right at once, and where.

The grammar says what a grammar can say, a few rules the rest, and each body is looked at once. Only what is wrong goes
through every rule, which find the place and the words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from lxml.etree import XMLSyntaxError
from msgspec.structs import replace

from feedmill.model import Document, Format, Level, Problem
from feedmill.validating.agreement import disagreements
from feedmill.validating.grammar import follows_grammar, grammar_problems
from feedmill.validating.json_judging import json_is_right
from feedmill.validating.judging import judge
from feedmill.validating.promises import PROMISED, Promises
from feedmill.validating.telling import Told, told_by_atom, told_by_json, told_by_rss
from feedmill.validating.trees import tree_of
from feedmill.validating.xml_judging import relations_are_right


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


def _feed_document(document: Document, promises: Promises, now: datetime) -> tuple[list[Told], list[Problem]]:
    try:
        if document.format is Format.JSON:
            feed = json.loads(document.content)
            if json_is_right(feed, document.url, now):
                problems = list(promises.broken_by(document, feed))
                return ([] if problems else told_by_json(feed, words=False)), problems
        else:
            root = tree_of(document.content)
            if follows_grammar(root) and relations_are_right(root, document.url, now):
                problems = list(promises.broken_by(document, root))
                tell = told_by_atom if document.format is Format.ATOM else told_by_rss
                return ([] if problems else tell(root, words=False)), problems
    except (ValueError, RecursionError, XMLSyntaxError):
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
