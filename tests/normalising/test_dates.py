"""Dates mean one instant by a stated rule, or are refused."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalising.dates import DateError, parse_moment

NEW_YORK = "America/New_York"


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-05-01T09:30:00Z", at(2024, 5, 1, 9, 30)),
        ("2024-05-01T09:30:00-04:00", at(2024, 5, 1, 13, 30)),
        ("2024-05-01 09:30:00 -0400", at(2024, 5, 1, 13, 30)),
        ("2019-03-26 9:05:00 -0500", at(2019, 3, 26, 14, 5)),
        ("2024-05-01T09:30:00.999+08:00", at(2024, 5, 1, 1, 30)),
        ("Mon, 06 May 2024 10:00:00 GMT", at(2024, 5, 6, 10)),
        ("Mon, 06 May 2024 10:00:00 EST", at(2024, 5, 6, 15)),
        ("6 May 2024 10:00 +0200", at(2024, 5, 6, 8)),
        ("2024-05-01 09:30 UTC+3", at(2024, 5, 1, 6, 30)),
        ("2024-05-01-05:00", at(2024, 5, 1, 5)),
        ("May 6, 2024 3:04 pm UTC", at(2024, 5, 6, 15, 4)),
    ],
)
def test_an_offset_that_is_written_counts(text: str, instant: datetime) -> None:
    moment = parse_moment(text, NEW_YORK)
    assert (moment.instant, moment.rule) == (instant, "its own offset")


@pytest.mark.parametrize(
    ("text", "instant", "rule"),
    [
        ("2024-05-01", at(2024, 5, 1, 4), f"no time, so midnight in {NEW_YORK}"),
        ("2024/5/1", at(2024, 5, 1, 4), f"no time, so midnight in {NEW_YORK}"),
        ("May 1, 2024", at(2024, 5, 1, 4), f"no time, so midnight in {NEW_YORK}"),
        ("1 January 2024", at(2024, 1, 1, 5), f"no time, so midnight in {NEW_YORK}"),
        ("2024-05-01 09:30", at(2024, 5, 1, 13, 30), f"no offset, so {NEW_YORK}"),
        ("1 May 2024 9:30 am", at(2024, 5, 1, 13, 30), f"no offset, so {NEW_YORK}"),
    ],
)
def test_without_an_offset_the_sites_time_zone_counts(text: str, instant: datetime, rule: str) -> None:
    moment = parse_moment(text, NEW_YORK)
    assert (moment.instant, moment.rule) == (instant, rule)


def test_an_hour_that_the_clocks_repeat_means_the_first() -> None:
    moment = parse_moment("2024-11-03 01:30", NEW_YORK)
    assert moment.instant == at(2024, 11, 3, 5, 30)
    assert moment.rule.endswith("the first of two such times")


def test_an_hour_that_the_clocks_skip_counts_as_before_the_change() -> None:
    moment = parse_moment("2024-03-10 02:30", NEW_YORK)
    assert moment.instant == at(2024, 3, 10, 7, 30)
    assert moment.rule.endswith("a time that the clocks skipped")


def test_the_day_is_the_one_that_the_author_wrote() -> None:
    assert parse_moment("2024-05-01T23:30:00-10:00", NEW_YORK).day == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("03/04/2024", "can be read in two ways"),
        ("13/04/2024", "can be read in two ways"),
        ("3.4.24", "can be read in two ways"),
        ("2024-02-30", "not a valid date"),
        ("2024/13/05", "not a valid date"),
        ("2024-05-01T25:00:00Z", "not a valid date"),
        ("31 April 2024", "not a valid date"),
        ("May 2024", "not a complete date"),
        ("May 6", "not a complete date"),
        ("Monday", "not a complete date"),
        ("1 May 24", "not a complete date"),
        ("2024", "not a complete date"),
        ("1714557600", "not a complete date"),
        ("tomorrow", "not a complete date"),
        ("", "empty"),
        ("May 6, 2024 10:00 IST", "names several places"),
        ("2024-05-01T09:30:00+25:00", "whole day away"),
        ("Mon, 01 May 2024 10:00:00 GMT", "is not a Mon, but a Wednesday"),
        ("Thursday May 2 2023", "is not a Thursday, but a Tuesday"),
        ("0001-01-01", "out of range"),
        ("9999-12-31T23:59:59-10:00", "out of range"),
        ("x" * 500, "too long"),
    ],
)
def test_what_names_no_single_instant_is_refused(text: str, message: str) -> None:
    with pytest.raises(DateError, match=message) as caught:
        parse_moment(text, NEW_YORK)
    assert caught.value.remedy


@given(st.text(max_size=60) | st.from_regex(r"\A[0-9a-zA-Z:/., +-]{0,40}\Z"))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        moment = parse_moment(text, NEW_YORK)
    except DateError:
        return
    assert moment.instant.tzinfo is UTC
    assert moment.instant.microsecond == 0


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1000 < moment.year < 9998))
def test_every_full_iso_date_is_read_back(moment: datetime) -> None:
    assert parse_moment(moment.isoformat(), NEW_YORK).instant == moment.replace(microsecond=0)
