"""One document of any kind → a report on it."""

from __future__ import annotations

from datetime import UTC, datetime

from feedcheck.findings import Complaint
from feedcheck.json_judging import judge_json
from feedcheck.placing import Position, finding
from feedcheck.report import Finding, Report
from feedcheck.xml_judging import judge_xml
from feedcheck.xml_reading import read_xml

MAX_BYTES = 50_000_000
"""No reader takes a larger feed."""


_NEVER = datetime.max.replace(tzinfo=UTC)


def validate(
    data: bytes, *, name: str = "document", now: datetime | None = None, address: str = "", charset: str = ""
) -> Report:
    """Judge an Atom, RSS, JSON Feed or OPML document; its findings come in the order of its lines.

    `name` is what findings name; `now` is the moment after which a date lies in the future, of which nothing is said
    without it; `address` is where the document lies on the web, when that is known; `charset` is what HTTP said of its
    encoding. Nothing that the bytes hold makes this raise, fetch anything, or expand anything.
    """
    return Report(name, tuple(_findings(name, data, now or _NEVER, address, charset)))


def _findings(path: str, content: bytes, now: datetime, address: str, charset: str) -> list[Finding]:
    if len(content) > MAX_BYTES:
        said = f"{len(content):,} bytes, and more than {MAX_BYTES:,} are not looked at"
        return [finding(path, Position(), "", Complaint("TooLarge", said))]
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return [finding(path, Position(), "", Complaint("NotAFeed", "the document is empty"))]
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return judge_json(path, content, now=now, address=address)
    if b"<" not in content:
        said = "neither XML nor JSON: it has no markup and does not begin with {"
        return [finding(path, Position(1, 1), "", Complaint("NotAFeed", said))]
    document = read_xml(content, charset=charset)
    if _looks_like_a_page(document.text):
        said = "this is a web page, and no feed"
        return [finding(path, Position(1, 1), "html", Complaint("HtmlPage", said))]
    return judge_xml(path, document, now, address)


def _looks_like_a_page(text: str) -> bool:
    start = text[:2_000].lstrip().lower()
    return start.startswith(("<!doctype html", "<html"))
