"""Withdrawals: the stub that stands for a withdrawn story under its id, and what the ledger forgets."""

from __future__ import annotations

import html
from datetime import datetime, timedelta

from msgspec.structs import replace

from feedmill.characters import xml_legal
from feedmill.ledger.records import Record, State, moment_text, url_of
from feedmill.model import Because, Entry, Withdrawal

STUB_TITLE = "Withdrawn"


def withdrawal_of(record: Record, now: datetime) -> Withdrawal:
    """Return the withdrawal of a record.

    A story is withdrawn when subscribers are first told so, whatever day was written down: until then they have had it,
    and a tombstone that is older than what they have takes nothing back (RFC 6721 §3). Nor does one of the future,
    when a clock was set back.
    """
    moment = datetime.fromisoformat(record.withdrawn) if record.updated else now
    return Withdrawal(min(moment, now), xml_legal(record.reason))


def forgotten(record: Record, withdrawal: Withdrawal, *, told: bool) -> Record:
    """Return a record that says when and why its story was withdrawn, and no text of it.

    Digests remain, so that its file is known again wherever it goes. `told`: subscribers are told of it.
    """
    moment = moment_text(withdrawal.moment)
    return replace(
        record,
        title="",
        updated=moment if told else "",
        kept="",
        state=State.WITHDRAWN,
        withdrawn=moment,
        reason=withdrawal.reason,
    )


def stub(record: Record, withdrawal: Withdrawal, site_url: str, *, is_public: bool) -> Entry:
    """Return the neutral entry that stands for a withdrawn story: its id, address and date, and the reason.

    Where its address is not `is_public` (its file has become a draft, or waits for its time), that of the site stands.
    """
    published = datetime.fromisoformat(record.published)
    said = f"This story was withdrawn on {withdrawal.moment:%Y-%m-%d}."
    said += f" {withdrawal.reason}" if withdrawal.reason else ""
    return Entry(
        id=record.id,
        url=url_of(record.place, site_url) if is_public and record.place else site_url,
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


def stands_until(withdrawal: Withdrawal, days: int) -> datetime:
    """Return when the stub of a withdrawal goes."""
    return withdrawal.moment + timedelta(days=days)
