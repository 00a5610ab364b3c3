"""Feeds as built → the ledger after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedmill.ledger.keeping import encoded
from feedmill.ledger.records import Archive, Ledger, Record, State, digest_of, key_of, moment_text, seen_of
from feedmill.ledger.withdrawing import forgotten
from feedmill.ledger.words import words_of
from feedmill.model import Entry, Feed, Site, Withdrawal


def record_feeds(
    before: Ledger,
    feeds: Sequence[Feed],
    entries: Iterable[Entry],
    records: Mapping[str, Record],
    archives: Mapping[str, tuple[Archive, ...]],
    withdrawals: Mapping[str, Withdrawal],
    site: Site,
    now: datetime,
) -> Ledger:
    """Return the ledger as it is once `feeds` and `archives` are published.

    `entries` are all that the site has, `records` what each was before, by its path. What no feed and no archive has
    told is not recorded: neither a draft nor a story under embargo leaves a trace.
    """
    shown: dict[str, list[str]] = {}
    told: dict[str, Entry] = {}
    for feed in feeds:
        for entry in feed.entries:
            shown.setdefault(entry.id, []).append(feed.name)
            told[entry.id] = entry
    archived = {id_ for found in archives.values() for archive in found for id_ in archive.told}
    after: dict[str, Record] = {}
    by_id = {entry.id: entry for entry in entries}
    paths = {entry.path for entry in by_id.values()}
    for id_ in sorted({*before.records, *told, *(archived & by_id.keys())}):
        old = before.records.get(id_)
        if old is not None and id_ not in told and id_ not in withdrawals and _rests(old, by_id.get(id_)):
            after[id_] = old
            continue
        names = set(shown.get(id_, ()))
        now_in = tuple(sorted(names))
        left = tuple(sorted({*old.feeds, *old.left} - names)) if old is not None else ()
        if old is not None and id_ in withdrawals:
            file = by_id.get(id_)
            if file is not None:
                # Whatever else becomes of the file, it must be known again.
                key, words = key_of(file.title, file.published), words_of(file)
                old = replace(old, url=file.url, path=file.path, key=key, words=words)
            after[id_] = forgotten(replace(old, feeds=now_in, left=left), withdrawals[id_])
            if id_ in told:
                after[id_] = replace(after[id_], seen=seen_of(told[id_]))
        elif id_ in told:
            after[id_] = replace(
                _told(told[id_], old, now), feeds=now_in, left=left, state=State.LIVE, kept=encoded(told[id_])
            )
        elif id_ in by_id and (old is None or by_id[id_].path in records):
            after[id_] = replace(
                _told(by_id[id_], old, now, keep_seen=True), feeds=now_in, left=left, state=State.LEFT, kept=""
            )
        elif old is not None:
            # Where another id has taken an entry's place, its file is no longer this one's.
            path = "" if old.path in paths else old.path
            after[id_] = replace(old, feeds=now_in, left=left, path=path, state=State.LEFT, kept="")
    return Ledger(
        records=after,
        feeds={feed.name: feed.title for feed in feeds},
        archives=archives,
        about={"authority": site.id_authority, "site": site.url, "feeds": site.feeds_url},
        exists=before.exists,
    )


def _rests(old: Record, entry: Entry | None) -> bool:
    """Whether nothing is to be written of a record that no feed shows: most are so in most builds."""
    if old.state is not State.LEFT or old.feeds or entry is None:
        return False
    return (old.url, old.path) == (entry.url, entry.path) and old.key == key_of(entry.title, entry.published)


def _told(entry: Entry, old: Record | None, now: datetime, *, keep_seen: bool = False) -> Record:
    """Return the record of an entry; `keep_seen` of one that subscribers last saw as the ledger says already."""
    key = key_of(entry.title, entry.published)
    if old is not None and keep_seen:
        return replace(old, url=entry.url, path=entry.path, key=key)
    body = digest_of(entry.content)
    return Record(
        id=entry.id,
        url=entry.url,
        path=entry.path if entry.path != entry.id else "",
        title=entry.title,
        key=key,
        published=moment_text(entry.published),
        updated=moment_text(entry.updated),
        first=old.first if old is not None and old.first else moment_text(now),
        seen=seen_of(entry),
        body=body,
        words=old.words if old is not None and old.body == body else words_of(entry),
    )
