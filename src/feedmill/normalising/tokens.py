"""Template tokens that nothing resolved: `{{ … }}` and `{% … %}` outside code."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\{\{.{0,500}?\}\}|\{%.{0,500}?%\}", re.DOTALL)
_MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token, shortened for people, and where it begins in the text."""

    text: str
    start: int


def find_token(text: str) -> Token | None:
    """Find the first template token of a text in which code is blank already."""
    if "{{" not in text and "{%" not in text:
        return None
    found = _TOKEN.search(text)
    if found is None:
        return None
    shown = " ".join(found[0].split())
    return Token(shown if len(shown) <= _MAX_SHOWN else shown[: _MAX_SHOWN - 1] + "…", found.start())
