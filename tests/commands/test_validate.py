"""feedmill validate: files, standard input and addresses; what it prints, and how it exits."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import Mill

RIGHT = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><link>http://e.example/</link>'
    '<description>D</description><atom:link rel="self" href="SELF"/></channel></rss>'
)


@dataclass
class Answer:
    """What the server sends for a path."""

    status: int = 200
    body: bytes = RIGHT.encode()
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/rss+xml", "ETag": '"1"'})
    conditional: bool = True
    wait: float = 0.0


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, Answer]]]:
    answers: dict[str, Answer] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path, Answer(404))
            time.sleep(answer.wait)
            unchanged = answer.conditional and self.headers.get("If-None-Match") == answer.headers.get("ETag", "none")
            self.send_response(304 if unchanged else answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0" if unchanged else str(len(answer.body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(answer.body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", answers
        listening.shutdown()


def told(wire: Mill, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """Return the exit code, and the codes of the findings about the first document."""
    code = wire.run("validate", "--json", *arguments)
    documents = json.loads(capsys.readouterr().out)["documents"]
    return code, [finding["code"] for finding in documents[0]["findings"]]


def fetched(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]], answer: Answer, *more: str
) -> tuple[int, list[str]]:
    host, answers = server
    url = f"{host}/feed.rss"
    answer.body = answer.body.replace(b"SELF", url.encode())
    answers["/feed.rss"] = answer
    return told(wire, capsys, "--allow-private", *more, url)


def test_a_feed_that_is_served_well_has_no_finding(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    assert fetched(wire, capsys, server, Answer()) == (0, [])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(headers={"Content-Type": "text/html", "ETag": '"1"'}), "UnexpectedContentType"),
        (Answer(headers={"ETag": '"1"'}), "UnexpectedContentType"),
        (Answer(headers={"Content-Type": "application/rss+xml"}), "NoValidators"),
        (Answer(conditional=False), "NotConditional"),
        (Answer(body=RIGHT.encode() + b" " * 2_000), "Uncompressed"),
        (Answer(body=RIGHT.replace("SELF", "http://e.example/feed.rss").encode()), "SelfDoesntMatchLocation"),
        (
            Answer(
                body=b'<?xml version="1.0" encoding="iso-8859-1"?>' + RIGHT.encode(),
                headers={"Content-Type": "application/rss+xml; charset=utf-8", "ETag": '"1"'},
            ),
            "EncodingMismatch",
        ),
    ],
)
def test_how_a_feed_is_served_is_judged(
    wire: Mill,
    capsys: pytest.CaptureFixture[str],
    server: tuple[str, dict[str, Answer]],
    answer: Answer,
    code: str,
) -> None:
    assert fetched(wire, capsys, server, answer) == (0, [code])
    assert fetched(wire, capsys, server, answer, "--strict") == (1, [code])


def test_a_compressed_feed_is_unpacked(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    host, answers = server
    body = gzip.compress((RIGHT.replace("SELF", f"{host}/feed.rss") + " " * 5_000).encode())
    headers = {"Content-Type": "application/rss+xml", "ETag": '"1"', "Content-Encoding": "gzip"}
    answers["/feed.rss"] = Answer(body=body, headers=headers)
    assert told(wire, capsys, "--allow-private", f"{host}/feed.rss") == (0, [])


def test_a_bomb_is_not_unpacked_to_its_end(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    headers = {"Content-Type": "application/rss+xml", "Content-Encoding": "gzip"}
    answer = Answer(body=gzip.compress(b"\0" * 300_000_000, 1), headers=headers)
    assert fetched(wire, capsys, server, answer) == (1, ["UnreadableDocument"])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404), "status 404"),
        (Answer(500), "status 500"),
        (Answer(401), "needs authentication"),
        (Answer(403), "needs authentication"),
    ],
)
def test_a_status_other_than_200_is_an_error(
    wire: Mill,
    capsys: pytest.CaptureFixture[str],
    server: tuple[str, dict[str, Answer]],
    answer: Answer,
    words: str,
) -> None:
    host, answers = server
    answers["/feed.rss"] = answer
    assert wire.run("validate", "--allow-private", f"{host}/feed.rss") == 1
    assert words in capsys.readouterr().out


def test_a_redirect_is_followed_and_told(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    host, answers = server
    answers["/old"] = Answer(301, b"", {"Location": "/feed.rss"})
    answers["/feed.rss"] = Answer(body=RIGHT.replace("SELF", f"{host}/feed.rss").encode())
    assert told(wire, capsys, "--allow-private", f"{host}/old") == (0, ["Redirected"])


def test_redirects_in_a_circle_end(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    host, answers = server
    answers["/a"] = Answer(302, b"", {"Location": "/a"})
    assert wire.run("validate", "--allow-private", f"{host}/a") == 1
    assert "more than 5 redirects" in capsys.readouterr().out


def test_a_redirect_never_leads_to_a_file(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    host, answers = server
    answers["/a"] = Answer(302, b"", {"Location": "file:///etc/passwd"})
    assert wire.run("validate", "--allow-private", f"{host}/a") == 1
    assert "not an http or https address" in capsys.readouterr().out


def test_a_server_that_does_not_answer_is_left(
    wire: Mill, capsys: pytest.CaptureFixture[str], server: tuple[str, dict[str, Answer]]
) -> None:
    host, answers = server
    answers["/slow"] = Answer(wait=3)
    began = time.monotonic()
    assert wire.run("validate", "--allow-private", "--timeout", "0.5", f"{host}/slow") == 1
    assert time.monotonic() - began < 2.5
    assert "no answer in time" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/feed", "in a private range"),
        ("http://localhost:9/feed", "in a private range"),
        ("http://[::1]:9/feed", "in a private range"),
        ("http://[::ffff:127.0.0.1]:9/feed", "in a private range"),
        ("http://10.0.0.1/feed", "in a private range"),
        ("http://169.254.169.254/latest/meta-data", "in a private range"),
        ("http://0.0.0.0/feed", "in a private range"),
        ("http://nowhere.invalid/feed", "there is no host nowhere.invalid"),
        ("http://user:secret@example.org/feed", "an address with a password"),
        ("http://example.org:port/feed", "not an address"),
    ],
)
def test_an_address_that_is_not_asked_is_told_why(
    wire: Mill, capsys: pytest.CaptureFixture[str], url: str, words: str
) -> None:
    assert wire.run("validate", url) == 1
    said = capsys.readouterr().out
    assert words in said
    assert "UnreadableDocument" in said


def test_a_connection_that_is_refused_is_told(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert wire.run("validate", "--allow-private", "http://127.0.0.1:9/feed") == 1
    assert "connection refused" in capsys.readouterr().out


def test_a_directory_and_a_missing_file_are_told_and_the_others_judged(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    (wire.directory / "a.rss").write_text(RIGHT)
    assert wire.run("validate", ".", "nowhere.atom", "a.rss") == 1
    said = capsys.readouterr().out
    assert ".: error: UnreadableDocument: cannot be read: Is a directory; name a feed document" in said
    assert "nowhere.atom: error: UnreadableDocument: cannot be read: No such file or directory" in said
    assert "3 documents" in said


def test_warnings_fail_only_when_asked(wire: Mill) -> None:
    (wire.directory / "a.rss").write_text(RIGHT.replace('<atom:link rel="self" href="SELF"/>', ""))
    assert wire.run("validate", "a.rss") == 0
    assert wire.run("validate", "--strict", "a.rss") == 1


def test_a_program_is_told_place_element_clause_and_remedy(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    (wire.directory / "a.rss").write_text(RIGHT.replace("<description>D</description>", "\n<ttl>soon</ttl>"))
    assert wire.run("validate", "--json", "--address", "SELF", "a.rss") == 1
    (document,) = json.loads(capsys.readouterr().out)["documents"]
    assert document["document"] == "a.rss"
    assert document["valid"] is False
    wrong = next(finding for finding in document["findings"] if finding["code"] == "InvalidPositiveInteger")
    assert wrong == {
        "level": "error",
        "code": "InvalidPositiveInteger",
        "path": "a.rss",
        "line": 2,
        "column": 1,
        "message": "'soon' is not a whole number above 0",
        "remedy": "write a whole number above 0",
        "element": "ttl",
        "clause": "RSS 2.0, ttl",
    }


def test_formats_of_one_feed_are_held_against_each_other(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story("2024-05-01-a.md")
    assert wire.run("build") == 0
    names = [f"feeds/all.{kind}" for kind in ("atom", "rss", "json")]
    assert wire.run("validate", "--strict", *names) == 0
    feed = wire.feeds / "all.json"
    feed.write_text(feed.read_text().replace("2024-05-01T", "2024-04-01T"))
    capsys.readouterr()
    assert wire.run("validate", "--strict", *names) == 1
    assert "feeds/all.json: warning: FormatsDisagree: another published" in capsys.readouterr().out


def test_an_earlier_version_shows_what_subscribers_would_see_twice(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.story("2024-05-01-a.md")
    assert wire.run("build") == 0
    before = wire.directory / "before.atom"
    before.write_bytes((wire.feeds / "all.atom").read_bytes())
    assert wire.run("validate", "--against", "before.atom", "feeds/all.atom") == 0
    after = Path(wire.feeds / "all.atom")
    after.write_text(after.read_text().replace(":2024-05-01:a", ":2024-05-01:other"))
    capsys.readouterr()
    assert wire.run("validate", "--against", "before.atom", "feeds/all.atom") == 1
    assert "IdChanged" in capsys.readouterr().out
    assert wire.run("validate", "--against", "nowhere.atom", "feeds/all.atom") == 1


def test_the_manifest_among_the_feeds_is_let_pass(wire: Mill) -> None:
    wire.story("2024-05-01-a.md")
    assert wire.run("build") == 0
    assert wire.run("validate", "--strict", "feeds/manifest.json", "feeds/feeds.opml") == 0
