"""Moments as RFC 822 has them, which RSS and OPML use."""

from __future__ import annotations

from datetime import UTC, datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def mail_date(moment: datetime) -> str:
    """Return a moment as RFC 822 has it: what `email.utils` does, which takes longer to import than this to do."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    zone = "+0000" if moment.tzinfo is UTC else f"{moment:%z}"
    clock = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    return f"{day}, {moment.day:02} {month} {moment.year:04} {clock} {zone}"
