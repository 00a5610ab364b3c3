"""The podcast namespace (Podcasting 2.0): the elements that its specification defines and their required attributes."""

from __future__ import annotations

from feedcheck.elements import Attribute, ElementRule, Inside, Vocabulary
from feedcheck.findings import Check
from feedcheck.values.codes import media_type_attribute, one_of, yes_or_no
from feedcheck.values.numbers import number
from feedcheck.values.plain_text import not_blank, plain_text
from feedcheck.values.uris import absolute

_MEDIUMS = (
    "podcast music video film audiobook newsletter blog publisher course mixed podcastL musicL videoL filmL "
    "audiobookL newsletterL blogL publisherL courseL"
).split()


def _element(name: str, *checks: Check, required: str = "", optional: str = "", once: bool = False) -> ElementRule:
    """A leaf: the attributes that it must and may have; addresses and media types among them are judged."""
    judged: dict[str, tuple[Check, ...]] = {"url": (absolute,), "href": (absolute,), "type": ()}
    attributes = {each: Attribute(judged.get(each, ()), required=True) for each in required.split()}
    attributes.update({each: Attribute(judged.get(each, ())) for each in optional.split()})
    return ElementRule(f"Podcast namespace, {name}", checks=checks, attributes=attributes, once=once)


def _open(name: str, required: str = "") -> ElementRule:
    """An element with a vocabulary of its own inside; its required attributes are judged."""
    attributes = {each: Attribute(required=True) for each in required.split()}
    return ElementRule(f"Podcast namespace, {name}", Inside.ANYTHING, attributes=attributes, once=False)


_BOTH: Vocabulary = {
    "podcast:person": _element("person", not_blank, optional="role group img href"),
    "podcast:location": _element("location", not_blank, optional="geo osm rel country"),
    "podcast:license": _element("license", not_blank, optional="url", once=True),
    "podcast:value": _open("value", "type method"),
    "podcast:txt": _element("txt", optional="purpose"),
    "podcast:chat": _element("chat", required="server protocol", optional="accountId space embedUrl"),
    "podcast:images": _element("images", optional="srcset"),
    "podcast:image": _element("image", required="href", optional="alt aspect-ratio width height type purpose"),
}
PODCAST_CHANNEL: Vocabulary = {
    **_BOTH,
    "podcast:locked": _element("locked", yes_or_no, optional="owner", once=True),
    "podcast:funding": _element("funding", plain_text, required="url"),
    "podcast:trailer": _element("trailer", not_blank, required="url pubdate", optional="length type season"),
    "podcast:guid": _element("guid", not_blank, once=True),
    "podcast:medium": _element("medium", one_of(_MEDIUMS, "InvalidPodcastMedium"), once=True),
    "podcast:liveItem": _open("liveItem", "status start"),
    "podcast:block": _element("block", yes_or_no, optional="id"),
    "podcast:remoteItem": _open("remoteItem", "feedGuid"),
    "podcast:podroll": _open("podroll"),
    "podcast:publisher": _open("publisher"),
    "podcast:podping": _element("podping", optional="usesPodping", once=True),
    "podcast:updateFrequency": _element("updateFrequency", optional="complete dtstart rrule", once=True),
}
PODCAST_ITEM: Vocabulary = {
    **_BOTH,
    "podcast:transcript": ElementRule(
        "Podcast namespace, transcript",
        attributes={
            "url": Attribute((absolute,), required=True),
            "type": Attribute((media_type_attribute,), required=True),
            "language": Attribute(),
            "rel": Attribute(),
        },
        once=False,
    ),
    "podcast:chapters": ElementRule(
        "Podcast namespace, chapters",
        attributes={
            "url": Attribute((absolute,), required=True),
            "type": Attribute((media_type_attribute,), required=True),
        },
    ),
    "podcast:soundbite": ElementRule(
        "Podcast namespace, soundbite",
        attributes={name: Attribute((number,), required=True) for name in ("startTime", "duration")},
        once=False,
    ),
    "podcast:season": _element("season", number, optional="name", once=True),
    "podcast:episode": _element("episode", number, optional="display", once=True),
    "podcast:alternateEnclosure": _open("alternateEnclosure", "type"),
    "podcast:socialInteract": _element(
        "socialInteract", required="protocol", optional="uri accountId accountUrl priority"
    ),
    "podcast:contentLink": _element("contentLink", required="href"),
    "podcast:funding": _element("funding", plain_text, required="url"),
}
