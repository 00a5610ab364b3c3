"""Regular expressions that wait for their first use are those that `re` would have made at once."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import feedmill
from feedmill.expressions import expression


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(feedmill.__path__, "feedmill."):
        if found.name != "feedmill.__main__":
            yield importlib.import_module(found.name)


def test_every_expression_of_the_package_compiles() -> None:
    waiting = type(expression(""))
    found = [value for module in modules() for value in vars(module).values() if isinstance(value, waiting)]
    assert len(found) > 100
    for each in found:
        assert re.compile(each.pattern, each.flags)


@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.ASCII])
def test_an_expression_does_what_a_compiled_one_does(flags: int) -> None:
    text = "One tOw 33 \u0663"
    mine, theirs = expression(r"(?P<word>\w+)o|\d", flags), re.compile(r"(?P<word>\w+)o|\d", flags)
    for _ in range(2):
        assert mine.findall(text) == theirs.findall(text)
        assert mine.sub("x", text) == theirs.sub("x", text)
        assert [each.span() for each in mine.finditer(text)] == [each.span() for each in theirs.finditer(text)]
        assert (mine.match(text), mine.pattern, mine.flags) == (None, theirs.pattern, theirs.flags)
        assert mine.groupindex == theirs.groupindex
    assert expression(rb"\d", flags).split(b"a1b") == [b"a", b"b"]


def test_an_expression_that_is_none_says_so_when_it_is_used() -> None:
    wrong = expression("(")
    with pytest.raises(re.error):
        wrong.match("x")
