"""Regular expressions that are compiled when they are first used: most documents need few of them."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Uncompiled:
    """Looks up each method in the compiled expression when it is first asked for."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, method)
        return method


def expression(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` would return. An error in the text is raised at the first use."""
    return cast("re.Pattern[AnyStr]", _Uncompiled(text, flags))
