"""Numbers, coordinates and durations → complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedcheck.findings import Check, Complaint, Spot
from feedcheck.regex import expression

_INTEGER = expression(r"\s*[-+]?\d+\s*", re.ASCII)
_DECIMAL = expression(r"[-+]?\d+(?:\.\d*)?", re.ASCII)
_POSITION = expression(r"[-+]?\d+(?:\.\d*)?[ ,][-+]?\d+(?:\.\d*)?", re.ASCII)
_NPT = expression(r"now|\d+(?:\.\d+)?|\d+:\d\d:\d\d(?:\.\d+)?", re.ASCII)
_DURATION = expression(r"\d+(?::[0-5]\d(?::[0-5]\d)?)?", re.ASCII)


def _whole(text: str) -> int | None:
    return int(text) if len(text) < 40 and _INTEGER.fullmatch(text) else None


def positive(text: str, _: Spot) -> Iterator[Complaint]:
    """A whole number from 1 upward."""
    if (_whole(text) or 0) <= 0:
        yield Complaint("InvalidPositiveInteger", f"'{text[:40]}' is not a whole number above 0")


def non_negative(text: str, _: Spot) -> Iterator[Complaint]:
    """A whole number from 0 upward."""
    number = _whole(text)
    if number is None or number < 0:
        yield Complaint("InvalidNonNegativeInteger", f"'{text[:40]}' is not a whole number from 0 upward")


def integer(text: str, _: Spot) -> Iterator[Complaint]:
    """A whole number; nothing at all is let pass."""
    if text and _whole(text) is None:
        yield Complaint("InvalidInteger", f"'{text[:40]}' is not a whole number")


def number(text: str, _: Spot) -> Iterator[Complaint]:
    """A number that may have a fraction."""
    if not re.match(r"\d", text):
        yield Complaint("InvalidFloat", f"'{text[:40]}' is not a number")


def decimal(text: str, _: Spot) -> Iterator[Complaint]:
    """A number that may have a sign and a fraction."""
    if not _DECIMAL.fullmatch(text):
        yield Complaint("InvalidFloatUnit", f"'{text[:40]}' is not a number")


def between(least: float, most: float, code: str) -> Check:
    """Make a check for a number between two others, themselves included."""

    def check(text: str, _: Spot) -> Iterator[Complaint]:
        try:
            value = float(text)
        except ValueError:
            value = most + 1
        if not least <= value <= most:
            yield Complaint(code, f"'{text[:40]}' is not a number from {least:g} to {most:g}")

    return check


latitude = between(-90, 90, "InvalidLatitude")
longitude = between(-180, 180, "InvalidLongitude")


def whole_between(least: int, most: int, code: str) -> Check:
    """Make a check for a whole number between two others, themselves included."""

    def check(text: str, _: Spot) -> Iterator[Complaint]:
        value = _whole(text)
        if value is None or not least <= value <= most:
            yield Complaint(code, f"'{text[:40]}' is not a whole number from {least} to {most}")

    return check


def comma_separated(text: str, _: Spot) -> Iterator[Complaint]:
    """Whole numbers with commas between (Slash module, hit_parade)."""
    if not re.fullmatch(r"\d+(,\s*\d+)*", text):
        yield Complaint("InvalidCommaSeparatedIntegers", f"'{text[:40]}' is not a list of whole numbers")


def play_time(text: str, _: Spot) -> Iterator[Complaint]:
    """RFC 2326 §3.6 normal play time: seconds, or hours:minutes:seconds."""
    if text and not _NPT.match(text):
        yield Complaint("InvalidNPTTime", f"'{text[:40]}' is not a normal play time such as 12:05:35.3")


def duration(text: str, _: Spot) -> Iterator[Complaint]:
    """Apple's itunes:duration: seconds, M:SS or H:MM:SS."""
    if not _DURATION.fullmatch(text):
        yield Complaint("InvalidDuration", f"'{text[:40]}' is not a duration such as 1:05:00")


def position(text: str, _: Spot) -> Iterator[Complaint]:
    """GML pos: latitude and longitude with a space between."""
    if not _POSITION.fullmatch(text):
        yield Complaint("InvalidCoord", f"'{text[:60]}' is not a latitude and a longitude such as 45.256 -71.92")
    elif "," in text:
        yield Complaint("CoordComma", f"'{text[:60]}' has a comma where a space belongs")


def positions(text: str, _: Spot) -> Iterator[Complaint]:
    """GML posList: pairs of latitude and longitude, at least two."""
    if "," in text and not re.fullmatch(r"[-+.0-9]+[, ]\s*[-+.0-9]+(\s+[-+.0-9]+[, ]\s*[-+.0-9]+)+", text.strip()):
        yield Complaint("InvalidCoordList", f"'{text[:60]}' has commas elsewhere than between latitude and longitude")
        return
    values = text.replace(",", " ").split()
    if len(values) < 3 or len(values) % 2 or not all(_DECIMAL.fullmatch(value) for value in values):
        yield Complaint("InvalidCoordList", f"'{text[:60]}' is not a list of latitudes and longitudes")
    elif "," in text:
        yield Complaint("CoordComma", f"'{text[:60]}' has commas where spaces belong")
