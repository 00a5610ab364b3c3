"""Published stories that no file tells now → entries of the cache: as last published, or stubs of withdrawn ones."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.policies import OnMissing
from feedmill.config.site import Site
from feedmill.feeds import feeds_of
from feedmill.ledger.identity import Identified
from feedmill.ledger.kept import decoded
from feedmill.ledger.records import Ledger, Record, State, url_of
from feedmill.ledger.withdrawals import stands_until, stub, withdrawal_of
from feedmill.model import Entry, Level, Place, Problem, Withdrawal, digest_of_shown, pack
from feedmill.store import FROM_LEDGER, NEVER, Bodies, Entries, KeptBody, Row, Sources
from feedmill.stories import body_digest, place_of

_LOST = "The story is no longer available."
_PUT_BACK = "put it back, or take the story back: feedmill withdraw"


class Missing(Struct, frozen=True):
    """What the ledger has put into the cache, and why.

    `problems` are what to say of entries that stay as last published, by id, for as long as a feed shows them.
    `withdrawals` are those of all stories ever withdrawn, and `new` the ids of those of which the ledger does not know
    yet. `broken` are published stories of which no entry can be made, and `dropped` those that are to go everywhere.
    `refusals` are the stories without which the site does not want to build.
    """

    problems: dict[str, Problem]
    withdrawals: dict[str, Withdrawal]
    new: frozenset[str]
    broken: frozenset[str]
    dropped: frozenset[str]
    refusals: tuple[Problem, ...]


def bring_back(
    ledger: Ledger,
    entries: Entries,
    bodies: Bodies,
    sources: Sources,
    identified: Identified,
    site: Site,
    now: datetime,
) -> Missing:
    """Put into the cache what feeds still show though no file tells it, and take out what they do no more."""
    return _Missing(ledger, entries, bodies, sources, identified, site, now).run()


class _Missing:
    def __init__(
        self,
        ledger: Ledger,
        entries: Entries,
        bodies: Bodies,
        sources: Sources,
        identified: Identified,
        site: Site,
        now: datetime,
    ) -> None:
        self._ledger, self._entries, self._bodies, self._sources = ledger, entries, bodies, sources
        self._site, self._now = site, now
        self._unclear = {id_ for ids in entries.candidates().values() for id_ in ids}
        self._open = identified.open
        self._problems: dict[str, Problem] = {}
        self._withdrawals: dict[str, Withdrawal] = {}
        self._new: set[str] = set()
        self._broken: set[str] = set()
        self._dropped: set[str] = set()
        self._refusals: list[Problem] = []
        self._put: dict[str, tuple[Entry, Record, int, frozenset[str] | None]] = {}

    def run(self) -> Missing:
        some_are_broken = self._sources.count("broken") > 0
        live = set(self._ledger.ids_of(State.LIVE))
        for id_ in self._entries.not_recorded(sorted(live | self._open.keys())):
            record = self._open.get(id_) or self._ledger.get(id_)
            if record is not None and record.state is not State.WITHDRAWN:
                self._decide(record, is_broken=self._is_broken(record, some_are_broken=some_are_broken))
        for path in self._bodies.lost():
            lost = self._entries.get(path)
            if lost is None or lost.record not in live or not lost.is_shown(int(self._now.timestamp())):
                continue
            published = self._ledger.get(lost.record)
            if published is not None:
                self._decide(published, is_broken=True)
        self._withdraw()
        self._show()
        return Missing(
            self._problems,
            self._withdrawals,
            frozenset(self._new),
            frozenset(self._broken),
            frozenset(self._dropped),
            tuple(self._refusals),
        )

    def _is_broken(self, record: Record, *, some_are_broken: bool) -> bool:
        """Whether the file of a published story is there, and no entry can be made of it."""
        if record.id in self._unclear:
            return True
        if not record.path:
            return some_are_broken
        found = self._sources.get(record.path)
        return found is not None and found.kind == "broken"

    def _decide(self, record: Record, *, is_broken: bool) -> None:
        """Decide about a published story that no entry tells now, by the site's policy unless its file is broken."""
        if is_broken:
            self._broken.add(record.id)
        policy = self._site.policies.on_missing
        was_known = record.state is State.LIVE or bool(record.path)
        if not is_broken and policy is OnMissing.WITHDRAW and was_known:
            self._withdrawals[record.id] = Withdrawal(self._now, _LOST)
            self._new.add(record.id)
        elif not is_broken and policy is OnMissing.DROP:
            self._dropped.add(record.id)
        elif not is_broken and policy is OnMissing.REFUSE and was_known:
            said = "its file has vanished, and on_missing is refuse"
            self._refusals.append(self._problem(record, "story-missing", said))
        elif record.kept and record.state is State.LIVE:
            entry = replace(decoded(record.kept, self._site), url=url_of(record.place, self._site.url))
            until = NEVER if entry.expires is None else int(entry.expires.timestamp())
            self._put[record.id] = entry, record, until, None
            if record.id not in self._unclear:
                self._problems[record.id] = self._kept_problem(record, is_broken=is_broken)

    def _withdraw(self) -> None:
        """Take together what was withdrawn, by the verb, in front matter, or by the policy for missing stories."""
        days = self._site.policies.withdrawn_days
        for record in self._ledger.of_state(State.WITHDRAWN):
            self._withdrawals[record.id] = withdrawal_of(record, self._now)
        moment = int(self._now.timestamp())
        for row in self._entries.where("withdrawn <= ? AND record IS NOT NULL", (moment,)):
            said = row.entry.withdrawn
            if row.record is None or said is None:
                continue
            before = self._withdrawals.get(row.record)
            if before is None:
                self._new.add(row.record)
                before = Withdrawal(self._now, "")
            self._withdrawals[row.record] = replace(before, reason=said.reason or before.reason)
        for id_, withdrawal in self._withdrawals.items():
            until = stands_until(withdrawal, days)
            known = self._ledger.get(id_)
            if known is None or not known.published or until <= self._now:
                continue
            row_now = self._entries.with_record(id_)
            is_public = True
            if row_now is not None:
                known = replace(known, place=row_now.place)
                is_public = row_now.is_public(moment)
            feeds = frozenset(self._ledger.feeds_that_told(id_))
            entry = stub(known, withdrawal, self._site.url, is_public=is_public)
            self._put[id_] = entry, known, int(until.timestamp()), feeds

    def _show(self) -> None:
        """Make the cache show what is to be shown of the ledger, and nothing else of it."""
        gone = set(self._entries.from_ledger()) - self._put.keys()
        self._entries.remove(gone)
        for id_, (entry, record, until, feeds) in self._put.items():
            bare = replace(entry, content="", summary="")
            row = _row(bare, record, until, self._site)
            before = self._entries.get(id_)
            digest = body_digest(entry.summary, entry.content)
            is_same = before is not None and before == row and self._bodies.seen(id_) == digest
            if not is_same or feeds is not None:
                names = feeds_of(self._site, entry) if feeds is None else ()
                if not is_same:
                    self._entries.put([(row, names)])
                    self._bodies.put([(id_, KeptBody(digest, entry.summary, entry.content, lost=False))])
                if feeds is not None:
                    self._entries.join(row, sorted(feeds))

    def _kept_problem(self, record: Record, *, is_broken: bool) -> Problem:
        if is_broken:
            return self._problem(record, "story-kept", "no entry can be made of this published story", "correct it")
        problem = self._problem(record, "story-missing", "the file of a published story has vanished", _PUT_BACK)
        if self._site.policies.on_missing is not None:
            return problem
        remedy = f"{_PUT_BACK}; or say what becomes of such stories: content.on_missing: keep, drop or withdraw"
        return replace(problem, level=Level.ERROR, remedy=remedy)

    def _problem(self, record: Record, code: str, message: str, remedy: str = "") -> Problem:
        root = self._site.content_path
        shown = root if not record.path else record.path if root == "." else f"{root}/{record.path}"
        level = Level.WARNING if remedy else Level.ERROR
        stays = "; it stays in its feeds as last published" if remedy else ""
        return Problem(level, code, Place(shown), f"{message}: '{record.title}'{stays}", remedy or _PUT_BACK)


def _row(entry: Entry, record: Record, until: int, site: Site) -> Row:
    return Row(
        path=entry.id,
        origin=FROM_LEDGER,
        id=entry.id,
        own_id=entry.id,
        declared=False,
        slug=entry.slug,
        place=place_of(entry.url, site.url),
        title_key=record.title_key,
        text_key=record.text_key,
        shown_from=int(entry.published.timestamp()),
        shown_until=until,
        updated=int(entry.updated.timestamp()),
        withdrawn=None,
        record=entry.id,
        stale=False,
        state="",
        digest=digest_of_shown(entry),
        packed=pack(entry),
    )
