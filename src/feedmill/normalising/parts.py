"""Story → Entry: the smaller parts: authors, image, media, related pieces, source, correction, withdrawal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from feedmill.expressions import expression
from feedmill.model import AT_ONCE, EMAIL, Correction, Image, Media, Person, Related, Source, Withdrawal
from feedmill.normalising.addresses import absolute_url
from feedmill.normalising.dates import DateError, Moment, parse_moment
from feedmill.normalising.fields import Fields
from feedmill.normalising.slugs import file_slug_from, slug_from

_MEDIA_TYPE = expression(r"[a-z]+/[a-zA-Z0-9.+_-]+")
_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg",
    "wav": "audio/wav", "flac": "audio/flac", "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm",
    "mov": "video/quicktime", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "svg": "image/svg+xml", "pdf": "application/pdf",
}  # fmt: skip
_AND = expression(r"(?<!\s)\s*+(?:,\s*and\s|,|;|(?<=\s)and\s|(?<=\s)&\s)\s*+")
_NAME = expression(r"[^\W\d_][\w.'’-]*(?:\s[^\W\d_][\w.'’-]*){1,4}")
_AFTER_NAMES = frozenset(
    "Jr Jr. Sr Sr. PhD Ph.D. MD M.D. Inc Inc. LLC Ltd Ltd. GmbH AG Co Co. Corp Corp. II III".split()
)
MOST_PEOPLE = 100
"""The most authors of a story: each may have feeds of their own."""
_DAY = expression(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_CLOCK = expression(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")


def read_moment(fields: Fields, key: str, zone: str, *, later: bool = False) -> Moment | None:
    """Read a date key; None when absent, or when it is wrong and so reported. `later`: of a double hour the second."""
    text = fields.raw(key)
    if not text:
        return None
    try:
        return parse_moment(text, zone, later=later)
    except DateError as error:
        fields.error(key, "date", error.message, error.remedy)
        return None


def read_url(fields: Fields, key: str, base: str) -> str:
    """Read a URL key, made absolute; empty when absent, or when it is wrong and so reported."""
    text = fields.raw(key)
    if not text:
        return ""
    url = absolute_url(text, base)
    if url is None:
        shown = text if len(text) <= 80 else text[:79] + "…"
        fields.error(key, "url", f"'{shown}' is not a valid web address", "write https://… or a path of this site")
    return url or ""


def read_authors(fields: Fields, base: str, known: Mapping[str, Person]) -> tuple[Person, ...]:
    """Read authors given as names or as {name, email, url}; a name that the site knows stands for that person."""
    people: list[Person] = []
    for inner, name in _named(fields, known):
        if len(people) == MOST_PEOPLE:
            message = f"more than {MOST_PEOPLE} authors: only the first {MOST_PEOPLE} count"
            fields.warning("authors", "author-list", message, "name those who wrote it, or one organisation")
            break
        slug = file_slug_from(name)
        person = known.get(name) or known.get(slug)
        if person is not None:
            people.append(Person(person.name, person.email, person.url, slug))
        elif name:
            people.append(Person(name, _read_email(inner), read_url(inner, "url", base), slug))
        else:
            inner.error("name", "author-name", "an author without a name", "add name:")
    # One name in two spellings (`Ada Lovelace`, `ada lovelace`) is one author.
    return tuple({person.slug or person.name: person for person in reversed(people)}.values())[::-1]


def _named(fields: Fields, known: Mapping[str, Person]) -> Iterator[tuple[Fields, str]]:
    """Yield each author's fields and name; of several people in one text each, where all of it looks like names."""
    for inner in fields.inner("authors", "name"):
        name = inner.plain("name")
        names = [name]
        if name not in known and slug_from(name) not in known and len(inner.mapping.values) == 1:
            names = [part for part in _AND.split(name) if part]
        if len(names) > 1 and all(_NAME.fullmatch(part) and part.split()[-1] not in _AFTER_NAMES for part in names):
            fields.warning(
                "authors",
                "author-list",
                f"'{name[:80]}' names {len(names)} people in one text: each is an author",
                f"write a list: [{', '.join(names)}]",
            )
            yield from ((inner, part) for part in names)
        else:
            yield inner, name


def _read_email(fields: Fields) -> str:
    """Read an e-mail address (RFC 4287 §3.2.3); empty when absent, or when it is not one and so reported."""
    email = fields.plain("email")
    if not email or EMAIL.fullmatch(email):
        return email
    fields.warning(
        "email",
        "author-email",
        f"'{email[:80]}' is not a valid e-mail address, so it is left out",
        "correct or delete it",
    )
    return ""


