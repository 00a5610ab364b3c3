"""Published stories that are broken or missing now → entries as last published, by the site's policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedmill.characters import xml_legal
from feedmill.ledger.records import Ledger, Record, State
from feedmill.model import (
    Because,
    Entry,
    Image,
    Level,
    Media,
    Person,
    Place,
    Problem,
    Related,
    Site,
    Source,
    Withdrawal,
)
from feedmill.policies import OnMissing

_LOST = "The story is no longer available."
_NOT_KEPT = frozenset({"because", "draft", "embargo", "withdrawn", "correction", "id_declared", "files"})
_KEPT = tuple(name for name in Entry.__struct_fields__ if name not in _NOT_KEPT)
_PUT_BACK = "put it back, or take the story back: feedmill withdraw"
_LISTS = {"authors": Person, "related": Related, "media": Media}


class Kept(Struct, frozen=True):
    """What stays: entries as last published, and by id what is to be told of them; and `withdrawals` by the policy.

    `vanished` are the ids of those of these entries whose file has vanished, or tells another story now. `refusals` are
    the stories without which the site does not want to build. `broken` are the ids of all of which no entry can be made
    now, though their file is there, or may be.
    """

    entries: tuple[Entry, ...]
    told: Mapping[str, Problem]
    vanished: frozenset[str]
    withdrawals: Mapping[str, Withdrawal]
    refusals: tuple[Problem, ...]
    broken: frozenset[str]


def keep(
    ledger: Ledger,
    recognised: Collection[str],
    unclear: Collection[str],
    site: Site,
    now: datetime,
    is_file: Callable[[str], bool],
    taken: Collection[str],
    *,
    some_are_broken: bool,
) -> Kept:
    """Decide about every published story that no entry tells now.

    `recognised` are the ids of records that an entry tells, `unclear` those that one might. A story whose file is
    there, but broken, stays as it was; so does one whose file nobody knows, while `some_are_broken`. One whose file
    has vanished, or tells another story (its path is among those `taken`), follows the site's on_missing.
    """
    entries: list[Entry] = []
    told: dict[str, Problem] = {}
    vanished: set[str] = set()
    refusals: list[Problem] = []
    withdrawals: dict[str, Withdrawal] = {}
    all_broken: set[str] = set()
    policy = site.policies.on_missing
    for id_ in [id_ for id_ in ledger.records if id_ not in recognised]:
        record = ledger.records[id_]
        if record.state is State.WITHDRAWN:
            continue
        is_there = record.path not in taken and is_file(record.path) if record.path else some_are_broken
        broken = record.id in unclear or is_there
        if broken:
            all_broken.add(record.id)
        if not broken and policy is OnMissing.WITHDRAW and (record.feeds or record.path):
            withdrawals[record.id] = Withdrawal(now, _LOST)
        elif not broken and policy is OnMissing.DROP:
            continue
        elif not broken and policy is OnMissing.REFUSE and (record.feeds or record.path):
            refusals.append(_problem(record, site, "missing", "its file has vanished, and on_missing is refuse"))
        elif record.kept and record.state is State.LIVE:
            entry = decoded(record.kept, site)
            entries.append(replace(entry, path=entry.id) if entry.path in taken else entry)
            if not broken:
                vanished.add(entry.id)
            if record.id not in unclear:
                told[entry.id] = _kept_problem(record, site, broken=broken)
    return Kept(tuple(entries), told, frozenset(vanished), withdrawals, tuple(refusals), frozenset(all_broken))


def _kept_problem(record: Record, site: Site, *, broken: bool) -> Problem:
    if broken:
        return _problem(record, site, "kept", "no entry can be made of this published story", "mend it")
    problem = _problem(record, site, "missing", "the file of a published story has vanished", _PUT_BACK)
    if site.policies.on_missing is not None:
        return problem
    remedy = f"{_PUT_BACK}; or say what becomes of such stories: content.on_missing: keep, drop or withdraw"
    return replace(problem, level=Level.ERROR, remedy=remedy)


def _problem(record: Record, site: Site, code: str, message: str, remedy: str = "") -> Problem:
    shown = f"{site.content_path}/{record.path}" if record.path else site.content_path
    level = Level.WARNING if remedy else Level.ERROR
    stays = "; it stays in its feeds as last published" if remedy else ""
    return Problem(level, f"story-{code}", Place(shown), f"{message}: '{record.title}'{stays}", remedy or _PUT_BACK)


def encoded(entry: Entry) -> bytes:
    """Return all that subscribers see of an entry, as JSON in one line."""
    kept = {name: _plain(value) for name in _KEPT if (value := getattr(entry, name))}
    return msgspec.json.format(msgspec.json.encode(kept), indent=0)


def is_kept(entry: Entry, text: bytes) -> bool:
    """Whether what `encoded` wrote still tells of an entry what subscribers do not see: slug and expiry.

    JSON has no quotation mark within a text that is not escaped, so that a key and its value are found as they stand.
    """
    slug = b'"slug": ' + msgspec.json.encode(entry.slug) if entry.slug else b""
    if not text or slug not in text:
        return False
    if entry.expires is None:
        return b'"expires": ' not in text
    return f'"expires": "{entry.expires.isoformat()}"'.encode() in text


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return {name: given for name in value.__struct_fields__ if (given := getattr(value, name))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _legal(value: Any) -> Any:
    """Return what JSON gave with every text as XML may carry it: a ledger may have been imported from anywhere."""
    if isinstance(value, str):
        return xml_legal(value)
    if isinstance(value, list):
        return [_legal(item) for item in value]
    return {key: _legal(item) for key, item in value.items()} if isinstance(value, dict) else value


def decoded(text: bytes, site: Site) -> Entry:
    """Return the entry that `encoded` wrote, with those of its topics that the site still has.

    Raises ValueError, KeyError, TypeError or AttributeError for a text that it did not write.
    """
    given: dict[str, Any] = _legal(json.loads(text))
    topics = tuple(slug for slug in given.get("topics", ()) if slug in site.topics)
    because = Because("the ledger", "the ledger", "the ledger", dict.fromkeys(topics, "as last published"))
    # Of a recovered entry nobody knows the file: its id stands for it.
    kept = {"content": "", "summary": "", "path": given["id"], "slug": "", **given}
    for name in ("published", "updated", "expires"):
        if name in kept:
            kept[name] = datetime.fromisoformat(kept[name])
    kept["day"] = date.fromisoformat(kept["day"]) if "day" in kept else kept["published"].date()
    for name, kind in _LISTS.items():
        kept[name] = tuple(kind(**item) for item in kept.get(name, ()))
    kept["tags"] = tuple(kept.get("tags", ()))
    kept["image"] = Image(**kept["image"]) if "image" in kept else None
    kept["source"] = Source(**kept["source"]) if "source" in kept else None
    return Entry(**{**kept, "topics": topics, "because": because})
