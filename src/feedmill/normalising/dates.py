"""Story → Entry: dates. Every date means one instant by a stated rule, or is refused; none is guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from feedmill.expressions import expression

_EXACT = expression(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})")
_ISO = expression(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]|\Z)")
_YEAR_FIRST = expression(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])")
_NUMERIC = expression(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}")
_MONTH_NAME = expression(r"[A-Za-z]{3,}")
_YEAR = expression(r"(?<![0-9:.+-])[0-9]{4}(?![0-9:])")
_CLOCK = expression(r"[0-9]\s*(?::[0-9]|[ap]\.?m)", re.IGNORECASE)

# RFC 5322 §4.3: the zones that mail has always defined. Other abbreviations mean several places.
_ZONES = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip

_NAMED_OFFSET = expression(r"\b(?:UTC|GMT)\s*(?=[+-][0-9])")
_DATE_WITH_OFFSET = expression(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([+-][0-9]{2}:[0-9]{2})")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = expression(rf"\b({'|'.join(_WEEKDAYS)})[a-z]*\b", re.IGNORECASE)

_EXAMPLE = "write it like 2024-05-01T09:30:00-04:00 or 2024-05-01"
_MAX_LENGTH = 80


class DateError(ValueError):
    """A date that names no single instant. `message` says why and `remedy` what to write."""

    def __init__(self, message: str, remedy: str = _EXAMPLE) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Moment(Struct, frozen=True):
    """An instant in UTC, the calendar day as written, and the rule that gave it."""

    instant: datetime
    day: date
    rule: str


def parse_moment(text: str, zone: str, *, later: bool = False) -> Moment:
    """Read a date as people and site generators write it.

    ISO 8601 and RFC 3339 are read as such; other forms go through python-dateutil when they put the year first
    or name the month. A date without an offset is in the IANA time zone `zone`; one without a time is that day's
    midnight there. A local time that the clocks' change makes double means the first of the two (where `later`, the
    second); one that it skips means the same moment on the clock before the change (PEP 495, fold 0). Seconds are
    whole.

    Raises DateError: all-numeric dates with the day or month first (two readings), no year of four digits, no
    day, a zone abbreviation outside RFC 5322, impossible dates, years outside 1000–9998.
    """
    text = text.strip()
    if not text:
        raise DateError("the date is empty")
    if len(text) > _MAX_LENGTH:
        raise DateError("this is too long for a date")
    written, has_zone = _read(text)
    whole = written.replace(microsecond=0) if written.microsecond else written
    if not 1000 <= whole.year <= 9998:
        raise DateError(f"the year {whole.year} is out of range")
    rule = "its own offset"
    if not has_zone:
        from dateutil import tz as dateutil_tz

        local = ZoneInfo(zone)
        rule = f"no offset, so {zone}" if _has_time(text) else f"no time, so midnight in {zone}"
        if not dateutil_tz.datetime_exists(whole, local):
            rule += ", a time that the clocks skipped"
        elif dateutil_tz.datetime_ambiguous(whole, local):
            rule += ", the second of two such times" if later else ", the first of two such times"
            whole = whole.replace(fold=int(later))
        whole = whole.replace(tzinfo=local)
    return Moment(whole.astimezone(UTC), written.date(), rule)


def _read(text: str) -> tuple[datetime, bool]:
    if _EXACT.fullmatch(text):
        try:
            return datetime.fromisoformat(text), True
        except ValueError:
            pass  # what is wrong with it is reported below
    # dateutil takes `UTC+3` as POSIX does, three hours behind; people mean three hours ahead.
    text = _NAMED_OFFSET.sub("", text)
    dated = _DATE_WITH_OFFSET.fullmatch(text)
    if dated:
        text = f"{dated[1]}T00:00:00{dated[2]}"
    if _ISO.match(text):
        try:
            exact = datetime.fromisoformat(text)
        except ValueError:
            pass  # one-digit hours, named zones and the like are dateutil's
        else:
            return exact, exact.tzinfo is not None
    year_first = _YEAR_FIRST.match(text)
    if year_first is None:
        if _NUMERIC.match(text):
            raise DateError(f"'{text}' can be read in two ways")
        if not _MONTH_NAME.search(text) or not _YEAR.search(text):
            raise DateError(f"'{text}' is not a complete date")
    first = _dateutil(text, datetime(2000, 1, 1))  # noqa: DTZ001 - the zone is decided afterwards
    if year_first is not None:
        year, month, day = int(year_first[1]), int(year_first[3]), int(year_first[4])
        if (first.year, first.month, first.day) != (year, month, day):
            raise DateError(f"'{text}' is not a valid date")
    elif first.replace(tzinfo=None) != _dateutil(text, datetime(2001, 2, 2)).replace(tzinfo=None):  # noqa: DTZ001
        raise DateError(f"'{text}' is not a complete date")
    weekday = _WEEKDAY.search(text)
    if weekday and _WEEKDAYS.index(weekday[1].lower()) != first.weekday():
        raise DateError(f"'{text}' is not a {weekday[0]}, but a {first:%A}")
    return first, first.tzinfo is not None


def _dateutil(text: str, default: datetime) -> datetime:
    from dateutil import parser as dateutil_parser  # most dates are ISO 8601, and need none

    try:
        found = dateutil_parser.parse(text, default=default, yearfirst=True, tzinfos=_zone)
    except DateError:
        raise
    except (ValueError, OverflowError, ArithmeticError, TypeError, AttributeError) as error:
        reason = str(error).partition(":")[0]
        what = f"'{text}' is not a valid date"
        raise DateError(f"{what}: {reason}" if "must be in" in reason or "range" in reason else what) from None
    return found


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Give dateutil what a zone means; it asks even where none is written."""
    if name is None and offset is None:
        return None
    if offset is not None:
        if abs(offset) >= 86_400:
            raise DateError("no time zone is a whole day away")
        return timezone(timedelta(seconds=offset))
    if name is not None and name.upper() in _ZONES:
        return timezone(timedelta(hours=_ZONES[name.upper()]))
    raise DateError(
        f"the time zone '{name}' names several places",
        "write the offset, like -04:00, instead of the abbreviation",
    )


def _has_time(text: str) -> bool:
    return bool(_CLOCK.search(text)) or (len(text) > 10 and bool(re.match(r".{10}[Tt]", text)))
