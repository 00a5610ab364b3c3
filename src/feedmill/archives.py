"""Feeds and the ledger → archive documents: which are written, which are written again, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.feeds import Selected, is_curated, oldest
from feedmill.ledger import (
    Archive,
    Archived,
    Closing,
    Ledger,
    NotAFeed,
    Record,
    State,
    decoded,
    due_archives,
    moment_text,
    read_feed,
    stands_until,
    stub,
    without_text,
)
from feedmill.model import (
    MEDIA_TYPES,
    BodyMode,
    Document,
    Entry,
    Feed,
    Format,
    Level,
    Place,
    Problem,
    Stored,
    Withdrawal,
)
from feedmill.rendering import document_url
from feedmill.rendering.document_addresses import archive_path
from feedmill.scan import state_of
from feedmill.store import Entries, InPlace


class Archives(Struct, frozen=True):
    """The archives of all feeds: those that stay as they lie there, and what is to be known of each other.

    `previous` gives by feed the address of its newest archive, and `gone` the paths of those whose feed is no more.
    """

    staying: tuple[Stored, ...]
    told: tuple[tuple[Archive, Mapping[str, Archived]], ...]
    gone: frozenset[str]
    previous: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


class Needs(Struct, frozen=True):
    """What archiving is about to do: archives that are due, by feed, and the paths of those to be written again."""

    due: Mapping[str, tuple[Closing, ...]]
    again: frozenset[str]

    def paths(self, selected: Iterable[Selected], entries: Entries, ledger: Ledger) -> Iterator[tuple[str, BodyMode]]:
        """Yield the paths of the entries that will be rendered, and how much of each."""
        for each in selected:
            body = each.feed.settings.body
            for closing in self.due.get(each.feed.name, ()):
                yield from ((path, body) for path in closing.paths)
            for archive in ledger.archives(each.feed.name) if self.again else ():
                if archive.path in self.again:
                    for id_ in ledger.archived_in(archive.path):
                        yield from ((row.path, body) for row in entries.with_id(id_) if row.state == "")

    def without(self, lost: Iterable[str]) -> Needs:
        """Return the same without some stories, of which no entry can be made."""
        gone = set(lost)
        due = {
            feed: tuple(replace(each, paths=tuple(p for p in each.paths if p not in gone)) for each in closings)
            for feed, closings in self.due.items()
        }
        return replace(self, due={feed: tuple(c for c in found if c.paths) for feed, found in due.items()})


def has_archives(selected: Sequence[Selected], ledger: Ledger, site: Site) -> bool:
    """Whether any feed is archived, or was."""
    wanted = any(each.feed.settings.archive and not is_curated(site, each.feed.name) for each in selected)
    return wanted or bool(ledger.archives())


def needs_of(
    selected: Sequence[Selected],
    entries: Entries,
    ledger: Ledger,
    in_place: Mapping[str, InPlace],
    concerned: Iterable[str],
    withdrawals: Mapping[str, Withdrawal],
    site: Site,
    feeds: Path,
    now: datetime,
) -> Needs:
    """Return what is to be archived now. `concerned` are the ids of entries that archives may have to let go of.

    `in_place` are the documents that the last build left, below `feeds`.
    """
    due: dict[str, tuple[Closing, ...]] = {}
    again: set[str] = set()
    digests = ledger.documents()
    has_moved = ledger.about().get("feeds", site.feeds_url) != site.feeds_url
    updated = cache(lambda: entries.updated_since(0, int(now.timestamp())))  # few builds archive anything
    for each in selected:
        archives = ledger.archives(each.feed.name)
        if each.feed.settings.archive and not each.feed.moved_to and not is_curated(site, each.feed.name):
            found = due_archives(each, entries, ledger, archives, updated, now)
            if found:
                due[each.feed.name] = tuple(found)
                again.update(archive.path for archive in archives[-1:])
        for archive in archives:
            if has_moved or not _is_as_written(archive.path, in_place, digests, feeds):
                again.add(archive.path)
    for id_, withdrawal in withdrawals.items():
        mark = _mark(withdrawal, site, now)
        again.update(archive.path for archive, told in ledger.archives_with(id_) if told.mark != mark)
        record = ledger.get(id_)
        if record is not None and record.reason != withdrawal.reason:
            again.update(archive.path for archive, _ in ledger.archives_with(id_))
    moment = int(now.timestamp())
    for id_ in {*concerned, *entries.archived_and_over(moment)} - withdrawals.keys():
        again.update(archive.path for archive, _ in ledger.archives_with(id_))
    return Needs(due, frozenset(again))


def _mark(withdrawal: Withdrawal, site: Site, now: datetime) -> str:
    return "stub" if stands_until(withdrawal, site.policies.withdrawn_days) > now else "tombstone"


def _is_as_written(path: str, in_place: Mapping[str, InPlace], digests: Mapping[str, str], feeds: Path) -> bool:
    known = in_place.get(path)
    if known is not None and known.state and known.state == state_of(f"{feeds}/{path}"):
        return known.stored.sha256 == digests.get(path)
    return _digest(feeds / path) == digests.get(path)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def archive(
    needs: Needs,
    selected: Sequence[Selected],
    entries: Entries,
    ledger: Ledger,
    in_place: Mapping[str, InPlace],
    withdrawals: Mapping[str, Withdrawal],
    dropped: frozenset[str],
    site: Site,
    feeds: Path,
    now: datetime,
    fragments: Callable[[Sequence[str], BodyMode], list[bytes]],
    put: Callable[[Document], object],
) -> Archives:
    """Write the archives that are due, and those again that are not as they must be.

    `fragments` gives entries of the cache as Atom, by their paths; what no file holds any more is read from the archive
    that has it. `dropped` are the ids of entries that are to go. `put` takes a document away as soon as it is written:
    all archives together may be as large as the site.
    """
    made = _Archiving(needs, entries, ledger, withdrawals, dropped, site, feeds, now, fragments)
    staying: list[Stored] = []
    told: list[tuple[Archive, Mapping[str, Archived]]] = []
    previous: dict[str, str] = {}
    kept: set[str] = set()
    digests = ledger.documents()
    for each in selected:
        name = each.feed.name
        archives = ledger.archives(name)
        new = [
            Archive(archive_path(name, closing.name), name, closing.name, len(archives) + number)
            for number, closing in enumerate(needs.due.get(name, ()))
        ]
        every = [*archives, *new]
        kept.update(one.path for one in every)
        for number, one in enumerate(every):
            before = every[number - 1].path if number else ""
            after = every[number + 1].path if number + 1 < len(every) else ""
            if one.path in needs.again or one in new:
                closing = next((c for c in needs.due.get(name, ()) if one in new and c.name == one.name), None)
                document, tells = made.write(each.feed, one, closing, before, after)
                put(document)
                told.append((one, tells))
            else:
                staying.append(_stored(one, digests.get(one.path, ""), in_place, ledger, site, feeds))
        if every and not each.feed.moved_to:
            previous[name] = document_url(site, every[-1].path)
    gone = frozenset(one.path for one in ledger.archives() if one.path not in kept)
    return Archives(tuple(staying), tuple(told), gone, previous, tuple(made.problems))


def _stored(
    one: Archive, digest: str, in_place: Mapping[str, InPlace], ledger: Ledger, site: Site, feeds: Path
) -> Stored:
    known = in_place.get(one.path)
    # A build that was killed may have left a newer one than the cache knows.
    if known is not None and known.stored.sha256 == digest:
        return known.stored
    try:
        modified = read_feed((feeds / one.path).read_bytes()).updated
    except NotAFeed:
        modified = None
    return Stored(
        path=one.path,
        url=document_url(site, one.path),
        media_type=MEDIA_TYPES[Format.ATOM],
        sha256=digest,
        size=(feeds / one.path).stat().st_size,
        modified=modified or oldest(site),
        feed=one.path.removesuffix(".atom"),
        entries=sum(each.mark != "tombstone" for each in ledger.archived_in(one.path).values()),
        format=Format.ATOM,
    )


class _Part(Struct, frozen=True):
    """One entry of an archive on its way."""

    published: datetime
    id: str
    updated: datetime
    fragment: bytes


class _Archiving:
    def __init__(
        self,
        needs: Needs,
        entries: Entries,
        ledger: Ledger,
        withdrawals: Mapping[str, Withdrawal],
        dropped: frozenset[str],
        site: Site,
        feeds: Path,
        now: datetime,
        fragments: Callable[[Sequence[str], BodyMode], list[bytes]],
    ) -> None:
        self._needs, self._entries, self._ledger = needs, entries, ledger
        self._withdrawals, self._dropped, self._site = withdrawals, dropped, site
        self._feeds, self._now, self._fragments = feeds, now, fragments
        self.problems: list[Problem] = []

    def write(
        self, feed: Feed, one: Archive, closing: Closing | None, before: str, after: str
    ) -> tuple[Document, Mapping[str, Archived]]:
        """Write an archive: one that is due, or one that was written before."""
        from feedmill.rendering.archive_documents import write_archive  # few runs need lxml for them

        tells: dict[str, Archived] = {}
        parts: list[_Part] = []
        withdrawn: dict[str, Withdrawal] = {}
        if closing is not None:
            parts = self._at(closing.paths, feed)
            tells = {part.id: Archived(moment_text(part.updated)) for part in parts}
        else:
            in_place = self._in_place(one)
            for id_, known in self._ledger.archived_in(one.path).items():
                if id_ in self._withdrawals:
                    withdrawal = withdrawn[id_] = self._withdrawals[id_]
                    mark = _mark(withdrawal, self._site, self._now)
                    tells[id_] = Archived(max(known.updated, moment_text(withdrawal.moment)), mark)
                    if mark == "stub":
                        parts += self._stub(id_, withdrawal, feed)
                    continue
                part = self._of_id(id_, feed, in_place, one)
                if part is not None:
                    parts.append(part)
                    # What an archive says of an entry is as old as when it was first written: see late_corrections.
                    tells[id_] = Archived(known.updated)
        parts.sort(key=lambda part: (-part.published.timestamp(), part.id))
        moments = [datetime.fromisoformat(each.updated) for each in tells.values()]
        updated = max((*moments, *(part.updated for part in parts)), default=oldest(self._site))
        document = write_archive(
            feed,
            one.name,
            [part.fragment for part in parts],
            before,
            after,
            self._site,
            updated=updated,
            published=parts[0].published if parts else None,
            withdrawn=withdrawn,
        )
        return document, tells

    def _at(self, paths: Sequence[str], feed: Feed) -> list[_Part]:
        """Return entries of the cache, by their paths."""
        members = self._entries.members_at(paths)
        there = [path for path in paths if path in members]
        return [
            _Part(
                datetime.fromtimestamp(members[path].published, UTC),
                members[path].id,
                datetime.fromtimestamp(members[path].updated, UTC),
                fragment,
            )
            for path, fragment in zip(there, self._fragments(there, feed.settings.body), strict=True)
        ]

    def _of_id(self, id_: str, feed: Feed, in_place: Mapping[str, Entry], archive: Archive) -> _Part | None:
        """Return an entry as its file holds it now, else as the archive does; None where it is to go."""
        moment = int(self._now.timestamp())
        rows = self._entries.with_id(id_)
        visible = [row for row in rows if row.state == "" and row.shown_from <= moment < row.shown_until]
        for row in visible:
            member = self._entries.member_at(row.path)
            if member is not None and not member.lost:
                return self._at([row.path], feed)[0]
        if (rows and not visible) or id_ in self._dropped:
            return None
        entry = in_place.get(id_)
        record = self._ledger.get(id_)
        if record is not None and record.state is State.WITHDRAWN:
            return None
        if entry is None and record is not None and record.kept:
            entry = decoded(record.kept, self._site)
        if entry is None and record is not None and record.title and record.published:
            entry = without_text(record, self._site)
            self._lost(record, archive)
        return None if entry is None else self._rendered(entry, feed)

    def _lost(self, record: Record, archive: Archive) -> None:
        """Say that the only copy of a story's text was in an archive that is damaged."""
        message = (
            f"it was damaged, and nothing else has the text of '{record.title}' ({record.id}): its title stands there"
        )
        remedy = "put the story's file back, or the archive from a backup, and build again"
        place = Place(f"{self._site.feeds_path}/{archive.path}")
        self.problems.append(Problem(Level.WARNING, "archive-damaged", place, message, remedy))

    def _stub(self, id_: str, withdrawal: Withdrawal, feed: Feed) -> list[_Part]:
        record = self._ledger.get(id_)
        if record is None or not record.published:
            return []
        row = self._entries.with_record(id_)
        is_public = row is None or row.is_public(int(self._now.timestamp()))
        return [self._rendered(stub(record, withdrawal, self._site.url, is_public=is_public), feed)]

    def _rendered(self, entry: Entry, feed: Feed) -> _Part:
        from feedmill.rendering.fragments import render_fragment

        topics = tuple(slug for slug in entry.topics if slug in self._site.topics)
        entry = replace(entry, topics=topics)
        content = render_fragment(entry, Format.ATOM, feed.settings.body, self._site)
        return _Part(entry.published, entry.id, entry.updated, content)

    def _in_place(self, one: Archive) -> Mapping[str, Entry]:
        """Return the entries of an archive that lies there as it was written, by id."""
        path = self._feeds / one.path
        if _digest(path) != self._ledger.documents().get(one.path):
            return {}
        try:
            return {entry.id: entry for entry in read_feed(path.read_bytes()).entries}
        except (OSError, NotAFeed):
            return {}
