"""OPML 2.0 and its subscription lists."""

from __future__ import annotations

from feedcheck import opml_rules
from feedcheck.elements import Attribute, ElementRule, Inside, text
from feedcheck.markup_rules import html_with_whole_links
from feedcheck.values.codes import language, true_or_false
from feedcheck.values.contacts import contact
from feedcheck.values.date_formats import rfc822
from feedcheck.values.numbers import integer
from feedcheck.values.plain_text import not_blank
from feedcheck.values.uris import absolute, web_address
from feedcheck.vocabularies.everywhere import EVERYWHERE

_WINDOW = ("vertScrollState", "windowTop", "windowLeft", "windowBottom", "windowRight")

HEAD = ElementRule(
    "OPML 2.0, head",
    Inside.CHILDREN,
    children={
        **EVERYWHERE,
        "title": text(html_with_whole_links),
        "dateCreated": text(rfc822, clause="OPML 2.0, dateCreated"),
        "dateModified": text(rfc822, clause="OPML 2.0, dateModified"),
        "ownerName": text(html_with_whole_links),
        "ownerEmail": text(contact, clause="OPML 2.0, ownerEmail"),
        "ownerId": text(web_address, clause="OPML 2.0, ownerId"),
        "docs": text(web_address, clause="OPML 2.0, docs"),
        "expansionState": text(opml_rules.expansion_state, clause="OPML 2.0, expansionState"),
        **{name: text(integer, not_blank, clause=f"OPML 2.0, {name}") for name in _WINDOW},
    },
)
_OUTLINE_CHILDREN: dict[str, ElementRule] = {**EVERYWHERE}
OUTLINE = ElementRule(
    "OPML 2.0, outline",
    Inside.CHILDREN,
    rules=(opml_rules.outline_says_what_it_is,),
    attributes={
        "text": Attribute((html_with_whole_links,), required=True),
        "title": Attribute((html_with_whole_links,)),
        "description": Attribute((html_with_whole_links,)),
        "created": Attribute((rfc822,)),
        "htmlUrl": Attribute((absolute,)),
        "xmlUrl": Attribute((absolute,)),
        "url": Attribute((absolute,)),
        "isBreakpoint": Attribute((true_or_false,)),
        "isComment": Attribute((true_or_false,)),
        "language": Attribute((language,)),
        "category": Attribute((opml_rules.categories,)),
        "type": Attribute((not_blank,)),
        "version": Attribute((opml_rules.outline_version,)),
    },
    children=_OUTLINE_CHILDREN,
    once=False,
)
_OUTLINE_CHILDREN["outline"] = OUTLINE
OPML = ElementRule(
    "OPML 2.0, opml",
    Inside.CHILDREN,
    rules=(opml_rules.opml_is_complete,),
    attributes={"version": Attribute((opml_rules.version,))},
    children={
        **EVERYWHERE,
        "head": HEAD,
        "body": ElementRule(
            "OPML 2.0, body",
            Inside.CHILDREN,
            rules=(opml_rules.body_has_outlines,),
            children={**EVERYWHERE, "outline": OUTLINE},
        ),
    },
)
