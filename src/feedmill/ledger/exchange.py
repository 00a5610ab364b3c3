"""The ledger ⇄ JSON lines, for backups and moves between machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec.structs import replace

from feedmill.characters import illegal_character, xml_legal
from feedmill.errors import UsageError
from feedmill.expressions import expression
from feedmill.ledger.keeping import decoded
from feedmill.ledger.records import Archive, Ledger, Record, State
from feedmill.ledger.withdrawing import withdrawn_untold
from feedmill.model import Level, Place, Problem, Site, Withdrawal

VERSION = 1
_PERIOD = expression(r"[0-9]{4}(-(0[1-9]|1[0-2]))?([.][1-9][0-9]{0,5})?")
_LONGEST_NAME = 240
"""Bytes of a file's name, that of one which is on its way included (NAME_MAX is 255)."""
_REMEDY = "name a file that `feedmill ledger export` wrote; nothing was imported"


def export_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a ledger as JSON lines: first what it is of, then feeds, archives and entries, in a fixed order."""
    yield _line({"feedmill_ledger": VERSION, **dict(sorted(ledger.about.items()))})
    for name, title in sorted(ledger.feeds.items()):
        yield _line({"feed": name, "title": title})
    for name in sorted(ledger.archives):
        for archive in ledger.archives[name]:
            yield _line({"archive": {name: getattr(archive, name) for name in Archive.__struct_fields__}})
    for id_ in sorted(ledger.records):
        record = ledger.records[id_]
        given = {name: getattr(record, name) for name in Record.__struct_fields__} | {"kept": record.kept.decode()}
        yield _line({"entry": {name: value for name, value in given.items() if value}})
    yield _line({"end": len(ledger.records)})


def import_lines(text: str, name: str, before: Ledger, site: Site) -> tuple[Ledger, tuple[Problem, ...]]:
    """Return the ledger with what JSON lines tell beyond it. What it knows already stays as it is.

    But what was withdrawn there is withdrawn here, too: a withdrawal is for good, and subscribers are told of it next.

    `name` is what problems call the source. Raises UsageError when it is no export, of a newer version, or of another
    site; an id that means another story here is a problem, and is not taken.
    """
    lines = text.splitlines()
    head = _object(lines[0] if lines else "", name, 1)
    if head.get("feedmill_ledger") != VERSION:
        version = head.get("feedmill_ledger")
        what = f"an export of version {version}" if isinstance(version, int) else "no export of a ledger"
        raise UsageError(f"{name}: this is {what}", remedy=_REMEDY)
    about = {key: str(value) for key, value in head.items() if key != "feedmill_ledger"}
    if about.get("authority", site.id_authority) != site.id_authority:
        raise UsageError(
            f"{name}: this ledger is of {about['authority']}, and feedmill.yaml says {site.id_authority}",
            remedy="import it where it belongs; nothing was imported",
        )
    records, feeds, archives = dict(before.records), dict(before.feeds), dict(before.archives)
    problems: list[Problem] = []
    found: dict[str, list[Archive]] = {}
    if "end" not in _object(lines[-1], name, len(lines)):
        raise UsageError(f"{name}:{len(lines)}: the export is cut off", remedy=_REMEDY)
    for number, line in enumerate(lines[1:-1], 2):
        told = _object(line, name, number)
        try:
            if "feed" in told:
                feeds.setdefault(str(told["feed"]), xml_legal(str(told["title"])))
            elif "archive" in told:
                archive = _archive(told["archive"])
                found.setdefault(archive.feed, []).append(archive)
            else:
                record = _record(told["entry"], site)
                known = records.setdefault(record.id, record)
                if known is not record and known.url != record.url and known.key != record.key:
                    problems.append(_two_sites(name, number, record, known))
                elif record.state is State.WITHDRAWN is not known.state:
                    withdrawal = Withdrawal(datetime.fromisoformat(record.withdrawn), record.reason)
                    records[record.id] = withdrawn_untold(known, withdrawal)
        except (KeyError, TypeError, ValueError, AttributeError, msgspec.ValidationError):
            raise UsageError(f"{name}:{number}: a line that no export has", remedy=_REMEDY) from None
    archives = {**{feed: tuple(mine) for feed, mine in found.items()}, **archives}
    return replace(before, records=records, feeds=feeds, archives=archives, about={**about, **before.about}), tuple(
        problems
    )


def _line(given: dict[str, Any]) -> str:
    return json.dumps(given, sort_keys=True)


def _object(line: str, name: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{name}:{number}: a line that no export has", remedy=_REMEDY)
    return found


def _archive(given: object) -> Archive:
    """Return the archive of a line. Raises ValueError and its kind for one of which no build could make sense."""
    archive = msgspec.convert(given, Archive)
    place = f"archive/{archive.feed}/{archive.name}.atom"
    if archive.path != place or ".." in PurePosixPath(place).parts or not _PERIOD.fullmatch(archive.name):
        raise ValueError
    if any(len(part.encode()) > _LONGEST_NAME for part in PurePosixPath(place).parts):
        raise ValueError
    if any(map(illegal_character, (place, archive.sha256, archive.feeds_url, *archive.told, *archive.withdrawn))):
        raise ValueError
    if any(datetime.fromisoformat(moment).tzinfo is None for moment in archive.told.values()):
        raise ValueError
    return archive


def _record(given: dict[str, Any], site: Site) -> Record:
    """Return the record of a line. Raises ValueError and its kind for one of which no build could make an entry."""
    known = set(Record.__struct_fields__)
    if not isinstance(given.get("id"), str) or not given["id"] or set(given) - known or illegal_character(given["id"]):
        raise ValueError
    feeds, left = (tuple(str(item) for item in given.get(name, ())) for name in ("feeds", "left"))
    texts = {name: xml_legal(str(value)) for name, value in given.items() if name not in ("feeds", "left", "state")}
    kept, state = texts.pop("kept", "").encode(), State(given.get("state", "live"))
    record = replace(Record(given["id"]), **texts, feeds=feeds, left=left, state=state, kept=kept)
    for moment in filter(None, (record.published, record.updated, record.first, record.withdrawn)):
        if datetime.fromisoformat(moment).tzinfo is None:
            raise ValueError
    if record.state is State.WITHDRAWN and not (record.withdrawn and record.published):
        raise ValueError
    if record.kept:
        decoded(record.kept, site)
    return record


def _two_sites(name: str, number: int, record: Record, known: Record) -> Problem:
    message = f"the id {record.id} is that of {known.path or known.url} here, and of {record.path or record.url} there"
    remedy = "what is here stays; two sites must not share one id_authority"
    return Problem(Level.ERROR, "import-two-sites", Place(name, number, 1), message, remedy)
