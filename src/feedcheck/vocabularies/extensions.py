"""Extensions of channels, feeds, items and entries: threading, syndication, paging, licences and others in use."""

from __future__ import annotations

from collections.abc import Iterator

from feedcheck.elements import ANYTHING, Attribute, ElementRule, Inside, Vocabulary, text
from feedcheck.findings import Complaint, Spot
from feedcheck.values.codes import media_type, one_of
from feedcheck.values.date_formats import iso8601, rfc3339, w3cdtf
from feedcheck.values.numbers import comma_separated, integer, non_negative, number, positive
from feedcheck.values.plain_text import attribute_not_blank, not_blank, plain_text
from feedcheck.values.uris import absolute, identifier, iri, link_target, reference, web_address
from feedcheck.vocabularies.everywhere import EVERYWHERE
from feedcheck.vocabularies.media_elements import MEDIA, MEDIA_CONTENT, MEDIA_GROUP

_RESOURCE = {"rdf:resource": Attribute((reference,)), "dc:title": Attribute()}
_UPDATE_PERIODS = ("hourly", "daily", "weekly", "monthly", "yearly")
_ROBOTS = (
    "all none index index,follow index,nofollow noindex noindex,follow noindex,nofollow follow follow,index "
    "follow,noindex nofollow nofollow,index nofollow,noindex"
).split()


def _obsolete_comment_feed(_: Spot) -> Iterator[Complaint]:
    yield Complaint("CommentRSS", "wfw:commentRSS is written wfw:commentRss", "Well-Formed Web, CommentAPI")


def _taken_back(spot: Spot) -> Iterator[Complaint]:
    """RFC 6721 §3: a tombstone without its moment or its entry says nothing."""
    for name in ("ref", "when"):
        if name not in spot.element.attrib:
            yield Complaint("MissingAttribute", f"<at:deleted-entry> has no {name}", "RFC 6721 §3")


def _links(*names: str, many: bool = False) -> Vocabulary:
    return {name: text(absolute, many=many) for name in names}


