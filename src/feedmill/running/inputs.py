"""A source that a person names → its bytes: a file, standard input, or a URL; bounded in size and time."""

from __future__ import annotations

import os
from pathlib import Path

from feedmill.errors import UsageError
from feedmill.running.outcome import RunContext

MAX_BYTES = 256_000_000
TIMEOUT = 60.0
"""Seconds that a fetch may take in all."""


def read_source(name: str, context: RunContext, *, allow_private: bool) -> bytes:
    """Return the bytes of a file, of standard input (`-`) or of an http or https URL.

    An address in a private range is only fetched from where `allow_private` says so.

    Raises UsageError when it cannot be read, or is larger than MAX_BYTES.
    """
    if name == "-":
        content = context.standard_input()
    elif name.startswith(("http://", "https://")):
        content = _from_web(name, allow_private=allow_private)
    else:
        try:
            with Path(name).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{name}: {os.strerror(error.errno or 0)}", remedy="name a file or a URL") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"{name}: larger than {MAX_BYTES // 1_000_000} MB", remedy="name a smaller one")
    return content


def _from_web(url: str, *, allow_private: bool) -> bytes:
    # A file needs neither HTTP nor TLS, which take longer to import than a small site to build.
    from feedcheck.fetching import FetchError, Limits, fetch

    try:
        answer = fetch(url, Limits(seconds=TIMEOUT, max_bytes=MAX_BYTES, allow_private=allow_private))
    except FetchError as error:
        raise UsageError(error.message, remedy=error.remedy) from None
    if answer.status != 200:
        raise UsageError(f"{url}: status {answer.status}", remedy="see whether it can be fetched at all")
    return answer.content
