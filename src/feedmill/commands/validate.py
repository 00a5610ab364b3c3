"""validate: the findings about feed documents, in files or on the web."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from feedmill.commands.outcome import Context, Outcome, counted, exit_code_for, problem_data
from feedmill.errors import FeedmillError
from feedmill.model import Level, Place, Problem
from feedmill.validating import MAX_BYTES, compare, disagreements, judge, told_by

HELP = "judge Atom, RSS, JSON Feed and OPML documents"
EXAMPLES = """examples:
  feedmill validate feeds/china.atom
  feedmill validate feeds/*.atom feeds/*.rss feeds/*.json feeds/feeds.opml
  feedmill validate https://example.org/feeds/all.atom
  feedmill validate --against yesterday.atom feeds/china.atom
  curl -s https://example.org/feeds/all.rss | feedmill validate -

Documents that differ only in their suffix (china.atom, china.rss) are one feed, and compared with each other.
Over HTTP the answer is judged as well: status, media type, compression, and whether polling again costs nothing.

Exit codes: 0 no errors; 1 errors, or with --strict warnings."""

_NOBODY = "name a feed document"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which documents, and how strictly."""
    parser.add_argument(
        "documents",
        metavar="FILE|URL",
        nargs="+",
        help="a document, sought from DIR; an http or https address; or - for standard input",
    )
    parser.add_argument("--strict", action="store_true", help="let warnings fail as errors do")
    parser.add_argument(
        "--against",
        metavar="OLD",
        action="append",
        default=[],
        help="an earlier version of the same feed: tell what subscribers would see twice or wrongly; "
        "give several, the oldest first",
    )
    parser.add_argument(
        "--address", metavar="URL", default="", help="where the document will lie, to hold self against"
    )
    parser.add_argument(
        "--allow-private", action="store_true", help="fetch from addresses in private ranges, such as 127.0.0.1"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=20.0, help="how long a fetch may take in all (20)"
    )


class _Document(Struct, frozen=True):
    """What was read: the name to show, the bytes, where it lies on the web, and what reading it brought to light."""

    name: str
    content: bytes | None
    address: str = ""
    charset: str = ""
    findings: tuple[Problem, ...] = ()


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Judge documents, each by itself, those of one feed beside each other, and each against its past."""
    documents = [_read(name, arguments, context) for name in arguments.documents]
    earlier = [_read(name, arguments, context) for name in arguments.against]
    past = [document.content for document in earlier if document.content is not None]
    verdicts: dict[str, list[Problem]] = {
        document.name: list(document.findings) for document in earlier if document.findings
    }
    for document in documents:
        found = verdicts.setdefault(document.name, [])
        found.extend(document.findings)
        if document.content is None:
            continue
        found.extend(
            judge(
                document.name,
                document.content,
                now=context.now,
                address=document.address or arguments.address,
                charset=document.charset,
            )
        )
        found.extend(compare(document.name, document.content, past))
    for problem in _beside_each_other(documents):
        verdicts[problem.place.path].append(problem)
    return _outcome(verdicts, strict=arguments.strict)


def _outcome(verdicts: dict[str, list[Problem]], *, strict: bool) -> Outcome:
    problems = tuple(problem for found in verdicts.values() for problem in found)
    counts = Counter((problem.code, problem.level) for problem in problems)
    summary = f"{counted(len(verdicts), 'document', 'documents')}, {counted(len(problems), 'finding', 'findings')}"
    return Outcome(
        exit_code=1 if strict and problems else exit_code_for(problems),
        lines=(
            *map(str, problems),
            *(f"{number:7,}  {level:7}  {code}" for (code, level), number in counts.most_common()),
            summary,
        ),
        data={
            "documents": [
                {
                    "document": name,
                    "valid": not any(problem.level is Level.ERROR or strict for problem in found),
                    "findings": problem_data(tuple(found)),
                }
                for name, found in verdicts.items()
            ]
        },
    )


def _beside_each_other(documents: list[_Document]) -> Iterator[Problem]:
    """Hold the formats of one feed against each other: documents that differ only in their suffix."""
    feeds: dict[str, dict[str, _Document]] = {}
    for document in documents:
        feeds.setdefault(document.name.rpartition(".")[0] or document.name, {})[document.name] = document
    for formats in feeds.values():
        told = {name: told_by(each.content) for name, each in formats.items() if each.content is not None}
        told = {name: entries for name, entries in told.items() if entries}
        if len(told) > 1:
            yield from disagreements(told)


def _read(name: str, arguments: argparse.Namespace, context: Context) -> _Document:
    if name == "-":
        return _Document("standard input", context.standard_input())
    if name.startswith(("http://", "https://")):
        return _fetched(name, arguments)
    try:
        with (context.directory / Path(name)).open("rb") as file:
            return _Document(name, file.read(MAX_BYTES + 1))
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        return _unreadable(name, f"cannot be read: {reason}", _NOBODY)


def _fetched(url: str, arguments: argparse.Namespace) -> _Document:
    from feedmill.fetching import FetchError, Limits, fetch  # a file needs neither HTTP nor TLS
    from feedmill.validating.http_rules import charset_of, judge_answer

    limits = Limits(seconds=arguments.timeout, max_bytes=MAX_BYTES, allow_private=arguments.allow_private)
    try:
        answer = fetch(url, limits)
        conditions = {
            asked: answer.headers[given]
            for asked, given in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
            if given in answer.headers
        }
        again = fetch(answer.url, limits, conditions).status if conditions and answer.status == 200 else None
    except FetchError as error:
        return _unreadable(url, str(error).removeprefix(f"{url}: "), error.remedy)
    except FeedmillError as error:
        return _unreadable(url, str(error), _NOBODY)
    findings = judge_answer(url, answer.status, answer.headers, answer.content, answer.redirects, again)
    content = answer.content if answer.status == 200 else None
    return _Document(url, content, answer.url, charset_of(answer.headers), tuple(findings))


def _unreadable(name: str, message: str, remedy: str) -> _Document:
    problem = Problem(Level.ERROR, "UnreadableDocument", Place(name), message, remedy)
    return _Document(name, None, findings=(problem,))
