"""Regular expressions that are compiled when they are first used: few runs have a use for half of them."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Expression:
    """Becomes what it stands for, method by method."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)  # so that this is asked once
        return found


def expression(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` would, in all that it can do. An error in the text is raised at its first use."""
    return cast("re.Pattern[AnyStr]", _Expression(text, flags))
