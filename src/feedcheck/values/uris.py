"""Addresses and identifiers → complaints: RFC 3986, RFC 3987, and the schemes that ids use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml.etree import _Element

from feedcheck.findings import Complaint, Spot
from feedcheck.names import XML_NAMESPACE
from feedcheck.regex import expression
from feedcheck.values.canonical_uris import canonical_form

_CHARACTERS = r"[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]"
_ILLEGAL = expression(r"(?=[\x00-\x7f])[^0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]")
_REFERENCE = expression(rf"(?:[a-zA-Z][0-9a-zA-Z+\-.]*:)?/{{0,2}}(?:\[[0-9A-Fa-f:]+\])?{_CHARACTERS}*")
_ABSOLUTE = expression(rf"[a-zA-Z][0-9a-zA-Z+\-.]*:(?://)?(?:\[[0-9A-Fa-f:]+\])?{_CHARACTERS}+")
_URN = expression(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[a-z0-9()+,.:=@;$_!*'\-/?#&~]|%[0-9a-f]{2})+", re.IGNORECASE)
_UUID = expression(r"urn:uuid:[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}", re.IGNORECASE)
_TAG = expression(
    r"tag:(?:[a-z0-9\-._]+@)?[a-z0-9.\-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:"
    r"[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*(?:#[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*)?"
)
_DOMAIN = r"(?:(?:[0-9]{1,3}\.){3}|(?:[A-Z0-9\-]+\.)+)[A-Z0-9][-A-Z0-9]*"
_WITH_HOST = expression(r"\w+://[^/]")
_WEB = expression(rf"https?://{_DOMAIN}(?::\d+)?(?:/|\Z)", re.IGNORECASE)
_SCHEMES = frozenset(
    "aaa aaas about acap acct ar bitcoin callto cap chrome cid coap coaps content crid cvs dat data dav dict did dns "
    "dntp doi dweb ed2k ethereum example facetime fax feed file filesystem finger fish ftp geo gg git gizmoproject go "
    "gopher gtalk h323 ham hcp http https iax icap icon im imap info iotdisco ipfs ipn ipns ipp ipps irc irc6 ircs "
    "iris iris.beep iris.lwz iris.xpc iris.xpcs jabber ldap ldaps lrg magnet mailserver mailto maps market message mid "
    "modem mms ms-help msnim msrp msrps mtqp mumble mupdate mvn news nfs ni nih nntp opaquelocktoken pack palm "
    "paparazzi payto pkcs11 pop pres prospero proxy pwid qb rmi rsync rtmp rtsp rtsps rtspu secondlife service session "
    "sftp sgn shttp sieve sip sips skype smb sms smtp snmp soap.beep soap.beeps spotify ssh steam stun stuns submit "
    "svn tag teamspeak tel telnet tftp thismessage tip tn3270 turn turns tv udp unreal urn ut2004 uuid-in-package "
    "vemmi view-source vnc wais webcal wpid ws wss wtai wyciwyg xcon xfire xmlrpc.beep xmlrpc.beeps xmpp xri ymsgr "
    "z39.50 z39.50r z39.50s".split()
)
"""The schemes that IANA registers, as far as feeds may name them."""


def reference(text: str, _: Spot, code: str = "InvalidLink") -> Iterator[Complaint]:
    """RFC 3986 §4.1: a URI, whole or relative."""
    yield from _address(text, _REFERENCE, code)


def iri(text: str, _: Spot, code: str = "InvalidIRI") -> Iterator[Complaint]:
    """RFC 4287 §1.2: an IRI of RFC 3987, whole or relative."""
    yield from _address(_as_uri(text), _REFERENCE, code, shown=text)


def absolute(text: str, _: Spot, code: str = "InvalidFullLink") -> Iterator[Complaint]:
    """RSS 2.0, URLs: a scheme first, and no relative addresses."""
    yield from _address(text, _ABSOLUTE, code)


def absolute_iri(text: str, _: Spot | None = None) -> Iterator[Complaint]:
    """RFC 3987: an IRI with its scheme."""
    yield from _address(_as_uri(text), _ABSOLUTE, "InvalidFullLink", shown=text)


def identifier(text: str, _: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.2.6: an absolute IRI, compared character by character, so better in its canonical form."""
    stripped = text.strip()
    found = list(_address(_as_uri(stripped), _ABSOLUTE, "InvalidFullLink", shown=stripped))
    yield from found
    if not found and canonical_form(stripped) != text:
        yield Complaint("NonCanonicalURI", f"'{text}' has another canonical form: {canonical_form(stripped)}")


