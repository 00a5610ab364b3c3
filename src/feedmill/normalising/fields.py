"""A story's metadata as typed values, with a problem for each that is not one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feedmill.characters import illegal_character, xml_legal
from feedmill.located import Mapping, Scalar, Sequence, Value
from feedmill.model import Level, Place, Problem, Story
from feedmill.normalising.text import is_plain, plain_text
from feedmill.normalising.tokens import find_token

_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Fields:
    """The keys of one story, or of one mapping inside it. All share one list of problems."""

    __slots__ = ("mapping", "name", "path", "problems")

    def __init__(self, path: str, mapping: Mapping, problems: list[Problem], name: str = "") -> None:
        self.path = path
        self.mapping = mapping
        self.problems = problems
        self.name = name

    @classmethod
    def of(cls, story: Story) -> Fields:
        """Return the fields of a story, with no problem yet."""
        return cls(story.metadata_path, story.metadata, [])

    @property
    def has_errors(self) -> bool:
        """Whether the story must be left out."""
        return bool(self.problems) and any(problem.level is Level.ERROR for problem in self.problems)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        value = self.mapping.values.get(key)
        return value is not None and not (isinstance(value, Scalar) and value.is_null)

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, with a value or without. Most keys are not, and need no further look."""
        return key in self.mapping.values

    def place(self, key: str) -> Place:
        """Return where the key's value stands, or the file when the key is not there."""
        value = self.mapping.values.get(key)
        return Place(self.path, value.line, value.column) if value is not None else Place(self.path)

    def error(self, key: str, code: str, message: str, remedy: str) -> None:
        """Add a problem that leaves the story out."""
        self.problems.append(Problem(Level.ERROR, code, self.place(key), message, remedy))

    def warning(self, key: str, code: str, message: str, remedy: str) -> None:
        """Add a problem that does not."""
        self.problems.append(Problem(Level.WARNING, code, self.place(key), message, remedy))

    def raw(self, key: str) -> str:
        """Return a text as written, made XML-legal; empty when absent or not a text."""
        value = self.mapping.values.get(key)
        if value is None:
            return ""
        if isinstance(value, Scalar) and value.text.isprintable():
            return "" if value.is_null else value.text
        if not isinstance(value, Scalar):
            self.error(key, "type", f"'{self._full(key)}' must be one text", f"write `{key}: text`")
            return ""
        return "" if value.is_null else self._legal(value, key)

    def plain(self, key: str) -> str:
        """Return one line of plain text, with a problem for template tokens in it."""
        value = self.mapping.values.get(key)
        if value is None:
            return ""
        if isinstance(value, Scalar) and is_plain(value.text) and not value.is_null:
            return value.text.strip()
        return self._plain(self.raw(key), key)

    def plain_texts(self, key: str) -> list[tuple[str, Scalar]]:
        """Return a list of plain texts with what holds them; one text alone is a list of one, empty ones go."""
        found = []
        for item in self._items(key):
            if not isinstance(item, Scalar):
                self.error(key, "type", f"'{self._full(key)}' must be a list of texts", f"write `{key}: [one, two]`")
                continue
            text = item.text.strip() if is_plain(item.text) else self._plain(self._legal(item, key), key)
            if text:
                found.append((text, item))
        return found

    def boolean(self, key: str) -> bool:
        """Return yes or no; absent is no."""
        text = self.raw(key)
        if not text:
            return False
        if text.lower() not in _BOOLEANS:
            self.error(key, "boolean", f"'{text}' is neither true nor false", f"write `{key}: true` or remove it")
        return _BOOLEANS.get(text.lower(), False)

    def switch(self, key: str) -> bool | None:
        """Return yes or no where a key that may hold more says only that; None where it does not."""
        value = self.mapping.values.get(key)
        return _BOOLEANS.get(value.text.strip().lower()) if isinstance(value, Scalar) else None

    def inner(self, key: str, short: str | Callable[[str], str]) -> Iterator[Fields]:
        """Yield each mapping under a key. A text alone stands for a mapping with only the key `short`.

        `short` may be a function that chooses the key by the text.
        """
        full = self._full(key)
        for item in self._items(key):
            if isinstance(item, Sequence):
                self.error(key, "type", f"'{self._full(key)}' may not hold lists in a list", "write one list")
                continue
            if isinstance(item, Scalar):
                name = short if isinstance(short, str) else short(item.text)
                item = Mapping({name: item}, {name: item}, item.line, item.column)
            yield Fields(self.path, item, self.problems, full)

    def _items(self, key: str) -> tuple[Value, ...]:
        value = self.mapping.values.get(key)
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return ()
        if not isinstance(value, Sequence):
            return (value,)
        return tuple(item for item in value.items if not (isinstance(item, Scalar) and item.is_null))

    def _legal(self, value: Scalar, key: str) -> str:
        illegal = illegal_character(value.text)
        if illegal is None:
            return value.text
        self.warning(
            key,
            "control-character",
            f"the character U+{ord(illegal[0]):04X} in '{self._full(key)}' is removed",
            "delete it: XML cannot carry it",
        )
        return xml_legal(value.text)

    def _plain(self, text: str, key: str) -> str:
        token = find_token(text)
        if token is not None:
            self.error(
                key,
                "template-token",
                f"an unresolved template token {token.text} in '{self._full(key)}'",
                "replace it by what it stands for",
            )
        return plain_text(text)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
