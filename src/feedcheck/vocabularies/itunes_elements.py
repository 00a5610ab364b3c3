"""Apple's podcast elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import _Element

from feedcheck.elements import ANYTHING, Attribute, ElementRule, Inside, Vocabulary, text
from feedcheck.findings import Complaint, Spot
from feedcheck.names import prefix_of, split
from feedcheck.values.codes import one_of
from feedcheck.values.contacts import contact
from feedcheck.values.date_formats import rfc822
from feedcheck.values.numbers import duration, positive
from feedcheck.values.plain_text import no_longer_than
from feedcheck.values.uris import absolute, web_address
from feedcheck.vocabularies.itunes_categories import CATEGORIES, FORMER_CATEGORIES

_CLAUSE = "Apple Podcasts, RSS feed requirements"
_FORMATS = ("m4a", "mp3", "mov", "mp4", "m4v", "pdf", "epub")
_YES_NO_CLEAN = one_of(("yes", "no", "clean"), "InvalidYesNoClean", any_case=True)
_TRUE_FALSE = one_of(("true", "false"), "InvalidTrueFalse", any_case=True)


def _keywords(value: str, spot: Spot) -> Iterator[Complaint]:
    yield from no_longer_than(255)(value, spot)
    if " " in value and "," not in value:
        yield Complaint("InvalidKeywords", f"'{value[:60]}' has spaces and no commas between keywords")


def _category(spot: Spot) -> Iterator[Complaint]:
    name, outer = spot.element.get("text"), spot.element.getparent()
    above = outer.get("text", "") if outer is not None and spot.parent == "itunes:category" else None
    if name is None or (above is not None and not above):
        return
    known = CATEGORIES if above is None else CATEGORIES.get(above, ())
    former = FORMER_CATEGORIES if above is None else FORMER_CATEGORIES.get(above, ())
    if name not in known:
        code = "ObsoleteItunesCategory" if name in former else "InvalidItunesCategory"
        within = f" in '{above}'" if above else ""
        yield Complaint(code, f"Apple {'no longer ' if name in former else ''}has a category '{name[:40]}'{within}")


def _owner(spot: Spot) -> Iterator[Complaint]:
    if not has_itunes(spot.element, "email"):
        yield Complaint("MissingElement", "<itunes:owner> has no <itunes:email>")


def has_itunes(element: _Element, *names: str) -> bool:
    """Whether an element has a child of Apple's: one of these names, or any when there are none."""
    for child in element.iterchildren("*"):
        namespace, local = split(child.tag)
        if namespace and (not names or local in names) and prefix_of(namespace) == "itunes":
            return True
    return False


def podcast_channel(spot: Spot) -> Iterator[Complaint]:
    """What Apple wants of a channel that has any element of its own."""
    channel = spot.element
    entries = [child for child in channel.iterchildren("*") if split(child.tag)[1] in ("item", "entry")]
    if not has_itunes(channel) and not any(has_itunes(entry) for entry in entries):
        return
    spoken = channel.find("language") is not None or "{http://www.w3.org/XML/1998/namespace}lang" in channel.attrib
    above = channel.getparent()
    if above is not None and "{http://www.w3.org/XML/1998/namespace}lang" in above.attrib:
        spoken = True
    if not spoken:
        yield Complaint("MissingItunesElement", "a podcast says its <language>", _CLAUSE)
    for name in ("category", "explicit"):
        if not has_itunes(channel, name):
            yield Complaint("MissingItunesElement", f"a podcast has <itunes:{name}>", _CLAUSE)
    if not has_itunes(channel, "owner"):
        yield Complaint("MissingItunesEmail", "a podcast has <itunes:owner> with a mail address", _CLAUSE)
    if spot.document.encoding.lower() not in ("utf-8", "utf8"):
        yield Complaint("NotUTF8", f"a podcast is in UTF-8, and not in {spot.document.encoding}", _CLAUSE)


def podcast_item(spot: Spot) -> Iterator[Complaint]:
    """What Apple plays."""
    if not has_itunes(spot.element):
        return
    for enclosure in spot.element.iterchildren("enclosure"):
        extension = re.split(r"[?#]", enclosure.get("url", ""))[0].rpartition(".")[2]
        if enclosure.get("url") is not None and extension not in _FORMATS:
            yield Complaint("UnsupportedItunesFormat", f"Apple plays {', '.join(_FORMATS)}, and no .{extension[:20]}")


_INNER = ElementRule(
    _CLAUSE, Inside.CHILDREN, rules=(_category,), attributes={"text": Attribute(required=True)}, once=False
)
_COMMON: Vocabulary = {
    "itunes:author": text(no_longer_than(255), clause=_CLAUSE),
    "itunes:block": ElementRule(_CLAUSE, checks=(_YES_NO_CLEAN,), exact=True),
    "itunes:explicit": ElementRule(_CLAUSE, checks=(_TRUE_FALSE,), exact=True),
    "itunes:keywords": text(_keywords, clause=_CLAUSE),
    "itunes:subtitle": text(no_longer_than(255), clause=_CLAUSE),
    "itunes:summary": text(no_longer_than(4000), clause=_CLAUSE),
    "itunes:image": ElementRule(
        _CLAUSE, Inside.CHILDREN, attributes={"href": Attribute((web_address,), required=True)}
    ),
    "itunes:title": text(clause=_CLAUSE),
}
ITUNES_CHANNEL: Vocabulary = {
    **_COMMON,
    "itunes:owner": ElementRule(
        _CLAUSE,
        Inside.CHILDREN,
        rules=(_owner,),
        children={"itunes:email": text(contact), "itunes:name": text(no_longer_than(255))},
    ),
    "itunes:category": ElementRule(
        _CLAUSE,
        Inside.CHILDREN,
        rules=(_category,),
        attributes={"text": Attribute(required=True)},
        children={"itunes:category": _INNER},
        once=False,
    ),
    "itunes:pubDate": text(rfc822, clause=_CLAUSE),
    "itunes:new-feed-url": text(absolute, clause=_CLAUSE),
    "itunes:type": text(one_of(("episodic", "serial"), "InvalidItunesChannelType"), clause=_CLAUSE),
    "itunes:complete": ElementRule(_CLAUSE, checks=(one_of(("Yes", "yes"), "InvalidYesNo"),), exact=True),
    "itunes:applepodcastsverify": ANYTHING,
}
ITUNES_ITEM: Vocabulary = {
    **_COMMON,
    "itunes:duration": text(duration, clause=_CLAUSE),
    "itunes:episode": text(positive, clause=_CLAUSE),
    "itunes:season": text(positive, clause=_CLAUSE),
    "itunes:episodeType": text(one_of(("full", "trailer", "bonus"), "InvalidItunesEpisodeType"), clause=_CLAUSE),
    "itunes:order": text(clause=_CLAUSE),
}
