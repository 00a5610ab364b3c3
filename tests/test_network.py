"""What is fetched and sent: total deadlines, private machines, redirects, and addresses that are none."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from feedcheck.fetching import FetchError, Limits, _is_public, fetch
from feedmill.operations.pinging import _attempt
from tests.conftest import CONFIGURATION, Mill

Capture = pytest.CaptureFixture[str]
PAUSE = 0.1
"""Seconds between two bytes: each of them comes well within the time limit of one read."""


@contextmanager
def dripping(*pieces: bytes, rest: bytes) -> Iterator[str]:
    """Serve one answer: some pieces at once, then bytes one by one for as long as anybody listens, three times over."""
    listener = socket.create_server(("127.0.0.1", 0))
    until = time.monotonic() + 5

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                for piece in pieces:
                    connection.sendall(piece)
                at = 0
                while time.monotonic() < until:
                    connection.sendall(rest[at : at + 1])
                    at = (at + 1) % len(rest)
                    time.sleep(PAUSE)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/feed"
    finally:
        listener.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n"
DRIPS = {
    "status": ((), b"HTTP/1.1 200 O"),
    "headers": ((HEAD,), b"X-More: y\r\n"),
    "100 Continue": ((), b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": ((HEAD, b"Content-Length: 1000\r\n\r\n"), b"<feed>"),
    "chunks": ((HEAD, b"Transfer-Encoding: chunked\r\n\r\n"), b"1\r\nx\r\n"),
    "gzip": (
        (HEAD, b"Content-Encoding: gzip\r\nContent-Length: 900\r\n\r\n", gzip.compress(b"x" * 9_000)[:20]),
        b"\x00",
    ),
}


@pytest.mark.parametrize("kind", DRIPS)
def test_a_deadline_holds_against_an_answer_byte_by_byte(kind: str) -> None:
    pieces, rest = DRIPS[kind]
    with dripping(*pieces, rest=rest) as url:
        began = time.monotonic()
        with pytest.raises(FetchError):
            fetch(url, Limits(seconds=0.6, allow_private=True))
        assert time.monotonic() - began < 1.6


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "172.16.0.1", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1",
        "::127.0.0.1", "2002:0a00:0001::1", "2002:7f00:1::", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::1",
        "2001:0:0a00:1:0:0:f5ff:fffe", "2001:db8::1", "fe80::1%eth0",
    ],
)  # fmt: skip
def test_a_private_machine_is_known_in_every_form(address: str) -> None:
    assert not _is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "2002:5db8:d70e::1", "64:ff9b::93.184.215.14"])
def test_a_public_machine_is_none(address: str) -> None:
    assert _is_public(address)


@pytest.mark.parametrize("verb", [("validate",), ("ledger", "adopt")])
def test_every_verb_that_fetches_refuses_private_machines_until_it_is_allowed(
    wire: Mill, capsys: Capture, verb: tuple[str, ...]
) -> None:
    wire.story()
    with dripping(rest=b"x") as url:
        assert wire.run(*verb, url) in (1, 2)
        printed = capsys.readouterr()
        assert "in a private range" in printed.out + printed.err
        if verb == ("validate",):
            assert wire.run(*verb, "--allow-private", "--timeout", "0.3", url) == 1
            printed = capsys.readouterr()
            assert "private range" not in printed.out + printed.err


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "http://127.0.0.1:9/x", "https://elsewhere.example/"])
def test_a_ping_follows_no_redirect(target: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with dripping(answer.encode(), rest=b" ") as url:
        assert _attempt(url, b"body") == ("answered 302", False)


PLACES = {
    "site.url": CONFIGURATION.replace("https://wire.example/", "BAD"),
    "site.feeds_url": CONFIGURATION.replace("  timezone", "  feeds_url: BAD\n  timezone"),
    "site.author.url": CONFIGURATION.replace("{name: Test Wire}", "{name: Test Wire, url: BAD}"),
    "feeds.hub": CONFIGURATION + "feeds: {hub: BAD}\n",
    "monitoring.ping_url": CONFIGURATION + "monitoring: {ping_url: BAD}\n",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "address", ["'https://[::1/'", "'https://host:port/'", "'https://host:99999/'", "'ftp://host/'", "'javascript:x'"]
)
def test_an_address_that_is_none_is_reported_with_its_line_wherever_it_stands(
    wire: Mill, capsys: Capture, place: str, address: str
) -> None:
    text = PLACES[place].replace("BAD", address)
    line = next(number for number, each in enumerate(text.split("\n"), 1) if address in each)
    wire.configure(text)
    wire.story()
    assert wire.run("build") == 2
    said = capsys.readouterr().err
    assert f"feedmill.yaml:{line}:" in said
    assert f"'{place}'" in said or f"not a valid {place}" in said or "is not a valid URL" in said
