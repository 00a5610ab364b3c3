"""YAML text → values that know their line and column.

Values are built from the parser's events, because composing nodes in C overruns the stack on deep nesting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from feedmill.located import LocatedError, Mapping, Scalar, Sequence, Value

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 32
MAX_VALUES = 20_000

_TOO_LARGE = (
    f"more than {MAX_DEPTH} levels or {MAX_VALUES:,} values of YAML",
    "metadata is meant to be short: move long texts into the body",
)


def load_yaml(text: str, *, first_line: int = 1) -> Value:
    """Read one YAML document.

    `first_line` is the line of the file on which `text` begins. An empty document is an empty mapping.
    Raises LocatedError for what does not parse, for tags, anchors and aliases (which are how YAML runs code and
    explodes), and beyond MAX_DEPTH or MAX_VALUES.
    """
    builder = _Builder(first_line)
    try:
        return builder.document(yaml.parse(text, _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line if mark else 0) + first_line, (mark.column if mark else 0) + 1
        said = " ".join(part for part in (error.context, error.problem) if part)
        if "nesting depth" in said:  # PyYAML 6.0.4 and later look ahead no further than a thousand brackets
            raise LocatedError("yaml-too-large", *_TOO_LARGE, line, column) from None
        raise LocatedError(
            "yaml-syntax",
            f"this is not valid YAML: {said}",
            "quote a value that contains ': ', '#' or begins with a special character, and check the indentation",
            line,
            column,
        ) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        raise LocatedError(
            "yaml-characters",
            f"YAML may not contain the character {_code_point(error.character)}",
            "delete the control character",
            before.count("\n") + first_line,
            len(before) - (before.rfind("\n") + 1) + 1,
        ) from None


def _code_point(character: object) -> str:
    number = character if isinstance(character, int) else ord(str(character)[:1] or "\0")
    return f"U+{number:04X}"


class _Builder:
    """Builds values from parser events, keeping count."""

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.count = 0

    def document(self, events: Iterator[yaml.Event]) -> Value:
        root: Value | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    raise self.error(event, "yaml-documents", "a second document begins here", "keep one YAML document")
                root = self.value(event, events, 0)
        return Mapping(line=self.first_line, column=1) if root is None or _is_null(root) else root

    def value(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Value:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise self.error(event, "yaml-too-large", *_TOO_LARGE)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self.error(
                event,
                "yaml-alias",
                "YAML anchors and aliases (&name, *name) are not accepted",
                "write the value out, or quote a text that begins with & or *",
            )
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise self.error(
                event,
                "yaml-tag",
                f"YAML tags are not accepted: {tag}",
                "remove the tag, or quote a text that begins with !",
            )
        line, column = self.place(event)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, line, column, plain=not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self.value(inner, events, depth + 1))
            return Sequence(tuple(items), line, column)
        return self.mapping(events, depth, line, column)

    def mapping(self, events: Iterator[yaml.Event], depth: int, line: int, column: int) -> Mapping:
        values: dict[str, Value] = {}
        keys: dict[str, Scalar] = {}
        repeated: list[Scalar] = []
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = self.value(inner, events, depth + 1)
            if not isinstance(key, Scalar):
                raise self.error(inner, "yaml-key", "a key must be a plain word", "write `key: value`")
            if key.text in values:
                repeated.append(key)
            keys[key.text] = key
            values[key.text] = self.value(next(events), events, depth + 1)
        return Mapping(values, keys, line, column, tuple(repeated))

    def place(self, event: yaml.Event) -> tuple[int, int]:
        mark = event.start_mark
        return (mark.line + self.first_line, mark.column + 1) if mark else (self.first_line, 1)

    def error(self, event: yaml.Event, code: str, message: str, remedy: str) -> LocatedError:
        return LocatedError(code, message, remedy, *self.place(event))


def _is_null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.is_null
