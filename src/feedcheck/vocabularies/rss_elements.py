"""RSS 2.0, with what the Best Practices Profile says of it."""

from __future__ import annotations

from collections.abc import Iterator

from feedcheck import rss_rules
from feedcheck.elements import ANYTHING, Attribute, ElementRule, Inside, Vocabulary, text
from feedcheck.findings import Complaint, Spot
from feedcheck.inline_rules import xhtml_body
from feedcheck.markup_rules import html_with_whole_links
from feedcheck.values.codes import language, media_type_attribute, yes_or_no
from feedcheck.values.contacts import contact_with_name
from feedcheck.values.date_formats import rfc822, rfc3339
from feedcheck.values.numbers import positive, whole_between
from feedcheck.values.plain_text import not_blank, plain_text
from feedcheck.values.uris import absolute, reference, web_address
from feedcheck.vocabularies import atom_elements
from feedcheck.vocabularies.everywhere import AUTHORSHIP, EVERYWHERE
from feedcheck.vocabularies.extensions import ACCESS, CHANNEL, ITEM
from feedcheck.vocabularies.itunes_elements import ITUNES_CHANNEL, ITUNES_ITEM, podcast_channel, podcast_item
from feedcheck.vocabularies.podcast_elements import PODCAST_CHANNEL, PODCAST_ITEM


def _description(value: str, spot: Spot) -> Iterator[Complaint]:
    """HTML since 0.92; before, plain text."""
    yield from (plain_text if spot.document.version == "0.91" else html_with_whole_links)(value, spot)


def _content(value: str, spot: Spot) -> Iterator[Complaint]:
    yield from html_with_whole_links(value, spot)


