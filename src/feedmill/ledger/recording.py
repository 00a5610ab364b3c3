"""Feeds as built → the ledger after them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from feedmill.ledger.keeping import encoded, is_kept
from feedmill.ledger.records import Archive, Ledger, Record, State, key_of, moment_text
from feedmill.ledger.withdrawing import forgotten, last_address
from feedmill.ledger.words import Bodies
from feedmill.model import Entry, Feed, Site, Withdrawal


def record_feeds(
    before: Ledger,
    feeds: Sequence[Feed],
    members: Iterable[Sequence[Entry]],
    entries: Iterable[Entry],
    records: Mapping[str, Record],
    keys: Mapping[str, str],
    vanished: Collection[str],
    resting: frozenset[str],
    archives: Mapping[str, tuple[Archive, ...]],
    withdrawals: Mapping[str, Withdrawal],
    site: Site,
    now: datetime,
    bodies: Bodies,
) -> Ledger:
    """Return the ledger as it is once `feeds` and `archives` are published.

    `members` are all that belong to each feed, whether or not it shows them; `entries` all that the site has but those
    that rest, whose ids are `resting`; `records` what each was before, by its path, and `keys` those of them that are
    known already; `vanished` are the ids of entries that are kept though their file has vanished. What no feed and no
    archive has told is not recorded: neither a draft nor a story under embargo leaves a trace. `bodies` are those of
    the entries.
    """
    shown: dict[str, list[str]] = {}
    told: dict[str, Entry] = {}
    for feed in feeds:
        for entry in feed.entries:
            shown.setdefault(entry.id, []).append(feed.name)
            told[entry.id] = entry
    anew: dict[str, Record] = {}
    to_keep: dict[str, Callable[[], bytes]] = {}
    by_id = {entry.id: entry for entry in entries}
    archived = {id_ for mine in archives.values() for archive in mine for id_ in archive.told.keys() & by_id.keys()}
    # An entry as last published stands for a file that tells something else, or nothing: it takes nobody's place.
    paths = {entry.path for entry in by_id.values() if entry.path in records or entry.id not in before.records}
    for id_ in sorted((before.records.keys() | told.keys() | archived) - resting):
        old = before.records.get(id_)
        if old is not None and id_ not in told and id_ not in withdrawals and _rests(old, by_id.get(id_), keys):
            continue
        names = set(shown.get(id_, ()))
        now_in = tuple(sorted(names))
        left = tuple(sorted({*old.feeds, *old.left} - names)) if old is not None else ()
        if old is not None and id_ in withdrawals:
            file = by_id.get(id_)
            if file is not None:
                # Whatever else becomes of the file, it must be known again. A body that is broken now has no words.
                key, words = key_of(file.title, file.published), bodies.fingerprint(file).words or old.words
                old = replace(old, url=file.url, path=file.path, key=key, words=words)
            else:
                old = replace(old, url=last_address(old, before, site.url))
            anew[id_] = forgotten(replace(old, feeds=now_in, left=left), withdrawals[id_])
            if id_ in told:
                anew[id_] = replace(anew[id_], seen=bodies.seen(told[id_]))
        elif id_ in told:
            anew[id_] = _told(told[id_], old, now, now_in, left, bodies)
            if anew[id_] is not old:
                to_keep[id_] = partial(_kept, told[id_], bodies)
        elif id_ in by_id and (old is None or by_id[id_].path in records):
            anew[id_] = _left(by_id[id_], old, now, left, bodies)
        elif old is not None:
            # A clock that was set back hides what was published after: it stays to be shown again as it was.
            is_waiting = id_ in by_id and by_id[id_].published > now
            # A file that is gone, or that another entry has now, is no longer this one's.
            has_lost_file = old.path in paths or (id_ in vanished and not is_waiting)
            url, path = last_address(old, before, site.url), "" if has_lost_file else old.path
            anew[id_] = replace(old, url=url, feeds=now_in, left=left, path=path)
            if not is_waiting:
                anew[id_] = replace(anew[id_], state=State.LEFT, kept=b"")
    return Ledger(
        records={**before.records, **anew},
        feeds={feed.name: feed.title for feed in feeds},
        archives=archives,
        about={"authority": site.id_authority, "site": site.url, "feeds": site.feeds_url},
        exists=before.exists,
        barred=_barred(before.records, anew, members),
        to_keep=to_keep,
    )


def _barred(
    before: Mapping[str, Record], after: Mapping[str, Record], members: Iterable[Sequence[Entry]]
) -> frozenset[str]:
    """Return the ids of entries that have left all feeds and belong to none any more. `after` has what is new."""
    left = {id_ for id_, record in after.items() if record.state is State.LEFT and id_ in before and before[id_].kept}
    for mine in members if left else ():
        left.difference_update([entry.id for entry in mine])
    return frozenset(left)


def _rests(old: Record, entry: Entry | None, keys: Mapping[str, str]) -> bool:
    """Whether nothing is to be written of a record that no feed shows: most are so in most builds."""
    if old.state is not State.LEFT or old.feeds or entry is None:
        return False
    key = keys.get(entry.path) or key_of(entry.title, entry.published)
    return (old.url, old.path, old.key) == (entry.url, entry.path, key)


def _told(
    entry: Entry,
    old: Record | None,
    now: datetime,
    feeds: tuple[str, ...],
    left: tuple[str, ...],
    bodies: Bodies,
) -> Record:
    """Return the record of an entry that feeds show, without what is kept; the old one, when nothing of it differs."""
    digest, path = bodies.seen(entry), entry.path if entry.path != entry.id else ""
    if (
        old is not None
        and (old.seen, old.path, old.feeds, old.left, old.state) == (digest, path, feeds, left, State.LIVE)
        and is_kept(entry, old.kept)
    ):
        return old
    print_ = bodies.fingerprint(entry)
    return Record(
        id=entry.id,
        url=entry.url,
        path=path,
        title=entry.title,
        key=key_of(entry.title, entry.published),
        published=moment_text(entry.published),
        updated=moment_text(entry.updated),
        first=old.first if old is not None and old.first else moment_text(now),
        seen=digest,
        body=print_.body,
        words=print_.words,
        feeds=feeds,
        left=left,
        state=State.LIVE,
    )


def _kept(entry: Entry, bodies: Bodies) -> bytes:
    return encoded(bodies.whole(entry))


def _left(
    entry: Entry,
    old: Record | None,
    now: datetime,
    left: tuple[str, ...],
    bodies: Bodies,
) -> Record:
    """Return the record of an entry that no feed shows now: subscribers last saw it as the old one says.

    But it must be known again however often its file changes before they see it the next time. Words that change alone
    are not looked at: that would cost the bodies of all stories that are no longer shown.
    """
    key = key_of(entry.title, entry.published)
    if old is not None:
        if old.state is State.LIVE or (old.path, old.key) != (entry.path, key):
            # An archive may be the first to tell these words, or nobody; another change may leave nothing but them.
            print_ = bodies.fingerprint(entry)
            if print_.words:  # a body that is broken now has none
                old = replace(old, body=print_.body, words=print_.words)
        return replace(
            old,
            url=entry.url,
            path=entry.path,
            title=entry.title,
            key=key,
            updated=moment_text(entry.updated),
            feeds=(),
            left=left,
            state=State.LEFT,
            kept=b"",
        )
    print_ = bodies.fingerprint(entry)
    return Record(
        id=entry.id,
        url=entry.url,
        path=entry.path if entry.path != entry.id else "",
        title=entry.title,
        key=key,
        published=moment_text(entry.published),
        updated=moment_text(entry.updated),
        first=moment_text(now),
        seen=bodies.seen(entry),
        body=print_.body,
        words=print_.words,
        left=left,
        state=State.LEFT,
    )
