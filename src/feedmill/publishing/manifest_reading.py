"""manifest.json, as the last build left it: what of it can be relied upon, no matter who wrote it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from feedmill.characters import illegal_character

FILE_NAME = "manifest.json"
_MOST_BYTES = 64_000_000


class Manifest(Struct, frozen=True):
    """What a manifest says. `documents` are paths below the feeds directory; `moved` addresses by id.

    `is_there` is false where there is none, or none that can be read.
    """

    is_there: bool = False
    serial: int = 0
    site: str = ""
    feeds_url: str = ""
    documents: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_manifest(feeds: Path) -> Manifest:
    """Read the manifest in a feeds directory; an empty one where there is none, or one that is damaged."""
    try:
        with (feeds / FILE_NAME).open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return Manifest()
    if not isinstance(found, dict):
        return Manifest()
    documents, moved, withdrawn = (_mapping(found, name) for name in ("documents", "moved", "withdrawn"))
    serial = found.get("serial")
    return Manifest(
        is_there=True,
        serial=serial if isinstance(serial, int) and 0 <= serial < 1 << 60 else 0,
        site=_text(found, "site"),
        feeds_url=_text(found, "feeds_url"),
        documents=frozenset(path for path in documents if _is_below(path)),
        moved={id_: url for id_, url in moved.items() if isinstance(url, str)},
        withdrawn={id_: each for id_, each in withdrawn.items() if isinstance(each, dict)},
    )


def _mapping(owner: dict[str, Any], name: str) -> dict[str, Any]:
    value = owner.get(name)
    return value if isinstance(value, dict) else {}


def _text(owner: dict[str, Any], name: str) -> str:
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def _is_below(path: str) -> bool:
    """Whether a path is that of a document below the feeds directory."""
    return (
        os.path.normpath(path) == path
        and path not in (".", "..")
        and not path.startswith(("/", "../"))
        and illegal_character(path) is None
    )
