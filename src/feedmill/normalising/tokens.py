"""Template tokens that nothing resolved: `{{ … }}` and `{% … %}` outside code, halves of them too."""

from __future__ import annotations

import re

from msgspec import Struct

from feedmill.characters import without_formulas
from feedmill.expressions import expression

_TOKEN = expression(r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}")
_MARK = expression(r"\{\{|\}\}|\{%")
# In an address, braces are percent-encoded by the time that it is absolute.
_MARK_IN_ADDRESS = expression(r"%7B(?:%7B|%25)|%7D%7D", re.IGNORECASE)
_CODE = expression(r"<(code|pre|samp|kbd)(?:\s[^>]*)?>.*?</\1>", re.DOTALL)
_MAX_SHOWN = 60


class Token(Struct, frozen=True):
    """A token, shortened for people, and where it begins in the text."""

    text: str
    start: int


def has_marks(text: str) -> bool:
    """Whether a text has any of the marks of which template tokens are made."""
    # One character is found in a tenth of the time that two take.
    return ("{" in text and ("{{" in text or "{%" in text)) or ("}" in text and "}}" in text)


def find_token(text: str) -> Token | None:
    """Find the first template token of a text in which code is blank already; half of one is a token, too."""
    if not has_marks(text):
        return None
    found = _TOKEN.search(text) or _MARK.search(text)
    if found is None:
        return None
    shown = " ".join(found[0].split())
    return Token(shown if len(shown) <= _MAX_SHOWN else shown[: _MAX_SHOWN - 1] + "…", found.start())


def token_in_html(content: str) -> Token | None:
    """Find a template token in clean HTML, outside code: in its text or in an address."""
    if not has_marks(content) and not ("%7" in content and _MARK_IN_ADDRESS.search(content)):
        return None
    prose = without_formulas(_CODE.sub(" ", content))  # none goes on beyond code
    found = find_token(prose)
    if found is not None:
        return found
    return Token("{{ … }} in an address", 0) if _MARK_IN_ADDRESS.search(prose) else None
