"""Dates → complaints: RFC 3339, W3CDTF, and RFC 822 with the years of RFC 2822."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from feedcheck.findings import Complaint, Spot
from feedcheck.regex import expression
from feedcheck.values.rfc822_dates import moment_of

_FIRST_YEAR = 1990
"""Before this year nobody syndicated anything: an earlier date is a clock that was never set."""
_RFC3339 = expression(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_ISO8601 = expression(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d*)?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII)
_W3CDTF = expression(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d*)?)?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_ZONES = "UT|GMT|EST|EDT|CST|CDT|MST|MDT|PST|PDT"
_RFC2822 = expression(
    rf"(?:(?:{_DAYS}), )?\d\d? (?:{_MONTHS}) \d{{4}} \d\d:\d\d(?::\d\d)? (?:[+-]?\d\d[03]0|{_ZONES}|Z)", re.ASCII
)
_RFC822 = expression(
    rf"(?:(?:{_DAYS})\s*,\s*)?\d\d?\s+(?:{_MONTHS})\s+\d\d(?:\d\d)?\s+\d\d:\d\d(?::\d\d)?"
    rf"\s+(?:[+-]\d{{4}}|{_ZONES}|[a-ik-z])?",
    re.ASCII | re.IGNORECASE,
)
_ZONE = expression("[Z+-]")
_NESTED_COMMENT = expression(r"\([^()]*\)")


def rfc3339(text: str, spot: Spot) -> Iterator[Complaint]:
    """RFC 3339 §5.6 date-time, as RFC 4287 §3.3 narrows it: all of it, in capitals."""
    yield from _international(text, spot, _RFC3339, "InvalidRFC3339Date", "such as 2024-05-01T09:30:00Z")


def w3cdtf(text: str, spot: Spot) -> Iterator[Complaint]:
    """W3C Date and Time Formats: a zone wherever there is a time."""
    yield from _international(text, spot, _W3CDTF, "InvalidW3CDTFDate", "such as 2024-05-01 or 2024-05-01T09:30Z")


def iso8601(text: str, spot: Spot) -> Iterator[Complaint]:
    """ISO 8601 in the profile of the W3C, the zone left out at will."""
    yield from _international(text, spot, _ISO8601, "InvalidISO8601DateTime", "such as 2024-05-01T09:30")


def rfc822(text: str, spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, Dates: RFC 822 with two or four digits for the year; readers want the form of RFC 2822 §3.3."""
    if _RFC2822.fullmatch(text):
        yield from _modern(text, spot)
        return
    plain = re.sub(r"\\.", "", text)
    for _ in range(8):
        plain = _NESTED_COMMENT.sub(" ", plain)
    if not _RFC822.fullmatch(plain.strip()):
        yield Complaint(
            "InvalidRFC2822Date", f"'{text[:60]}' is not an RFC 822 date such as Wed, 01 May 2024 09:30:00 GMT"
        )
    else:
        yield Complaint("ProblematicalRFC822Date", f"'{text[:60]}' is a form of RFC 822 that readers stumble over")


def _modern(text: str, spot: Spot) -> Iterator[Complaint]:
    try:
        when = moment_of(text)
    except (ValueError, TypeError):
        yield Complaint("InvalidRFC2822Date", f"'{text}' is not a day of the calendar")
        return
    if "," in text and when.strftime("%w") != str((_DAYS.split("|").index(text[:3]) + 1) % 7):
        yield Complaint("IncorrectDOW", f"{when.date().isoformat()} is not a {text[:3]}")
    elif when.year < _FIRST_YEAR or _aware(when) - spot.document.now > timedelta(minutes=10):
        yield Complaint("ImplausibleDate", f"'{text}' is {'long ago' if when.year < _FIRST_YEAR else 'yet to come'}")


def _international(text: str, spot: Spot, form: re.Pattern[str], code: str, example: str) -> Iterator[Complaint]:
    if not form.fullmatch(text):
        yield Complaint(code, f"'{text[:60]}' is not a valid date of this kind, {example}")
        return
    day, _, time = text.partition("T")
    numbers = [int(part) for part in day.split("-")]
    try:
        date(numbers[0], *[*numbers[1:], 1, 1][:2])
    except ValueError as error:
        yield Complaint(code, f"'{text}': {error}")
        return
    clock = _ZONE.split(time, maxsplit=1)[0].split(":") if time else []
    if any(float(part) > most for part, most in zip(clock, (23, 59, 60), strict=False)):
        yield Complaint(code, f"'{text}' is not a time of the day")
    elif text < f"{_FIRST_YEAR}-01-01":
        yield Complaint("ImplausibleDate", f"'{text}' is long ago")
    elif text > _tomorrow(spot.document.now):
        yield Complaint("ImplausibleDate", f"'{text}' is yet to come")


@lru_cache(maxsize=8)
def _tomorrow(now: datetime) -> str:
    try:
        return (now.astimezone(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return "9999-12-31T23:59:59Z"  # nothing is later


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
