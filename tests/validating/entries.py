"""A document with some of its entries alone."""

from __future__ import annotations

import json
from collections.abc import Collection

from lxml import etree
from msgspec.structs import replace

from feedmill.model import Document, Format


def with_only(document: Document, wanted: Collection[int]) -> Document:
    """Return a document with the entries of these numbers alone: none is what stands around entries."""
    if document.format is Format.JSON:
        feed = json.loads(document.content)
        feed["items"] = [item for number, item in enumerate(feed["items"]) if number in wanted]
        return replace(document, content=json.dumps(feed).encode(), entries=len(wanted))
    root = etree.fromstring(document.content)
    outer = root if document.format is Format.ATOM else root[0]
    for number, entry in enumerate(list(outer.iterchildren("{*}entry", "{*}item"))):
        if number not in wanted:
            outer.remove(entry)
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return replace(document, content=content, entries=len(wanted))
