"""The ledger ⇄ JSON lines, for backups and moves between machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.characters import illegal_character, xml_legal
from feedmill.config.site import Site
from feedmill.errors import UsageError
from feedmill.expressions import expression
from feedmill.ledger.kept import decoded, encoded
from feedmill.ledger.records import Archive, Archived, Ledger, Record, State, moment_text, url_of
from feedmill.ledger.withdrawals import forgotten
from feedmill.model import Level, Place, Problem, Withdrawal, pack, unpack
from feedmill.stories import place_of

VERSION = 2
_ABOUT = ("authority", "feeds", "serial", "site")
"""What a ledger says of itself that is true elsewhere, too."""
_TEXTS = tuple(name for name in Record.__struct_fields__ if name not in ("id", "state"))
_MOMENTS = ("published", "updated", "first", "withdrawn")
_PERIOD = expression(r"[0-9]{4}(-(0[1-9]|1[0-2]))?([.][1-9][0-9]{0,5})?")
_DOCUMENT = expression(r".+[.](atom|rss|json|html|opml)")
_DIGEST = expression(r"([0-9a-f]{64})?")
_SERIAL = expression(r"[0-9]{1,15}")
_OTHER_SCHEME = expression(r"(?!https?://)[A-Za-z][A-Za-z0-9+.-]*://")
_LONGEST_NAME = 240
"""Bytes of a file's name, that of one which is on its way included (NAME_MAX is 255)."""
_REMEDY = "name a file that `feedmill ledger export` wrote; nothing was imported"
_WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, msgspec.MsgspecError)
"""What is raised while a line is read that no export has."""
Shown = tuple[tuple[str, str, bool], ...]
"""The feeds that have ever shown an entry, with the digest of what each did, and whether it does now."""


class Imported(Struct):
    """What an export tells beyond a ledger: `records` are new to it, `withdrawn` are known, and were withdrawn there.

    `told` are, by feed, the entries new to the ledger that it has ever shown, and `gone` those that it does no more.
    """

    records: dict[str, Record] = field(default_factory=dict)
    withdrawn: dict[str, Record] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)
    archives: list[tuple[Archive, Mapping[str, Archived]]] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)

    def write(self, ledger: Ledger) -> None:
        """Write it in one transaction; nothing at all where there is nothing to write. Raises PublishingError."""
        if ledger.exists and self == Imported():
            return
        with ledger.database.transaction(vacuum=bool(self.withdrawn)):
            ledger.put([*self.records.values(), *self.withdrawn.values()])
            for feed, seen in sorted(self.told.items()):
                ledger.tell(feed, seen, self.gone.get(feed, ()))
            if self.feeds:
                ledger.put_feeds({**ledger.feeds(), **self.feeds})
            for archive, told in self.archives:
                ledger.put_archive(archive, told)
            if self.documents:
                ledger.put_documents({**ledger.documents(), **self.documents})
            ledger.put_about(**self.about)


