"""RSS channels, items and their parts as a whole → complaints (RSS 2.0 and its Best Practices Profile)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from lxml.etree import _Element

from feedcheck.findings import Complaint, Rule, Spot
from feedcheck.names import prefix_of, split
from feedcheck.values.numbers import non_negative
from feedcheck.values.uris import absolute

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MISSING = {"title": "MissingTitle", "link": "MissingLink", "description": "MissingDescription"}
_METADATA = frozenset(
    "image textInput link title description atom:link category cloud ttl docs generator pubDate managingEditor "
    "webMaster language copyright lastBuildDate skipHours skipDays".split()
)
_CHANNEL_TWICE = (
    ("webMaster", "dc:publisher"),
    ("language", "dc:language"),
    ("copyright", "dc:rights"),
    ("lastBuildDate", "dcterms:modified"),
    ("generator", "admin:generatorAgent"),
    ("managingEditor", "dc:creator"),
    ("category", "dc:subject"),
    ("pubDate", "dc:date"),
    ("creativeCommons:license", "cc:license"),
)
_ITEM_TWICE = (
    ("source", "dc:source"),
    ("guid", "atom:id"),
    ("author", "dc:creator"),
    ("category", "dc:subject"),
    ("pubDate", "dc:date"),
    ("pubDate", "atom:published"),
    ("creativeCommons:license", "cc:license"),
)


def _name(child: _Element, core: str) -> str:
    return _name_of(child.tag, core)


@lru_cache(maxsize=4096)
def _name_of(tag: str, core: str) -> str:
    namespace, local = split(tag)
    if namespace == core:
        return local
    return f"{prefix_of(namespace) or '?'}:{local}"


def _names(spot: Spot) -> list[str]:
    core = spot.document.core
    return [_name_of(child.tag, core) for child in spot.element.iterchildren("*")]


def _own(spot: Spot, name: str) -> list[_Element]:
    core = spot.document.core
    return list(spot.element.iterchildren(f"{{{core}}}{name}" if core else name))


def _words(element: _Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def version(text: str, _: Spot) -> Iterator[Complaint]:
    """RSS 2.0, rss: version is 2.0; documents of 0.91 and 0.92 are valid 2.0 documents."""
    if text not in ("0.91", "0.92", "2.0"):
        yield Complaint("InvalidRSSVersion", f"there is no version '{text[:20]}' of RSS that this can judge")


def has_channel(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, rss: one channel."""
    if not _own(spot, "channel"):
        yield Complaint("MissingElement", "<rss> has no <channel>")


