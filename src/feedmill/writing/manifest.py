"""Documents → manifest.json: what was published, for programs that mirror or watch it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from feedmill.model import Document, Site, Stored, Withdrawal

PATH = "manifest.json"


def manifest_json(
    documents: Sequence[Document], stored: Sequence[Stored], withdrawn: Mapping[str, Withdrawal], site: Site
) -> bytes:
    """Write every document's URL, media type, digest, size, number of entries and newest date, by path.

    `stored` are documents that stay as they are. `withdrawn` are all stories ever taken back, by id: mirrors and
    partners may come for them long after the stubs are gone.
    """
    rows = [*map(_row, documents), *map(asdict, stored)]
    whole = {
        "version": 1,
        "site": site.url,
        "feeds_url": site.feeds_url,
        "documents": {row["path"]: _told(row) for row in sorted(rows, key=lambda row: str(row["path"]))},
    }
    if withdrawn:
        whole["withdrawn"] = {
            id_: {"when": found.moment.isoformat(), "reason": found.reason} for id_, found in sorted(withdrawn.items())
        }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _row(document: Document) -> dict[str, object]:
    return {
        "path": document.path,
        "url": document.url,
        "media_type": document.media_type,
        "feed": document.feed,
        "sha256": hashlib.sha256(document.content).hexdigest(),
        "bytes": len(document.content),
        "entries": document.entries,
        "modified": document.modified.isoformat(),
    }


def _told(row: Mapping[str, object]) -> dict[str, object]:
    return {
        "url": row["url"],
        "type": row["media_type"],
        "feed": row["feed"] or None,
        "sha256": row["sha256"],
        "bytes": row["bytes"],
        "entries": row["entries"],
        "newest": row["modified"],
    }
