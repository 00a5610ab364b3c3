"""Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator

from feedcheck import atom_rules
from feedcheck.elements import ANYTHING, Attribute, ElementRule, Inside, Vocabulary, text
from feedcheck.findings import Complaint, Spot
from feedcheck.inline_rules import inline_markup
from feedcheck.link_rules import atom_link
from feedcheck.text_rules import content, text_construct
from feedcheck.values.codes import yes_or_no
from feedcheck.values.contacts import mail_address, no_mail_address
from feedcheck.values.date_formats import rfc3339
from feedcheck.values.plain_text import not_blank, plain_text
from feedcheck.values.uris import absolute_iri, identifier, iri, reference
from feedcheck.vocabularies.everywhere import AUTHORSHIP
from feedcheck.vocabularies.extensions import ACCESS, CHANNEL, ITEM, tombstones
from feedcheck.vocabularies.itunes_elements import ITUNES_CHANNEL, ITUNES_ITEM, podcast_channel
from feedcheck.vocabularies.podcast_elements import PODCAST_CHANNEL, PODCAST_ITEM


def _uri_attribute(value: str, spot: Spot) -> Iterator[Complaint]:
    yield from reference(value, spot, "InvalidURIAttribute")


def _inline_div(spot: Spot) -> Iterator[Complaint]:
    yield from inline_markup(spot, spot.element)


def _construct(clause: str) -> ElementRule:
    kinds = {"type": Attribute(), "src": Attribute()}
    return ElementRule(clause, Inside.OWN, rules=(text_construct,), attributes=kinds)


def person(clause: str, *, once: bool = False, prefix: str = "") -> ElementRule:
    """Make the rule of a person construct (RFC 4287 §3.2)."""
    return ElementRule(
        clause,
        Inside.CHILDREN,
        rules=(atom_rules.named,),
        attributes={"rdf:parseType": Attribute()},
        children={
            f"{prefix}name": text(plain_text, no_mail_address, not_blank, clause="RFC 4287 §3.2.1"),
            f"{prefix}uri": ElementRule("RFC 4287 §3.2.2", checks=(not_blank, iri), closed_up=True),
            f"{prefix}email": text(mail_address, clause="RFC 4287 §3.2.3"),
            **{f"foaf:{name}": ANYTHING for name in ("workplaceHomepage", "homepage", "weblog", "plan", "firstName")},
            "xhtml:div": ElementRule("RFC 4287 §6.3", Inside.OWN, rules=(_inline_div,), once=False),
        },
        once=once,
    )


CATEGORY = ElementRule(
    "RFC 4287 §4.2.2",
    Inside.CHILDREN,
    attributes={
        "term": Attribute((not_blank,), required=True),
        "scheme": Attribute((absolute_iri,)),
        "label": Attribute((plain_text,)),
    },
    once=False,
)
GENERATOR = ElementRule(
    "RFC 4287 §4.2.4",
    checks=(plain_text, not_blank),
    attributes={"uri": Attribute((_uri_attribute,)), "version": Attribute()},
)
LINK = ElementRule(
    "RFC 4287 §4.2.7",
    Inside.OWN,
    rules=(atom_link,),
    attributes={
        **{name: Attribute() for name in ("href", "rel", "type", "hreflang", "title", "length")},
        **{name: Attribute() for name in ("rdf:type", "rdf:resource", "thr:count", "thr:when", "thr:updated")},
    },
    once=False,
)
TITLE = _construct("RFC 4287 §4.2.14")
SUMMARY = _construct("RFC 4287 §4.2.13")
SUBTITLE = _construct("RFC 4287 §4.2.12")
RIGHTS = _construct("RFC 4287 §4.2.10")
CONTENT = ElementRule(
    "RFC 4287 §4.1.3", Inside.OWN, rules=(content,), attributes={"type": Attribute(), "src": Attribute()}
)


def _moment(clause: str) -> ElementRule:
    return ElementRule(clause, checks=(rfc3339,), closed_up=True)


def _image_address(value: str, spot: Spot) -> Iterator[Complaint]:
    yield from iri(value, spot, "InvalidLink")


def _icon(clause: str) -> ElementRule:
    return ElementRule(clause, checks=(not_blank, _image_address), closed_up=True)


_METADATA: Vocabulary = {
    "author": person("RFC 4287 §4.2.1"),
    "category": CATEGORY,
    "contributor": person("RFC 4287 §4.2.3"),
    "generator": GENERATOR,
    "icon": _icon("RFC 4287 §4.2.5"),
    "id": ElementRule("RFC 4287 §4.2.6", checks=(identifier,), closed_up=True),
    "link": LINK,
    "logo": _icon("RFC 4287 §4.2.8"),
    "rights": RIGHTS,
    "subtitle": SUBTITLE,
    "title": TITLE,
    "updated": _moment("RFC 4287 §4.2.15"),
    "app:collection": ElementRule("RFC 5023 §8.3.3", Inside.ANYTHING),
}
_FEED_EXTENSIONS: Vocabulary = {
    **CHANNEL,
    **AUTHORSHIP,
    **ITUNES_CHANNEL,
    **PODCAST_CHANNEL,
    "access:restriction": ACCESS,
}
SOURCE = ElementRule(
    "RFC 4287 §4.2.11",
    Inside.CHILDREN,
    rules=(atom_rules.source_is_told, atom_rules.one_alternate),
    children={**_FEED_EXTENSIONS, **_METADATA},
)
ENTRY = ElementRule(
    "RFC 4287 §4.1.2",
    Inside.CHILDREN,
    rules=atom_rules.ENTRY_RULES,
    attributes={"rdf:parseType": Attribute()},
    children={
        **ITEM,
        **AUTHORSHIP,
        **ITUNES_ITEM,
        **PODCAST_ITEM,
        **{name: _METADATA[name] for name in ("author", "category", "contributor", "link", "rights", "title")},
        "id": ElementRule("RFC 4287 §4.2.6", checks=(identifier, not_blank), closed_up=True),
        "updated": _moment("RFC 4287 §4.2.15"),
        "published": _moment("RFC 4287 §4.2.9"),
        "summary": SUMMARY,
        "content": CONTENT,
        "source": SOURCE,
        "app:edited": _moment("RFC 5023 §10.2"),
        "app:control": ElementRule("RFC 5023 §13.1", Inside.CHILDREN, children={"app:draft": text(yes_or_no)}),
    },
    once=False,
)
FEED = ElementRule(
    "RFC 4287 §4.1.1",
    Inside.CHILDREN,
    rules=(*atom_rules.FEED_RULES, podcast_channel),
    attributes={"indexing:index": Attribute((yes_or_no,))},
    children={
        **_FEED_EXTENSIONS,
        **_METADATA,
        "entry": ENTRY,
        **tombstones(person("RFC 6721 §4", once=True), SOURCE, LINK),
    },
)
