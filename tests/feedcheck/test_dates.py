"""Dates of each kind: what their specifications let pass, and what they do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.etree import Element

from feedcheck.findings import Check, Circumstances, Spot
from feedcheck.values.date_formats import iso8601, rfc822, rfc3339, w3cdtf
from feedcheck.values.rfc822_dates import moment_of

NOW = datetime(2024, 7, 1, tzinfo=UTC)


def codes(check: Check, text: str, now: datetime = NOW) -> list[str]:
    spot = Spot(Element("x"), "x", "", Circumstances("rss", "", now))
    return [complaint.code for complaint in check(text, spot)]


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (rfc3339, "2024-05-01T09:30:00Z"),
        (rfc3339, "2024-05-01T09:30:00.25-04:00"),
        (rfc3339, "2024-02-29T23:59:60Z"),
        (w3cdtf, "2024"),
        (w3cdtf, "2024-05"),
        (w3cdtf, "2024-05-01T09:30Z"),
        (iso8601, "2024-05-01T09:30"),
        (rfc822, "Wed, 01 May 2024 09:30:00 GMT"),
        (rfc822, "1 May 2024 09:30 -0400"),
    ],
)
def test_a_date_of_its_kind_is_let_pass(check: Check, text: str) -> None:
    assert codes(check, text) == []


@pytest.mark.parametrize(
    ("check", "text", "code"),
    [
        (rfc3339, "2024-05-01t09:30:00z", "InvalidRFC3339Date"),
        (rfc3339, "2024-05-01 09:30:00Z", "InvalidRFC3339Date"),
        (rfc3339, "2024-05-01T09:30:00", "InvalidRFC3339Date"),
        (rfc3339, "2024-05-01T24:00:00Z", "InvalidRFC3339Date"),
        (rfc3339, "2023-02-29T09:30:00Z", "InvalidRFC3339Date"),
        (rfc3339, "0000-01-01T00:00:00Z", "InvalidRFC3339Date"),
        (rfc3339, "1970-01-01T00:00:00Z", "ImplausibleDate"),
        (rfc3339, "2024-07-03T00:00:00Z", "ImplausibleDate"),
        (w3cdtf, "2024-05-01T09:30", "InvalidW3CDTFDate"),
        (iso8601, "May 2024", "InvalidISO8601DateTime"),
        (rfc822, "2024-05-01", "InvalidRFC2822Date"),
        (rfc822, "Sat, 31 Jun 2024 09:30:00 GMT", "InvalidRFC2822Date"),
        (rfc822, "Mon, 01 May 2024 09:30:00 GMT", "IncorrectDOW"),
        (rfc822, "Wed, 01 May 24 09:30:00 GMT", "ProblematicalRFC822Date"),
        (rfc822, "Wed, 01 May 2024 (spring) 09:30:00 GMT", "ProblematicalRFC822Date"),
        (rfc822, "Tue, 02 Jul 2024 09:30:00 GMT", "ImplausibleDate"),
        (rfc822, "Sat, 01 May 1982 09:30:00 GMT", "ImplausibleDate"),
    ],
)
def test_a_date_of_another_kind_is_told(check: Check, text: str, code: str) -> None:
    assert codes(check, text) == [code]


@pytest.mark.parametrize("check", [rfc3339, w3cdtf, iso8601])
def test_the_last_day_of_all_has_a_tomorrow(check: Check) -> None:
    assert codes(check, "2024-05-01T09:30:00Z", datetime.max.replace(tzinfo=UTC)) == []
    assert codes(rfc822, "Wed, 01 May 2024 09:30:00 GMT", datetime.max.replace(tzinfo=UTC)) == []


def read(reader: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return reader(text)
    except (ValueError, TypeError, IndexError):
        return None


@given(st.datetimes(timezones=st.sampled_from([UTC])), st.integers(0, 30), st.sampled_from([*"0199 ,:+-TZ", "Feb", ""]))
def test_a_date_of_mail_is_read_as_the_library_reads_it(when: datetime, place: int, other: str) -> None:
    right = format_datetime(when)
    assert moment_of(right) == parsedate_to_datetime(right)
    changed = right[:place] + other + right[place + 1 :]
    assert read(moment_of, changed) == read(parsedate_to_datetime, changed)
