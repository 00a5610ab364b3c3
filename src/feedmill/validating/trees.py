"""A document that Feedmill wrote → its tree: read by a parser that is made once, and fetches and expands nothing."""

from __future__ import annotations

from lxml.etree import XMLParser, _Element, fromstring

# Comments would part a text, of which only what stands before the first of them would be looked at. A whole document
# may be of any size; a single text of more than ten million bytes is refused, as it is by readers.
_PARSER = XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def tree_of(content: bytes) -> _Element:
    """Return the root of a document, without comments and instructions. Raises XMLSyntaxError."""
    return fromstring(content, _PARSER)
