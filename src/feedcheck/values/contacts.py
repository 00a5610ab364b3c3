"""Mail addresses → complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from feedcheck.findings import Complaint, Spot
from feedcheck.regex import expression
from feedcheck.values.plain_text import plain_text

_MAILBOX = r"(?<![A-Z0-9_\-+.'])[A-Z0-9_\-+.']++@(?:(?:[0-9]{1,3}\.){3}|(?:[A-Z0-9\-]+\.)+)[A-Z0-9][-A-Z0-9]*"
_ADDRESS = expression(_MAILBOX, re.IGNORECASE)
_BARE_HOST = expression(r"[\w.%+-]+@[A-Za-z][\w.-]+")
_IN_BRACKETS = expression(f"<{_MAILBOX}>", re.IGNORECASE)


def mail_address(text: str, _: Spot, code: str = "InvalidAddrSpec") -> Iterator[Complaint]:
    """RFC 4287 §3.2.3: an addr-spec of RFC 2822 §3.4.1, and no name around it."""
    if _ADDRESS.fullmatch(text):
        return
    if _BARE_HOST.fullmatch(text):
        if not text.endswith("@localhost"):
            yield Complaint("UnknownHost", f"'{text[:60]}' has a host without a domain, which nobody can write to")
    else:
        yield Complaint(code, f"'{text[:60]}' is not a mail address such as desk@example.org")


def contact(text: str, spot: Spot) -> Iterator[Complaint]:
    """A mail address that may have a name beside it."""
    from email.utils import getaddresses  # a build whose documents have no such address has no need of it

    found = getaddresses([text])
    yield from plain_text(text, spot)
    yield from mail_address(found[0][1] if len(found) == 1 else text, spot, "InvalidContact")


def contact_with_name(text: str, spot: Spot) -> Iterator[Complaint]:
    """RSS 2.0, author, managingEditor and webMaster; Best Practices Profile: desk@example.org (A. Editor)."""
    if text.startswith("mailto:"):
        text = unquote(text.partition(":")[2])
    if text.find("@") <= 0 or text.endswith(")"):
        yield from contact(text, spot)
    elif " " in text:
        yield Complaint("EmailFormat", f"'{text[:60]}' is not written as readers expect: desk@example.org (A. Editor)")
    else:
        yield Complaint("MissingRealName", f"'{text[:60]}' has no name: desk@example.org (A. Editor)")


def no_mail_address(text: str, _: Spot) -> Iterator[Complaint]:
    """RFC 4287 §3.2.1: a person's name is a name; the mail address has an element of its own."""
    if _IN_BRACKETS.search(text):
        yield Complaint("ContainsEmail", f"a mail address in a name: '{text[:60]}'")
