"""The style attribute → what in it could do harm."""

from __future__ import annotations

from feedcheck.html_names import SAFE_STYLE_WORDS, SAFE_STYLES
from feedcheck.regex import expression

_MAX_LENGTH = 4_000
_PLAIN = expression(r"""(?:[:,;#%.\sa-zA-Z0-9!-]|'[\s\w]+'|"[\s\w]+"|\([\d,\s]+\))*""")
_DECLARATION = expression(r"\s*([-\w]+)\s*:\s*([^:;]*)\s*")
_VALUE = expression(r"(?:#[0-9a-f]+|rgb\(\d+%?,\d*%?,?\d*%?\)?|\d?\.?\d?\d(?:cm|em|ex|in|mm|pc|pt|px|%|,|\))?)")
_BOXES = ("background", "border", "margin", "padding")


def unsafe_styles(style: str) -> list[str]:
    """Return what of a style is not on the list of harmless properties and values; all of it when it cannot be read."""
    if len(style) > _MAX_LENGTH or not _PLAIN.fullmatch(style):
        return [style]
    declarations = [part for part in style.split(";") if part.strip()]
    pairs = [_DECLARATION.fullmatch(part) for part in declarations]
    unsafe: dict[str, None] = {}
    for pair in pairs:
        if pair is None:
            return [style]
        name, value = pair.group(1).lower(), pair.group(2).lower()
        if name not in SAFE_STYLES:
            unsafe[name] = None
        elif name.partition("-")[0] in _BOXES:
            for word in value.split():
                if word not in SAFE_STYLE_WORDS and not _VALUE.fullmatch(word):
                    unsafe[word] = None
    return list(unsafe)
