"""Every code of a finding has its level and remedy in one place, and stands in the reference."""

from __future__ import annotations

import ast
from pathlib import Path

from feedcheck.catalogue import all_codes, remedy_of
from tests.parts import ROOT

ROOM = ROOT / "src" / "feedcheck"
OF_OUR_OWN = {"relative-url", "template-token", "updated-early", "doctype", "page-title"}
MAKES_CODES = {"Complaint", "_bad", "one_of", "between", "whole_between"}


def codes_given_in(path: Path) -> set[str]:
    """Return the texts that a module hands over as codes: to a Complaint, to what makes checks, as a default."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKES_CODES:
            values = [argument for argument in node.args if isinstance(argument, ast.Constant)]
            found.update(str(value.value) for value in values if isinstance(value.value, str))
    return {code for code in found if code[:1].isupper() and code.isalnum() and not code.isupper() and " " not in code}


def test_every_code_that_a_rule_gives_is_in_the_catalogue() -> None:
    given = set().union(*(codes_given_in(path) for path in ROOM.rglob("*.py")))
    assert len(given) > 120
    assert given - set(all_codes()) == set()


def test_every_code_has_a_remedy() -> None:
    assert [code for code in all_codes() if not remedy_of(code)] == []


def test_every_code_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "validator.md").read_text("utf-8")
    assert [code for code in all_codes() if f"| `{code}` |" not in page] == []
