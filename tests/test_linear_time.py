"""Whatever reads what comes from outside takes time in proportion to its size: twice as much takes twice as long."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]  # the parser that `re` itself uses
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import feedcheck
import feedmill
from tests.parts import count

LEAST, MOST = 250, count(8_000, 64_000)
"""How long the texts are, in characters: from the one to the other by doubling."""
FACTOR = 2.6
"""How much longer twice as much may take."""
TELLING = 0.015
"""Seconds: what takes less tells nothing of how it grows."""
RUNS = 3
METHODS = frozenset({"sub", "subn", "match", "search", "findall", "finditer", "split", "fullmatch"})
OPENINGS = (
    "<", ">", "</", "<!--", "<a ", '<a b="', "<body ", "<p>", "<p>x</p>", "<![CDATA[", "&", "&amp;", "&#1", "{{", "{%",
    "{{<", "[", "](", "![", "*", "_", "`", "~", "|", "-", "- ", "#", ":", ";", ",", ", ", ".", "/", "\\", '"', "'", "(",
    ")", "{", "}", "=", "%", "%20", "@", "a", "A", "1", "0", " ", "\n", "\t", "\n \n", "a ", "a\n", "a,", "a=", "1:",
    "1.", "é", "中", "\u200d", "http://", "---\n", "a:\n", "?",
)  # fmt: skip


def modules() -> Iterator[ModuleType]:
    for package in (feedmill, feedcheck):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


class Expression(NamedTuple):
    """An expression, where it stands, and by which of its methods it is used."""

    text: str | bytes
    flags: int
    module: str
    methods: frozenset[str]


def expressions() -> list[Expression]:
    """Return every expression of the packages: those that modules hold, and those that functions hand to `re`."""
    found = []
    for module in modules():
        used: dict[str, set[str]] = {}
        tree = ast.parse(Path(module.__file__ or "").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                used.setdefault(getattr(node.value, "id", ""), set()).add(node.attr)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
                if getattr(node.func.value, "id", "") == "re" and isinstance(text, str | bytes):
                    found.append(Expression(text, 0, module.__name__, frozenset({node.func.attr})))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) or type(value).__name__ in ("_Expression", "_Uncompiled"):
                methods = used.get(name) or set().union(*used.values()) or METHODS
                found.append(Expression(value.pattern, value.flags, module.__name__, frozenset(methods)))
    return found


EXPRESSIONS = expressions()


def pieces_of(text: str) -> set[str]:
    """Return what an expression itself looks for: its literal characters, one after another and all together."""
    found: set[str] = set()

    def walk(items: Any) -> str:
        said = ""
        for operation, argument in items:
            if operation is _constants.LITERAL:
                said += chr(argument)
            elif operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
                inner = walk(argument[2])
                found.add(said + inner)
                said += inner * min(max(argument[0], 1), 3)
            elif operation is _constants.SUBPATTERN:
                said += walk(argument[3])
            elif operation is _constants.BRANCH:
                branches = [walk(each) for each in argument[1]]
                found.update(said + each for each in branches)
                said += branches[0]
            elif operation is _constants.IN:
                first = argument[0]
                said += (
                    chr(first[1])
                    if first[0] is _constants.LITERAL
                    else "a"
                    if first[0] is not _constants.NEGATE
                    else "x"
                )
            elif operation is _constants.ANY:
                said += "x"
        if said:
            found.add(said)
        return said

    walk(_parser.parse(text))
    return {each for each in found if 0 < len(each) < 60}


def seconds(run: Callable[[], object]) -> float:
    best = 9.0
    for _ in range(RUNS):
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
        if best < TELLING:
            break
    return best


def grows(run_with: Callable[[int], Callable[[], object]], least: int = LEAST, most: int = MOST) -> str:
    """Return how time grows with a length where that is more than in proportion, empty where it is not."""
    before, length = seconds(run_with(least)), least * 2
    while length <= most:
        now = seconds(run_with(length))
        if now > TELLING and now > before * FACTOR:
            # A busy machine may have been in the way of one of the two.
            before, now = seconds(run_with(length // 2)), seconds(run_with(length))
            if now > before * FACTOR:
                return f"{length // 2:,} take {before:.3f} s, {length:,} take {now:.3f} s"
        if now > 5:
            return f"{length:,} take {now:.1f} s"
        before, length = now, length * 2
    return ""


def test_the_expressions_are_found() -> None:
    assert len(EXPRESSIONS) > 200


@pytest.mark.parametrize("module", sorted({each.module for each in EXPRESSIONS}))
def test_an_expression_takes_time_in_proportion(module: str) -> None:
    slow = []
    for each in EXPRESSIONS:
        if each.module != module:
            continue
        text = each.text.decode("latin-1") if isinstance(each.text, bytes) else each.text
        for piece in sorted({*OPENINGS, *pieces_of(text)}):
            said = [grows(partial(_using, each, piece, end)) for end in ("", "\x00")]
            if any(said):
                slow.append(f"{each.text!r} on {piece!r}…: {' and '.join(filter(None, said))}")
                break
    assert not slow, "\n".join(slow)


def _using(each: Expression, piece: str, end: str, length: int) -> Callable[[], object]:
    compiled = re.compile(each.text, each.flags)
    content = piece * (length // len(piece)) + end
    given: Any = content.encode() if isinstance(each.text, bytes) else content
    if each.methods <= {"match", "fullmatch"}:
        return lambda: (compiled.match(given), compiled.fullmatch(given))
    return lambda: [None for _ in compiled.finditer(given)]