def web_address(text: str, _: Spot) -> Iterator[Complaint]:
    """RSS 2.0, enclosure: an http or https URL."""
    if not _WEB.match(text) or not _ABSOLUTE.fullmatch(text):
        yield Complaint("InvalidURLAttribute", f"'{text[:80]}' is not a whole http or https address")


def link_target(text: str, spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.2.7.1: an IRI reference, resolved against xml:base; one to the entry's own base is a trap."""
    found = list(iri(text, spot))
    yield from found
    document, base = spot.document.address, base_of(spot)
    if not found and base != document:
        own = (canonical_form(base) or base).partition("#")[0]
        target = urljoin(base, text)
        if (canonical_form(target) or target).partition("#")[0] == own != canonical_form(document):
            said = f"'{text}' resolves to the base {base}, which readers take for the document itself"
            yield Complaint("SameDocumentReference", said, "RFC 3986 §4.4")


def base_of(spot: Spot) -> str:
    """Return the base against which addresses at an element are resolved (RFC 4287 §2)."""
    bases = [found for element in (spot.element, *spot.element.iterancestors()) if (found := _own_base(element))]
    base = spot.document.address
    for each in reversed(bases):
        base = urljoin(base, each)
    return base


def _own_base(element: _Element) -> str:
    return element.get(f"{{{XML_NAMESPACE}}}base", "")


def _as_uri(text: str) -> str:
    """Stand a letter in for what RFC 3987 adds to RFC 3986: characters beyond ASCII."""
    if text.isascii():
        return text
    return "".join(character if character < "\x80" else "x" for character in text)


def _address(text: str, form: re.Pattern[str], code: str, shown: str = "") -> Iterator[Complaint]:
    shown = (shown or text)[:120]
    scheme = text.partition(":")[0].lower()
    if scheme == "tag" and ":" in text:
        if not _TAG.fullmatch(text):
            yield Complaint("InvalidTAG", f"'{shown}' is not a tag URI: tag:authority,date:name", "RFC 4151 §2.1")
    elif scheme == "urn" and ":" in text:
        yield from _urn(text, shown)
    elif not form.fullmatch(text):
        illegal = _ILLEGAL.search(text)
        if illegal:
            yield Complaint(
                "InvalidUriChar", f"{illegal.group()!r} must be percent-encoded in '{shown}'", "RFC 3986 §2"
            )
        elif form.fullmatch(_as_uri(text)):
            yield Complaint("UriNotIri", f"'{shown}' has characters beyond ASCII, which only an IRI may", "RFC 3986 §2")
        else:
            yield Complaint(code, f"'{shown}' is not {'a whole' if form is _ABSOLUTE else 'an'} address")
    elif scheme in ("http", "https", "ftp") and ":" in text:
        if not _WITH_HOST.match(text):
            yield Complaint(code, f"'{shown}' names no host")
    elif ":" in text and scheme.isalpha() and scheme not in _SCHEMES:
        yield Complaint("SchemeNotIANARegistered", f"nobody registered the scheme '{scheme}'", "RFC 7595 §3")


def _urn(text: str, shown: str) -> Iterator[Complaint]:
    if text.lower().startswith("urn:uuid:"):
        if not _UUID.fullmatch(text):
            yield Complaint("InvalidUUID", f"'{shown}' is not a UUID: 8-4-4-4-12 hexadecimal digits", "RFC 4122 §3")
    elif not _URN.fullmatch(text):
        yield Complaint("InvalidURN", f"'{shown}' is not a URN: urn:namespace:name", "RFC 8141 §2")
