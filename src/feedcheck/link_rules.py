"""Atom links → complaints (RFC 4287 §4.2.7, RFC 4685, RFC 5005)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from feedcheck.findings import Complaint, Spot
from feedcheck.names import prefix_of, split
from feedcheck.values.canonical_uris import canonical_form
from feedcheck.values.codes import is_media_type, language
from feedcheck.values.date_formats import rfc3339
from feedcheck.values.numbers import non_negative
from feedcheck.values.plain_text import plain_text
from feedcheck.values.uris import absolute_iri, base_of, link_target

_REGISTERED = frozenset(
    "alternate appendix archives author bookmark canonical chapter collection contents copyright current describedby "
    "disclosure duplicate edit edit-media enclosure first glossary help hosts hub icon index item last "
    "latest-version license lrdd memento monitor monitor-group next next-archive payment prev prev-archive "
    "predecessor-version previous preview privacy-policy profile related replies search section self service shortlink "
    "start subsection successor-version tag terms-of-service timegate timemap type up version-history via webmention "
    "working-copy working-copy-of".split()
)
"""Link relations that IANA registers (RFC 8288 §4.2)."""
_FEED_PAGES = frozenset("current first last next next-archive prev-archive previous".split())
_PREFIX = "http://www.iana.org/assignments/relation/"
_FEED_TYPES = frozenset({"application/atom+xml", "application/rss+xml", "application/rdf+xml"})


def relation_of(spot: Spot) -> str:
    """Return the relation of a link: alternate when it names none, and without IANA's address before it."""
    return spot.element.get("rel", "alternate").removeprefix(_PREFIX)


def atom_link(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.2.7: a reference to something on the web, known by its attributes alone."""
    link, relation = spot.element, relation_of(spot)
    yield from _relation(spot, relation)
    yield from _type(spot, relation)
    title = link.get("title")
    if title is not None:
        if not title:
            yield Complaint("AttrNotBlank", "the title of a link is empty", "RFC 4287 §4.2.7.5")
        yield from plain_text(title, spot)
    length = link.get("length")
    if length is not None:
        yield from non_negative(length, spot)
        if not length:
            yield Complaint("NotBlank", "the length of a link is empty", "RFC 4287 §4.2.7.6")
    if "hreflang" in link.attrib:
        yield from language(link.get("hreflang", ""), spot)
    yield from _target(spot, relation)
    yield from _threading(spot, relation)
    if (link.text or "").strip() or any((child.tail or "").strip() for child in link):
        yield Complaint("AtomLinkNotEmpty", "text in a link, where nobody reads it", "RFC 4287 §4.2.7")


def _relation(spot: Spot, relation: str) -> Iterator[Complaint]:
    if relation not in _REGISTERED and any(absolute_iri(relation, spot)):
        said = f"'{relation[:60]}' is neither a registered relation nor an address"
        yield Complaint("UnregisteredAtomLinkRel", said, "RFC 4287 §4.2.7.2")
    if "rel" in spot.element.attrib and not relation:
        yield Complaint("AttrNotBlank", "the rel of a link is empty", "RFC 4287 §4.2.7.2")
    if relation in _FEED_PAGES and spot.parent == "entry":
        said = f"rel={relation} is about pages of a feed, and stands in an entry"
        yield Complaint("FeedHistoryRelInEntry", said, "RFC 5005 §3")


def _type(spot: Spot, relation: str) -> Iterator[Complaint]:
    kind = spot.element.get("type")
    if kind is None:
        return
    if not is_media_type(kind):
        yield Complaint("InvalidMIMEType", f"'{kind[:60]}' is not a media type", "RFC 4287 §4.2.7.3")
    elif relation == "self" and kind.partition(";")[0].strip() not in _FEED_TYPES:
        yield Complaint("SelfNotAtom", f"self leads to {kind}, which is not a feed", "RFC 4287 §4.2.7.2")


def _target(spot: Spot, relation: str) -> Iterator[Complaint]:
    target = spot.element.get("href")
    if target is None:
        yield Complaint("MissingHref", "a link that leads nowhere: it has no href", "RFC 4287 §4.2.7.1")
        return
    yield from link_target(target, spot)
    if relation != "self" or spot.parent not in ("feed", "channel"):
        return
    base = base_of(spot)
    without_document = base if base != spot.document.address else ""
    try:
        host = urlsplit(target).netloc or urlsplit(without_document).netloc
    except ValueError:
        return
    if not host:
        yield Complaint("RelativeSelf", f"self is '{target[:80]}', which is relative", "RFC 4287 §4.1.1")
    whole, own = urljoin(base, target), spot.document.address
    elsewhere = whole != own and whole.partition("#")[0] != base.partition("#")[0]
    if own and elsewhere and canonical_form(whole) != canonical_form(own):
        yield Complaint("SelfDoesntMatchLocation", f"self is {whole}, and the document is at {own}", "RFC 4287 §4.1.1")


def _threading(spot: Spot, relation: str) -> Iterator[Complaint]:
    """RFC 4685 §4: how many replies, and when the last came; only of links to replies."""
    for key, value in spot.element.attrib.items():
        namespace, local = split(str(key))
        if prefix_of(namespace) != "thr":
            continue
        if local == "when":
            yield Complaint("NoThrWhen", "thr:when became thr:updated", "RFC 4685 §4")
            continue
        if relation != "replies":
            said = f"thr:{local} on a link that does not lead to replies"
            yield Complaint("UnexpectedAttribute", said, "RFC 4685 §4")
        if local == "count":
            yield from non_negative(str(value), spot)
        elif local == "updated":
            yield from rfc3339(str(value), spot)
