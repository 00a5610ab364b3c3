"""A JSON document → findings: read strictly, judged by JSON Feed 1.1, each finding where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from lxml.etree import Element

from feedcheck.catalogue import level_of
from feedcheck.findings import Circumstances, Complaint, Spot
from feedcheck.json_positions import Locator, Path, shown
from feedcheck.json_rules import judge_feed
from feedcheck.placing import Position, finding
from feedcheck.report import Finding, Severity

_MAX_FINDINGS = 2_000
_MAX_DIGITS = 300


class _Repeated(dict[str, Any]):
    """An object that has a key twice, which readers take differently."""

    key = ""


def judge_json(path: str, content: bytes, *, now: datetime, address: str = "") -> list[Finding]:
    """Judge a JSON Feed. `address` is where it lies on the web, "" when that is not known."""
    problems = []
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
        said = Complaint("JsonCharacter", "a byte order mark before the JSON", "RFC 8259 §8.1")
        problems.append(finding(path, Position(1, 1), "", said))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        said = Complaint("JsonCharacter", f"not UTF-8 at byte {error.start:,}: {error.reason}", "RFC 8259 §8.1")
        return [*problems, finding(path, Position(line, 1), "", said)]
    try:
        feed = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_no_constant,
            parse_int=lambda digits: int(digits) if len(digits) < _MAX_DIGITS else float("inf"),
        )
    except json.JSONDecodeError as error:
        said = Complaint("JsonSyntax", f"this is not JSON: {error.msg}", "RFC 8259 §2")
        return [*problems, finding(path, Position(error.lineno, error.colno), "", said)]
    except RecursionError:
        said = Complaint("JsonSyntax", "nested too deeply to be a feed", "RFC 8259 §9")
        return [*problems, finding(path, Position(1, 1), "", said)]
    except ValueError as error:
        return [*problems, finding(path, Position(1, 1), "", Complaint("JsonSyntax", str(error), "RFC 8259 §6"))]
    spot = Spot(Element("json"), "", "", Circumstances(kind="json", core="", now=now, address=address))
    said_of = list(islice(_complaints(feed, spot), _MAX_FINDINGS))
    locator = Locator(text if said_of else "")
    problems.extend(finding(path, locator.locate(where), shown(where), complaint) for where, complaint in said_of)
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))


def json_is_right(feed: object, address: str, now: datetime) -> bool:
    """Whether a feed that was read keeps all rules; what its bodies hold, and keys given twice, are not looked at."""
    document = Circumstances(kind="json", core="", now=now, address=address, bodies_are_known=True)
    spot = Spot(Element("json"), "", "", document)
    return not any(
        level_of(complaint.code) is Severity.ERROR for _, complaint in _complaints(feed, spot, keys_are_known=True)
    )


def _complaints(feed: object, spot: Spot, *, keys_are_known: bool = False) -> Iterator[tuple[Path, Complaint]]:
    if not isinstance(feed, dict):
        yield (), Complaint("NotAFeed", "a JSON Feed is one object, and this is a list", "JSON Feed 1.1, top level")
        return
    if {"feeds_url", "documents"} <= feed.keys() and "items" not in feed:
        return  # Feedmill's manifest, which lies among the feeds
    if "version" not in feed and "items" not in feed:
        said = "an object without version and items is not JSON Feed"
        yield (), Complaint("NotAFeed", said, "JSON Feed 1.1, top level")
        return
    if not keys_are_known:
        yield from _repeated((), feed)
    yield from judge_feed(feed, spot)


def _repeated(path: Path, value: object) -> Iterator[tuple[Path, Complaint]]:
    stack: list[tuple[Path, object]] = [(path, value)]
    while stack:
        here, each = stack.pop()
        if isinstance(each, _Repeated):
            said = f"the key '{each.key[:40]}' is given twice, and readers differ in which they take"
            yield here, Complaint("JsonDuplicateKey", said, "RFC 8259 §4")
        if isinstance(each, dict):
            stack.extend(((*here, key), inner) for key, inner in each.items() if isinstance(inner, (dict, list)))
        elif isinstance(each, list):
            stack.extend(
                ((*here, number), inner) for number, inner in enumerate(each) if isinstance(inner, (dict, list))
            )


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    marked = _Repeated(found)
    seen: set[str] = set()
    marked.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return marked


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number of JSON")
