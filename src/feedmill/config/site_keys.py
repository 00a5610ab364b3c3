"""Reading keys of feedmill.yaml: typed values, unknown keys with the nearest known one, and their lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedmill.config.key_definitions import Key, ValueKind
from feedmill.located import Mapping, Scalar, Value
from feedmill.located import Sequence as Items
from feedmill.model import Level, Place, Problem

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Section:
    """One mapping of the file. Every finding is added to the list of problems that all sections share."""

    def __init__(self, path: str, name: str, mapping: Mapping, problems: list[Problem], definition: Key) -> None:
        self.path = path
        self.name = name
        self.mapping = mapping
        self.problems = problems
        self.definition = definition
        known = list(definition.keys)
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
        if definition.one_of and sum(map(self.has, definition.one_of)) != 1:
            message = f"'{name}' needs either {' or '.join(definition.one_of)}"
            self._add(mapping, "collection", message, definition.remedy)

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

    def text(self, key: str, default: str = "") -> str:
        """Return one text; `default` when it is absent; a problem when it is required or not what the key may hold."""
        definition = self.definition.keys[key]
        if not self.has(key):
            if definition.is_required:
                self._add(self.mapping, "missing", f"'{self._full(key)}' is missing", definition.remedy or "add it")
            return default
        value = self.mapping.values[key]
        text = self._one_text(value, self._full(key))
        if text is None or not self._is_allowed(key, text, value):
            return default
        return text

    def _one_text(self, value: Value, name: str) -> str | None:
        if not isinstance(value, Scalar):
            self._add(value, "type", f"'{name}' must be one text", "write a single value")
            return None
        if not name.startswith("content.shortcodes.") and any(mark in value.text for mark in ("{{", "}}", "{%")):
            self._add(value, "template-token", f"an unresolved template token in '{name}'", "replace it by its value")
        return "" if value.is_null else value.text

    def _is_allowed(self, key: str, text: str, value: Value) -> bool:
        """Whether a text is one that the key may hold; a problem when it is not."""
        definition = self.definition.keys[key]
        is_chosen = not definition.choices or text in definition.choices or ValueKind.NUMBER in definition.kinds
        if is_chosen and (not definition.pattern or re.fullmatch(definition.pattern, text)):
            return True
        self._add(value, "value", f"'{text}' is not a valid {self._full(key)}", definition.remedy)
        return False

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
        """Return a list of texts, or `default` when the key is absent; a problem for each that the key may not hold."""
        if not self.has(key):
            return tuple(default)
        return tuple(item.text for item in self.scalars(key) if self._is_allowed(key, item.text, item))

    def holds_keys(self, key: str) -> bool:
        """Whether the key's value is a mapping."""
        return isinstance(self.mapping.values.get(key), Mapping)

    def mapping_of_texts(self, key: str) -> dict[str, str]:
        """Return a mapping of names to texts, empty when absent."""
        inner = self.section(key)
        texts = {name: inner._one_text(value, inner._full(name)) for name, value in inner.mapping.values.items()}
        return {
            name: text
            for name, text in texts.items()
            if text is not None and self._is_allowed(key, text, inner.mapping.values[name])
        }

    def mapping_of_lists(self, key: str) -> dict[str, tuple[Scalar, ...]]:
        """Return a mapping of names to lists of texts with their places, empty when absent."""
        inner = self.section(key)
        return {name: tuple(inner.scalars(name)) for name in inner.mapping.values}

    def says(self, key: str, word: str) -> bool:
        """Whether the key's value is a certain word."""
        value = self.mapping.values.get(key)
        return isinstance(value, Scalar) and value.text == word

    def whole_number(self, key: str, default: int) -> int:
        """Return a whole number, at least the least that the key may hold."""
        definition, text = self.definition.keys[key], self.text(key, str(default))
        if re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= definition.least:
            return int(text)
        message = f"'{text}' is not a whole number of at least {definition.least}"
        self.complain(key, "number", message, definition.remedy)
        return default

    def boolean(self, key: str, default: bool) -> bool:
        """Return yes or no."""
        text = self.text(key, "true" if default else "false")
        if text.lower() not in _BOOLEANS:
            self.complain(key, "boolean", f"'{text}' is neither true nor false", self.definition.keys[key].remedy)
        return _BOOLEANS.get(text.lower(), default)

    def section(self, key: str) -> Section:
        """Return the mapping under a key, empty when absent."""
        definition = self.definition.keys[key]
        if definition.is_required and not self.has(key):
            self._add(self.mapping, "missing", f"'{self._full(key)}:' is missing", "add it, or run `feedmill init`")
        return self._inner(key, self.mapping.values.get(key), definition)

    def sections(self, key: str) -> list[tuple[str, Section]]:
        """Return the mappings under a key by their names, such as the topics."""
        definition = self.definition.keys[key]
        outer = self._inner(key, self.mapping.values.get(key), Key(definition.meaning, (ValueKind.SECTION,)))
        return [(name, outer._inner(name, value, definition)) for name, value in outer.mapping.values.items()]

    def _inner(self, key: str, value: Value | None, definition: Key) -> Section:
        if value is None or (isinstance(value, Scalar) and value.is_null):
            place = self.mapping.keys.get(key, self.mapping)
            value = Mapping(line=place.line, column=place.column)
        elif not isinstance(value, Mapping):
            self._add(value, "type", f"'{self._full(key)}' must hold keys", "write `key: value` lines under it")
            value = Mapping(line=value.line, column=value.column)
        return Section(self.path, self._full(key), value, self.problems, definition)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _add(self, value: Value, code: str, message: str, remedy: str) -> None:
        place = Place(self.path, value.line or 1, value.column or 1)
        self.problems.append(self.problem(place, code, message, remedy))
