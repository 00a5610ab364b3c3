"""A source that a person names → its bytes: a file, standard input, or a URL; bounded in size and time."""

from __future__ import annotations

import os
from pathlib import Path

from feedmill.commands.outcome import Context
from feedmill.errors import UsageError

MAX_BYTES = 256_000_000
TIMEOUT = 20.0
"""Seconds without an answer, and without a further byte."""


def fetch(name: str, context: Context) -> bytes:
    """Return the bytes of a file, of standard input (`-`) or of an http or https URL.

    Raises UsageError when it cannot be read, or is larger than MAX_BYTES.
    """
    if name == "-":
        content = context.standard_input()
    elif name.startswith(("http://", "https://")):
        content = _from_web(name)
    else:
        try:
            with Path(name).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{name}: {os.strerror(error.errno or 0)}", remedy="name a file or a URL") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES // 1_000_000} MB", remedy="name a smaller one")
    return content


def _from_web(url: str) -> bytes:
    # http.client takes longer to import than a small site to build.
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"User-Agent": "Feedmill", "Accept": "*/*"})  # noqa: S310
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.ProxyHandler,
    ):
        opener.add_handler(handler())
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            content: bytes = answer.read(MAX_BYTES + 1)
            return content
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        raise UsageError(f"{url}: {error}", remedy="see whether it can be fetched at all") from None
