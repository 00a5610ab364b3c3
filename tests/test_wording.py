"""Plain English: words that docs/style.md has replaced stand nowhere that a user or a reader looks."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.parts import ROOT

OLD = {
    "mend": r"\bmend(?:s|ed|ing)?\b",
    "told": r"\btold\b",
    "tells": r"\btells?\b",
    "anew": r"\banew\b",
    "whoever": r"\bwhoever\b",
    "put right": r"\bput right\b",
    "is no date": r"(?<=[\w'}>”])(?<![Tt]here) is no (?:possible |full |whole |web |valid )?"
    r"(?:date|address|number|story|page|feed|URI|URL|media type|language tag|duration|file|text|link|template)\b",
    "is none": r"(?<!here)(?<!where) is none(?= of\b)",
    "mean it with --force": r"\bmean it with\b",
    "ledger as told": r"\bledger as told\b",
    "what a build does not do again": r"\bwhat a build does not do again\b",
    "lying": r"\b[Ll]ying\b",
}
"""What each old word or phrase looks like. Those of the ledger's own docstrings are still to be replaced."""
ALLOWED = {
    ("docs/style.md", "is no date"),  # it says what not to write
    ("docs/style.md", "told"),
    ("tests/test_wording.py", "ledger as told"),
}
KEYS_OF_DATA = re.compile(r"[a-z_]+")
"""A literal that is one word is a key of a format or of a table, and read by programs."""


def tracked(*patterns: str) -> list[Path]:
    found = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in found.splitlines() if (ROOT / name).is_file()]


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what a person reads in a module: its messages and docstrings, each with its line."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) in docstrings and path.is_relative_to(ROOT / "src" / "feedmill" / "ledger"):
            continue
        if "SELECT" in node.value or "INSERT" in node.value or "UPDATE" in node.value:
            continue
        if not KEYS_OF_DATA.fullmatch(node.value):
            yield node.lineno, re.sub(r"`[^`]*`", "", node.value)


def test_no_old_word_stands_where_a_reader_looks() -> None:
    texts = [(path, 0, path.read_text("utf-8")) for path in tracked("*.md", "docs/feedmill.1", "*.html", ".github")]
    texts = [each for each in texts if not each[0].is_relative_to(ROOT / "content")]
    texts = [each for each in texts if not each[0].is_relative_to(ROOT / "feeds")]
    for path in tracked("src/*.py"):
        texts += [(path, line, text) for line, text in texts_of(path)]
    assert len(texts) > 3_000
    found = []
    for path, line, text in texts:
        name = path.relative_to(ROOT).as_posix()
        for word, looks_like in OLD.items():
            if (name, word) not in ALLOWED:
                for match in re.finditer(looks_like, text):
                    at = line or text.count("\n", 0, match.start()) + 1
                    found.append(f"{name}:{at}: {word}: {text[max(0, match.start() - 40) : match.end() + 30]!r}")
    assert not found, "\n".join(found)


def test_the_style_guide_names_what_to_write_instead() -> None:
    style = (ROOT / "docs" / "style.md").read_text("utf-8")
    for word in ("reported", "fixed", "is not a valid date", "confirm with --force"):
        assert word in style