_ATOM_COMMON: Vocabulary = {
    "atom:link": atom_elements.LINK,
    "atom:title": atom_elements.TITLE,
    "atom:rights": atom_elements.RIGHTS,
    "atom:contributor": atom_elements.person("RFC 4287 §4.2.3", prefix="atom:"),
    "atom:category": atom_elements.CATEGORY,
    "atom:updated": text(rfc3339, clause="RFC 4287 §4.2.15"),
}
_INNER: Vocabulary = {**EVERYWHERE, **AUTHORSHIP}
CATEGORY = ElementRule("RSS 2.0, category", checks=(plain_text,), attributes={"domain": Attribute()}, once=False)
IMAGE = ElementRule(
    "RSS 2.0, image",
    Inside.CHILDREN,
    rules=(rss_rules.image_is_complete, rss_rules.image_matches_channel),
    attributes={f"rdf:{name}": Attribute() for name in ("resource", "about", "parseType")},
    children={
        **_INNER,
        "cc:license": ANYTHING,
        "title": text(not_blank, plain_text, clause="RSS 2.0, image"),
        "link": text(absolute, clause="RSS 2.0, image"),
        "url": text(absolute, rss_rules.image_format, clause="RSS 2.0, image"),
        "width": text(whole_between(1, 144, "InvalidWidth"), clause="RSS 2.0, image: at most 144"),
        "height": text(whole_between(1, 400, "InvalidHeight"), clause="RSS 2.0, image: at most 400"),
        "description": text(plain_text, clause="RSS 2.0, image"),
    },
)
TEXT_INPUT = ElementRule(
    "RSS 2.0, textInput",
    Inside.CHILDREN,
    rules=(rss_rules.text_input_is_complete,),
    attributes={"rdf:about": Attribute()},
    children={
        **_INNER,
        "title": text(plain_text),
        "description": text(),
        "name": text(rss_rules.form_name, clause="RSS 2.0, textInput"),
        "link": text(absolute),
    },
)
CLOUD = ElementRule(
    "RSS 2.0, cloud",
    Inside.CHILDREN,
    attributes={
        **{name: Attribute(required=True) for name in ("domain", "path", "registerProcedure", "protocol")},
        "port": Attribute((rss_rules.port,), required=True),
    },
)
SKIP_HOURS = ElementRule(
    "RSS 2.0, skipHours", Inside.CHILDREN, rules=(rss_rules.hours,), children={"hour": text(many=True)}
)
SKIP_DAYS = ElementRule(
    "RSS 2.0, skipDays", Inside.CHILDREN, rules=(rss_rules.days,), children={"day": text(many=True)}
)
ENCLOSURE = ElementRule(
    "RSS 2.0, enclosure",
    Inside.CHILDREN,
    attributes={
        "url": Attribute((web_address,), required=True),
        "length": Attribute((rss_rules.enclosure_length,), required=True),
        "type": Attribute((media_type_attribute,), required=True),
    },
    twice="DuplicateEnclosure",
)
ITEM_RULE = ElementRule(
    "RSS 2.0, item",
    Inside.CHILDREN,
    rules=(*rss_rules.ITEM_RULES, podcast_item),
    children={
        **ITEM,
        **AUTHORSHIP,
        "dc:date": ElementRule("Dublin Core 1.1, date", checks=AUTHORSHIP["dc:date"].checks, once=False),
        **ITUNES_ITEM,
        **PODCAST_ITEM,
        **_ATOM_COMMON,
        "atom:author": atom_elements.person("RFC 4287 §4.2.1", once=True, prefix="atom:"),
        "atom:content": ElementRule(
            "RFC 4287 §4.1.3",
            Inside.OWN,
            rules=atom_elements.CONTENT.rules,
            attributes=atom_elements.CONTENT.attributes,
            once=False,
        ),
        "atom:id": text(absolute, clause="RFC 4287 §4.2.6"),
        "atom:published": text(rfc3339, clause="RFC 4287 §4.2.9"),
        "atom:summary": atom_elements.SUMMARY,
        "author": text(contact_with_name, clause="RSS 2.0, author"),
        "category": ElementRule(
            "RSS 2.0, category", checks=(plain_text, not_blank), attributes={"domain": Attribute()}, once=False
        ),
        "comments": text(absolute, clause="RSS 2.0, comments"),
        "content:encoded": text(_content, clause="RSS 1.0, Content, encoded"),
        "content:items": ElementRule("RSS 1.0, Content, items", Inside.ANYTHING),
        "description": text(_description, clause="RSS 2.0, item"),
        "enclosure": ENCLOSURE,
        "guid": ElementRule(
            "RSS 2.0, guid",
            checks=(not_blank, rss_rules.guid),
            attributes={"isPermaLink": Attribute((rss_rules.permalink,))},
        ),
        "link": text(absolute, clause="RSS 2.0, item"),
        "pubDate": text(rfc822, clause="RSS 2.0, pubDate"),
        "source": ElementRule(
            "RSS 2.0, source", checks=(plain_text,), attributes={"url": Attribute((absolute,), required=True)}
        ),
        "title": text(plain_text, not_blank, clause="RSS 2.0, item"),
        "xhtml:body": ElementRule("RSS 2.0, Extending RSS", Inside.OWN, rules=(xhtml_body,), once=False),
    },
    once=False,
)
CHANNEL_RULE = ElementRule(
    "RSS 2.0, channel",
    Inside.CHILDREN,
    rules=(*rss_rules.CHANNEL_RULES, podcast_channel),
    attributes={"indexing:index": Attribute((yes_or_no,))},
    children={
        **CHANNEL,
        **AUTHORSHIP,
        **ITUNES_CHANNEL,
        **PODCAST_CHANNEL,
        **_ATOM_COMMON,
        "atom:author": atom_elements.person("RFC 4287 §4.2.1", prefix="atom:"),
        "atom:generator": atom_elements.GENERATOR,
        "atom:icon": text(not_blank, reference, clause="RFC 4287 §4.2.5"),
        "atom:id": text(absolute, clause="RFC 4287 §4.2.6"),
        "atom:logo": text(not_blank, reference, clause="RFC 4287 §4.2.8"),
        "atom:subtitle": atom_elements.SUBTITLE,
        "blink": ElementRule("RSS 2.0", rules=(rss_rules.no_blink,)),
        "category": CATEGORY,
        "cloud": CLOUD,
        "copyright": text(plain_text, clause="RSS 2.0, channel"),
        "description": text(plain_text, clause="RSS 2.0, channel"),
        "docs": text(absolute, clause="RSS 2.0, channel"),
        "generator": text(clause="RSS 2.0, channel"),
        "image": IMAGE,
        "item": ITEM_RULE,
        "language": text(language, clause="RSS 2.0, language"),
        "lastBuildDate": text(rfc822, clause="RSS 2.0, lastBuildDate"),
        "link": text(absolute, clause="RSS 2.0, channel"),
        "managingEditor": text(contact_with_name, clause="RSS 2.0, managingEditor"),
        "pubDate": text(rfc822, clause="RSS 2.0, pubDate"),
        "rating": text(many=True),
        "skipDays": SKIP_DAYS,
        "skipHours": SKIP_HOURS,
        "textInput": TEXT_INPUT,
        "title": text(plain_text, not_blank, clause="RSS 2.0, channel"),
        "ttl": text(positive, not_blank, clause="RSS 2.0, ttl"),
        "webMaster": text(contact_with_name, clause="RSS 2.0, webMaster"),
    },
)
RSS = ElementRule(
    "RSS 2.0, rss",
    Inside.CHILDREN,
    rules=(rss_rules.has_channel,),
    attributes={"version": Attribute((rss_rules.version,), required=True)},
    children={"channel": CHANNEL_RULE, "access:restriction": ACCESS},
)
