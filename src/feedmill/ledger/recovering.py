"""The feeds directory → a ledger that was lost, or is older than what the documents there tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from feedmill.characters import xml_legal
from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.ledger.feed_reader import NotAFeed, ReadFeed, read_feed
from feedmill.ledger.kept import encoded
from feedmill.ledger.opening import check_authority
from feedmill.ledger.records import Archive, Archived, Ledger, Record, State, moment_text
from feedmill.ledger.withdrawals import forgotten
from feedmill.model import Entry, Person, Withdrawal
from feedmill.publishing.manifest_reading import FILE_NAME as MANIFEST
from feedmill.publishing.manifest_reading import Manifest
from feedmill.stories import place_of, title_key

_OWN_ID = expression(r"tag:([^:]+):feeds/")
_RANKS = {".atom": 0, ".json": 1, ".rss": 2}


class _FeedDocument(Struct, frozen=True):
    """A feed or archive as it lies there: its name, its path, and what it tells."""

    name: str
    path: str
    told: ReadFeed

    @property
    def is_archive(self) -> bool:
        return self.name.startswith("archive/")


def recover(ledger: Ledger, feeds: Path, manifest: Manifest, site: Site) -> bool:
    """Let a ledger that no file holds learn what the documents in `feeds` tell. Return whether they tell anything.

    The documents are those that the manifest names, and the archives to which these lead; without a manifest, all whose
    ids Feedmill makes. Ids, addresses, titles, dates, withdrawals and archives come back; files of stories are found
    again by what they say. What the ledger knows of a withdrawal stays. Raises Refused when the feeds are another
    site's.
    """
    documents = list(_documents(feeds, _paths(feeds, manifest)))
    documents += _led_to(feeds, documents)
    if not manifest.is_there:
        documents = [document for document in documents if _OWN_ID.match(document.told.id)]
    if not documents and not manifest.withdrawn:
        return False
    for document in documents:
        authority = _OWN_ID.match(document.told.id)
        if authority:
            check_authority(authority[1], str(feeds / document.path), "this feed is", site)
    learning = _Learning(ledger, manifest, site)
    heads = [document for document in documents if not document.is_archive]
    archives = [document for document in documents if document.is_archive]
    learning.entries(heads, archives)
    learning.withdrawals(documents)
    learning.moved()
    there = manifest.documents or {document.path for document in documents}
    digests = {path: digest for path in sorted(there) if (digest := _digest(feeds / path))}
    # A build that was to move the feeds elsewhere may have died half-way: what it wrote is to be written again.
    digests.update(
        (document.path, "")
        for document in documents
        if document.told.address and document.told.address != document_url_of(learning.feeds_url, document.path)
    )
    with_titles = {head.name: xml_legal(head.told.title) for head in heads}
    connection = ledger.database.connection
    connection.execute("BEGIN")
    ledger.put(learning.records.values())
    for head in heads:
        shown = {entry.id: "" for entry in head.told.entries if entry.id}
        before = ledger.told_now(head.name)
        kept = {id_: before[id_] for id_ in shown if id_ in before}
        ledger.tell(head.name, {**shown, **kept}, before.keys() - shown.keys())
    ledger.put_feeds({**ledger.feeds(), **with_titles})
    for archive, told in _archives(archives):
        ledger.put_archive(archive, told)
    ledger.put_documents(digests)
    ledger.put_about(
        authority=site.id_authority,
        site=learning.site_url,
        feeds=learning.feeds_url,
        serial=str(manifest.serial),
    )
    connection.execute("COMMIT")
    return True


class _Learning:
    """The records that documents tell of."""

    def __init__(self, ledger: Ledger, manifest: Manifest, site: Site) -> None:
        self._ledger, self._manifest, self._site = ledger, manifest, site
        about = ledger.about()
        self.site_url = manifest.site or about.get("site", site.url)
        self.feeds_url = manifest.feeds_url or about.get("feeds", site.feeds_url)
        self.records: dict[str, Record] = {}

    def entries(self, heads: list[_FeedDocument], archives: list[_FeedDocument]) -> None:
        """Learn of what feeds show, then of what archives alone tell: the last told first."""
        slugs = _author_slugs(heads, self._site)
        told: dict[str, Entry] = {}
        for document in heads:
            for entry in document.told.entries:
                if document.path.endswith(".rss"):
                    entry = _with_topics(entry, self._site)
                known = told.get(entry.id)
                if known is None or (entry.content and not known.content):
                    told[entry.id] = _with_slugs(entry, slugs)
        shown = set(told)
        late = sorted((e for each in archives for e in each.told.entries), key=lambda e: e.updated, reverse=True)
        for entry in late:
            told.setdefault(entry.id, entry)
        told.pop("", None)
        for id_, entry in told.items():
            old = self._ledger.get(id_)
            if old is not None and (old.state is State.WITHDRAWN or id_ not in shown):
                continue  # what was withdrawn stays so, and an archive may tell less than the ledger knows
            self.records[id_] = self._record(entry, old or Record(id_), is_shown=id_ in shown)
        for record in self._ledger.of_state(State.LIVE):
            if record.id not in shown:
                self.records.setdefault(record.id, replace(record, state=State.LEFT, kept=""))

    def _record(self, entry: Entry, old: Record, *, is_shown: bool) -> Record:
        key = title_key(entry.title, entry.published)
        return Record(
            id=entry.id,
            place=place_of(entry.url, self.site_url),
            path="",  # where its file is now, nobody knows
            title=entry.title,
            title_key=key,
            text_key=old.text_key,
            published=moment_text(entry.published),
            updated=moment_text(entry.updated),
            first=old.first or moment_text(entry.published),
            state=State.LIVE if is_shown else State.LEFT,
            kept=encoded(replace(entry, path=entry.id)) if is_shown else "",
        )

    def withdrawals(self, documents: Iterable[_FeedDocument]) -> None:
        """Learn of what was withdrawn: from the manifest, and from tombstones."""
        found: dict[str, Withdrawal] = {}
        for document in documents:
            found.update(document.told.withdrawn)
        keys: dict[str, tuple[str, str]] = {}
        urls: dict[str, str] = {}
        for id_, each in self._manifest.withdrawn.items():
            moment = _moment(each.get("when"))
            if moment is not None:
                found[id_] = Withdrawal(moment, xml_legal(str(each.get("reason", ""))))
                urls[id_] = str(each.get("url", ""))
                given = each.get("keys")
                if isinstance(given, list) and len(given) == 2 and all(isinstance(key, str) for key in given):
                    keys[id_] = given[0], given[1]
        for id_, withdrawal in found.items():
            old = self._ledger.get(id_)
            if old is not None and old.state is State.WITHDRAWN:
                self.records.pop(id_, None)
                continue
            # What a stub says is no sign by which to know the story's file.
            told = self.records.get(id_, Record(id_, published=moment_text(withdrawal.moment)))
            title, text = keys.get(id_, (old.title_key, old.text_key) if old is not None else ("", ""))
            place = told.place or place_of(urls.get(id_, ""), self.site_url)
            record = replace(told, title_key=title, text_key=text, place=place, path=old.path if old else "")
            self.records[id_] = forgotten(record, withdrawal, told=True)

    def moved(self) -> None:
        """Learn of the present addresses of stories that bear another id than they would be given now."""
        for id_, url in self._manifest.moved.items():
            if id_ in self.records:
                self.records[id_] = replace(self.records[id_], place=place_of(url, self.site_url))


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _paths(feeds: Path, manifest: Manifest) -> list[str]:
    if manifest.is_there:
        return sorted(manifest.documents)
    return sorted(path.relative_to(feeds).as_posix() for path in feeds.rglob("*") if path.is_file())


def _documents(feeds: Path, paths: Iterable[str]) -> Iterator[_FeedDocument]:
    """Yield one document for each feed and archive: the one that tells most."""
    best: dict[str, str] = {}
    for path in paths:
        name, suffix = str(PurePosixPath(path).with_suffix("")), PurePosixPath(path).suffix
        if suffix in _RANKS and path != MANIFEST:
            rival = best.get(name)
            if rival is None or _RANKS[suffix] < _RANKS[PurePosixPath(rival).suffix]:
                best[name] = path
    for name, path in sorted(best.items()):
        try:
            told = read_feed((feeds / path).read_bytes())
        except (OSError, NotAFeed):
            continue
        yield _FeedDocument(name, path, told)


def _led_to(feeds: Path, documents: Iterable[_FeedDocument]) -> Iterator[_FeedDocument]:
    """Yield the archives that documents name as those before them, and that are not among these."""
    known = {document.path for document in documents}
    waiting = list(documents)
    while waiting:
        document = waiting.pop()
        marker = document.told.previous.find("/archive/")
        path = document.told.previous[marker + 1 :] if marker >= 0 else ""
        if path.startswith("archive/") and ".." not in path and path not in known:
            known.add(path)
            more = list(_documents(feeds, [path]))
            waiting += more
            yield from more


def _author_slugs(heads: Iterable[_FeedDocument], site: Site) -> dict[str, str]:
    """Return by name the slugs of authors that have a feed: the entries themselves do not tell them."""
    return {
        head.told.title.removeprefix(f"{site.title}: "): head.name.removeprefix("authors/")
        for head in heads
        if head.name.startswith("authors/")
    }


def _with_slugs(entry: Entry, slugs: Mapping[str, str]) -> Entry:
    people = tuple(
        Person(person.name, person.email, person.url, slugs.get(person.name, "")) for person in entry.authors
    )
    return replace(entry, authors=people)


def _with_topics(entry: Entry, site: Site) -> Entry:
    """Return an entry of RSS, which does not tell topics from tags, with those that the site knows as topics."""
    slugs = {name: topic.slug for topic in site.topics.values() for name in (topic.slug, topic.title)}
    topics = tuple(sorted({slugs[name] for name in entry.topics if name in slugs}))
    return replace(entry, topics=topics, tags=tuple(name for name in entry.topics if name not in slugs))


def _archives(documents: list[_FeedDocument]) -> Iterator[tuple[Archive, dict[str, Archived]]]:
    """Yield the archives of every feed, oldest first: each names the one before it."""
    by_feed: dict[str, dict[str, _FeedDocument]] = {}
    for document in documents:
        feed = document.name.removeprefix("archive/").rpartition("/")[0]
        by_feed.setdefault(feed, {})[document.path] = document
    for feed, mine in by_feed.items():
        after = {document.told.previous.rpartition(f"archive/{feed}/")[2]: path for path, document in mine.items()}
        order: list[str] = []
        name = after.get("", "")
        while name and name in mine and name not in order:
            order.append(name)
            name = after.get(name.rpartition("/")[2], "")
        order += sorted(mine.keys() - set(order))
        for position, path in enumerate(order):
            told = mine[path].told
            entries = {entry.id: Archived(moment_text(entry.updated)) for entry in told.entries if entry.id}
            for id_, withdrawal in told.withdrawn.items():
                mark = "stub" if id_ in entries else "tombstone"
                entries[id_] = Archived(moment_text(withdrawal.moment), mark)
            period = path.rpartition("/")[2].removesuffix(".atom")
            yield Archive(path, feed, period, position), entries


def document_url_of(feeds_url: str, path: str) -> str:
    """Return the address of a document below that of the feeds."""
    return feeds_url + quote(path, safe="/-._~")


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
