"""Languages, media types, countries and other fixed words → complaints."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from feedcheck.findings import Check, Complaint, Spot
from feedcheck.regex import expression

_TOKEN = r"[^\s()<>,;:\\\"/\[\]?=]+"  # noqa: S105  # RFC 2045 §5.1, not a secret
_MEDIA_TYPE = expression(rf"{_TOKEN}/{_TOKEN}(\s*;\s*{_TOKEN}=(\"(\\\"|[^\"])*\"|{_TOKEN}))*")
_LANGUAGES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw "
    "ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt "
    "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm "
    "sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo x yi yo za zh zu "
    "i".split()
)
"""ISO 639-1, the codes that it withdrew, and the i- and x- of RFC 5646."""
_COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CS CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM "
    "JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE "
    "RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT "
    "TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)
"""ISO 3166-1, with those that it withdrew and old feeds still name."""


def language(text: str, _: Spot) -> Iterator[Complaint]:
    """RFC 5646 §2.1: a tag that begins with a language of ISO 639."""
    first = text.partition("-")[0].lower()
    known = first in _LANGUAGES or (len(first) == 3 and first.isascii() and first.isalpha())
    if not known or not re.fullmatch(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*", text):
        yield Complaint("InvalidLanguage", f"'{text[:40]}' is not a language tag such as en or pt-BR")


def xml_language(text: str, spot: Spot) -> Iterator[Complaint]:
    """XML 1.0 §2.12: a language tag, or nothing at all to undo an outer one."""
    if text:
        yield from language(text, spot)


def is_media_type(text: str) -> bool:
    """Whether a text is a media type (RFC 2045 §5.1)."""
    return _MEDIA_TYPE.match(text) is not None


def media_type(text: str, _: Spot, code: str = "InvalidMIMEType") -> Iterator[Complaint]:
    """RFC 2045 §5.1: type/subtype, with parameters."""
    if not is_media_type(text):
        yield Complaint(code, f"'{text[:60]}' is not a media type such as audio/mpeg")


def media_type_attribute(text: str, spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, enclosure: a standard MIME type."""
    yield from media_type(text, spot, "InvalidMIMEAttribute")


def country(text: str, _: Spot) -> Iterator[Complaint]:
    """ISO 3166-1 alpha-2."""
    if text.upper() not in _COUNTRIES:
        yield Complaint("InvalidCountryCode", f"'{text[:20]}' is not a country code of ISO 3166 such as US")


def one_of(words: Collection[str], code: str, *, any_case: bool = False) -> Check:
    """Make a check for one of several words."""

    def check(text: str, _: Spot) -> Iterator[Complaint]:
        if (text.lower() if any_case else text) not in words:
            shown = ", ".join(list(words)[:12])
            yield Complaint(code, f"'{text[:40]}' is not one of {shown}")

    return check


yes_or_no = one_of(("yes", "no"), "InvalidYesNo")
true_or_false = one_of(("true", "false"), "InvalidTrueFalse", any_case=True)
