"""The feeds of a build → problems: what is wrong with a document that was not seen to be right at once, and where.

The grammar says what a grammar can say, a few rules the rest, and each body is looked at once. Only what is wrong goes
through every rule, which find the place and the words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from lxml.etree import XMLSyntaxError

from feedcheck.agreement import disagreements
from feedcheck.entry_facts import EntryFacts, atom_entries, json_entries, rss_entries
from feedcheck.json_judging import json_is_right
from feedcheck.judging import validate
from feedcheck.report import Severity
from feedcheck.xml_judging import relations_are_right
from feedmill.model import Document, Format, Problem
from feedmill.validating.faults import problem_of
from feedmill.validating.grammar import follows_grammar, grammar_problems
from feedmill.validating.promises import PROMISED, Promises
from feedmill.validating.trees import tree_of


def explain_feeds(documents: Sequence[Document], now: datetime) -> list[Problem]:
    """Judge documents in Atom, RSS and JSON thoroughly: say what is wrong, and where."""
    promises = Promises()
    problems: list[Problem] = []
    told: dict[str, dict[str, list[EntryFacts]]] = {}
    for document in documents:
        said, found = _feed_document(document, promises, now)
        told.setdefault(document.feed, {})[document.path] = said
        problems.extend(found)
    if not problems:
        for said_by in told.values():
            problems.extend(problem_of(each) for each in disagreements(said_by))
    return problems


def _feed_document(document: Document, promises: Promises, now: datetime) -> tuple[list[EntryFacts], list[Problem]]:
    try:
        if document.format is Format.JSON:
            feed = json.loads(document.content)
            if json_is_right(feed, document.url, now):
                problems = list(promises.broken_by(document, feed))
                return ([] if problems else json_entries(feed, words=False)), problems
        else:
            root = tree_of(document.content)
            if follows_grammar(root) and relations_are_right(root, document.url, now):
                problems = list(promises.broken_by(document, root))
                tell = atom_entries if document.format is Format.ATOM else rss_entries
                return ([] if problems else tell(root, words=False)), problems
    except (ValueError, RecursionError, XMLSyntaxError):
        pass  # which of the rules was broken is found below
    return [], _explained(document, now)


def _explained(document: Document, now: datetime) -> list[Problem]:
    """Say what is wrong with a document that is not right: errors, and warnings that are errors in one of our own."""
    found = [
        problem_of(finding)
        for finding in validate(document.content, name=document.path, now=now, address=document.url).findings
        if finding.level is Severity.ERROR or finding.code in PROMISED
    ]
    return found or grammar_problems(document.path, document.content)