CHANNEL_AND_ITEM: Vocabulary = {
    **EVERYWHERE,
    **MEDIA,
    "taxo:topics": ANYTHING,
    "l:link": ElementRule("RSS 1.0, Link", Inside.ANYTHING, once=False),
    "foaf:maker": ANYTHING,
    "creativeCommons:license": text(absolute, many=True, clause="creativeCommons module, license"),
    "cc:license": ANYTHING,
    "sx:sync": ANYTHING,
    "openid:delegate": ANYTHING,
    **{
        f"g:{name}": ANYTHING
        for name in ("id", "price", "condition", "image_link", "label", "quantity", "expiration_date")
    },
}
_REPLY = ElementRule(
    "RFC 4685 §3",
    Inside.CHILDREN,
    attributes={
        "href": Attribute((link_target,)),
        "ref": Attribute((identifier,)),
        "source": Attribute((link_target,)),
        "type": Attribute((media_type,)),
    },
    once=False,
)
THREADING: Vocabulary = {
    "thr:in-reply-to": _REPLY,
    "thr:total": text(non_negative, clause="RFC 4685 §5"),
}
ITEM: Vocabulary = {
    **CHANNEL_AND_ITEM,
    **THREADING,
    "media:content": MEDIA_CONTENT,
    "media:group": MEDIA_GROUP,
    "annotate:reference": ElementRule("RSS 1.0, Annotate", attributes=_RESOURCE),
    "ag:source": text(),
    "ag:sourceURL": text(absolute),
    "ag:timestamp": text(iso8601),
    "ev:startdate": text(iso8601, clause="RSS 1.0, Event"),
    "ev:enddate": text(iso8601, clause="RSS 1.0, Event"),
    "ev:location": ANYTHING,
    "ev:organizer": ANYTHING,
    "ev:type": text(),
    **_links("feedburner:awareness", "feedburner:origEnclosureLink", "feedburner:origLink"),
    "foaf:primaryTopic": ANYTHING,
    "slash:comments": text(non_negative, clause="RSS 1.0, Slash, comments"),
    "slash:section": text(many=True),
    "slash:department": text(many=True),
    "slash:hit_parade": text(comma_separated, clause="RSS 1.0, Slash, hit_parade"),
    "trackback:ping": text(absolute, clause="TrackBack module, ping"),
    "trackback:about": text(absolute, many=True, clause="TrackBack module, about"),
    "wfw:comment": text(absolute, clause="Well-Formed Web, comment"),
    "wfw:commentRss": text(absolute, clause="Well-Formed Web, commentRss"),
    "wfw:commentRSS": ElementRule("Well-Formed Web, commentRss", checks=(absolute,), rules=(_obsolete_comment_feed,)),
    **{f"wiki:{name}": text(many=True) for name in ("diff", "history", "importance", "status", "version")},
    "conversationsNetwork:introMilliseconds": text(non_negative),
    "conversationsNetwork:image": text(web_address),
    "conversationsNetwork:ratingAverage": text(number),
    "conversationsNetwork:ratingCount": text(non_negative),
    "conversationsNetwork:ratingIndividual": text(positive),
    "conversationsNetwork:ratingTimestamp": text(iso8601),
    **{f"source:{name}": ANYTHING for name in ("markdown", "outline", "account", "likes", "inReplyTo", "linkFull")},
}
CHANNEL: Vocabulary = {
    **CHANNEL_AND_ITEM,
    "thr:in-reply-to": _REPLY,
    "admin:generatorAgent": ElementRule("RSS 1.0, Admin", attributes=_RESOURCE),
    "admin:errorReportsTo": ElementRule("RSS 1.0, Admin", attributes=_RESOURCE),
    **_links(
        "blogChannel:blogRoll",
        "blogChannel:mySubscriptions",
        "blogChannel:blink",
        "blogChannel:changes",
        "feedburner:awareness",
        "feedburner:feedburnerHostname",
    ),
    "sy:updatePeriod": text(
        one_of(_UPDATE_PERIODS, "InvalidUpdatePeriod"), clause="RSS 1.0, Syndication, updatePeriod"
    ),
    "sy:updateFrequency": text(positive, not_blank, clause="RSS 1.0, Syndication, updateFrequency"),
    "sy:updateBase": text(w3cdtf, clause="RSS 1.0, Syndication, updateBase"),
    "cp:server": ElementRule(attributes=_RESOURCE, once=False),
    "wiki:interwiki": text(many=True),
    "cf:listinfo": ANYTHING,
    "cf:treatAs": ANYTHING,
    "feedburner:browserFriendly": text(plain_text),
    "feedburner:emailServiceId": text(),
    "feedburner:info": ElementRule(
        inside=Inside.CHILDREN, attributes={"uri": Attribute((iri,), required=True)}, once=False
    ),
    "feedburner:feedFlare": ElementRule(
        attributes={"href": Attribute(required=True), "src": Attribute(required=True)}, checks=(plain_text,), once=False
    ),
    **{f"{prefix}:totalResults": text(non_negative) for prefix in ("opensearch", "opensearch10")},
    **{f"{prefix}:startIndex": text(integer) for prefix in ("opensearch", "opensearch10")},
    **{f"{prefix}:itemsPerPage": text(non_negative) for prefix in ("opensearch", "opensearch10")},
    "opensearch:Query": ANYTHING,
    "xhtml:div": ANYTHING,
    "xhtml:meta": ElementRule(
        "HTML 4.01, B.4.1.2",
        Inside.CHILDREN,
        attributes={
            "name": Attribute((one_of(("robots",), "InvalidMetaName", any_case=True),), required=True),
            "content": Attribute((one_of(_ROBOTS, "InvalidMetaContent", any_case=True),), required=True),
        },
        once=False,
    ),
    "sx:sharing": ANYTHING,
    "fh:archive": ElementRule("RFC 5005 §4", Inside.CHILDREN, once=False),
    "fh:complete": ElementRule("RFC 5005 §2", Inside.CHILDREN, once=False),
    **{
        f"source:{name}": ANYTHING for name in ("account", "blogroll", "self", "cloud", "localTime", "archive", "likes")
    },
}
ACCESS = ElementRule(
    "Feed Access Control 1.0",
    Inside.CHILDREN,
    attributes={"relationship": Attribute((one_of(("allow", "deny"), "InvalidAccessRestrictionRel"),), required=True)},
)


def tombstones(person: ElementRule, source: ElementRule, link: ElementRule) -> Vocabulary:
    """RFC 6721: what an Atom feed says of entries that were taken back."""
    return {
        "at:deleted-entry": ElementRule(
            "RFC 6721 §3",
            Inside.CHILDREN,
            rules=(_taken_back,),
            attributes={"ref": Attribute((iri, attribute_not_blank)), "when": Attribute((rfc3339,))},
            children={
                "at:by": person,
                "at:comment": ElementRule("RFC 6721 §5", Inside.ANYTHING, attributes={"type": Attribute()}),
                "link": link,
                "source": source,
            },
            once=False,
        )
    }
