"""The command `feedcheck`: documents in files, on standard input or on the web → their reports, as lines or as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from feedcheck.agreement import disagreements
from feedcheck.comparing import compare
from feedcheck.document_reading import NamedDocument, Reader
from feedcheck.entry_facts import entries_of
from feedcheck.judging import validate
from feedcheck.regex import expression
from feedcheck.report import Finding, Report

_UNPRINTABLE = expression("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
"""C0, DEL, C1, separators of lines and paragraphs, bidi controls."""

SUMMARY = "judge Atom, RSS, JSON Feed and OPML documents"
EXAMPLES = """examples:
  PROGRAM feeds/china.atom
  PROGRAM feeds/*.atom feeds/*.rss feeds/*.json feeds/feeds.opml
  PROGRAM https://example.org/feeds/all.atom
  PROGRAM --against yesterday.atom feeds/china.atom
  curl -s https://example.org/feeds/all.rss | PROGRAM -

Documents that differ only in their suffix (china.atom, china.rss) are one feed, and compared with each other.
Over HTTP the answer is judged as well: status, media type, compression, and whether polling again costs nothing.

Exit codes: 0 no errors; 1 errors, or with --strict warnings."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which documents, and how strictly."""
    parser.add_argument(
        "documents",
        metavar="FILE|URL",
        nargs="+",
        help="a document: a file, an http or https address, or - for standard input",
    )
    parser.add_argument("--strict", action="store_true", help="let warnings fail as errors do")
    parser.add_argument(
        "--against",
        metavar="OLD",
        action="append",
        default=[],
        help="an earlier version of the same feed: report what subscribers would see twice or wrongly; "
        "give several, the oldest first",
    )
    parser.add_argument(
        "--address", metavar="URL", default="", help="where the document will lie, to compare self with"
    )
    parser.add_argument(
        "--allow-private", action="store_true", help="fetch from addresses in private ranges, such as 127.0.0.1"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=20.0, help="how long a fetch may take in all (20)"
    )


def reports_of(
    arguments: argparse.Namespace, *, now: datetime, directory: Path, standard_input: Callable[[], bytes]
) -> list[Report]:
    """Judge each document by itself, beside the other formats of its feed, and against its past.

    Of the earlier versions only those that cannot be read have a report.
    """
    reader = Reader(directory, standard_input, arguments.timeout, arguments.allow_private)
    documents = [reader.read(name) for name in arguments.documents]
    earlier = [reader.read(name) for name in arguments.against]
    past = [document.content for document in earlier if document.content is not None]
    found: dict[str, list[Finding]] = {each.name: list(each.findings) for each in earlier if each.findings}
    for document in documents:
        findings = found.setdefault(document.name, [])
        findings.extend(document.findings)
        if document.content is None:
            continue
        report = validate(
            document.content,
            name=document.name,
            now=now,
            address=document.address or arguments.address,
            charset=document.charset,
        )
        findings.extend(report.findings)
        findings.extend(compare(document.content, past, name=document.name))
    for finding in _disagreements(documents):
        found[finding.name].append(finding)
    return [Report(name, tuple(findings)) for name, findings in found.items()]


def exit_code_of(reports: Sequence[Report], *, strict: bool) -> int:
    """Return 1 when a document is not valid, or when any has a finding at all and `strict` is asked for."""
    return int(any(not report.is_valid or (strict and report.findings) for report in reports))


def report_lines(reports: Sequence[Report]) -> list[str]:
    """Return every finding, how often each code was found, and a summary."""
    findings = [finding for report in reports for finding in report.findings]
    counts = Counter((finding.code, finding.level) for finding in findings)
    return [
        *map(str, findings),
        *(f"{number:7,}  {level:7}  {code}" for (code, level), number in counts.most_common()),
        f"{_counted(len(reports), 'document')}, {_counted(len(findings), 'finding')}",
    ]


def report_data(reports: Sequence[Report], *, strict: bool) -> list[dict[str, Any]]:
    """Return the reports for programs."""
    return [
        {
            "document": report.name,
            "valid": report.is_valid and not (strict and report.findings),
            "findings": [_finding_data(finding) for finding in report.findings],
        }
        for report in reports
    ]


def command() -> NoReturn:
    """Run the command line and exit."""
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # a reader that went away (`feedcheck … | head`) is not a fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="feedcheck",
        description=SUMMARY[0].upper() + SUMMARY[1:] + ".",
        epilog=EXAMPLES.replace("PROGRAM", "feedcheck"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"feedcheck {version('feedmill')}")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")
    add_arguments(parser)
    arguments = parser.parse_args(words)
    reports = reports_of(
        arguments, now=datetime.now(UTC), directory=Path(), standard_input=lambda: sys.stdin.buffer.read()
    )
    code = exit_code_of(reports, strict=arguments.strict)
    if arguments.json:
        data = {"exit": code, "documents": report_data(reports, strict=arguments.strict)}
        # What acts on a terminal is escaped as JSON does, and so is all that is not ASCII.
        for line in json.dumps(data, indent=2).split("\n"):
            _print(line)
    else:
        for line in report_lines(reports):
            _print(line)
    return code


def _disagreements(documents: Sequence[NamedDocument]) -> Iterator[Finding]:
    """Compare the formats of one feed: documents whose names differ only in their suffix."""
    feeds: dict[str, dict[str, NamedDocument]] = {}
    for document in documents:
        feeds.setdefault(document.name.rpartition(".")[0] or document.name, {})[document.name] = document
    for formats in feeds.values():
        facts = {name: entries_of(each.content) for name, each in formats.items() if each.content is not None}
        facts = {name: entries for name, entries in facts.items() if entries}
        if len(facts) > 1:
            yield from disagreements(facts)


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level.value,
        "code": finding.code,
        "path": finding.name,
        "line": finding.line or None,
        "column": finding.column or None,
        "message": finding.message,
        "remedy": finding.remedy,
        **({"element": finding.element} if finding.element else {}),
        **({"clause": finding.clause} if finding.clause else {}),
    }


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def _print(line: str) -> None:
    """Print one line of any origin on any terminal: what could act on it, and what its encoding lacks, is spelt out."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = line if line.isprintable() else _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], line)
    print(shown.encode(encoding, "backslashreplace").decode(encoding))
