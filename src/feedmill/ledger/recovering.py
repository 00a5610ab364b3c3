"""The feeds directory → the ledger: recovered when it is lost, completed when a build was stopped half-way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from feedmill.errors import LedgerError
from feedmill.expressions import expression
from feedmill.ledger.keeping import encoded
from feedmill.ledger.records import Archive, Ledger, Record, State, digest_of, key_of, moment_text, seen_of
from feedmill.ledger.told import NotAFeed, Told, read_feed
from feedmill.ledger.withdrawing import forgotten
from feedmill.ledger.words import words_of
from feedmill.model import Entry, Person, Site, Withdrawal

_OWN_ID = expression(r"tag:([^:]+):feeds/")
_RANKS = {".atom": 0, ".json": 1, ".rss": 2}
_MANIFEST = "manifest.json"


class _Document(Struct, frozen=True):
    """A feed or archive as it lies there: its name, its path, its bytes' digest and number, and what it tells.

    `feeds_url` is the address of the feeds directory that it gives, empty when it gives none.
    """

    name: str
    path: str
    sha256: str
    bytes: int
    told: Told
    feeds_url: str


def recover(directory: Path, site: Site) -> Ledger | None:
    """Return what the documents in `directory` tell of what was published, None when there are none.

    The documents are those that the manifest names, and the archives to which these lead; without a manifest, all whose
    ids Feedmill makes. Ids, addresses, titles, dates, bodies, withdrawals and archives come back; the files of stories
    are found again by recognition. Raises LedgerError when the feeds are another site's.
    """
    if not directory.is_dir():
        return None
    manifest = _manifest(directory)
    base = manifest.get("feeds_url")
    feeds_url = base if isinstance(base, str) else site.feeds_url
    documents = list(_documents(directory, _paths(directory, manifest)))
    documents += _led_to(directory, documents)
    if "documents" not in manifest:
        documents = [document for document in documents if _OWN_ID.match(document.told.id)]
    if not documents:
        return None
    for document in documents:
        authority = _OWN_ID.match(document.told.id)
        if authority and authority[1] != site.id_authority:
            raise LedgerError(
                f"{directory / document.path}: this feed is of {authority[1]}, "
                f"and feedmill.yaml says site.id_authority: {site.id_authority}",
                remedy="put id_authority back, or give this site another feeds.path. Nothing was changed",
            )
    about = {"authority": site.id_authority, "feeds": base} if isinstance(base, str) else {}
    if isinstance(manifest.get("site"), str) and about:
        about["site"] = str(manifest["site"])
    recovered = _merge(Ledger(), documents, site, feeds_url, about.get("site", site.url))
    for id_, url, withdrawal in _withdrawn(manifest):
        record = recovered.records.get(id_, Record(id_, published=moment_text(withdrawal.moment)))
        record = replace(record, url=record.url or url)
        if record.state is not State.WITHDRAWN:
            record = forgotten(record, withdrawal)
        recovered = replace(recovered, records={**recovered.records, id_: record})
    moved = manifest.get("moved")
    for id_, url in moved.items() if isinstance(moved, dict) else ():
        if id_ in recovered.records:
            record = replace(recovered.records[id_], url=str(url))
            recovered = replace(recovered, records={**recovered.records, id_: record})
    return replace(recovered, about=about, recovered=True)


def complete(ledger: Ledger, directory: Path, site: Site) -> Ledger:
    """Return the ledger together with what a build that was stopped had replaced already.

    `ledger.intended` are the digests of the documents that it was about to write: those that lie there have been told
    to subscribers.
    """
    if not ledger.intended:
        return ledger
    # First those that were written, and of them the best: of a feed it may have written RSS, and JSON not yet.
    written = [path for path, digest in ledger.intended.items() if _digest_of(directory / path) == digest]
    there = list(_documents(directory, written))
    about = ledger.about
    return _merge(ledger, there, site, about.get("feeds", site.feeds_url), about.get("site", site.url))


def _digest_of(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest() if path.suffix in _RANKS else ""
    except OSError:
        return ""


def _paths(directory: Path, manifest: Mapping[str, object]) -> Iterator[str]:
    listed = manifest.get("documents")
    if isinstance(listed, dict):
        yield from (path for path in sorted(listed) if not PurePosixPath(path).is_absolute() and ".." not in path)
    else:
        yield from sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def _manifest(directory: Path) -> dict[str, object]:
    try:
        found = json.loads((directory / _MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _withdrawn(manifest: Mapping[str, object]) -> Iterator[tuple[str, str, Withdrawal]]:
    found = manifest.get("withdrawn")
    told = (
        [{"id": id_, **item} for id_, item in found.items() if isinstance(item, dict)]
        if isinstance(found, dict)
        else []
    )
    text = json.dumps({"items": [], "_feedmill": {"withdrawn": told}})
    withdrawals = read_feed(text.encode()).withdrawn
    for item in told:
        yield item["id"], str(item.get("url", "")), withdrawals[item["id"]]


def _documents(directory: Path, paths: Iterable[str]) -> Iterator[_Document]:
    """Yield one document for each feed and archive: the one that tells most."""
    best: dict[str, str] = {}
    for path in paths:
        name, suffix = str(PurePosixPath(path).with_suffix("")), PurePosixPath(path).suffix
        if suffix in _RANKS and path != _MANIFEST:
            rival = best.get(name)
            if rival is None or _RANKS[suffix] < _RANKS[PurePosixPath(rival).suffix]:
                best[name] = path
    for name, path in sorted(best.items()):
        try:
            content = (directory / path).read_bytes()
            told = read_feed(content)
        except (OSError, NotAFeed):
            continue
        feeds_url = told.address.removesuffix(path) if told.address.endswith(path) else ""
        yield _Document(name, path, sha256(content).hexdigest(), len(content), told, feeds_url)


def _led_to(directory: Path, documents: Sequence[_Document]) -> Iterator[_Document]:
    """Yield the archives that `documents` name as those before them, and that are not among these.

    Where a build was stopped its manifest is missing yet.
    """
    known = {document.path for document in documents}
    waiting = list(documents)
    while waiting:
        document = waiting.pop()
        path = document.told.previous.removeprefix(document.feeds_url)
        if path.startswith("archive/") and ".." not in path and path not in known:
            known.add(path)
            found = list(_documents(directory, [path]))
            waiting += found
            yield from found


def _former(url: str, document: _Document, site: Site, site_url: str) -> str:
    """Return the address of a story in a document as it was when the site lay at `site_url`.

    A build that was stopped may have moved the site in some documents and not in others. Where the feeds lie elsewhere
    than below the site, no document tells.
    """
    below = site.feeds_url.removeprefix(site.url)
    if not (site.feeds_url.startswith(site.url) and document.feeds_url and document.feeds_url.endswith(below)):
        return url
    now_at = document.feeds_url.removesuffix(below)
    return site_url + url.removeprefix(now_at) if url.startswith(now_at) else url


def _merge(base: Ledger, documents: list[_Document], site: Site, feeds_url: str, site_url: str) -> Ledger:
    """Return the ledger with what documents tell in the place of what it said of them.

    `feeds_url` and `site_url` are where the feeds and the site were, as the ledger says.
    """
    heads = {document.name: document for document in documents if not document.name.startswith("archive/")}
    older = [document for document in documents if document.name.startswith("archive/")]
    told: dict[str, Entry] = {}
    urls: dict[str, str] = {}
    partly: set[str] = set()
    withdrawn: dict[str, Withdrawal] = {}
    for document in (*heads.values(), *older):
        withdrawn.update(document.told.withdrawn)
    # What an archive tells that the ledger does not know yet is as new as what heads tell. Another was only amended by
    # the build that was stopped, or written again because it was lost.
    known_paths = {archive.path for archives in base.archives.values() for archive in archives}
    fresh = [document for document in older if document.path not in known_paths]
    amended = [document for document in older if document.path in known_paths]
    for document, entry in (*_entries_of(heads.values()), *_by_update(_entries_of(fresh))):
        if document.path.endswith(".rss"):
            entry = _with_topics(entry, site)
            partly.add(entry.id)
        known = told.get(entry.id)
        if known is None:
            told[entry.id] = entry
            urls[entry.id] = _former(entry.url, document, site, site_url)
        elif entry.content and not known.content:
            told[entry.id] = replace(known, content=entry.content)
    told_now = set(told)
    with_content = {id_ for id_, entry in told.items() if entry.content}
    for document, entry in _entries_of(amended):
        told.setdefault(entry.id, entry)
        urls.setdefault(entry.id, _former(entry.url, document, site, site_url))
    told.pop("", None)
    shown = {name: {entry.id for entry in head.told.entries} for name, head in heads.items()}
    slugs = _author_slugs(heads.values(), site)
    records = dict(base.records)
    for id_, entry in told.items():
        old = records.get(id_, Record(id_))
        feeds = {name for name in old.feeds if name not in shown} | {name for name in shown if id_ in shown[name]}
        left = {*old.feeds, *old.left} - feeds
        if old.state is State.WITHDRAWN:
            # Taken back since the document was written: no word of it comes back.
            records[id_] = replace(old, feeds=tuple(sorted(feeds)), left=tuple(sorted(left)))
            continue
        if id_ not in base.records or id_ in told_now:
            record = replace(_record(_with_slugs(entry, slugs), old), url=urls[id_])
            if id_ not in with_content:
                # It has none, or only feeds of summaries show it: what its file was known by may be a sign still, but
                # is nothing that subscribers have been told. The next build looks.
                record = replace(record, words=old.words, body="", seen="")
            if id_ in partly:
                # RSS tells less than an entry has: what subscribers saw cannot be said for sure.
                record = replace(_fuller(record, old), seen="")
        else:
            # What an amended archive tells may be older than what the ledger knows the story's file by.
            record = old
        # Of one that has left all feeds the next build says so: it knows whether there is a file.
        is_live = bool(feeds) or (id_ in base.records and old.state is State.LIVE)
        records[id_] = replace(
            record,
            feeds=tuple(sorted(feeds)),
            left=tuple(sorted(left)),
            state=State.LIVE if is_live else State.LEFT,
            kept=record.kept if is_live else b"",
        )
    for id_, old in base.records.items():
        if id_ not in told and any(name in shown for name in old.feeds):
            feeds = {name for name in old.feeds if name not in shown}
            left = {*old.feeds, *old.left} - feeds
            records[id_] = replace(old, feeds=tuple(sorted(feeds)), left=tuple(sorted(left)))
    for id_, withdrawal in withdrawn.items():
        record = records.get(id_, Record(id_, published=moment_text(withdrawal.moment)))
        old = base.records.get(id_, Record(id_))
        # What a stub says is no sign by which to know the story's file.
        record = replace(record, key=old.key, words=old.words, body=old.body)
        seen = seen_of(told[id_]) if id_ in told else ""
        records[id_] = replace(forgotten(record, withdrawal), seen=seen)
    return replace(
        base,
        records=records,
        feeds={**base.feeds, **{name: head.told.title for name, head in heads.items()}},
        archives=_archives(base, older, feeds_url),
    )


def _entries_of(documents: Iterable[_Document]) -> Iterator[tuple[_Document, Entry]]:
    for document in documents:
        for entry in document.told.entries:
            yield document, entry


def _by_update(told: Iterable[tuple[_Document, Entry]]) -> list[tuple[_Document, Entry]]:
    """Return what archives tell, the entries that were updated last first: one may be told by several archives."""
    return sorted(told, key=lambda each: each[1].updated, reverse=True)


def _fuller(record: Record, old: Record) -> Record:
    """Return the old record, which tells more, where nothing says that its story differs from what `record` tells."""

    def alike(one: Record) -> tuple[str, ...]:
        return one.url, one.title, one.key, one.body

    return old if alike(record) == alike(old) else record


def _record(entry: Entry, old: Record) -> Record:
    return Record(
        id=entry.id,
        url=entry.url,
        path=old.path,
        title=entry.title,
        key=key_of(entry.title, entry.published),
        published=moment_text(entry.published),
        updated=moment_text(entry.updated),
        first=old.first or moment_text(entry.published),
        seen=seen_of(entry),
        body=digest_of(entry.content),
        words=words_of(entry),
        kept=encoded(replace(entry, path=old.path)),
    )


def _author_slugs(heads: Iterable[_Document], site: Site) -> dict[str, str]:
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


def _archives(base: Ledger, documents: list[_Document], feeds_url: str) -> dict[str, tuple[Archive, ...]]:
    """Return the archives of every feed, oldest first: each names the one before it."""
    found: dict[str, dict[str, tuple[Archive, str]]] = {}
    next_addresses: dict[str, str] = {}
    for document in documents:
        feed, _, name = document.name.removeprefix("archive/").rpartition("/")
        entries = {entry.id: moment_text(entry.updated) for entry in document.told.entries}
        gone = {id_: moment_text(found.moment) for id_, found in document.told.withdrawn.items()}
        archive = Archive(
            feed=feed,
            name=name,
            path=document.path,
            told={**entries, **gone},
            sha256=document.sha256,
            bytes=document.bytes,
            entries=len(entries),
            withdrawn={id_: id_ in entries for id_ in gone},
            followed=bool(document.told.following),
            feeds_url=document.feeds_url if document.feeds_url != feeds_url else "",
        )
        previous = document.told.previous.removeprefix(document.feeds_url)
        next_addresses[document.path] = document.told.following
        found.setdefault(feed, {})[document.path] = archive, previous
    archives = dict(base.archives)
    for feed, mine in found.items():
        waiting, next_of = dict(mine), {previous: path for path, (_, previous) in mine.items()}
        ordered = [waiting.pop(old.path)[0] if old.path in waiting else old for old in archives.get(feed, ())]
        path = next_of.get(ordered[-1].path if ordered else "", "")
        while path in waiting:
            ordered.append(waiting.pop(path)[0])
            path = next_of.get(path, "")
        ordered += [archive for archive, _ in waiting.values()]
        # The next one that a build was about to write when it was stopped may have another name by now.
        for number, (archive, later) in enumerate(pairwise(tuple(ordered))):
            if archive.path in next_addresses:
                leads_there = next_addresses[archive.path].endswith(f"/{later.path}")
                ordered[number] = replace(archive, followed=leads_there)
            elif archive.path == archives[feed][-1].path:
                # It was the last one, and leads at the most to what an earlier build was stopped before it wrote.
                ordered[number] = replace(archive, followed=False)
        archives[feed] = tuple(ordered)
    return archives
