"""An address → what lies there: over HTTP, bounded in size and time, and never from a private network unasked."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

import urllib3
from msgspec import Struct, field
from urllib3.exceptions import HTTPError

_AGENT = f"Feedmill/{version('feedmill')}"
_CHUNK = 65_536
_GRACE = 0.25
"""Seconds in which a read that has run out of time may still say what it waited for."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
"""RFC 8215."""


class FetchError(Exception):
    """An address from which nothing could be read. `message` says why in a line, and `remedy` what to do."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Limits(Struct, frozen=True):
    """What a fetch may cost: seconds in all, bytes as sent and unpacked, redirects; and whether it may look inside."""

    seconds: float = 20.0
    max_bytes: int = 50_000_000
    max_redirects: int = 5
    allow_private: bool = False


class Fetched(Struct, frozen=True):
    """What a server answered: headers by their names in small letters, and each redirect as status and address."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    redirects: tuple[tuple[int, str], ...] = field(default=())


def fetch(url: str, limits: Limits, headers: Mapping[str, str] | None = None) -> Fetched:
    """Get what lies at an http or https address.

    Each redirect is followed only where the first address could have been asked for. Names are looked up once and the
    connection goes to that very machine, so that a name cannot lead outside first and inside then. The seconds count
    for all of it: a name server that hangs, headers that come byte by byte, `100 Continue` for ever. Raises FetchError.
    """
    answers: list[Fetched | FetchError] = []

    def ask() -> None:
        try:
            answers.append(_follow(url, limits, headers or {}))
        except FetchError as error:
            answers.append(error)

    # Time limits of sockets count for one read each; what hangs is left behind.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(limits.seconds + _GRACE)
    if not answers:
        raise FetchError(f"{url}: not all here after {limits.seconds:g} seconds", remedy="see that the server answers")
    if isinstance(answers[0], FetchError):
        raise answers[0]
    return answers[0]


def _follow(url: str, limits: Limits, headers: Mapping[str, str]) -> Fetched:
    deadline = time.monotonic() + limits.seconds
    passed: list[tuple[int, str]] = []
    while True:
        answer = _ask(url, limits, headers, deadline)
        target = answer.headers.get("location")
        if answer.status not in (301, 302, 303, 307, 308) or not target:
            return Fetched(url, answer.status, answer.headers, answer.content, tuple(passed))
        if len(passed) >= limits.max_redirects:
            raise FetchError(f"{url}: more than {limits.max_redirects} redirects", remedy="name the feed's own address")
        url = urljoin(url, target)
        passed.append((answer.status, url))


def _ask(url: str, limits: Limits, headers: Mapping[str, str], deadline: float) -> Fetched:
    scheme, host, port, path = _parts(url)
    machine = _machine(url, host, port, allow_private=limits.allow_private)
    patience = urllib3.Timeout(total=max(deadline - time.monotonic(), 0.1))
    sent = {"User-Agent": _AGENT, "Accept-Encoding": "gzip", "Host": urlsplit(url).netloc.rpartition("@")[2], **headers}
    pool: urllib3.HTTPConnectionPool = (
        urllib3.HTTPSConnectionPool(machine, port, timeout=patience, server_hostname=host, assert_hostname=host)
        if scheme == "https"
        else urllib3.HTTPConnectionPool(machine, port, timeout=patience)
    )
    with pool:
        try:
            response = pool.request("GET", path, headers=sent, redirect=False, retries=False, preload_content=False)
            with closing(response):
                content = b"".join(_body(url, response, limits, deadline))
        except HTTPError as error:
            raise FetchError(f"{url}: {_reason(error)}", remedy="see that the server answers") from None
        received = {name.lower(): value for name, value in response.headers.items()}
        return Fetched(url, response.status, received, content)


def _body(url: str, response: urllib3.BaseHTTPResponse, limits: Limits, deadline: float) -> Iterator[bytes]:
    """The unpacked body, piece by piece, so that neither a bomb nor a trickle goes on for ever."""
    size = 0
    for chunk in response.stream(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > limits.max_bytes:
            raise FetchError(f"{url}: larger than {limits.max_bytes:,} bytes", remedy="publish fewer entries")
        if time.monotonic() > deadline:
            raise FetchError(
                f"{url}: not all here after {limits.seconds:g} seconds", remedy="see that the server answers"
            )
        yield chunk


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchError(f"{url}: not an address", remedy="write https://host/path") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"{url}: not an http or https address", remedy="write https://host/path")
    if parts.username or parts.password:
        raise FetchError(f"{parts.scheme}://…@{parts.hostname}: an address with a password", remedy="leave it out")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path


def _machine(url: str, host: str, port: int, *, allow_private: bool) -> str:
    """Look a name up, and refuse it when any of its machines lies in a private range."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError(f"{url}: there is no host {host}", remedy="see how the address is spelled") from None
    machines = [str(each[4][0]) for each in found]
    inside = next((each for each in machines if not _is_public(each)), None)
    if inside is not None and not allow_private:
        raise FetchError(
            f"{url}: {host} is {inside}, in a private range", remedy="allow it with --allow-private if it is yours"
        )
    return machines[0]


def _is_public(address: str) -> bool:
    """Whether a machine lies on the public network, by its address and by every IPv4 address that this one holds."""
    machine = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(machine, ipaddress.IPv4Address):
        return machine.is_global and not machine.is_multicast
    inner = [each for each in (machine.ipv4_mapped, machine.sixtofour, *(machine.teredo or ())) if each is not None]
    if machine in _NAT64 or int(machine) < 1 << 32:  # RFC 6052; IPv4-compatible addresses of RFC 4291 §2.5.5.1
        inner.append(ipaddress.IPv4Address(int(machine) & 0xFFFFFFFF))
    if inner:
        return all(each.is_global and not each.is_multicast for each in inner)
    return machine.is_global and not machine.is_multicast and not machine.is_site_local and machine not in _LOCAL_NAT64


def _reason(error: HTTPError) -> str:
    said = str(error)
    if "timed out" in said.lower():
        return "no answer in time"
    if "refused" in said:
        return "connection refused"
    if "certificate" in said.lower():
        return "the server's certificate is not valid"
    return said.partition(": ")[2][:160] or said[:160] or type(error).__name__