def channel_is_complete(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, required channel elements."""
    names = _names(spot)
    for name, code in _MISSING.items():
        if name not in names:
            yield Complaint(code, f"the channel has no <{name}>")


def channel_names_itself(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile, atom:link: a channel names its own address."""
    if spot.document.version != "2.0":
        return
    for child in spot.element.iterchildren("*"):
        if _name(child, spot.document.core) == "atom:link" and child.get("rel") == "self":
            return
    yield Complaint(
        "MissingAtomSelfLink", "the channel has no atom:link with rel=self", "Best Practices Profile, atom:link"
    )


def items_come_last(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile, item: what a channel says of itself stands before its items."""
    started = False
    for name in _names(spot):
        started = started or name == "item"
        if started and name in _METADATA:
            yield Complaint("MisplacedItem", f"<{name}> stands after an item", "Best Practices Profile, item")
            return


def without_form(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile, textInput: most readers ignore it."""
    if _own(spot, "textInput"):
        yield Complaint("AvoidTextInput", "readers ignore <textInput>", "Best Practices Profile, textInput")


def guids_differ(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, guid: a string that uniquely identifies the item."""
    counts = Counter(_words(guid) for item in _own(spot, "item") for guid in item.iterchildren("{*}guid"))
    for guid, times in counts.items():
        if guid and times > 1:
            yield Complaint("DuplicateValue", f"the guid {guid[:100]} is that of {times} items", "RSS 2.0, guid")


def said_twice_in_channel(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile: what RSS has an element for is not said by an extension as well."""
    names = set(_names(spot))
    for core, extension in _CHANNEL_TWICE:
        if core in names and extension in names:
            yield Complaint(
                "DuplicateSemantics", f"<{core}> and <{extension}> say the same", "Best Practices Profile, namespaces"
            )


def said_twice_in_item(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile: likewise in an item."""
    names = set(_names(spot))
    for core, extension in _ITEM_TWICE:
        if core in names and extension in names:
            said = f"<{core}> and <{extension}> say the same"
            yield Complaint("DuplicateItemSemantics", said, "Best Practices Profile, namespaces")
    for core, extension in (("webMaster", "dc:publisher"), ("language", "dc:language"), ("copyright", "dc:rights")):
        if core in names and extension in names:
            yield Complaint(
                "DuplicateSemantics", f"<{core}> and <{extension}> say the same", "Best Practices Profile, namespaces"
            )


def no_blink(_: Spot) -> Iterator[Complaint]:
    """There was never such an element."""
    yield Complaint("NoBlink", "RSS has no <blink>")


def item_says_something(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, item: a title or a description."""
    if not _own(spot, "title") and not _own(spot, "description"):
        yield Complaint("ItemMustContainTitleOrDescription", "the item has neither title nor description")


def item_has_guid(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile, guid: readers that have none show an item again."""
    if spot.document.version.startswith("2.") and not _own(spot, "guid"):
        yield Complaint("MissingGuid", "the item has no <guid>", "Best Practices Profile, guid")


def comments_have_a_date(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile, slash:comments: a count is worth something with the day it was taken."""
    above = spot.element.getparent()
    if "slash:comments" in _names(spot) and above is not None:
        around = {_name(child, spot.document.core) for child in above.iterchildren("*")}
        if "lastBuildDate" not in around:
            said = "comments are counted, and the channel has no <lastBuildDate>"
            yield Complaint("SlashDate", said, "Best Practices Profile, slash:comments")


def summary_before_content(spot: Spot) -> Iterator[Complaint]:
    """Best Practices Profile, content:encoded: readers take whichever comes last, so the summary comes first."""
    names = _names(spot)
    if "content:encoded" in names and "description" not in names[: names.index("content:encoded")]:
        said = "<content:encoded> has no <description> before it"
        yield Complaint("NeedDescriptionBeforeContent", said, "Best Practices Profile, content:encoded")


def guid(text: str, spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, guid: a permalink unless it says that it is not one."""
    if spot.element.get("isPermaLink", "true") == "true":
        wrong = list(absolute(text, spot, "InvalidHttpGUID"))
        yield from wrong
        if not wrong and text.lower().startswith(("tag:", "urn:uuid:")):
            yield Complaint(
                "InvalidPermalink", f"'{text[:80]}' is not an address; write isPermaLink=\"false\"", "RSS 2.0, guid"
            )
    elif len(text) < 9 and text.isdecimal():
        yield Complaint("NotSufficientlyUnique", f"'{text}' may well be the guid of another item", "RSS 2.0, guid")


def permalink(text: str, _: Spot) -> Iterator[Complaint]:
    """RSS 2.0, guid: isPermaLink is true or false."""
    if text not in ("true", "false"):
        yield Complaint(
            "InvalidBooleanAttribute", f"isPermaLink is '{text[:20]}', and neither true nor false", "RSS 2.0, guid"
        )


def enclosure_length(text: str, spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, enclosure: the size in bytes; Best Practices Profile: 0 when it is not known."""
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text) or len(text) > 30:
        yield Complaint("InvalidIntegerAttribute", f"length is '{text[:30]}', and no number of bytes")
    elif int(text) == -1:
        yield Complaint("UseZeroForUnknown", "length is -1; of a size that is not known, 0 is written")
    else:
        yield from non_negative(text, spot)


def port(text: str, _: Spot) -> Iterator[Complaint]:
    """RSS 2.0, cloud: a TCP port."""
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text) or len(text) > 30 or int(text) <= 0:
        yield Complaint("InvalidIntegerAttribute", f"port is '{text[:30]}', and no number above 0")


def image_format(text: str, _: Spot) -> Iterator[Complaint]:
    """RSS 2.0, image: GIF, JPEG or PNG."""
    extension = text.rpartition(".")[2].lower()
    if re.fullmatch(r"\w+", extension) and extension not in ("jpg", "jpeg", "gif", "png"):
        yield Complaint("ImageUrlFormat", f"a .{extension[:20]} is not one of GIF, JPEG and PNG")


def image_is_complete(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, image: title, url and link."""
    names = _names(spot)
    for name in ("title", "url", "link"):
        if name not in names:
            yield Complaint(_MISSING.get(name, "MissingElement"), f"the image has no <{name}>")


def image_matches_channel(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, image: in practice title and link are those of the channel."""
    above = spot.element.getparent()
    if above is None:
        return
    channel = Spot(above, "channel", "rss", spot.document)
    for name, code in (("title", "ImageTitleDoesntMatch"), ("link", "ImageLinkDoesntMatch")):
        theirs = [_words(each) for each in _own(channel, name)]
        for mine in _own(spot, name):
            if theirs and theirs[-1] and _words(mine) != theirs[-1]:
                yield Complaint(code, f"the image's {name} is not the channel's", "Best Practices Profile, image")


def text_input_is_complete(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, textInput: title, link, description and name."""
    names = _names(spot)
    for name in ("title", "link", "description", "name"):
        if name not in names:
            yield Complaint(_MISSING.get(name, "MissingElement"), f"the textInput has no <{name}>")


def form_name(text: str, _: Spot) -> Iterator[Complaint]:
    """RSS 2.0, textInput: the name of a form's field."""
    if not re.match(r"[a-zA-Z][a-zA-Z0-9:._]*", text):
        yield Complaint("InvalidFormComponentName", f"'{text[:40]}' is not a name of a form's field")


def hours(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, skipHours: up to 24 hours from 0 to 23, each once."""
    told = [_words(hour) for hour in _own(spot, "hour")]
    if not told:
        yield Complaint("MissingElement", "<skipHours> has no <hour>")
    if len(told) > 24:
        yield Complaint("NotEnoughHoursInTheDay", f"{len(told)} hours to skip")
    seen = set()
    for hour in told:
        number = int(hour) if re.fullmatch(r"[-+]?\d{1,9}", hour) else -1
        if number % 24 in seen and 0 <= number <= 24:
            yield Complaint("DuplicateValue", f"the hour {hour} a second time")
        if hour == "24":
            yield Complaint("UseZeroForMidnight", "midnight is 0, and not 24", "Best Practices Profile, skipHours")
        elif not 0 <= number <= 23:
            yield Complaint("InvalidHour", f"'{hour[:20]}' is not an hour from 0 to 23")
        else:
            seen.add(number)


def days(spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, skipDays: up to seven days, each once, in English."""
    told = [_words(day) for day in _own(spot, "day")]
    if not told:
        yield Complaint("MissingElement", "<skipDays> has no <day>")
    if len(told) > 7:
        yield Complaint("EightDaysAWeek", f"{len(told)} days to skip")
    for day, times in Counter(told).items():
        if day not in _DAYS:
            yield Complaint("InvalidDay", f"'{day[:20]}' is not one of {', '.join(_DAYS)}")
        elif times > 1:
            yield Complaint("DuplicateValue", f"{day} a second time")


ITEM_RULES: tuple[Rule, ...] = (
    item_says_something,
    item_has_guid,
    comments_have_a_date,
    summary_before_content,
    said_twice_in_item,
)
CHANNEL_RULES: tuple[Rule, ...] = (
    channel_is_complete,
    channel_names_itself,
    items_come_last,
    guids_differ,
    said_twice_in_channel,
    without_form,
)
