"""Documents → manifest.json: what was published, for programs that mirror or watch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from feedmill.config.site import Site
from feedmill.model import Stored, Withdrawal

PATH = "manifest.json"


def manifest_json(
    listed: Sequence[Stored],
    withdrawn: Mapping[str, tuple[str, Withdrawal, str, str]],
    moved: Mapping[str, str],
    next_change: datetime | None,
    site: Site,
    serial: int,
) -> bytes:
    """Write every document's URL, media type, digest, size, number of entries and newest date, by path.

    `serial` is the number of the build. `withdrawn` are all stories ever taken back, by id: the address, the
    withdrawal, and the keys of title and text, which may be empty. Mirrors and partners may come for them long after
    the stubs are gone, and so may a ledger that was lost. `next_change` is when time alone will next change a document,
    None for never. `moved` are the present addresses, by id, of stories that bear another id than they would be given
    now, and the last ones of those of them that are broken: by them a lost ledger knows their files.
    """
    listed = sorted(listed, key=lambda document: document.path)
    whole = {
        "version": 1,
        "serial": serial,
        "site": site.url,
        "feeds_url": site.feeds_url,
        "next_change": next_change.isoformat() if next_change is not None else None,
        "documents": {document.path: _told(document) for document in listed},
    }
    if moved:
        whole["moved"] = dict(sorted(moved.items()))
    if withdrawn:
        whole["withdrawn"] = {id_: _withdrawn(*found) for id_, found in sorted(withdrawn.items())}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _told(document: Stored) -> dict[str, object]:
    return {
        "url": document.url,
        "type": document.media_type,
        "feed": document.feed or None,
        "sha256": document.sha256,
        "bytes": document.size,
        "entries": document.entries,
        "newest": document.modified.isoformat(),
    }


def _withdrawn(url: str, found: Withdrawal, title_key: str, text_key: str) -> dict[str, object]:
    shown: dict[str, object] = {"url": url, "when": found.moment.isoformat(), "reason": found.reason}
    if title_key or text_key:
        shown["keys"] = [title_key, text_key]
    return shown
