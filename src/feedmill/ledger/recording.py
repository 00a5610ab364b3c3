"""Feeds as built → what the ledger is to know of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.feeds import Selected
from feedmill.ledger.kept import encoded
from feedmill.ledger.records import Archive, Archived, Ledger, Record, State, moment_text
from feedmill.ledger.withdrawals import forgotten
from feedmill.model import Entry, Withdrawal
from feedmill.store import FROM_CONTENT, Entries, Row


class Recording(Struct, frozen=True):
    """What a build changes in the ledger. `told` gives by feed what it shows from now on, and what no more."""

    records: tuple[Record, ...]
    told: Mapping[str, tuple[dict[str, str], tuple[str, ...]]]
    titles: Mapping[str, str]
    archives: tuple[tuple[Archive, Mapping[str, Archived]], ...]
    archives_gone: frozenset[str]
    documents: Mapping[str, str]
    about: Mapping[str, str]
    vacuum: bool

    def write(self, ledger: Ledger) -> None:
        """Write it in one transaction; nothing at all where nothing differs. Raises PublishingError."""
        if ledger.exists and not self._differs_from(ledger):
            return
        with ledger.database.transaction(vacuum=self.vacuum):
            ledger.put(self.records)
            for feed, (seen, no_more) in sorted(self.told.items()):
                ledger.tell(feed, seen, no_more)
            ledger.put_feeds(self.titles)
            ledger.remove_archives(self.archives_gone)
            for archive, told in self.archives:
                ledger.put_archive(archive, told)
            ledger.put_documents(self.documents)
            ledger.put_about(**self.about)

    def _differs_from(self, ledger: Ledger) -> bool:
        about = ledger.about()
        return bool(
            self.records
            or self.told
            or self.archives
            or self.archives_gone
            or self.titles != ledger.feeds()
            or self.documents != ledger.documents()
            or any(about.get(key) != value for key, value in self.about.items())
        )


def recording_of(
    ledger: Ledger,
    entries: Entries,
    selected: Sequence[Selected],
    stale: Collection[str],
    withdrawals: Mapping[str, Withdrawal],
    broken: Collection[str],
    archives: Sequence[tuple[Archive, Mapping[str, Archived]]],
    archives_gone: frozenset[str],
    documents: Mapping[str, str],
    serial: int,
    site: Site,
    now: datetime,
    whole: Callable[[str], Entry],
    is_lost: Callable[[str], bool],
) -> Recording:
    """Return what the ledger is to know once these feeds and `archives` are published.

    `stale` are the paths of stories that may differ from what their records say, and `broken` the ids of those of which
    no entry can be made now. What no feed and no archive has told
    is not recorded: neither a draft nor a story under embargo leaves a trace. `whole` gives an entry with its body, and
    `is_lost` says of a path that the body there has an error.
    """
    told: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {}
    paths: dict[str, str] = {}
    shown: set[str] = set()
    absent: set[str] = set()
    differing: set[str] = set()
    for each in selected:
        before = ledger.told_now(each.feed.name)
        after = {member.id: member.seen for member in each.members}
        shown |= after.keys()
        changed = {id_: seen for id_, seen in after.items() if before.get(id_) != seen}
        gone = tuple(sorted(before.keys() - after.keys()))
        if changed or gone:
            told[each.feed.name] = changed, gone
            absent.update(gone)
            differing |= changed.keys()
            paths.update((member.id, member.path) for member in each.members if member.id in changed)
    names = {each.feed.name for each in selected}
    for name in ledger.feeds().keys() - names:
        gone = tuple(sorted(ledger.told_now(name)))
        told[name] = {}, gone
        absent.update(gone)
    made = _Records(ledger, entries, withdrawals, broken, site, now, whole, is_lost)
    for path in sorted(stale):
        row = entries.get(path)
        if row is not None and row.record is not None:
            made.of_row(row, shown)
    for id_ in sorted(differing):
        row = entries.get(paths[id_])
        if row is not None and row.origin == FROM_CONTENT:
            made.of_row(row, shown)
    archived = {id_ for _, tells in archives for id_ in tells}
    for id_ in sorted(absent - shown):
        made.left(id_, is_archived=id_ in archived)
    for record in ledger.kept_for_archives():
        # An archive that is damaged is written again by the file of each story; of one without, by what is kept.
        has_copy = entries.with_record(record.id) is not None or not ledger.archives_with(record.id)
        if has_copy and record.id not in archived and record.id not in made.found:
            made.found[record.id] = replace(record, kept="")
    for archive in archives:
        for id_ in sorted(archive[1]):
            if ledger.get(id_) is None and id_ not in made.found:
                row = next(iter(entries.with_id(id_)), None)
                if row is not None:
                    made.of_row(row, shown)
    made.withdraw(shown)
    records = [record for id_, record in made.found.items() if ledger.get(id_) != record]
    return Recording(
        records=tuple(records),
        told=told,
        titles={each.feed.name: each.feed.title for each in selected},
        archives=tuple(archives),
        archives_gone=archives_gone,
        documents=documents,
        about={"authority": site.id_authority, "site": site.url, "feeds": site.feeds_url, "serial": str(serial)},
        vacuum=any(record.state is State.WITHDRAWN for record in records),
    )


class _Records:
    """The records that a build writes."""

    def __init__(
        self,
        ledger: Ledger,
        entries: Entries,
        withdrawals: Mapping[str, Withdrawal],
        broken: Collection[str],
        site: Site,
        now: datetime,
        whole: Callable[[str], Entry],
        is_lost: Callable[[str], bool],
    ) -> None:
        self._ledger, self._entries, self._withdrawals, self._broken = ledger, entries, withdrawals, broken
        self._site, self._now, self._whole, self._is_lost = site, now, whole, is_lost
        self.found: dict[str, Record] = {}

    def of_row(self, row: Row, shown: Collection[str]) -> None:
        """Take down what subscribers, or nobody but the ledger, know of a story by now."""
        id_ = row.id if row.record is None or row.declared else row.record
        if id_ in self.found or id_ in self._withdrawals:
            return
        old = self._ledger.get(id_)
        is_shown = id_ in shown
        if old is not None and self._is_lost(row.path):
            # Subscribers keep what they saw last; but it must be known again when its body is right.
            signs = {"title_key": row.title_key, "text_key": self._text(row, old)}
            self.found[id_] = replace(old, place=row.place, path=row.path, **signs)
            return
        entry = self._whole(row.path) if is_shown else row.entry
        if old is not None and not is_shown:
            # Subscribers last saw it as the record says; but it must be known again when they see it the next time.
            self.found[id_] = replace(
                old,
                place=row.place,
                path=row.path,
                title=entry.title,
                title_key=row.title_key,
                text_key=self._text(row, old),
                state=State.LEFT,
                kept="",
            )
            return
        self.found[id_] = Record(
            id=id_,
            place=row.place,
            path=row.path,
            title=entry.title,
            title_key=row.title_key,
            text_key=self._text(row, old),
            published=moment_text(entry.published),
            updated=moment_text(entry.updated),
            first=old.first if old is not None and old.first else moment_text(self._now),
            state=State.LIVE if is_shown else State.LEFT,
            kept=encoded(entry) if is_shown else "",
        )
        superseded = self._ledger.get(row.record) if row.record is not None and row.record != id_ else None
        if superseded is not None:
            # Its front matter has given it another id: no story is to be known by this one again.
            signs = dict.fromkeys(("path", "place", "title_key", "text_key", "kept"), "")
            self.found[superseded.id] = replace(superseded, state=State.LEFT, **signs)

    def left(self, id_: str, *, is_archived: bool) -> None:
        """Take down that no feed shows an entry any more. Nothing is kept of it, once an archive is there that has it.

        A clock that was set back hides what was published after: that stays to be shown again as it was. A file that
        has vanished is no longer the story's when nobody is shown it any more.
        """
        if id_ in self.found or id_ in self._withdrawals:
            return
        old = self._ledger.get(id_)
        if old is None or old.state is not State.LIVE or old.published > moment_text(self._now):
            return
        has_file = id_ in self._broken or self._entries.with_record(id_) is not None
        self.found[id_] = replace(
            old, state=State.LEFT, kept=old.kept if is_archived else "", path=old.path if has_file else ""
        )

    def withdraw(self, shown: Collection[str]) -> None:
        """Take down what was withdrawn, and where its file is now, which must be known again."""
        for id_, withdrawal in self._withdrawals.items():
            old = self._ledger.get(id_)
            if old is None:
                continue
            row = self._entries.with_record(id_)
            if row is not None:
                text = self._text(row, old)
                old = replace(old, place=row.place, path=row.path, title_key=row.title_key, text_key=text)
            if not old.published:
                old = replace(old, published=moment_text(withdrawal.moment))
            if old.state is State.WITHDRAWN and old.updated:
                # Subscribers were told when: a clock that was set back changes nothing of that.
                self.found[id_] = replace(old, reason=withdrawal.reason)
            else:
                self.found[id_] = forgotten(old, withdrawal, told=True)

    def _text(self, row: Row, old: Record | None) -> str:
        """Return the text by which a story is to be known again: the last that was long enough, and had no error."""
        is_lost = self._is_lost(row.path)
        if old is None or not old.text_key or (row.text_key and not row.text_key.startswith("-") and not is_lost):
            return row.text_key
        # Of short texts the last one counts: a story is known again by its file and that.
        return old.text_key if is_lost or not old.text_key.startswith("-") else row.text_key
