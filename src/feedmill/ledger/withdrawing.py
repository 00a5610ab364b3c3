"""Withdrawals: who is withdrawn, the stub that stands for a story under its id, and what the ledger forgets."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from feedmill.characters import xml_legal
from feedmill.ledger.records import Archive, Ledger, Record, State, moment_text
from feedmill.model import Because, Entry, Withdrawal

STUB_TITLE = "Withdrawn"


def all_withdrawals(
    ledger: Ledger, told: Iterable[tuple[Entry, Record]], missing: Mapping[str, Withdrawal], now: datetime
) -> dict[str, Withdrawal]:
    """Return every withdrawal of a published entry, by id: the ledger's, the front matter's, and those of `missing`.

    `told` are entries with their records. The front matter's reason counts before the ledger's.

    A story is withdrawn when subscribers are first told so, whatever day was written down: until then they have had it,
    and a tombstone that is older than what they have takes nothing back (RFC 6721 §3).
    """
    found = {
        record.id: Withdrawal(
            datetime.fromisoformat(record.withdrawn) if record.updated else now, xml_legal(record.reason)
        )
        for record in ledger.records.values()
        if record.state is State.WITHDRAWN
    }
    found.update(missing)
    for entry, record in told:
        if entry.withdrawn is not None and entry.withdrawn.moment <= now:
            before = found.get(record.id, Withdrawal(now, ""))
            found[record.id] = replace(before, reason=entry.withdrawn.reason or before.reason)
    return found


def stub(record: Record, withdrawal: Withdrawal) -> Entry:
    """Return the neutral entry that stands for a withdrawn story: its id, address and date, and the reason."""
    published = datetime.fromisoformat(record.published)
    said = f"This story was withdrawn on {withdrawal.moment:%Y-%m-%d}."
    said += f" {withdrawal.reason}" if withdrawal.reason else ""
    return Entry(
        id=record.id,
        url=record.url,
        slug="",
        title=STUB_TITLE,
        published=published,
        updated=max(withdrawal.moment, published),
        day=published.date(),
        content=f"<p>{html.escape(said, quote=False)}</p>",
        summary=said,
        path=record.path,
        because=Because("the ledger", "the ledger", "the ledger", {}),
        withdrawn=withdrawal,
    )


def stubs(
    ledger: Ledger, withdrawn: Mapping[str, tuple[str, Withdrawal]], days: int, now: datetime
) -> Iterator[tuple[Entry, frozenset[str]]]:
    """Yield the stubs that stand at `now`, for `days` after each withdrawal, with the feeds that have told the story.

    `withdrawn` are the addresses and withdrawals of `withdrawn_addresses`.
    Feeds from whose window it has long gone are among them: readers keep what they have fetched.
    """
    archived: dict[str, set[str]] = {}
    for name, archives in ledger.archives.items() if withdrawn else ():
        for archive in archives:
            for id_ in archive.told:
                if id_ in withdrawn:
                    archived.setdefault(id_, set()).add(name)
    for id_, (url, withdrawal) in withdrawn.items():
        if stands(withdrawal, days, now):
            record = replace(ledger.records[id_], url=url)
            yield stub(record, withdrawal), frozenset({*record.feeds, *record.left, *archived.get(id_, ())})


def withdrawn_addresses(
    ledger: Ledger, withdrawals: Mapping[str, Withdrawal], entries: Iterable[Entry], site_url: str, now: datetime
) -> dict[str, tuple[str, Withdrawal]]:
    """Return every withdrawal with the story's address: that of its file, where it lies there still, else the last.

    Of one whose file has become a draft, or waits for its time at `now`, nobody is to know it: that of the site.
    """
    urls = {entry.id: entry.url if _is_public(entry, now) else site_url for entry in entries if entry.id in withdrawals}
    return {
        id_: (urls.get(id_) or last_address(ledger.records[id_], ledger, site_url), withdrawal)
        for id_, withdrawal in withdrawals.items()
        if id_ in ledger.records
    }


def _is_public(entry: Entry, now: datetime) -> bool:
    """Whether people may know where an entry's page lies at `now`: not of a draft, nor before its time."""
    return not entry.draft and entry.published <= now


def last_address(record: Record, ledger: Ledger, site_url: str) -> str:
    """Return the address of a story that no file tells, which moves with the site to another domain.

    By it the story is known again when its file comes back, even to a ledger that was lost meanwhile.
    """
    before = ledger.about.get("site", site_url)
    return site_url + record.url.removeprefix(before) if record.url.startswith(before) else record.url


def stands(withdrawal: Withdrawal, days: int, now: datetime) -> bool:
    """Whether a stub still stands for a withdrawal at `now`."""
    return now < withdrawal.moment + timedelta(days=days)


def with_reason(ledger: Ledger, record: Record, reason: str) -> Ledger:
    """Return the ledger with another reason for a story that is withdrawn already.

    Archives that have its stub or tombstone are no longer what they are to be, so that the next build amends them.
    """
    archives = {
        name: tuple(_unsettled(archive, record.id) for archive in mine) for name, mine in ledger.archives.items()
    }
    records = {**ledger.records, record.id: replace(record, reason=reason)}
    return replace(ledger, records=records, archives=archives)


def _unsettled(archive: Archive, id_: str) -> Archive:
    return replace(archive, withdrawn={key: stands for key, stands in archive.withdrawn.items() if key != id_})


def withdrawn_untold(record: Record, withdrawal: Withdrawal) -> Record:
    """Return a record whose story is withdrawn, of which no build has told subscribers yet."""
    return replace(forgotten(record, withdrawal), updated="")


def taken_out(record: Record, after: Record) -> Record | None:
    """Return what is to be known, before any document is replaced, of an entry that no feed may show after a build.

    None where nothing more is to be known than was. `record` is what was known before, `after` what will be. Should the
    build be stopped half-way, the documents show no more than that the entry is gone from some of them: nothing that is
    kept may bring it back.
    """
    if record.state is State.WITHDRAWN or after.state is State.LIVE:
        return None
    if after.state is State.WITHDRAWN:
        return withdrawn_untold(record, Withdrawal(datetime.fromisoformat(after.withdrawn), after.reason))
    return replace(record, kept=b"") if record.kept else None


def forgotten(record: Record, withdrawal: Withdrawal) -> Record:
    """Return a record that says that, when and why subscribers were told of a withdrawal, and no text of the story.

    Digests remain, so that its file is known again wherever it goes.
    """
    return replace(
        record,
        title="",
        updated=moment_text(withdrawal.moment),
        seen="",
        kept=b"",
        state=State.WITHDRAWN,
        withdrawn=moment_text(withdrawal.moment),
        reason=withdrawal.reason,
    )
