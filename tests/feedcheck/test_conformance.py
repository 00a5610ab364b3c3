"""The W3C's validator is the oracle: its cases, and what it says about each."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from feedcheck import validate
from feedcheck.report import Severity
from feedcheck.xml_reading import read_xml
from feedmill.validating.grammar import follows_grammar
from tests.parts import require_shared

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ON_PURPOSE = {
    # Cases where we say otherwise than the W3C's validator, with the code. docs/reference/validator.md says why.
    "atom/4.1.3.1/type-text-html.xml": "NotHtml",
    "atom/4.2.6/id-noniana.xml": "SchemeNotIANARegistered",
    "rss20/element-channel-item-source/unregistered_item_source_url.xml": "SchemeNotIANARegistered",
    "atom/must/entry_link_not_multiple3.xml": "UnregisteredAtomLinkRel",
    "atom/must/feed_link_not_multiple.xml": "UnregisteredAtomLinkRel",
    "atom/must/feed_link_not_multiple3.xml": "UnregisteredAtomLinkRel",
    "rss/should/system_entity_http.xml": "EntityDeclared",
}


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((require_shared("conformance") / "expected.json").read_text())
    return found


@pytest.fixture(scope="module")
def verdicts(cases: dict[str, Any]) -> dict[str, dict[str, set[str]]]:
    folder = require_shared("conformance") / "cases"
    found: dict[str, dict[str, set[str]]] = {}
    for name in cases:
        problems = validate((folder / name).read_bytes(), name=name, now=NOW).findings
        found[name] = {level.value: {each.code for each in problems if each.level is level} for level in Severity}
    return found


def expected(case: dict[str, Any], level: str) -> set[str]:
    return {finding["code"] for finding in case["findings"] if finding["level"] == level}


def agreement(cases: dict[str, Any], agrees: Any) -> float:
    return sum(1 for name, case in cases.items() if agrees(name, case)) / len(cases)


def test_the_verdict_is_that_of_the_oracle(cases: dict[str, Any], verdicts: dict[str, dict[str, set[str]]]) -> None:
    assert len(cases) == 736
    wrong = [name for name, case in cases.items() if bool(expected(case, "error")) != bool(verdicts[name]["error"])]
    assert wrong == []


def test_error_codes_are_those_of_the_oracle_but_for_what_we_mean(
    cases: dict[str, Any], verdicts: dict[str, dict[str, set[str]]]
) -> None:
    wrong = {name for name, case in cases.items() if expected(case, "error") != verdicts[name]["error"]}
    assert wrong - set(ON_PURPOSE) == set()


def test_warning_codes_are_those_of_the_oracle_in_97_of_100(
    cases: dict[str, Any], verdicts: dict[str, dict[str, set[str]]]
) -> None:
    share = agreement(cases, lambda name, case: expected(case, "warning") == verdicts[name]["warning"])
    assert share >= 0.97


def test_every_case_of_the_table_still_differs(cases: dict[str, Any], verdicts: dict[str, dict[str, set[str]]]) -> None:
    for name, code in ON_PURPOSE.items():
        told = verdicts[name]["error"] | verdicts[name]["warning"]
        oracle = expected(cases[name], "error") | expected(cases[name], "warning")
        assert (code in told) != (code in oracle), name


def test_the_event_that_a_case_is_about_is_told(
    cases: dict[str, Any], verdicts: dict[str, dict[str, set[str]]]
) -> None:
    missed = Counter[str]()
    for name, case in cases.items():
        event = case["expect"]
        told = verdicts[name]["error"] | verdicts[name]["warning"]
        oracle = expected(case, "error") | expected(case, "warning")
        if name not in ON_PURPOSE and (event.lstrip("!") in oracle) != (event.lstrip("!") in told):
            missed[event] += 1
    assert missed == Counter()


def test_what_the_grammar_accepts_has_no_error_in_structure(cases: dict[str, Any]) -> None:
    """Two accounts of the standards, made independently: the narrow one may not let pass what the wide one refuses."""
    folder = require_shared("conformance") / "cases"
    structure = {
        *("MissingElement", "MissingTitle", "MissingLink", "MissingDescription", "DuplicateElement", "MissingHref"),
        *("UnexpectedAttribute", "InvalidTextType", "MissingXhtmlDiv", "InvalidNamespace", "InvalidRSSVersion"),
    }
    accepted = 0
    for name in cases:
        content = (folder / name).read_bytes()
        document = read_xml(content)
        if document.root is None or document.complaints or not follows_grammar(document.root):
            continue
        accepted += 1
        errors = {each.code for each in validate(content, name=name, now=NOW).findings if each.level is Severity.ERROR}
        assert errors & structure == set(), (name, errors)
    assert accepted > 200


def test_findings_name_a_line_an_element_a_remedy_and_mostly_a_clause(cases: dict[str, Any]) -> None:
    folder = require_shared("conformance") / "cases"
    with_clause = found = 0
    for name in cases:
        for problem in validate((folder / name).read_bytes(), name=name, now=NOW).findings:
            found += 1
            with_clause += bool(problem.clause)
            assert problem.line > 0, (name, problem)
            assert problem.column > 0, (name, problem)
            assert problem.remedy, problem.code
    assert with_clause / found > 0.95
