"""A body → whether it is surely harmless: known from its tags, without a parser.

A text that consists of characters and of whole tags of a few elements, each attribute of which is one of a few, quoted
and without `<`, `>` or a reference but `&amp;`, is taken in one way alone by every reader. All the other bodies
are parsed.
"""

from __future__ import annotations

from feedmill.expressions import expression

_ELEMENTS = (
    "a|abbr|article|aside|audio|b|blockquote|br|caption|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|"
    "figcaption|figure|h1|h2|h3|h4|h5|h6|hr|i|img|ins|kbd|li|mark|ol|p|pre|q|rp|rt|ruby|s|samp|section|small|source|"
    "span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|tr|u|ul|var|video|wbr"
)
_ODD = r"\x00-\x08\x0b-\x1f"
_ODD_BYTES = bytes((*range(0x09), *range(0x0B, 0x20)))
_TEXT = r"[^<]*+"
_PLAIN = rf"[^<>\"&%,{_ODD}]*+"
_REST = r"&amp;|%(?!7[Bb])"
_VALUE = rf"{_PLAIN}(?:(?:{_REST}|,){_PLAIN})*+"
_PART = rf"https?://{_PLAIN}(?:(?:{_REST}|,(?! )){_PLAIN})*+"
_ATTRIBUTE = (
    rf"(?:href|src|cite|poster)=\"(?:https?://|mailto:|tel:){_VALUE}\""
    rf"|(?:align|alt|class|colspan|controls|datetime|dir|height|hreflang|id|lang|loading|rel|reversed|rowspan|scope|"
    rf"sizes|start|title|type|value|width)=\"{_VALUE}\"|srcset=\"{_PART}(?:, {_PART})*+\""
)
_HARMLESS = expression(rf"{_TEXT}(?:<(?:/(?:{_ELEMENTS})|(?:{_ELEMENTS})(?: (?:{_ATTRIBUTE}))*+)>{_TEXT})*+".encode())
_MARK = expression(rb"\{[{%]|\}\}")


def is_harmless(markup: str) -> bool:
    """Whether a body keeps the promises about bodies: no fault would be found in it."""
    try:
        encoded = markup.encode()
    except UnicodeEncodeError:  # half a character
        return False
    # What is seldom there is looked for in the whole: one pattern that asks for all at once takes many times as long.
    if len(encoded.translate(None, _ODD_BYTES)) != len(encoded):
        return False
    if (b"{" in encoded or b"}" in encoded) and _MARK.search(encoded):
        return False
    return _HARMLESS.fullmatch(encoded) is not None
