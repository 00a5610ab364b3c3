"""The lines of a page capture → blocks, each of a kind that its shape says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from msgspec import Struct

from feedmill.expressions import expression


class Kind(Enum):
    """What a block looks like."""

    PARAGRAPH = auto()
    LINE = auto()
    ITEM = auto()
    LINK = auto()
    CALL = auto()
    BYLINE = auto()
    DATE = auto()
    CONSENT = auto()
    BOILERPLATE = auto()
    TOKEN = auto()


class Block(Struct, frozen=True):
    """One paragraph or line of the page.

    `target` is what an item, link, call, byline or date is about; `token_removed` a template token that stood
    inside the text.
    """

    line: int
    text: str
    kind: Kind
    target: str = ""
    token_removed: str = ""

    @property
    def words(self) -> int:
        """Return how many words the block has; where words are written without spaces, two letters count as one."""
        unspaced = len(_UNSPACED.findall(self.text))
        return unspaced // 2 if unspaced else len(self.text.split())

    @property
    def ends_sentence(self) -> bool:
        """Whether the block ends as a sentence does."""
        return bool(_SENTENCE_END.search(self.text))


# Han, kana and hangul, and the scripts of South-East Asia that part no words.
_UNSPACED = expression("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_TOKEN = expression(r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}|<%[^<>]{0,500}%>|\$\{[^{}]{0,200}\}")
_BULLET = expression(r"^(?:[-*•·‣▪◦●○]|[›»→▸▶])\s+")
_POINTER = expression(r"(?<!\s)\s*+(?:[›»→▸▶➔➜]|>{1,2})\s*+$")
_SENTENCE_END = expression(r"[.!?…。！？:;][\"'”’»)\]]*$")
_LONG = 160
# Imperatives with which a page sends people to something else; after the colon stands its title.
_CALL = expression(
    r"^(?:watch|listen|hear|view|play|see|read|download|explore|find out|learn)\b[^:]{0,120}:\s+(?P<title>\S.{2,200})$",
    re.IGNORECASE,
)
_BYLINE = expression(
    r"^(?:(?:written|story|reported|text) )?(?:by|von|par|por|di|da|door|av|af)\b:?\s+(?P<names>[^.:;!?]{3,120})$",
    re.IGNORECASE,
)
_NAME = expression(r"(?:[^\W\d_][\w'’.-]*\s+)*[^\W\d_][\w'’.-]*")
_ROLE = expression(
    r"\b(?:writer|editor|reporter|correspondent|staff|contributor|redaktion|desk|columnist)\b", re.IGNORECASE
)
# A day, a month's name in any language, and a year; or a date that begins with the year.
_DATE = expression(
    r"^(?:[^\W\d_]+(?: on)?:?\s+)??(?P<date>"
    r"(?:[^\W\d_]+,?\s+)?(?:[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?\s+(?:de\s+)?\d{4}|\d{4}-\d{2}-\d{2})"
    r"(?:[T ,|]+(?:at\s+)?\d{1,2}:\d{2}.{0,20})?)$",
    re.IGNORECASE,
)
# Words of notices about consent, in the languages of most of the web; a notice has two of them, speaks of "us" to
# "you", and quotes nobody.
_CONSENT_WORDS = expression(
    r"\bcookies?\b|\bprivacy (?:policy|notice|statement)\b|\bterms (?:of (?:use|service)|and conditions|& conditions)\b"
    r"|\bconsent(?:s|ed|ing)?\b|\bpersonal (?:data|information)\b"
    r"|\b(?:continu\w+|using) (?:to (?:use|browse) )?(?:our|this) (?:web ?)?site\b"
    r"|\blegitimate interests?\b|\bpartners? (?:may )?(?:store|process)\b|\bopt[ -]out\b"
    r"|\bdatenschutz\w*|\beinwillig\w+|\bzustimm\w+|\bakzeptier\w+|\bnutzungsbedingungen\b|\bpersonenbezogen\w*"
    r"|\bconfidentialité\b|\bconsentement\b|\baccepte[zr]\b|\bdonnées personnelles\b|\bprivacidad\w*|\bconsentimiento\b"
    r"|\bacept\w+|\bdatos personales\b|\binformativa\b|\bconsenso\b|\bprivacyverklaring\b|\btoestemming\b"
    r"|隐私|同意|个人信息|クッキー|プライバシー",
    re.IGNORECASE,
)
_WE = expression(
    r"\b(?:we|our|us|this (?:web ?)?site|wir|uns\w*|nous|notre|nos|nosotros|nuestr\w+|noi|nostr\w+|wij|onze)\b"
    r"|我们|当社",
    re.IGNORECASE,
)
_YOU = expression(
    r"\b(?:you|your|sie|ihre?\w*|du|dein\w*|vous|votre|vos|usted|sus?|tus?|voi|vostr\w+|uw?|je|jouw)\b|您|你|お客様",
    re.IGNORECASE,
)
_QUOTE = expression(r"[\"“”„«»]")
_COPYRIGHT = expression(r"©|\ball rights reserved\b|^\(c\)\s", re.IGNORECASE)
_BOILERPLATE = expression(
    r"^(?:©|\(c\)\s|copyright\b)|\ball rights reserved\b|^share (?:this|on|via)\b|^(?:print|e-?mail) this\b"
    r"|^\d{1,3} min(?:ute)?s?(?: read)?$|^advertisement$|^(?:accept|reject|allow|decline) (?:all|cookies)\b"
    r"|^(?:skip|jump) to\b|^sign (?:in|up)\b|^log in\b",
    re.IGNORECASE,
)


def blocks_of(text: str) -> Iterator[Block]:
    """Yield the blocks of a capture, in order. Lines that a narrow window broke are joined again."""
    for line, joined in _unwrapped(text.split("\n")):
        yield _block(line, joined)


def _block(line: int, text: str) -> Block:
    bare = " ".join(_TOKEN.sub(" ", text).split())
    if bare != text:
        if not re.search(r"\w", bare):
            return Block(line, text, Kind.TOKEN)
        token = " ".join(_TOKEN.findall(text))
        inner = _block(line, bare)
        return Block(line, inner.text, inner.kind, inner.target, token)
    if _is_consent(text):
        return Block(line, text, Kind.CONSENT)
    if _BOILERPLATE.search(text) and (_COPYRIGHT.search(text) or not _SENTENCE_END.search(text)):
        return Block(line, text, Kind.BOILERPLATE)
    target = _BULLET.sub("", text)
    pointed = _POINTER.sub("", target)
    if pointed != target and len(pointed) < _LONG:
        return Block(line, text, Kind.LINK, pointed)
    if target != text:
        return Block(line, text, Kind.ITEM, target)
    for kind, pattern in ((Kind.DATE, _DATE), (Kind.BYLINE, _BYLINE)):
        found = pattern.fullmatch(text)
        if found:
            return Block(line, text, kind, found[1])
    call = _CALL.fullmatch(text)
    if call and not _SENTENCE_END.search(text):
        return Block(line, text, Kind.CALL, text)
    if len(text) >= _LONG or _ends_like_text(text):
        return Block(line, text, Kind.PARAGRAPH)
    return Block(line, text, Kind.LINE)


def _is_consent(text: str) -> bool:
    words = {match.lower() for match in _CONSENT_WORDS.findall(text)}
    return len(words) >= 2 and not _QUOTE.search(text) and bool(_WE.search(text) and _YOU.search(text))


def names_of(byline: str) -> list[str]:
    """Return the people of a byline, without what they are (`Staff Writer`)."""
    parts = re.split(r"(?<!\s)\s*+(?:,|&|\b(?:and|und|et|y|e|en)\b)\s*", byline)
    return [part for part in parts if _NAME.fullmatch(part) and not _ROLE.search(part)]


def _ends_like_text(text: str) -> bool:
    """Whether a line is text rather than a headline: questions and shouts are headlines when they are one."""
    if not _SENTENCE_END.search(text):
        return False
    single = not re.search(r"[.!?…][\"'”’)]*\s", text)
    return not (single and re.search(r"[!?][\"'”’)]*$", text) and len(text) < _LONG // 2)


_MAX_WINDOW = 110


def _unwrapped(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line number, text), joining the lines of a paragraph where a narrow window broke it.

    A capture is wrapped when blank lines part its paragraphs and no line is longer than a window. There, a line
    goes on with the one before when its first word would not have fitted on that one.
    """
    stripped = [" ".join(line.split()) for line in lines]
    width = max(map(len, stripped), default=0)
    wrapped = "" in "\n".join(stripped).strip("\n").split("\n") and width <= _MAX_WINDOW
    start, held, last = 0, "", ""
    for number, line in enumerate(stripped, 1):
        fits_not = wrapped and held and line and len(last) + 1 + len(line.split()[0]) > width
        if fits_not and not _BULLET.match(line):
            held, last = f"{held} {line}", line
            continue
        if held:
            yield start, held
        start, held, last = number, line, line
    if held:
        yield start, held
