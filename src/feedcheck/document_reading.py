"""A document that a person names → its bytes: a file, standard input or an address, bounded in size and time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from feedcheck.judging import MAX_BYTES
from feedcheck.report import Finding, Severity


class NamedDocument(Struct, frozen=True):
    """What was read: the name to show, the bytes, the address on the web, and the findings of reading it.

    `content` is None where nothing could be read; the findings say why.
    """

    name: str
    content: bytes | None
    address: str = ""
    charset: str = ""
    findings: tuple[Finding, ...] = ()


class Reader(Struct, frozen=True):
    """How documents are read: from which directory, from which standard input, and what a fetch may cost."""

    directory: Path
    standard_input: Callable[[], bytes]
    timeout: float = 20.0
    allow_private: bool = False

    def read(self, name: str) -> NamedDocument:
        """Read a file, `-` for standard input, or an http or https address."""
        if name == "-":
            return NamedDocument("standard input", self.standard_input())
        if name.startswith(("http://", "https://")):
            return self._fetch(name)
        try:
            with (self.directory / name).open("rb") as file:
                return NamedDocument(name, file.read(MAX_BYTES + 1))
        except (OSError, ValueError) as error:
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            return _unreadable(name, f"cannot be read: {reason}")

    def _fetch(self, url: str) -> NamedDocument:
        from feedcheck.fetching import FetchError, Limits, fetch  # a file needs neither HTTP nor TLS
        from feedcheck.http_rules import charset_of, judge_answer

        limits = Limits(seconds=self.timeout, max_bytes=MAX_BYTES, allow_private=self.allow_private)
        try:
            answer = fetch(url, limits)
            conditions = {
                asked: answer.headers[given]
                for asked, given in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
                if given in answer.headers
            }
            again = fetch(answer.url, limits, conditions).status if conditions and answer.status == 200 else None
        except FetchError as error:
            return _unreadable(url, error.message.removeprefix(f"{url}: "), error.remedy)
        findings = judge_answer(url, answer.status, answer.headers, answer.content, answer.redirects, again)
        content = answer.content if answer.status == 200 else None
        return NamedDocument(url, content, answer.url, charset_of(answer.headers), tuple(findings))


def _unreadable(name: str, message: str, remedy: str = "name a feed document") -> NamedDocument:
    found = Finding(Severity.ERROR, "UnreadableDocument", name, message=message, remedy=remedy)
    return NamedDocument(name, None, findings=(found,))
