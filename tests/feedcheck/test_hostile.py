"""No bytes make the validator raise, hang or take without bound; each kind of attack is a finding."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedcheck import compare, entries_of, validate
from feedcheck.report import Severity
from tests.parts import ROOT

NOW = datetime(2024, 7, 1, tzinfo=UTC)
BILLION_LAUGHS = (
    b'<!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(10))
    + b']><rss version="2.0"><channel><title>&a9;</title></channel></rss>'
)
EXTERNAL = (
    b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<rss version="2.0"><channel><title>&x;</title></channel></rss>'
)
UTF7 = b'<?xml version="1.0" encoding="utf-7"?>+ADw-rss version=+ACI-2.0+ACI-+AD4-+ADw-/rss+AD4-<'
RSS = b'<rss version="2.0"><channel><title>T</title></channel></rss>'
SEEDS = [
    path.read_bytes()
    for path in sorted((ROOT / "feeds").glob("*"))
    if path.suffix in (".atom", ".rss", ".json", ".opml") and path.stat().st_size < 40_000
][:12]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "NotAFeed"),
        (b"  \n", "NotAFeed"),
        (b"\x00\x01\x02", "NotAFeed"),
        (b"just words", "NotAFeed"),
        (b"<html><body>x</body></html>", "HtmlPage"),
        (b"<!DOCTYPE html>\n<title>x</title>", "HtmlPage"),
        (b"<x:html xmlns:x='http://www.w3.org/1999/xhtml'/>", "HtmlPage"),
        (b"<rdf/>", "UndefinedElement"),
        (b"{", "JsonSyntax"),
        (b"[]", "NotAFeed"),
        (b"[" * 100_000, "JsonSyntax"),
        (b'{"version": ' + b"9" * 10_000 + b', "items": []}', "JsonValue"),
        (b"<a>" * 100_000, "SAXError"),
        (b"<a b='" + b"&amp;" * 100_000, "SAXError"),
        (BILLION_LAUGHS, "EntityDeclared"),
        (EXTERNAL, "EntityDeclared"),
        (UTF7, "UnknownEncoding"),
        (RSS.decode().encode("utf-16-le"), "UnicodeError"),
        (
            b'<?xml version="1.0" encoding="utf-16"?>'.decode().encode("utf-16-be") + RSS.decode().encode("utf-16-be"),
            "UnicodeError",
        ),
        (RSS.replace(b"T", "€".encode()[:2]), "UnicodeError"),
        (RSS.replace(b"T", "€".encode())[: RSS.index(b"T") + 2], "UnicodeError"),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?>" + RSS, "UnicodeError"),
        (b"<?xml version='1.0' encoding='x-fake'?>" + RSS, "UnknownEncoding"),
        (b"<?xml version='1.0' encoding='rot13'?>" + RSS, "UnknownEncoding"),
        (b"<?xml version='1.1'?>" + RSS, "BadXmlVersion"),
        (RSS + RSS, "SAXError"),
    ],
)
def test_what_is_no_feed_or_an_attack_is_a_finding(content: bytes, code: str) -> None:
    found = validate(content, name="x", now=NOW).findings
    assert code in {problem.code for problem in found if problem.level is Severity.ERROR}


def test_no_entity_is_read_or_expanded() -> None:
    said = "\n".join(map(str, validate(EXTERNAL, name="x", now=NOW).findings))
    assert "root:" not in said
    assert "haha" not in "\n".join(map(str, validate(BILLION_LAUGHS, name="x", now=NOW).findings))


def test_after_a_syntax_error_the_rest_is_judged() -> None:
    content = b"""<rss version="2.0"><channel><title>T</title>
<item><title>A & B</title><guid>urn:x</guid></item>
<item><pubDate>yesterday</pubDate></item></channel></rss>"""
    told = {(problem.code, problem.line) for problem in validate(content, name="x", now=NOW).findings}
    assert ("SAXError", 2) in told
    assert ("InvalidRFC2822Date", 3) in told
    assert ("ItemMustContainTitleOrDescription", 3) in told


HUGE = {
    "nesting": "b'<feed xmlns=\"http://www.w3.org/2005/Atom\">' + b'<a>' * 33_000_000",
    "nested JSON": "b'[' * 100_000_000",
    "one text": "b'<rss version=\"2.0\"><channel><title>' + b'x' * 40_000_000 + b'</title></channel></rss>'",
    "many faults": "b'<rss version=\"2.0\"><channel>' + b'<item/>' * 1_000_000 + b'</channel></rss>'",
    "attributes": "b'<rss ' + b' '.join(b'a%d=\"x\"' % n for n in range(300_000)) + b'/>'",
    "late faults in JSON": (
        'b\'{"version":"x","items":[\' + b\'{"id":"tag:x,2024:1","content_text":""},\' * 500_000'
        " + b'7,' * 3000 + b'7]}'"
    ),
    "comments": "b'<!--' + b'<!-' * 10_000_000",
    "tags in HTML": 'b\'{"version":"x","items":[{"content_html":"\' + b\'<b>\' * 3_000_000 + b\'"}]}\'',
    "styles": 'b\'{"version":"x","items":[{"content_html":"<p style=\\\'\' + b\'a:b;\' * 1_000_000 + b\'\\\'>"}]}\'',
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_a_hundred_megabytes_cost_a_bounded_multiple_of_themselves(content: str) -> None:
    program = (
        "import resource, sys, time\n"
        "from datetime import UTC, datetime\n"
        "from feedcheck import validate\n"
        f"content = {content}\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "began = time.process_time()\n"
        "found = validate(content, now=datetime(2024, 7, 1, tzinfo=UTC)).findings\n"
        "spent = time.process_time() - began\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(len(found), spent, (after - before) * 1024 / max(len(content), 1))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    number, seconds, multiple = ran.stdout.split()
    assert int(number) > 0
    assert float(seconds) < 30
    assert float(multiple) < 40


def test_four_times_the_markup_takes_no_more_than_a_few_times_the_time() -> None:
    """Markup that makes careless patterns go wild."""
    spent = []
    for size in (20_000, 80_000):
        body = "<a href='" + "&amp;" * size + "' " + "style='" + "a-" * size + "'>" + "&x" * size
        content = f'{{"version":"x","items":[{{"content_html":{body!r}}}]}}'.replace("'", '"').encode()
        began = time.process_time()
        validate(content, name="x", now=NOW).findings
        spent.append(time.process_time() - began + 0.05)
    assert spent[1] / spent[0] < 12


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    for problem in validate(content, name="x", now=NOW, address="http://example.org/feed").findings:
        assert str(problem)
    entries_of(content)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_no_damage_to_a_feed_makes_it_raise(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 40)))
        put = data.draw(
            st.one_of(st.binary(max_size=12), st.sampled_from([b"<", b'"', b"&#x0;", b"\xff", b"{", b"<b>", b"]]>"]))
        )
        content = content[:start] + put + content[end:]
    for problem in validate(content, name="x", now=NOW, address="http://example.org/feed").findings:
        assert problem.remedy
        assert re.fullmatch(r"[A-Z]\w+|grammar", problem.code)
    compare(content, [SEEDS[0]], name="x")
