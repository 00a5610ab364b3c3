"""The validator by itself: as a library, and as the command `feedcheck`."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import feedcheck

NOW = datetime(2024, 7, 1, tzinfo=UTC)
FEED = (
    b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>'
    b"<link>http://e.example/</link><description>D</description>"
    b'<atom:link rel="self" href="http://e.example/feed"/></channel></rss>'
)
WRONG = FEED.replace(b"<title>T</title>", b"")
LATE = FEED.replace(b"</channel>", b"<pubDate>Fri, 02 May 2064 09:30:00 GMT</pubDate></channel>")


def run(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "feedcheck", *arguments], input=given, capture_output=True, timeout=60, check=False
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_program_gets_a_report() -> None:
    assert feedcheck.validate(FEED).is_valid
    report = feedcheck.validate(WRONG, name="feed.rss", now=NOW)
    assert not report.is_valid
    (finding,) = report.errors
    assert (finding.code, finding.name, finding.line) == ("MissingTitle", "feed.rss", 1)
    assert str(finding).startswith("feed.rss:1:")
    assert finding.remedy


def test_without_a_present_moment_no_date_is_in_the_future() -> None:
    assert feedcheck.validate(LATE).findings == ()
    (finding,) = feedcheck.validate(LATE, now=NOW).warnings
    assert finding.code == "ImplausibleDate"


@pytest.mark.parametrize("name", feedcheck.__all__)
def test_every_name_that_it_promises_is_there(name: str) -> None:
    assert getattr(feedcheck, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'judgement'"):
        feedcheck.judgement


def test_the_library_does_without_feedmill() -> None:
    program = (
        "import sys, feedcheck\n"
        "from feedcheck import command\n"
        "feedcheck.validate(sys.stdin.buffer.read())\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'feedmill'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=FEED, capture_output=True, timeout=60, check=True)
    assert done.stdout == b"[]\n"


def test_the_command_prints_findings_and_a_summary(tmp_path: Path) -> None:
    path = tmp_path / "feed.rss"
    path.write_bytes(WRONG)
    code, said, _ = run(str(path))
    assert code == 1
    assert f"{path}:1:" in said
    assert said.endswith("1 document, 1 finding\n")


def test_the_command_reads_standard_input_and_prints_json() -> None:
    code, said, _ = run("--json", "-", given=FEED)
    assert code == 0
    assert json.loads(said) == {
        "exit": 0,
        "documents": [{"document": "standard input", "valid": True, "findings": []}],
    }


def test_the_command_says_what_it_lacks() -> None:
    code, said, complaint = run()
    assert (code, said) == (2, "")
    assert "required: FILE|URL" in complaint


def test_no_control_code_reaches_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31m.rss"
    path.write_bytes(WRONG)
    _, said, _ = run(str(path))
    assert "\x1b" not in said
    assert "\\x1b[31m.rss" in said
