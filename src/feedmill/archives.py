"""Feeds and the ledger → archive documents: which are written, which are amended, which stay as they are."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from feedmill import ledger
from feedmill.ledger import Archive, Bodies, Ledger
from feedmill.model import MEDIA_TYPES, Document, Entry, Feed, Format, Problem, Site, Stored, Withdrawal
from feedmill.parallel import spread
from feedmill.publishing import Staged
from feedmill.selecting import newest
from feedmill.writing.addresses import archive_path


class Archived(Struct, frozen=True):
    """The archives of all feeds, oldest first: documents staged in this run, and documents that stay.

    With `findings`, those of new documents, none may be published.
    """

    staged: tuple[Staged, ...]
    stored: tuple[Stored, ...]
    archives: Mapping[str, tuple[Archive, ...]]
    findings: tuple[Problem, ...]


class _Made(Struct, frozen=True):
    """The archives of one feed."""

    archives: tuple[Archive, ...]
    staged: list[Staged]
    stored: list[Stored]
    findings: list[Problem]


def archive(
    feeds: Sequence[Feed],
    members: Mapping[str, Sequence[Entry]],
    before: Ledger,
    withdrawals: Mapping[str, Withdrawal],
    hidden: Collection[str],
    site: Site,
    directory: Path,
    now: datetime,
    bodies: Bodies,
    put: Callable[[Sequence[Document]], tuple[list[Staged], list[Problem]]],
    processes: int,
) -> Archived:
    """Close what is to be closed as of `now`, and amend what must be.

    `members` are all entries of each feed, newest first; `hidden` are the ids of those that no feed may show any more,
    because they have expired or became drafts; `directory` is where the feeds lie. An archive that is there
    is never written anew: the bytes that lie there are amended. One that is gone is written again, with the entries
    that the ledger says it had, as far as they are known still. `put` takes documents away as soon as they are
    written, and tells what is wrong with them: all archives of a feed together may be as large as the site. Feeds that
    have none yet, and may need many, are shared out among `processes`.
    """

    def made(feed: Feed) -> _Made:
        mine = _Feed(feed, before, withdrawals, hidden, site, directory, now, bodies.whole, put)
        mine.close(members.get(feed.name, ()))
        return _Made(tuple(mine.archives), list(mine.staged.values()), list(mine.stored()), mine.findings)

    first = [feed for feed in feeds if feed.settings.archive and not before.archives.get(feed.name)]
    if processes > 1:
        bodies.hold(entries_to_archive(first, members, before, directory, now))
    packed = spread(lambda feed: pickle.dumps(made(feed)), first, processes)
    by_feed = {feed.name: pickle.loads(each) for feed, each in zip(first, packed, strict=True)}  # noqa: S301 - our own
    for feed in feeds:
        if feed.name not in by_feed:
            by_feed[feed.name] = made(feed)
    in_order: list[_Made] = [by_feed[feed.name] for feed in feeds]
    return Archived(
        tuple(each for mine in in_order for each in mine.staged),
        tuple(each for mine in in_order for each in mine.stored),
        {feed.name: by_feed[feed.name].archives for feed in feeds if by_feed[feed.name].archives},
        tuple(each for mine in in_order for each in mine.findings),
    )


def entries_to_archive(
    feeds: Sequence[Feed],
    members: Mapping[str, Sequence[Entry]],
    before: Ledger,
    directory: Path,
    now: datetime,
) -> Iterator[Entry]:
    """Yield the entries of which `archive` will want the bodies."""
    for feed in feeds:
        mine = members.get(feed.name, ())
        gone = {id_ for old in before.archives.get(feed.name, ()) if not _is_there(old, directory) for id_ in old.told}
        yield from (entry for entry in mine if entry.id in gone)
        if feed.settings.archive:
            for closing in ledger.due_archives(feed, mine, before, now):
                yield from closing.entries


def takes_all(
    feeds: Sequence[Feed], members: Mapping[str, Sequence[Entry]], before: Ledger, directory: Path, now: datetime
) -> bool:
    """Whether `archive` will write an archive, for which all entries of its feed must be known."""
    for feed in feeds:
        if any(not _is_there(old, directory) for old in before.archives.get(feed.name, ())):
            return True
        if feed.settings.archive and ledger.due_archives(feed, members.get(feed.name, ()), before, now):
            return True
    return False


class _Feed:
    """The archives of one feed, on the way."""

    def __init__(
        self,
        feed: Feed,
        before: Ledger,
        withdrawals: Mapping[str, Withdrawal],
        hidden: Collection[str],
        site: Site,
        directory: Path,
        now: datetime,
        whole: Callable[[Entry], Entry],
        put: Callable[[Sequence[Document]], tuple[list[Staged], list[Problem]]],
    ) -> None:
        self.feed, self.before, self.withdrawals, self.site = feed, before, withdrawals, site
        self.hidden = [id_ for id_ in hidden if id_ not in withdrawals]
        self.directory, self.now, self.whole, self.put = directory, now, whole, put
        self.archives = list(before.archives.get(feed.name, ()))
        self.known = len(self.archives)
        self.staged: dict[str, Staged] = {}
        self.findings: list[Problem] = []

    def close(self, members: Sequence[Entry]) -> None:
        """Write what is due or gone, oldest first, and then amend what is there: so none leads back to what is not."""
        by_id = {entry.id: entry for entry in members}
        due = ledger.due_archives(self.feed, members, self.before, self.now) if self.feed.settings.archive else []
        to_write: dict[int, Iterable[Entry]] = {
            number: [by_id[id_] for id_ in old.told if id_ in by_id]
            for number, old in enumerate(self.archives)
            if not _is_there(old, self.directory)
        }
        for closing in due:
            to_write[len(self.archives)] = closing.entries
            path = archive_path(self.feed.name, closing.name)
            self.archives.append(Archive(self.feed.name, closing.name, path, {}))
        for number, entries in to_write.items():
            written = self._write(number, entries)
            self._put(self._amended(number, written) or written)
        for number in range(len(self.archives)):
            if number not in to_write:
                self._put(self._amended(number, None))
        self.archives = [replace(each, feeds_url="") if each.feeds_url else each for each in self.archives]

    def _put(self, document: Document | None) -> None:
        if document is not None:
            staged, findings = self.put([document])
            self.staged.update((each.stored.path, each) for each in staged)
            self.findings.extend(findings)

    def stored(self) -> Iterable[Stored]:
        """Return the documents that stay as they are."""
        for old in self.archives:
            if old.path not in self.staged:
                yield Stored(
                    path=old.path,
                    url=self.site.feeds_url + old.path,
                    media_type=MEDIA_TYPES[Format.ATOM],
                    sha256=old.sha256,
                    size=old.bytes,
                    modified=_newest(old, self.site),
                    feed=old.path.removesuffix(".atom"),
                    entries=old.entries,
                )

    def _following(self, number: int) -> str:
        return self.archives[number + 1].path if number + 1 < len(self.archives) else ""

    def _write(self, number: int, members: Iterable[Entry]) -> Document:
        """Write an archive of which no document is there, with those of its entries that are known."""
        mine = self.archives[number]
        entries = sorted(map(self.whole, members), key=lambda entry: (-entry.published.timestamp(), entry.id))
        from feedmill.writing.archives import write_archive  # few runs need lxml for them

        previous = self.archives[number - 1].path if number else ""
        following = self._following(number)
        document = write_archive(self.feed, mine.name, entries, previous, following, self.site)
        told = mine.told or {entry.id: ledger.moment_text(entry.updated) for entry in entries}
        anew = Archive(self.feed.name, mine.name, mine.path, told, followed=bool(following))
        self.archives[number] = _as_written(anew, document)
        return replace(document, modified=_newest(anew, self.site))

    def _amended(self, number: int, written: Document | None) -> Document | None:
        """Return the archive that was `written`, or else the one that is there, as it must be; None where it is so."""
        old = self.archives[number]
        days = self.site.policies.withdrawn_days
        state = {
            id_: ledger.stands(self.withdrawals[id_], days, self.now) for id_ in old.told if id_ in self.withdrawals
        }
        following = self._following(number)
        changed = {
            id_: stands
            for id_, stands in state.items()
            # Its front matter may give another reason now than it gave before.
            if old.withdrawn.get(id_) is not stands or self.withdrawals[id_].reason != self.before.records[id_].reason
        }
        moved_from = old.feeds_url or self.before.about.get("feeds", self.site.feeds_url)
        has_moved = moved_from != self.site.feeds_url and written is None
        hidden = {id_ for id_ in self.hidden if id_ in old.told}
        # The last may name one that a build was about to write when it was stopped, which may be called otherwise now.
        leads_nowhere = written is None and old.followed and number + 1 == self.known
        if not (changed or hidden or has_moved or leads_nowhere) and old.followed is bool(following):
            return None
        from feedmill.writing.archives import amend_archive, archive_document

        content = written.content if written is not None else (self.directory / old.path).read_bytes()
        withdrawn = {
            id_: (self.withdrawals[id_], self._stub(id_) if stands else None) for id_, stands in changed.items()
        }
        content, count = amend_archive(
            content,
            following=following,
            withdrawn=withdrawn,
            hidden=hidden,
            moved_from=moved_from if has_moved else self.site.feeds_url,
            feed=self.feed,
            site=self.site,
        )
        updated = max(old.newest, *(ledger.moment_text(self.withdrawals[id_].moment) for id_ in changed), "")
        told = {id_: updated if id_ in changed else moment for id_, moment in old.told.items() if id_ not in hidden}
        amended = replace(old, told=told, withdrawn={**old.withdrawn, **changed}, followed=bool(following))
        feed = replace(self.feed, updated=_newest(amended, self.site))
        document = archive_document(old.path, content, count, feed, self.site)
        self.archives[number] = _as_written(amended, document)
        return document

    def _stub(self, id_: str) -> Entry:
        return ledger.stub(self.before.records[id_], self.withdrawals[id_])


def _is_there(archive: Archive, directory: Path) -> bool:
    return os.path.isfile(f"{directory}/{archive.path}")  # noqa: PTH113 - there may be thousands


def _newest(archive: Archive, site: Site) -> datetime:
    """Return when the newest entry of an archive was updated; of one that all have left, what an empty feed has."""
    return datetime.fromisoformat(archive.newest) if archive.newest else newest((), site.id_authority)


def _as_written(archive: Archive, document: Document) -> Archive:
    digest = sha256(document.content).hexdigest()
    return replace(archive, sha256=digest, bytes=len(document.content), entries=document.entries)
