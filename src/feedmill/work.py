"""What a run works with: a site, its content in the cache, and what subscribers saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from feedmill import ledger
from feedmill.config.site import Site
from feedmill.feeds import Selected, feeds_of
from feedmill.ledger import Identified, Ledger, Missing, Settled
from feedmill.model import BodyMode, Entry, Format, Problem
from feedmill.page_templates import PageTemplates
from feedmill.store import Bodies, Entries, InPlace, Sources, Store, documents
from feedmill.stories import StoryContext
from feedmill.timing import TimeChange, time_changes
from feedmill.workers import Workers

STATE = ".feedmill"
LEDGER = f"{STATE}/{ledger.FILE_NAME}"
"""Where the ledger lies, beside feedmill.yaml."""
WORKING = f"{STATE}/working"
"""What lies there while a run works on stories in its own process, and after a run that one of them has ended."""
Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage calls with how many of how many are done."""


class Work:
    """A site and the two databases, open, and what the stages before have found.

    `prepare` of feedmill.identifying brings the cache up to date, and sets `site` (that of `given` with the topics and
    authors of its content), `workers`, `identified`, `settled`, `missing` and `concerned`: the ids of entries that
    archives may have to let go of. `choose` of feedmill.selecting sets `selected`; and `wanted`: of which entries which
    fragments are shown, and of which the body is wanted, shown or not yet.
    """

    workers: Workers[StoryContext]
    identified: Identified
    settled: Settled
    missing: Missing
    concerned: frozenset[str]

    def __init__(self, site: Site, directory: Path, store: Store, *, now: datetime, progress: Progress) -> None:
        """Take the site, the directory that holds it, and the open cache. Nothing is read yet."""
        self.now = now.replace(microsecond=0)
        self.directory, self.store, self.progress = directory, store, progress
        self.given = site
        self.site = site
        self.data_problems: list[Problem] = []
        self.problems_of_lists: list[Problem] = []
        self.selected: list[Selected] = []
        self.wanted: Mapping[str, set[tuple[Format, BodyMode]]] = {}

    def __enter__(self) -> Work:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.database.close()

    @property
    def moment(self) -> int:
        """The present, in seconds since 1970."""
        return int(self.now.timestamp())

    @property
    def feeds_directory(self) -> Path:
        """Where the documents lie."""
        return self.directory / self.site.feeds_path

    @cached_property
    def entries(self) -> Entries:
        """The entries of the cache."""
        return Entries(self.store, lambda entry: feeds_of(self.site, entry))

    @cached_property
    def bodies(self) -> Bodies:
        """The bodies of the cache."""
        return Bodies(self.store)

    @cached_property
    def sources(self) -> Sources:
        """The story files of the cache."""
        return Sources(self.store)

    @cached_property
    def ledger(self) -> Ledger:
        """What subscribers have seen. Raises LedgerError and Refused."""
        return ledger.open_ledger(self.directory / LEDGER, self.feeds_directory, self.given)

    @cached_property
    def templates(self) -> PageTemplates:
        """What makes pages."""
        return PageTemplates(self.directory, self.site)

    @cached_property
    def in_place(self) -> dict[str, InPlace]:
        """The documents that the last build left, by path."""
        return documents(self.store)

    def whole(self, path: str) -> Entry:
        """Return an entry of the cache, with its body where that is made."""
        return self.all_whole([path])[0]

    def all_whole(self, paths: Sequence[str]) -> list[Entry]:
        """Return entries of the cache in their order, each with its body where that is made."""
        rows, bodies = self.entries.at(paths), self.bodies.at(paths)
        entries = [(rows[path].entry, bodies.get(path)) for path in paths]
        return [each if body is None else replace(each, summary=body[0], content=body[1]) for each, body in entries]

    @cached_property
    def has_archives(self) -> bool:
        """Whether any archive was ever written."""
        return bool(self.ledger.archives())

    def time_changes(self) -> list[TimeChange]:
        """Return what time alone will change in feeds, in its order."""
        return time_changes(self.selected, self.entries, self.ledger, self.missing.withdrawals, self.site, self.now)

    def is_broken(self, path: str) -> bool:
        """Whether a file lies at a path of which no entry can be made."""
        found = self.sources.get(path) if path else None
        return found is not None and found.kind == "broken"
