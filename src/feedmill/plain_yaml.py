"""YAML in its plainest form → values: what most front matter is, read without libyaml, which has all the rest.

Keys at the margin, each with one text, a list in brackets or a list in lines; nothing nested, escaped, folded or
commented. PyYAML makes a Python object of every event, which takes five times as long as all of this. What is read here
comes out as `load_yaml` would give it, to the place of every value: a test holds the two against each other.
"""

from __future__ import annotations

import re

from feedmill.located import Mapping, Scalar, Sequence, Value

_MAX_CHARACTERS = 10_000
"""Far below any bound on the number of values."""
# YAML 1.1 §5.3: what may not begin a plain text, and a few that may, but only before certain characters.
_INDICATORS = "-?:,\\[\\]{}#&*!|>'\"%@`"
_TEXT = rf"\"([^\"\\\n]*)\"|'([^'\n]*)'|((?![{_INDICATORS} ])[^\n]*[^ \n])"
_KEY = re.compile(rf"([A-Za-z_][A-Za-z0-9_-]{{0,99}}):(?:( +)(?:{_TEXT}|\[([^\[\]\n]*)\]))? *\n")
_LINE = re.compile(rf"( *)-( +)(?:{_TEXT}) *\n")
_ITEM = re.compile(rf"( *)(?:\"([^\"\\\n]*)\"|'([^'\n]*)'|([^{_INDICATORS} ][^{_INDICATORS[1:]}]*)) *(?:,|\Z)")


def read_plain_yaml(text: str, *, first_line: int = 1) -> Mapping | None:
    """Read keys and values in their plainest form, None where there is anything else in the text.

    `first_line` is the line of the file on which `text` begins. Every line ends in a line feed.
    """
    # What a line or a YAML reader could take for the end of something, or refuse, cannot be printed.
    if not text.endswith("\n") or len(text) > _MAX_CHARACTERS or not text.replace("\n", "").isprintable():
        return None
    values: dict[str, Value] = {}
    keys: dict[str, Scalar] = {}
    at, line, end = 0, first_line, len(text)
    while at < end:
        found = _KEY.match(text, at)
        if found is None:
            return None
        key, gap, double, single, plain, listed = found.groups()
        if key in values:
            return None
        column = len(key) + 2 + len(gap or "")
        at = found.end()
        value: Value | None
        if plain is not None:
            value = _scalar(plain, line, column)
        elif double is not None or single is not None:
            value = Scalar(single if double is None else double, line, column)
        elif listed is not None:
            value = _sequence(listed, line, column)
        elif text[at : at + 1] in (" ", "-"):
            lines = _lines(text, at, line + 1)
            if lines is None:
                return None
            value, after = lines
            keys[key] = Scalar(key, line, 1, plain=True)
            values[key] = value
            line += len(value.items) + 1
            at = after
            continue
        else:
            value = Scalar("", line, len(key) + 2, plain=True)
        if value is None:
            return None
        keys[key] = Scalar(key, line, 1, plain=True)
        values[key] = value
        line += 1
    return Mapping(values, keys, first_line, 1) if values else None


def _scalar(text: str, line: int, column: int) -> Scalar | None:
    """Return a plain text, None where a part of it is a key or a comment."""
    if ": " in text or " #" in text or text[-1] == ":":
        return None
    return Scalar(text, line, column, plain=True)


def _sequence(text: str, line: int, column: int) -> Sequence | None:
    """Return the list that stands between brackets."""
    items = []
    at, end = 0, len(text)
    if not text.strip(" "):
        return Sequence((), line, column)
    while at < end:
        found = _ITEM.match(text, at)
        if found is None:
            return None
        gap, double, single, plain = found.groups()
        place = column + 1 + at + len(gap)
        if plain is not None:
            items.append(Scalar(plain.rstrip(" "), line, place, plain=True))
        else:
            items.append(Scalar(single if double is None else double, line, place))
        at = found.end()
    return None if text.rstrip(" ")[-1] == "," else Sequence(tuple(items), line, column)


def _lines(text: str, at: int, line: int) -> tuple[Sequence, int] | None:
    """Return the list whose lines begin at a place of the text, and where the next key does."""
    items = []
    indent = -1
    first = line
    while text[at : at + 1] in (" ", "-"):
        found = _LINE.match(text, at)
        if found is None:
            return None
        before, gap, double, single, plain = found.groups()
        if indent not in (-1, len(before)):
            return None
        indent = len(before)
        place = indent + 2 + len(gap)
        quoted = single if double is None else double
        item = _scalar(plain, line, place) if quoted is None else Scalar(quoted, line, place)
        if item is None:
            return None
        items.append(item)
        at, line = found.end(), line + 1
    return Sequence(tuple(items), first, indent + 1), at
