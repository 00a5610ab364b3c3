"""Every code that the source raises is in the catalogue, every one there is raised, and the reference is made of it."""

from __future__ import annotations

import ast
import re

from feedmill.problem_catalogue import CATALOGUE, reference
from tests.parts import ROOT

SOURCE = ROOT / "src" / "feedmill"
RAISES = {"Problem", "LocatedError", "error", "warning", "problem", "_problem", "complain", "_add"}
"""What a problem is made by."""
MADE_OF_PARTS = {"ref-missing": "ref-", "ref-ambiguous": "ref-"}
"""Codes that are joined where they are raised, by the part that stands there."""
CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def literals() -> dict[str, set[str]]:
    """Return every text that looks like a code, by whether it stands in config/ or elsewhere, beside the catalogue."""
    found: dict[str, set[str]] = {"config": set(), "": set()}
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        if path.name in ("problem_catalogue.py", "key_definitions.py") or room == "validating":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found["config" if room == "config" else ""].add(node.value)
    return found


def raised() -> set[str]:
    """Return the codes that are written out where a problem is made."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        if room in ("validating", "operations", "rendering") or path.name == "problem_catalogue.py":
            continue
        prefix = "config-" if room == "config" and path.name != "yaml_values.py" else ""
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            places = {"Problem": [1], "LocatedError": [0], "_add": [1], "complain": [1], "_problem": [1, 2, 3]}
            places |= {"error": [1] if room == "normalising" else [0], "warning": [1], "problem": [1, 2]}
            if name not in RAISES:
                continue
            for at in places[name]:
                given = node.args[at] if at < len(node.args) else None
                if isinstance(given, ast.Constant) and isinstance(given.value, str) and CODE.fullmatch(given.value):
                    found.add(prefix + given.value)
    return found


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    found = raised()
    assert len(found) > 80
    assert found - CATALOGUE.keys() == set()


def test_every_code_of_the_catalogue_is_raised_somewhere() -> None:
    texts = literals()
    for code in CATALOGUE:
        of_configuration = code.startswith("config-")
        written = MADE_OF_PARTS.get(code, code.removeprefix("config-"))
        assert written in texts["config" if of_configuration else ""] | (
            set() if of_configuration else texts["config"]
        ), code


def test_every_kind_says_what_is_wrong_and_what_to_do() -> None:
    for code, kind in CATALOGUE.items():
        assert CODE.fullmatch(code)
        for text in (kind.meaning, kind.remedy):
            assert text
            assert text[0].islower() or text[0] in "`YF", code
            assert not text.endswith("."), code


def test_the_reference_is_made_from_the_catalogue() -> None:
    path = ROOT / "docs" / "reference" / "problems.md"
    assert path.read_text("utf-8") == reference(), "run `make reference`"
