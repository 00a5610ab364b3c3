"""YAML in its plainest form → values: what most front matter is, read without libyaml, which has all the rest.

Keys at the margin, each with one text, a list in brackets or a list in lines; nothing nested, escaped, folded or
commented. PyYAML makes a Python object of every event, which takes five times as long as all of this. What is read here
comes out as `load_yaml` would give it, to the place of every value: a test holds the two against each other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from feedmill.expressions import expression
from feedmill.located import Mapping, Scalar, Sequence, Value

_MAX_CHARACTERS = 10_000
"""Far below any bound on the number of values."""
# YAML 1.1 §5.3: what may not begin a plain text, and a few that may, but only before certain characters.
_INDICATORS = "-?:,[]{}#&*!|>'\"%@`"
_NO_BEGIN, _NO_PART = re.escape(_INDICATORS), re.escape(_INDICATORS[1:])
_KEY = expression(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_ITEM = expression(rf"( *)(?:\"([^\"\\\n]*)\"|'([^'\n]*)'|([^{_NO_BEGIN} ][^{_NO_PART}]*)) *(?:,|\Z)")
_LIST = (" ", "-")
"""How the lines of a list begin."""


def read_plain_yaml(text: str, *, first_line: int = 1) -> Mapping | None:
    """Read keys and values in their plainest form, None where there is anything else in the text.

    `first_line` is the line of the file on which `text` begins. Every line ends in a line feed.
    """
    lines = text.split("\n")
    # What a line or a YAML reader could take for the end of something, or refuse, cannot be printed.
    if lines.pop() or len(text) > _MAX_CHARACTERS or not "".join(lines).isprintable():
        return None
    values: dict[str, Value] = {}
    keys: dict[str, Scalar] = {}
    number, count = 0, len(lines)
    while number < count:
        written = lines[number]
        line = first_line + number
        number += 1
        name, colon, rest = written.partition(":")
        key = _key(name, line)
        if key is None or not colon or name in values:
            return None
        text = rest.strip(" ")
        value: Value | None
        if not text:
            value = Scalar("", line, len(name) + 2, plain=True)
            if number < count and lines[number].startswith(_LIST):
                value = _lines(lines, number, line + 1)
                number += len(value.items) if value is not None else 0
        elif rest[0] != " ":
            return None
        else:
            column = len(name) + 3 if rest[1] != " " else len(written) - len(rest.lstrip(" ")) + 1
            value = _sequence(text, line, column) if text[0] == "[" else _scalar(text, line, column)
        if value is None:
            return None
        keys[name] = key
        values[name] = value
    return Mapping(values, keys, first_line, 1) if values else None


@lru_cache(2048)  # the stories of a site have the same keys, mostly on the same lines
def _key(name: str, line: int) -> Scalar | None:
    """Return a key, None where it is not one of the plainest."""
    return Scalar(name, line, 1, plain=True) if _KEY.fullmatch(name) else None


def _scalar(text: str, line: int, column: int) -> Scalar | None:
    """Return a text, None where it is neither plain nor quoted without an escape, or has a key or comment."""
    first = text[0]
    if first not in _INDICATORS:
        # One character is found in a fraction of the time that two take.
        if (":" in text and (": " in text or text[-1] == ":")) or ("#" in text and " #" in text):
            return None
        return Scalar(text, line, column, plain=True)
    if first not in "\"'" or text.find(first, 1) != len(text) - 1 or (first == '"' and "\\" in text):
        return None
    return Scalar(text[1:-1], line, column)


@lru_cache(2048)  # the same authors and topics come again and again
def _sequence(text: str, line: int, column: int) -> Sequence | None:
    """Return a list in brackets."""
    if text.rfind("[") or text.find("]") != len(text) - 1:
        return None
    items = []
    inner = text[1:-1]
    at, end = 0, len(inner)
    if not inner.strip(" "):
        return Sequence((), line, column)
    while at < end:
        found = _ITEM.match(inner, at)
        if found is None:
            return None
        gap, double, single, plain = found.groups()
        place = column + 1 + at + len(gap)
        if plain is not None:
            items.append(Scalar(plain.rstrip(" "), line, place, plain=True))
        else:
            items.append(Scalar(single if double is None else double, line, place))
        at = found.end()
    return None if inner.rstrip(" ")[-1] == "," else Sequence(tuple(items), line, column)


def _lines(lines: list[str], number: int, line: int) -> Sequence | None:
    """Return the list whose lines begin with one of the text's lines."""
    items: list[Value] = []
    indent = -1
    for at in range(number, len(lines)):
        written = lines[at]
        if not written.startswith(_LIST):
            break
        marked = written.lstrip(" ")
        before = len(written) - len(marked)
        text = marked[1:].strip(" ")
        if not text or not marked.startswith("- ") or indent not in (-1, before):
            return None
        indent = before
        column = len(written) - len(marked[1:].lstrip(" ")) + 1
        item = _scalar(text, line + len(items), column)
        if item is None:
            return None
        items.append(item)
    return Sequence(tuple(items), line, indent + 1)
