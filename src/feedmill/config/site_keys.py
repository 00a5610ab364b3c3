"""Reading keys of feedmill.yaml: typed values, unknown keys with the nearest known one, and their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from feedmill.located import Mapping, Scalar, Value
from feedmill.located import Sequence as Items
from feedmill.model import Level, Place, Problem

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Section:
    """One mapping of the file. Every finding is added to the list of problems that all sections share."""

    def __init__(
        self, path: str, name: str, mapping: Mapping, problems: list[Problem], *, known: Iterable[str]
    ) -> None:
        self.path = path
        self.name = name
        self.mapping = mapping
        self.problems = problems
        known = list(known)
        for again in mapping.repeated:
            self._add(
                again, "repeated-key", f"the key '{self._full(again.text)}' is given twice", "keep one of the two"
            )
        for key, place in mapping.keys.items():
            if known and key not in known:
                # Only a slip needs it.
                from difflib import get_close_matches

                near = get_close_matches(key, known, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
                self._add(place, "unknown-key", f"unknown key '{self._full(key)}'", hint)

    @staticmethod
    def problem(place: Place, code: str, message: str, remedy: str) -> Problem:
        """Make a configuration problem: these always stop the run."""
        return Problem(Level.ERROR, f"config-{code}", place, message, remedy)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        value = self.mapping.values.get(key)
        return value is not None and not (isinstance(value, Scalar) and value.is_null)

    def complain(self, key: str, code: str, message: str, remedy: str) -> None:
        """Add a problem at the key's value, or at the section itself when the key is not there."""
        self._add(self.mapping.values.get(key, self.mapping), code, message, remedy)

    def text(
        self,
        key: str,
        default: str = "",
        *,
        required: bool = False,
        matching: re.Pattern[str] | None = None,
        remedy: str = "",
    ) -> str:
        """Return one text; `default` when it is absent; a problem when required, empty or not matching."""
        if not self.has(key):
            if required:
                self._add(self.mapping, "missing", f"'{self._full(key)}' is missing", remedy or "add it")
            return default
        value = self.mapping.values[key]
        if not isinstance(value, Scalar):
            self._add(value, "type", f"'{self._full(key)}' must be one text", "write a single value")
            return default
        if self.name != "content.shortcodes" and any(mark in value.text for mark in ("{{", "}}", "{%")):
            message = f"an unresolved template token in '{self._full(key)}'"
            self._add(value, "template-token", message, "replace it by what it stands for")
        if matching is not None and not matching.fullmatch(value.text):
            self._add(value, "value", f"'{value.text}' is no {self._full(key)}", remedy)
            return default
        return value.text

    def scalars(self, key: str) -> list[Scalar]:
        """Return a list of texts with their places; one text alone is a list of one."""
        value = self.mapping.values.get(key)
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return []
        if isinstance(value, Scalar):
            return [value]
        items = value.items if isinstance(value, Items) else ()
        texts = [item for item in items if isinstance(item, Scalar) and not item.is_null]
        if len(texts) != len(items) or isinstance(value, Mapping):
            self._add(value, "type", f"'{self._full(key)}' must be a list of texts", "write [one, two]")
        return texts

    def texts(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return a list of texts, or `default` when the key is absent."""
        return tuple(item.text for item in self.scalars(key)) if self.has(key) else tuple(default)

    def holds_keys(self, key: str) -> bool:
        """Whether the key's value is a mapping."""
        return isinstance(self.mapping.values.get(key), Mapping)

    def mapping_of_texts(self, key: str) -> dict[str, str]:
        """Return a mapping of names to texts, empty when absent."""
        inner = self.section(key, ())
        return {name: inner.text(name) for name in inner.mapping.values}

    def whole_number(self, key: str, default: int, *, least: int) -> int:
        """Return a whole number of at least `least`."""
        text = self.text(key, str(default))
        if re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= least:
            return int(text)
        self.complain(key, "number", f"'{text}' is no whole number from {least}", "write a number like 50")
        return default

    def boolean(self, key: str, default: bool) -> bool:
        """Return yes or no."""
        text = self.text(key, "true" if default else "false")
        if text.lower() not in _BOOLEANS:
            self.complain(key, "boolean", f"'{text}' is neither true nor false", "write true or false")
        return _BOOLEANS.get(text.lower(), default)

    def section(self, key: str, known: Sequence[str], *, required: bool = False) -> Section:
        """Return the mapping under a key, empty when absent."""
        value = self.mapping.values.get(key)
        if required and not self.has(key):
            self._add(self.mapping, "missing", f"'{self._full(key)}:' is missing", "add it, or run `feedmill init`")
        return self._inner(key, value, known)

    def sections(self, key: str, known: Sequence[str]) -> list[tuple[str, Section]]:
        """Return the mappings under a key by their names, such as the topics."""
        outer = self.section(key, ())
        return [(name, outer._inner(name, value, known)) for name, value in outer.mapping.values.items()]

    def _inner(self, key: str, value: Value | None, known: Sequence[str]) -> Section:
        if value is None or (isinstance(value, Scalar) and value.is_null):
            place = self.mapping.keys.get(key, self.mapping)
            value = Mapping(line=place.line, column=place.column)
        elif not isinstance(value, Mapping):
            self._add(value, "type", f"'{self._full(key)}' must hold keys", "write `key: value` lines under it")
            value = Mapping(line=value.line, column=value.column)
        return Section(self.path, self._full(key), value, self.problems, known=known)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _add(self, value: Value, code: str, message: str, remedy: str) -> None:
        place = Place(self.path, value.line or 1, value.column or 1)
        self.problems.append(self.problem(place, code, message, remedy))
