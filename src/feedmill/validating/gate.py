"""The documents of a build → problems: none may be published that does not follow its standard and our promises.

Most documents are right, and told so fast, by what is known of their entries already. Only what is not surely right
goes through every rule; and only then are those rules imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from feedmill.model import Document, Level, Problem
from feedmill.validating.known import Known
from feedmill.validating.page_rules import page_problems


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
    problems = [] if (known or Known()).all_right(feeds, now) else _explained(feeds, now)
    for document in others:
        problems.extend(_other_document(document, now))
    if on_progress is not None:
        on_progress(len(documents), len(documents))
    return problems


def _explained(documents: Sequence[Document], now: datetime) -> list[Problem]:
    from feedmill.validating.explaining import explain_feeds

    return explain_feeds(documents, now)


def _other_document(document: Document, now: datetime) -> list[Problem]:
    if document.media_type == "text/html":
        return list(page_problems(document.path, document.content))
    from feedmill.validating.judging import judge

    found = judge(document.path, document.content, now=now)
    return [problem for problem in found if problem.level is Level.ERROR]
