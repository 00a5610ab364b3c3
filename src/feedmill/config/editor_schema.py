"""Definitions of keys → feedmill.schema.json, by which editors complete and check feedmill.yaml (JSON Schema 2020-12).

It refuses nothing that the loader takes. YAML readers differ in what they make of a plain `no` or `2024`, and the
loader takes the text as it is written; so a text may also be a number or a boolean here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from feedmill.config.key_definitions import RESERVED, ROOT, SLUG, Key, ValueKind

SCHEMA_NAME = "feedmill.schema.json"
HEADER = f"# yaml-language-server: $schema={SCHEMA_NAME}\n"
"""The line at the head of feedmill.yaml by which editors find the schema."""

_Schema: TypeAlias = dict[str, Any]
_SCALARS = ["string", "number", "boolean"]
_BOOLEAN_WORDS = r"[Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|[Oo][Nn]|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|[Oo][Ff][Ff]"
_LARGEST = 999_999_999


def schema_text() -> str:
    """Return feedmill.schema.json."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "feedmill.yaml",
        **_section(ROOT),
        "type": "object",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _of(key: Key) -> _Schema:
    """Return the schema of a key's value. Nothing (`key:`) counts as if the key were absent."""
    made = [_MAKERS[kind](key) for kind in key.kinds]
    if not key.is_required:
        made.append({"type": "null"})
    return {"description": key.meaning, **(made[0] if len(made) == 1 else {"anyOf": made})}


def _text(key: Key) -> _Schema:
    if key.choices:
        return {"enum": list(key.choices)}
    return {"type": _SCALARS, **({"pattern": _whole(key.pattern)} if key.pattern else {})}


def _number(key: Key) -> _Schema:
    return {
        "anyOf": [
            {"type": "integer", "minimum": key.least, "maximum": _LARGEST},
            {"type": "string", "pattern": _whole("[0-9]{1,9}")},
        ]
    }


def _boolean(_key: Key) -> _Schema:
    return {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": _whole(_BOOLEAN_WORDS)}]}


def _texts(key: Key) -> _Schema:
    least = {"minItems": 1} if key.choices else {}
    return {"anyOf": [{"type": "array", "items": _text(key), **least}, _text(key)]}


def _named_texts(key: Key) -> _Schema:
    each = (
        {"enum": [choice for choice in key.choices if choice != "auto"]}
        if key.choices
        else {"type": [*_SCALARS, "null"]}
    )
    return {"type": "object", "additionalProperties": each}


def _named_lists(_key: Key) -> _Schema:
    each = {"type": _SCALARS}
    return {"type": "object", "additionalProperties": {"anyOf": [{"type": "array", "items": each}, each]}}


def _section(key: Key) -> _Schema:
    required = [name for name, inner in key.keys.items() if inner.is_required]
    return {
        "type": "object",
        "properties": {name: _of(inner) for name, inner in key.keys.items()},
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **({"oneOf": [_with(name) for name in key.one_of]} if key.one_of else {}),
    }


def _with(name: str) -> _Schema:
    """Return the schema of a section in which a key has a value."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _named_sections(key: Key) -> _Schema:
    section = _section(key)
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^(?!(?:{'|'.join(RESERVED)})$)(?:{SLUG})$"},
        "additionalProperties": section if key.one_of else {"anyOf": [section, {"type": "null"}]},
    }


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


_MAKERS: Mapping[ValueKind, Any] = {
    ValueKind.TEXT: _text,
    ValueKind.NUMBER: _number,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.TEXTS: _texts,
    ValueKind.NAMED_TEXTS: _named_texts,
    ValueKind.NAMED_LISTS: _named_lists,
    ValueKind.SECTION: _section,
    ValueKind.NAMED_SECTIONS: _named_sections,
}
