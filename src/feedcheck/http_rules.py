"""How a server sends a feed → findings: what readers that poll it have to do with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message

from feedcheck.findings import Complaint
from feedcheck.placing import Position, finding
from feedcheck.report import Finding

_XML = ("application/xml", "text/xml")
_MEDIA_TYPES = {
    "atom": ("application/atom+xml", *_XML),
    "rss": ("application/rss+xml", *_XML),
    "json": ("application/feed+json", "application/json"),
    "opml": ("text/x-opml", "application/xml", "text/xml", "application/opml+xml"),
}
_SMALL = 1_500
"""Bytes that fit into one packet, which compression makes no faster."""


def judge_answer(
    url: str,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    redirects: tuple[tuple[int, str], ...],
    answered_again: int | None,
) -> list[Finding]:
    """Judge a server's answer. `headers` are named in small letters; `answered_again` is the status of the same
    request with If-None-Match and If-Modified-Since, None when there was nothing to ask with.
    """
    complaints = [
        *_status(status),
        *_redirected(redirects),
        *_content_type(headers.get("content-type", ""), content),
        *_validators(headers, answered_again),
        *_compression(headers, content),
    ]
    return [finding(url, Position(), "", complaint) for complaint in complaints]


def charset_of(headers: Mapping[str, str]) -> str:
    """Return the charset that a Content-Type names, "" when it names none."""
    message = Message()
    message["content-type"] = headers.get("content-type", "")
    return str(message.get_param("charset") or "") if message["content-type"] else ""


def _status(status: int) -> Iterator[Complaint]:
    if status in (401, 403, 407):
        yield Complaint(
            "HttpError", f"status {status}: the feed needs authentication, and readers have none", "RFC 9110"
        )
    elif status != 200:
        yield Complaint("HttpError", f"status {status}", "RFC 9110 §15")


def _redirected(redirects: tuple[tuple[int, str], ...]) -> Iterator[Complaint]:
    for status, target in redirects:
        kind = "for good" if status in (301, 308) else "for now"
        yield Complaint("Redirected", f"status {status} leads {kind} to {target[:160]}", "RFC 9110 §15.4")


def _content_type(value: str, content: bytes) -> Iterator[Complaint]:
    media_type = value.partition(";")[0].strip().lower()
    start = content[:4_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    kinds = (
        ("json", start[:1] == b"{"),
        ("rss", b"<rss" in start),
        ("opml", b"<opml" in start),
        ("atom", b"<feed" in start),
    )
    kind = next((name for name, is_it in kinds if is_it), "")
    if kind and media_type not in _MEDIA_TYPES[kind]:
        said = f"sent as {media_type or 'nothing at all'}, where {_MEDIA_TYPES[kind][0]} belongs"
        yield Complaint("UnexpectedContentType", said, "RFC 9110 §8.3")
    charset = charset_of({"content-type": value}).lower()
    declared = b'encoding="' in start[:200] or b"encoding='" in start[:200]
    own = start[:200].partition(b"encoding=")[2][1:40].partition(b'"')[0].partition(b"'")[0].decode("latin-1").lower()
    if charset and declared and own and charset.replace("_", "-") != own:
        said = f"sent as {charset}, and declared as {own}: which it is, readers guess"
        yield Complaint("EncodingMismatch", said, "RFC 7303 §3")


def _validators(headers: Mapping[str, str], answered_again: int | None) -> Iterator[Complaint]:
    if "etag" not in headers and "last-modified" not in headers:
        yield Complaint("NoValidators", "neither ETag nor Last-Modified", "RFC 9110 §8.8")
    elif answered_again is not None and answered_again != 304:
        said = f"asked again for what it had just sent, the server answered {answered_again} and not 304"
        yield Complaint("NotConditional", said, "RFC 9110 §13.2")


def _compression(headers: Mapping[str, str], content: bytes) -> Iterator[Complaint]:
    if len(content) > _SMALL and not headers.get("content-encoding"):
        yield Complaint("Uncompressed", f"{len(content):,} bytes were sent as they are", "RFC 9110 §8.4")
