"""Story text → front matter and body: YAML, TOML and JSON, and what a person can still read of damaged ones."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from typing import Any

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.located import LocatedError, Mapping, Scalar, Sequence, Value
from feedmill.reading.plain_yaml import read_plain_yaml

_YAML_OPENING = expression(r"---[ \t]*\n")
_YAML_CLOSING = expression(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
_TOML_OPENING = expression(r"\+\+\+[ \t]*\n")
_TOML_CLOSING = expression(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE)
_FIRST_KEY = expression(r"\s*^[A-Za-z_][\w-]*:(?:[ \t]|$)", re.MULTILINE)
_KEY_LINE = expression(r"(?:[A-Za-z_][\w-]*:(?:[ \t].*)?|[ \t]+.*|-[ \t].*|#.*|[ \t]*)$")
_BLANK = expression(r"(?:[ \t]*\n)+")

MAX_CHARACTERS = 256_000


class Mended(Struct, frozen=True):
    """What was wrong with front matter that could be read all the same."""

    line: int
    message: str
    remedy: str


class Parts(Struct, frozen=True):
    """Metadata (None where a file carries none), body, and the line of the file on which the body begins.

    `language` is yaml, toml or json, empty where there is no front matter; `repaired` says what was damaged.
    """

    metadata: Mapping | None
    body: str
    body_line: int
    language: str = ""
    repaired: tuple[Mended, ...] = ()


def split_front_matter(text: str) -> Parts:
    r"""Split front matter at the very beginning of a text from the body after it.

    YAML stands between lines of `---`, TOML between lines of `+++`, JSON in braces that begin the file. Line ends
    are `\n` already. Three kinds of damage are repaired and reported: blank lines before the front matter, a line of
    `---` within it, and a missing end. Raises LocatedError where front matter begins but cannot be read.
    """
    blank = _BLANK.match(text)
    start = blank.end() if blank else 0
    for opening, closing, language in (
        (_YAML_OPENING, _YAML_CLOSING, "yaml"),
        (_TOML_OPENING, _TOML_CLOSING, "toml"),
    ):
        opened = opening.match(text, start)
        if opened is not None:
            parts = _between(text, opened.end(), closing, language)
            break
    else:
        if text[start : start + 1] == "{" and text[start : start + 2] != "{{" and text[start : start + 2] != "{%":
            parts = _json_parts(text, start)
        else:
            return Parts(None, text, 1)
    if start and parts.metadata is not None:
        told = Mended(1, "blank lines stand before the front matter", "delete them: site generators stop reading there")
        parts = Parts(parts.metadata, parts.body, parts.body_line, parts.language, (told, *parts.repaired))
    return parts


def _between(text: str, begin: int, closing: re.Pattern[str], language: str) -> Parts:
    first_line = text.count("\n", 0, begin) + 1
    end = _end(text, begin, closing)
    if end is None:
        return _without_end(text, begin, first_line, language)
    _check_size(end.start() - begin, first_line - 1)
    metadata, repaired = _read(text[begin : end.start()], language, first_line)
    again = _second_document(text, end.end(), closing, language) if language == "yaml" else None
    if again is not None:
        extra, stop = again
        line = text.count("\n", 0, end.start()) + 1
        told = Mended(line, "a marker divides the front matter in two", "delete this line")
        metadata, repaired, end_at = _merged(metadata, extra), (*repaired, told), stop
    else:
        end_at = end.end()
    return Parts(metadata, text[end_at:], text.count("\n", 0, end_at) + 1, language, repaired)


def _end(text: str, begin: int, closing: re.Pattern[str]) -> re.Match[str] | None:
    """Find the first end of front matter; sooner than the pattern by itself where it is a plain line of hyphens."""
    hyphens = text.find("\n---", begin - 1)
    if hyphens >= 0 and text.find("\n...", begin - 1, hyphens) < 0:
        end = closing.match(text, hyphens + 1)
        if end is not None:
            return end
    return closing.search(text, begin)


def _second_document(text: str, begin: int, closing: re.Pattern[str], language: str) -> tuple[Mapping, int] | None:
    """Read what follows the first end as more front matter, when it is nothing but keys up to another end.

    Markdown between two rules is not a set of keys: every line must be one, and at least one must begin a line.
    """
    # Of most stories, the first line of prose shows it; to seek another end would take a look at all of the body.
    if _FIRST_KEY.match(text, begin) is None:
        return None
    end = closing.search(text, begin)
    if end is None or end.start() == begin or end.start() - begin > MAX_CHARACTERS:
        return None
    lines = text[begin : end.start()].split("\n")
    if not any(line.strip() for line in lines) or not all(_KEY_LINE.match(line) for line in lines):
        return None
    try:
        extra = read_metadata(text[begin : end.start()], first_line=text.count("\n", 0, begin) + 1)
    except LocatedError:
        return None
    return extra, end.end()


def _without_end(text: str, begin: int, first_line: int, language: str) -> Parts:
    """Read front matter whose end is missing, where a person sees the end: at a blank line before prose."""
    for gap in re.finditer(r"\n[ \t]*\n(?=[^\s])", text[begin : begin + MAX_CHARACTERS]):
        stop = begin + gap.end()
        if _KEY_LINE.match(text[stop:].split("\n", 1)[0]) and language == "yaml":
            continue
        try:
            metadata, repaired = _read(text[begin:stop], language, first_line)
        except LocatedError:
            break
        line = text.count("\n", 0, stop) + 1
        marker = "---" if language == "yaml" else "+++"
        told = Mended(line, "the front matter has no end", f"close it with a line of {marker} above this one")
        return Parts(metadata, text[stop:], line, language, (*repaired, told))
    raise LocatedError(
        "front-matter-end",
        "the front matter has no end",
        "close it with a line of three hyphens" if language == "yaml" else "close it with a line of +++",
        first_line - 1,
        1,
    )


def _check_size(length: int, line: int) -> None:
    if length > MAX_CHARACTERS:
        raise LocatedError(
            "front-matter-size",
            f"the front matter is longer than {MAX_CHARACTERS:,} characters",
            "move long texts into the body",
            line,
            1,
        )


def _read(text: str, language: str, first_line: int) -> tuple[Mapping, tuple[Mended, ...]]:
    """Read metadata in the language of its markers, or in the other one, which is reported."""
    reader, other, name = (
        (read_metadata, read_toml, "TOML") if language == "yaml" else (read_toml, read_metadata, "YAML")
    )
    try:
        return reader(text, first_line=first_line), ()
    except LocatedError as error:
        try:
            found = other(text, first_line=first_line)
        except LocatedError:
            raise error from None
        marker = "+++" if name == "TOML" else "---"
        told = Mended(first_line - 1, f"this is {name} between the markers of {language.upper()}", f"write {marker}")
        return found, (told,)


def read_metadata(text: str, *, first_line: int = 1) -> Mapping:
    """Read YAML metadata, which must be keys and values. Raises LocatedError."""
    plain = read_plain_yaml(text, first_line=first_line)
    if plain is not None:
        return plain
    from feedmill.config.yaml_values import load_yaml  # most front matter is plain

    value = load_yaml(text, first_line=first_line)
    if not isinstance(value, Mapping):
        raise LocatedError(
            "front-matter-type",
            "the metadata is not keys and values",
            "write lines like `title: …`",
            value.line,
            value.column,
        )
    return value


def read_toml(text: str, *, first_line: int = 1) -> Mapping:
    """Read TOML metadata. Raises LocatedError with the line that tomllib names."""
    import tomllib  # few sites have any

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = re.search(r"\(at line (\d+), column (\d+)\)", said)
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n"), 1)
        message = f"this is not valid TOML: {said.partition(' (at ')[0]}"
        raise LocatedError("toml-syntax", message, "write `key = value` lines", line + first_line - 1, column) from None
    except RecursionError:
        raise LocatedError("toml-syntax", "TOML nests too deeply", "simplify it", first_line, 1) from None
    value = _located(table, text, first_line, r"^[ \t]*\[*[ \t]*[\"']?{key}[\"']?[ \t]*(?:=|\])")
    return value if isinstance(value, Mapping) else Mapping()


def read_json(text: str, *, first_line: int = 1) -> Mapping:
    """Read JSON metadata, which must be one object. Raises LocatedError."""
    try:
        table = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is not valid JSON: {error.msg}"
        line = error.lineno + first_line - 1
        raise LocatedError("json-syntax", message, "check quotes, commas and brackets", line, error.colno) from None
    except RecursionError:
        raise LocatedError("json-syntax", "JSON nests too deeply", "simplify it", first_line, 1) from None
    value = _located(table, text, first_line, r"\"{key}\"[ \t]*:")
    if not isinstance(value, Mapping):
        raise LocatedError("front-matter-type", "the metadata is not keys and values", "write an object", first_line, 1)
    return value


def _json_parts(text: str, start: int) -> Parts:
    """Read a JSON object that begins a file; the body follows it."""
    first_line = text.count("\n", 0, start) + 1
    try:
        _, end = json.JSONDecoder().raw_decode(text[: start + MAX_CHARACTERS], start)
    except (ValueError, RecursionError):
        end = len(text[: start + MAX_CHARACTERS])
    metadata = read_json(text[start:end], first_line=first_line)
    rest = text[end:]
    body = rest.removeprefix("\n")
    return Parts(metadata, body, text.count("\n", 0, len(text) - len(body)) + 1, "json")


def _located(value: Any, text: str, first_line: int, pattern: str, line: int = 0) -> Value:
    """Give plain data the lines on which their keys stand, as near as the text says."""
    line = line or first_line
    if isinstance(value, dict):
        values: dict[str, Value] = {}
        keys: dict[str, Scalar] = {}
        for key, inner in value.items():
            found = re.search(pattern.replace("{key}", re.escape(key)), text, re.MULTILINE)
            at = text.count("\n", 0, found.start()) + first_line if found else line
            values[key] = _located(inner, text, first_line, pattern, at)
            keys[key] = Scalar(key, at, 1)
        return Mapping(values, keys, line, 1)
    if isinstance(value, list):
        return Sequence(tuple(_located(item, text, first_line, pattern, line) for item in value), line, 1)
    return Scalar(_as_written(value), line, 1, plain=value is None)


def _as_written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


def _merged(first: Mapping, second: Mapping) -> Mapping:
    """Join two mappings; where both have a key, the first counts."""
    return Mapping({**second.values, **first.values}, {**second.keys, **first.keys}, first.line, first.column)