def export_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a ledger as JSON lines, in a fixed order: what it is of, feeds, archives, entries, documents, the end."""
    about = ledger.about()
    yield _line({"feedmill_ledger": VERSION, **{name: about[name] for name in _ABOUT if name in about}})
    for name, title in ledger.feeds().items():
        yield _line({"feed": name, "title": title})
    for archive in ledger.archives():
        told = {id_: (each.updated, each.mark) for id_, each in ledger.archived_in(archive.path).items()}
        yield _line({"archive": {"feed": archive.feed, "name": archive.name, "path": archive.path, "told": told}})
    number = 0
    for number, record in enumerate(ledger.records(), 1):  # noqa: B007 - the last one counts
        given: dict[str, Any] = {name: getattr(record, name) for name in Record.__struct_fields__}
        given["told"] = ledger.told_of(record.id)
        yield _line({"entry": {name: value for name, value in given.items() if value}})
    for path, digest in sorted(ledger.documents().items()):
        yield _line({"document": path, "sha256": digest})
    yield _line({"end": number})


def import_lines(text: str, name: str, ledger: Ledger, site: Site) -> tuple[Imported, tuple[Problem, ...]]:
    """Return what JSON lines tell beyond a ledger. What it knows already stays as it is.

    But what was withdrawn there is withdrawn here, too: a withdrawal is for good, and subscribers are told of it next.

    `name` is what problems call the source. Raises UsageError when it is no export, of a newer version, or of another
    site; an id that means another story here is a problem, and is not taken.
    """
    return _Importing(name, ledger, site).run(text)


class _Importing:
    """One import: each line as it is read, and what of it the ledger does not know."""

    def __init__(self, name: str, ledger: Ledger, site: Site) -> None:
        self._name, self._ledger, self._site = name, ledger, site
        self._feeds = ledger.feeds()
        self._archived = {archive.feed for archive in ledger.archives()}
        self._has_documents = bool(ledger.documents())
        self._about = ledger.about()
        self._version = VERSION
        self._from = site.url
        self._positions: dict[str, int] = {}
        self._paths: set[str] = set()
        self._found = Imported()
        self._problems: list[Problem] = []

    def run(self, text: str) -> tuple[Imported, tuple[Problem, ...]]:
        entries, end, number = 0, None, 0
        for number, line in enumerate(_lines(text), 1):
            told = self._object(line, number)
            try:
                if number == 1:
                    self._head(told)
                elif end is not None:
                    raise ValueError
                elif "feed" in told:
                    self._feed(msgspec.convert(told, _FeedLine))
                elif "archive" in told:
                    self._archive(told["archive"])
                elif "document" in told and self._version > 1:
                    self._document(msgspec.convert(told, _DocumentLine))
                elif "end" in told:
                    end = msgspec.convert(told["end"], int)
                else:
                    entries += 1
                    self._entry(told["entry"], number)
            except _WRONG:
                raise self._refused(number, "a line that no export has") from None
        if end != entries:
            raise self._refused(number, "the export is cut off" if end is None else "lines of the export are missing")
        return self._found, tuple(self._problems)

    def _object(self, line: str, number: int) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self._refused(number, "a line that no export has")
        return found

    def _refused(self, number: int, what: str) -> UsageError:
        return UsageError(f"{self._name}:{number}: {what}", remedy=_REMEDY)

    def _head(self, told: dict[str, Any]) -> None:
        """Learn what it is an export of. Raises UsageError where it cannot be of use."""
        version = told.get("feedmill_ledger")
        if type(version) is not int or not 1 <= version <= VERSION:
            what = f"an export of version {version}" if type(version) is int else "no export of a ledger"
            raise UsageError(f"{self._name}: this is {what}", remedy=_REMEDY)
        self._version = version
        about = {name: str(told[name]) for name in _ABOUT if name in told}
        if about.get("authority", self._site.id_authority) != self._site.id_authority:
            raise UsageError(
                f"{self._name}: this ledger is of {xml_legal(about['authority'])}, "
                f"and feedmill.yaml says {self._site.id_authority}",
                remedy="import it where it belongs; nothing was imported",
            )
        for name in ("feeds", "site"):
            url = about.get(name, self._site.url)
            if not url.startswith(("http://", "https://")) or illegal_character(url):
                raise ValueError
        if not _SERIAL.fullmatch(about.get("serial", "0")):
            raise ValueError
        self._from = about.get("site", self._site.url)
        self._found.about = {name: value for name, value in about.items() if name not in self._about}

    def _feed(self, told: _FeedLine) -> None:
        _check_path(told.feed)
        if told.feed not in self._feeds:
            self._found.feeds[told.feed] = xml_legal(told.title)

    def _archive(self, given: object) -> None:
        """Take an archive, unless the feed has some here. Raises ValueError for one that no build could have made."""
        digest = ""
        if self._version == 1:
            old = msgspec.convert(given, _Archive1)
            marks = {id_: "stub" if stands else "tombstone" for id_, stands in old.withdrawn.items()}
            told = {id_: (updated, marks.get(id_, "")) for id_, updated in old.told.items()}
            if any(map(illegal_character, (old.feeds_url, *old.withdrawn))):
                raise ValueError
            path, feed, name, digest = old.path, old.feed, old.name, old.sha256
        else:
            new = msgspec.convert(given, _Archive2)
            path, feed, name, told = new.path, new.feed, new.name, new.told
        _check_path(feed)
        if path != f"archive/{feed}/{name}.atom" or not _PERIOD.fullmatch(name) or path in self._paths:
            raise ValueError
        _check_path(path)
        archived = {}
        for id_, (updated, mark) in told.items():
            if not id_ or illegal_character(id_) or mark not in ("", "stub", "tombstone"):
                raise ValueError
            archived[id_] = Archived(_moment(updated), mark)
        if not _DIGEST.fullmatch(digest):
            raise ValueError
        self._paths.add(path)
        if feed not in self._archived:
            position = self._positions[feed] = self._positions.get(feed, -1) + 1
            self._found.archives.append((Archive(path, feed, name, position), archived))
            if self._version == 1 and not self._has_documents:
                self._found.documents[path] = digest

    def _document(self, told: _DocumentLine) -> None:
        """Take a document, where none is known here: those that a build made since are not to come back."""
        _check_path(told.document)
        if not _DOCUMENT.fullmatch(told.document) or not _DIGEST.fullmatch(told.sha256):
            raise ValueError
        if not self._has_documents:
            self._found.documents[told.document] = told.sha256

    def _entry(self, given: dict[str, Any], number: int) -> None:
        if self._version == 1:
            record, told = _of_version_1(msgspec.convert(given, _Entry1), self._from)
        else:
            record = msgspec.convert(given, Record)
            told = msgspec.convert(given.get("told", ()), Shown)
            if given.keys() - {*Record.__struct_fields__, "told"}:
                raise ValueError
        record = _checked(record, self._site)
        for feed, seen, _ in told:
            _check_path(feed)
            if illegal_character(seen):
                raise ValueError
        found = self._found
        known = found.withdrawn.get(record.id) or found.records.get(record.id) or self._ledger.get(record.id)
        if known is None:
            found.records[record.id] = record
            for feed, seen, is_current in told:
                found.told.setdefault(feed, {})[record.id] = seen
                if not is_current:
                    found.gone.setdefault(feed, []).append(record.id)
        elif self._is_another(record, known):
            self._problems.append(self._two_sites(number, record, known))
        elif record.state is State.WITHDRAWN is not known.state:
            withdrawal = Withdrawal(datetime.fromisoformat(record.withdrawn), record.reason)
            where = found.records if record.id in found.records else found.withdrawn
            where[record.id] = forgotten(known, withdrawal, told=False)

    def _is_another(self, record: Record, known: Record) -> bool:
        """Whether a record is of another story than the one that is known here under its id."""
        here = url_of(known.place, self._about.get("site", self._site.url))
        return here != url_of(record.place, self._from) and known.title_key != record.title_key

    def _two_sites(self, number: int, record: Record, known: Record) -> Problem:
        here = url_of(known.place, self._about.get("site", self._site.url)) if known.place else known.path
        there = url_of(record.place, self._from) if record.place else record.path
        message = f"the id {record.id} is that of {here} here, and of {there} there"
        remedy = "what is here stays; two sites must not share one id_authority"
        return Problem(Level.ERROR, "import-two-sites", Place(self._name, number, 1), message, remedy)


class _FeedLine(Struct, forbid_unknown_fields=True):
    feed: str
    title: str


class _DocumentLine(Struct, forbid_unknown_fields=True):
    document: str
    sha256: str


class _Archive2(Struct, forbid_unknown_fields=True):
    feed: str
    name: str
    path: str
    told: dict[str, tuple[str, str]]


class _Archive1(Struct, forbid_unknown_fields=True):
    """An archive as the first edition exported it."""

    feed: str
    name: str
    path: str
    told: dict[str, str]
    sha256: str = ""
    bytes: int = 0
    entries: int = 0
    withdrawn: dict[str, bool] = field(default_factory=dict)
    followed: bool = False
    feeds_url: str = ""


class _Entry1(Struct, forbid_unknown_fields=True):
    """An entry as the first edition exported it."""

    id: str
    url: str = ""
    path: str = ""
    title: str = ""
    key: str = ""
    published: str = ""
    updated: str = ""
    first: str = ""
    seen: str = ""
    body: str = ""
    words: str = ""
    feeds: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    state: State = State.LIVE
    withdrawn: str = ""
    reason: str = ""
    kept: str = ""


def _of_version_1(old: _Entry1, site_url: str) -> tuple[Record, Shown]:
    """Return a record of today, and who was told. What they saw was digested otherwise, so that it is not known."""
    record = Record(
        id=old.id,
        place=place_of(old.url, site_url),
        path=old.path,
        title=old.title,
        title_key=old.key,
        published=old.published,
        updated=old.updated,
        first=old.first,
        state=old.state,
        withdrawn=old.withdrawn,
        reason=old.reason,
        kept=old.kept,
    )
    return record, tuple((feed, "", feed in old.feeds) for feed in sorted({*old.feeds, *old.left}))


def _line(given: dict[str, Any]) -> str:
    return json.dumps(given, sort_keys=True)


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text) or start == 0:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def _check_path(path: str) -> None:
    """Raise ValueError for what neither a feed nor a document below feeds/ can be called."""
    parts = PurePosixPath(path).parts
    if not path or "/".join(parts) != path or ".." in parts or illegal_character(path):
        raise ValueError
    if path.startswith("/") or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        raise ValueError


def _moment(text: str) -> str:
    """Return a moment as the ledger writes it. Raises ValueError and OverflowError for what is none, or is naive."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment_text(moment.astimezone(UTC))


def _checked(record: Record, site: Site) -> Record:
    """Return a record whose texts any feed can carry. Raises ValueError and its kind for what no build could use."""
    if not record.id or illegal_character(record.id) or _OTHER_SCHEME.match(record.place):
        raise ValueError
    if record.path.startswith("/") or ".." in record.path.split("/"):
        raise ValueError
    record = replace(record, **{name: xml_legal(getattr(record, name)) for name in _TEXTS})
    record = replace(record, **{name: _moment(text) for name in _MOMENTS if (text := getattr(record, name))})
    if record.state is State.WITHDRAWN:
        if not (record.withdrawn and record.published):
            raise ValueError
        return replace(record, title="", kept="")
    return replace(record, kept=_kept(record, site)) if record.kept else record


def _kept(record: Record, site: Site) -> str:
    """Return what was kept of a story, under its id. Raises ValueError and its kind for what a build never kept."""
    entry = decoded(record.kept, site)
    moments = (entry.published, entry.updated, entry.expires)
    if any(moment is not None and moment.utcoffset() != timedelta(0) for moment in moments):
        raise ValueError
    unpack(pack(entry))  # which looks at the type of each field
    return record.kept if entry.id == record.id else encoded(replace(entry, id=record.id))
