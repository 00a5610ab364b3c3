"""Media RSS 1.5.1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedcheck.elements import Attribute, ElementRule, Inside, Vocabulary, text
from feedcheck.findings import Check, Complaint, Rule, Spot
from feedcheck.markup_rules import html_complaints
from feedcheck.names import prefix_of, split
from feedcheck.regex import expression
from feedcheck.values.codes import country, language, media_type_attribute, one_of, true_or_false
from feedcheck.values.numbers import non_negative, number, play_time, positive
from feedcheck.values.plain_text import plain_text, undeclared_html
from feedcheck.values.uris import absolute
from feedcheck.vocabularies.everywhere import EVERYWHERE

_EBU_ROLES = frozenset(
    role.strip()
    for role in (
        "actor, adaptor, anchor person, animal trainer, animator, announcer, armourer, art director, "
        "artist/performer, artist, performer, assistant camera, assistant chief lighting technician, "
        "assistant director, assistant producer, assistant visual editor, author, broadcast assistant, "
        "broadcast journalist, camera operator, carpenter, casting, causeur, chief lighting technician, choir, "
        "choreographer, clapper loader, commentary or commentator, commissioning broadcaster, composer, "
        "computer programmer, conductor, consultant, continuity checker, correspondent, costume designer, dancer, "
        "dialogue coach, director, director of photography, distribution company, draughtsman, dresser, dubber, "
        "editor/producer, editor, producer, ensemble, executive producer, expert, fight director, floor manager, "
        "focus puller, foley artist, foley editor, foley mixer, graphic assistant, graphic designer, greensman, grip, "
        "hairdresser, illustrator, interviewed guest, interviewer, key character, key grip, key talents, leadman, "
        "librettist, lighting director, lighting technician, location manager, lyricist, make up artist, manufacturer, "
        "matte artist, music arranger, music group, musician, news reader, orchestra, participant, photographer, post, "
        "production assistant, production company, production department, production manager, production secretary, "
        "programme production researcher, property manager, publishing company, puppeteer, pyrotechnician, reporter, "
        "rigger, runner, scenario, scenic operative, script supervisor, second assistant camera, "
        "second assistant director, second unit director, set designer, set dresser, sign language, singer, "
        "sound designer, sound mixer, sound recordist, special effects, stunts, subtitles, technical director, term, "
        "translation, transportation manager, treatment/programme proposal, treatment, treatment proposal, "
        "programme proposal, vision mixer, visual editor, visual effects, wardrobe, witness"
    ).split(",")
)
_ICRA = "([nsvlocx]z [01]|(n[a-c]|s[a-f]|v[a-j]|l[a-c]|o[a-h]|c[a-b]|x[a-e]) 1)"
_RATINGS = {
    "urn:simple": expression("adult|nonadult"),
    "urn:mpaa": expression("g|m|nc-17|pg|pg-13|r|x"),
    "urn:v-chip": expression("14\\+|18\\+|c|c8|g|pg|tv-(?:14|g|ma|pg|y|y7|y7-fv)"),
    "urn:icra": expression(rf"r \({_ICRA}( {_ICRA})*\)"),
}
_TEXT_TYPE = Attribute((one_of(("plain", "html"), "InvalidMediaTextType"),))


def _if_given(*checks: Check) -> Attribute:
    def check(value: str, spot: Spot) -> Iterator[Complaint]:
        for each in checks if value else ():
            yield from each(value, spot)

    return Attribute((check,))


def _typed_text(spot: Spot) -> Iterator[Complaint]:
    """A text that says whether it is HTML."""
    value = (spot.element.text or "").strip()
    yield from (html_complaints if spot.element.get("type") == "html" else undeclared_html)(value, spot)


def _deprecated_adult(_: Spot) -> Iterator[Complaint]:
    yield Complaint("DeprecatedMediaAdult", "<media:adult> was replaced by <media:rating>")


def _credit(spot: Spot) -> Iterator[Complaint]:
    role, scheme = spot.element.get("role"), spot.element.get("scheme") or "urn:ebu"
    if role and (role not in _EBU_ROLES if scheme == "urn:ebu" else role != role.lower()):
        yield Complaint("InvalidCreditRole", f"'{role[:40]}' is not a role of {scheme}")
    if scheme != "urn:ebu":
        yield from absolute(scheme, spot)


def _hash(spot: Spot) -> Iterator[Complaint]:
    algorithm, value = spot.element.get("algo"), (spot.element.text or "").strip()
    length = 40 if algorithm == "sha-1" else 32
    if algorithm and algorithm not in ("md5", "sha-1"):
        yield Complaint("InvalidMediaHash", f"'{algorithm[:20]}' is neither md5 nor sha-1")
    elif not re.fullmatch(rf"[0-9A-Za-z]{{{length}}}", value):
        yield Complaint("InvalidMediaHash", f"'{value[:60]}' is not a hash of {length} hexadecimal digits")


def _rating(spot: Spot) -> Iterator[Complaint]:
    scheme, value = spot.element.get("scheme") or "urn:simple", (spot.element.text or "").strip()
    known = _RATINGS.get(scheme)
    if known is None:
        yield from absolute(scheme, spot)
    elif not known.fullmatch(value):
        yield Complaint("InvalidMediaRating", f"'{value[:40]}' is not a rating of {scheme}")


def _restriction(spot: Spot) -> Iterator[Complaint]:
    relationship, kind = spot.element.get("relationship"), spot.element.get("type")
    value = (spot.element.text or "").strip()
    if not relationship:
        yield Complaint("MissingAttribute", "<media:restriction> has no relationship")
    elif relationship not in ("allow", "deny"):
        yield Complaint("InvalidMediaRestrictionRel", f"'{relationship[:20]}' is neither allow nor deny")
    if kind == "country":
        for each in value.split(" "):
            yield from country(each, spot)
    elif kind == "uri":
        yield from absolute(value, spot)
    elif kind and kind != "sharing":
        yield Complaint("InvalidMediaRestrictionType", f"'{kind[:20]}' is not one of country, uri, sharing")
    elif not kind and value and value not in ("all", "none"):
        yield Complaint("InvalidMediaRestriction", f"'{value[:40]}' is neither all nor none, and there is no type")


def _address_given(spot: Spot) -> Iterator[Complaint]:
    if not spot.element.get("url"):
        yield Complaint("MissingAttribute", f"<{spot.name}> has no url")


def _alternatives(spot: Spot) -> Iterator[Complaint]:
    """A group holds several forms of the same thing."""
    contents = [child for child in spot.element.iterchildren("*") if split(child.tag)[1] == "content"]
    if len([child for child in contents if prefix_of(split(child.tag)[0]) == "media"]) < 2:
        yield Complaint("MediaGroupWithoutAlternatives", "<media:group> offers no two forms to choose from")


def _own(clause: str, *, once: bool = False, rules: tuple[Rule, ...] = (), **attributes: Attribute) -> ElementRule:
    return ElementRule(f"Media RSS, {clause}", rules=rules, attributes=attributes, once=once)


MEDIA: Vocabulary = {
    "media:adult": ElementRule("Media RSS, adult", checks=(true_or_false,), rules=(_deprecated_adult,), exact=True),
    "media:category": _own("category", label=_if_given(plain_text), scheme=_if_given(absolute)),
    "media:copyright": _own("copyright", once=True, url=_if_given(absolute)),
    "media:credit": _own("credit", rules=(_credit,), role=Attribute(), scheme=Attribute()),
    "media:description": _own("description", once=True, rules=(_typed_text,), type=_TEXT_TYPE),
    "media:keywords": text(many=True),
    "media:hash": _own("hash", rules=(_hash,), algo=Attribute()),
    "media:player": ElementRule(
        "Media RSS, player",
        Inside.CHILDREN,
        rules=(_address_given,),
        attributes={"url": _if_given(absolute), "height": _if_given(positive), "width": _if_given(positive)},
        once=False,
    ),
    "media:rating": _own("rating", rules=(_rating,), scheme=Attribute()),
    "media:restriction": _own("restriction", rules=(_restriction,), relationship=Attribute(), type=Attribute()),
    "media:text": _own(
        "text",
        rules=(_typed_text,),
        type=_TEXT_TYPE,
        start=_if_given(play_time),
        end=_if_given(play_time),
        lang=_if_given(language),
    ),
    "media:title": _own("title", once=True, rules=(_typed_text,), type=_TEXT_TYPE),
    "media:thumbnail": _own(
        "thumbnail",
        rules=(_address_given,),
        url=_if_given(absolute),
        time=_if_given(play_time),
        height=_if_given(positive),
        width=_if_given(positive),
    ),
    **{
        f"media:{name}": ElementRule(f"Media RSS, {name}", Inside.ANYTHING, once=False)
        for name in (
            "community comments embed responses backLinks status price license subTitle peerLink location rights scenes"
        ).split()
    },
}
MEDIA_CONTENT = ElementRule(
    "Media RSS, content",
    Inside.CHILDREN,
    attributes={
        "bitrate": _if_given(number),
        "channels": _if_given(non_negative),
        "duration": _if_given(number),
        "expression": _if_given(one_of(("sample", "full", "nonstop"), "InvalidMediaExpression")),
        "fileSize": _if_given(positive),
        "framerate": _if_given(number),
        "height": _if_given(positive),
        "isDefault": _if_given(true_or_false),
        "lang": _if_given(language),
        "medium": _if_given(one_of(("image", "audio", "video", "document", "executable"), "InvalidMediaMedium")),
        "samplingrate": _if_given(number),
        "type": _if_given(media_type_attribute),
        "url": _if_given(absolute),
        "width": _if_given(positive),
    },
    children={**EVERYWHERE, **MEDIA},
    once=False,
)
MEDIA_GROUP = ElementRule(
    "Media RSS, group",
    Inside.CHILDREN,
    rules=(_alternatives,),
    children={**MEDIA, "media:content": MEDIA_CONTENT},
    once=False,
)