def read_image(fields: Fields, base: str) -> Image | None:
    """Read image and image_alt."""
    url = read_url(fields, "image", base)
    alt = fields.plain("image_alt")
    if not url:
        return None
    if not alt:
        fields.warning("image", "image-alt", "the image has no text for those who cannot see it", "add image_alt:")
    return Image(url, alt)


def read_related(fields: Fields, base: str) -> tuple[Related, ...]:
    """Read related pieces. One without an address is kept for its title: a capture knows no more."""
    found = []
    for inner in fields.inner("related", _title_or_url):
        url, title = read_url(inner, "url", base), inner.plain("title")
        if not title and not url:
            fields.error("related", "related", "a related piece with neither title nor url", "add title: and url:")
            continue
        if not url and not inner.has("url"):
            inner.warning(
                "title",
                "related-url",
                f"the related piece '{title}' has no address, so it is text and no link",
                "add url:",
            )
        found.append(Related(title or url, url))
    return tuple(dict.fromkeys(found))


def _title_or_url(text: str) -> str:
    return "url" if re.match(r"https?://|\.{0,2}/|[a-zA-Z][a-zA-Z0-9+.-]*:\S+\Z", text) else "title"


def read_media(fields: Fields, base: str) -> tuple[Media, ...]:
    """Read media. The type is known by the address's ending when it is not given."""
    found = []
    for inner in fields.inner("media", "url"):
        url = read_url(inner, "url", base)
        kind = inner.plain("type") or _TYPES.get(urlsplit(url).path.rpartition(".")[2].lower(), "")
        if not inner.has("url"):
            inner.error("url", "media-url", "media without url", "add url:, or name the piece under related:")
        elif not _MEDIA_TYPE.fullmatch(kind):
            what = f"'{kind}' is not a media type" if kind else "the address does not say the media type"
            inner.error("type" if kind else "url", "media-type", what, "add type:, like audio/mpeg")
        elif url:
            found.append(Media(url, kind.lower(), _number(inner, "length"), _duration(inner), inner.plain("title")))
    return tuple(found)


def _number(fields: Fields, key: str) -> int:
    text = fields.plain(key).replace("_", "")
    if text and not re.fullmatch(r"[0-9]{1,15}", text):
        fields.error(key, "number", f"'{text}' is not a number of bytes", "write digits only")
        return 0
    return int(text or 0)


def _duration(fields: Fields) -> int:
    """Seconds, written as such or as [hours:]minutes:seconds."""
    text = fields.plain("duration")
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    clock = _CLOCK.fullmatch(text)
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    if text:
        fields.error("duration", "duration", f"'{text}' is not a duration", "write seconds or H:MM:SS")
    return 0


def read_source(fields: Fields, base: str) -> Source | None:
    """Read where a republished story first appeared."""
    for inner in fields.inner("source", "url"):
        url, title = read_url(inner, "url", base), inner.plain("title")
        if url:
            return Source(title or url, url)
        if not inner.has("url"):
            inner.warning(
                "title", "source-url", "the source has no url, so it is left out", "add the address of the original"
            )
    return None


def read_correction(fields: Fields, zone: str) -> Correction | None:
    """Read a correction: date and note."""
    for inner in fields.inner("correction", "note"):
        moment, note = read_moment(inner, "date", zone), inner.plain("note")
        if moment is not None and note:
            return Correction(moment.day, moment.instant, note)
        if not inner.has("date") or not note:
            fields.error("correction", "correction", "a correction needs date and note", "add both under correction:")
    return None


def read_withdrawal(fields: Fields, zone: str) -> Withdrawal | None:
    """Read a withdrawal: date and reason, or one of the two, or that it is `true`.

    Someone who writes it wants the text gone: without a date that can be read the story is withdrawn at once.
    """
    said = fields.switch("withdrawn")
    if said is not None:
        return _undated(fields, "") if said else None
    for inner in fields.inner("withdrawn", _date_or_reason):
        moment, reason = read_moment(inner, "date", zone), inner.plain("reason")
        if moment is not None:
            return Withdrawal(moment.instant, reason)
        if inner.raw("date"):
            return Withdrawal(AT_ONCE, reason)
        if reason:
            return _undated(fields, reason)
    return None


def _undated(fields: Fields, reason: str) -> Withdrawal:
    message = "the withdrawal has no date, so the story is withdrawn at once"
    fields.warning("withdrawn", "withdrawn", message, "write `withdrawn: {date: …, reason: …}`")
    return Withdrawal(AT_ONCE, reason)


def _date_or_reason(text: str) -> str:
    return "date" if _DAY.match(text) else "reason"
