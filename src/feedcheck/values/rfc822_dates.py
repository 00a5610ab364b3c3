"""A date as mail has it → its moment, as `email.utils` reads it, known sooner where Feedmill has written it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from feedcheck.regex import expression

_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_PLAIN = expression(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ({'|'.join(_MONTHS)}) ([12]\d{{3}}) (\d\d):(\d\d):(\d\d) \+0000",
    re.ASCII,
)


def moment_of(text: str) -> datetime:
    """Return the moment that a date means. Raises ValueError, TypeError or IndexError where it is not one."""
    if plain := _PLAIN.fullmatch(text):
        day, month, year, hour, minute, second = plain.groups()
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    from email.utils import parsedate_to_datetime  # which takes longer to import than most feeds to judge

    return parsedate_to_datetime(text)
