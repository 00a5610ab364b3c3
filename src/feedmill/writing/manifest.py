"""Documents → manifest.json: what was published, for programs that mirror or watch it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from feedmill.model import Document, Site

PATH = "manifest.json"


def manifest_json(documents: Sequence[Document], site: Site) -> bytes:
    """Write every document's URL, media type, digest, size, number of entries and newest date, by path."""
    rows = {
        document.path: {
            "url": document.url,
            "type": document.media_type,
            "feed": document.feed or None,
            "sha256": hashlib.sha256(document.content).hexdigest(),
            "bytes": len(document.content),
            "entries": document.entries,
            "newest": document.modified.isoformat(),
        }
        for document in sorted(documents, key=lambda document: document.path)
    }
    whole = {"version": 1, "site": site.url, "feeds_url": site.feeds_url, "documents": rows}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()
