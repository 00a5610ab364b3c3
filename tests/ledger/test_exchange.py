"""Ids of another tool's feeds are adopted; a ledger goes out and in as JSON lines."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.conftest import CONFIGURATION, Mill
from tests.ledger.reader import all_bytes, shown, shown_everywhere, walk

OLD = "https://wire.example/?p="
FEEDS = {
    "atom": """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title><id>urn:x</id>
        <updated>2024-05-02T00:00:00Z</updated>
        <entry><id>{a}</id><title>A</title><updated>2024-05-01T00:00:00Z</updated>
        <link href="http://wire.example/2024/05/01/a"/></entry>
        <entry><id>{b}</id><title>B</title><updated>2024-05-02T00:00:00Z</updated>
        <link rel="alternate" href="https://wire.example/2024/05/02/b/"/></entry></feed>""",
    "rss": """<rss version="2.0"><channel><title>Old</title>
        <item><guid isPermaLink="false">{a}</guid><link>https://wire.example/2024/05/01/a/</link></item>
        <item><guid isPermaLink="false">{b}</guid><link>https://wire.example/2024/05/02/b/</link></item>
        </channel></rss>""",
    "rdf": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old</title></channel>
        <item><dc:identifier>{a}</dc:identifier><link>https://wire.example/2024/05/01/a/</link></item>
        <item><dc:identifier>{b}</dc:identifier><link>https://wire.example/2024/05/02/b/</link></item></rdf:RDF>""",
    "json": """{{"version": "https://jsonfeed.org/version/1.1", "title": "Old", "items": [
        {{"id": "{a}", "url": "https://wire.example/2024/05/01/a/"}},
        {{"id": "{b}", "url": "https://wire.example/2024/05/02/b/"}}]}}""",
}


def stories(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", "What A says is long enough.\n", title="A")
    wire.story("2024-05-02-b.md", "What B says is long enough.\n", title="B")


def feed(wire: Mill, kind: str = "atom", a: str = OLD + "1", b: str = OLD + "2") -> str:
    path = wire.directory / f"old.{kind}"
    path.write_text(FEEDS[kind].format(a=a, b=b))
    return str(path)


@pytest.mark.parametrize("kind", FEEDS)
def test_adopted_ids_are_published_whatever_the_stories_become(
    wire: Mill, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    stories(wire)
    assert wire.run("ledger", "adopt", feed(wire, kind)) == 0
    assert capsys.readouterr().out == "2 ids adopted\n"
    wire.story("2024-05-01-a.md", "What A says is long enough.\n", title="A, edited", slug="other")
    plan = wire.build().plan
    assert shown_everywhere(wire.feeds) == {OLD + "2": "B", OLD + "1": "A, edited"}
    assert plan.feeds[0].is_quiet, "readers know them all"


def test_a_feed_may_lie_on_the_web(wire: Mill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stories(wire)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    feed(wire)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        assert wire.run("ledger", "adopt", f"{base}/old.atom", "--allow-private") == 0
        assert wire.run("ledger", "adopt", f"{base}/missing.atom", "--allow-private") == 2
        server.shutdown()
    wire.build()
    assert OLD + "1" in shown(wire.feeds)


@pytest.mark.parametrize(
    ("a", "b", "code"),
    [
        (OLD + "1", OLD + "1", "adopt-twice"),
        ("", OLD + "2", "adopt-empty"),
        ("17", OLD + "2", "adopt-no-uri"),
        ("urn:\x9b", OLD + "2", "adopt-no-uri"),
        ("tag:wire.example,2024:taken", OLD + "2", "adopt-taken"),
    ],
)
@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_ids_that_cannot_be_adopted_are_told_and_the_others_are_adopted(
    wire: Mill, capsys: pytest.CaptureFixture[str], a: str, b: str, code: str, kind: str
) -> None:
    wire.story("2024-05-03-c.md", title="C", id="taken")
    wire.build()
    stories(wire)
    assert wire.run("ledger", "adopt", feed(wire, kind, a, b), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert {problem["code"] for problem in told["problems"]} == {code}
    assert list(told["adopted"]) == ([b] if a != b else [])


def test_what_was_published_before_keeps_its_id(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    stories(wire)
    wire.build()
    before = shown(wire.feeds)
    assert wire.run("ledger", "adopt", feed(wire)) == 1
    assert "was published before under the id tag:wire.example,2024:2024-05-01:a" in capsys.readouterr().err
    wire.build()
    assert shown(wire.feeds) == before


def test_an_address_of_several_stories_is_not_guessed_about(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    stories(wire)
    wire.story("2024-05-04-d.md", title="D", url="/2024/05/01/a/")
    assert wire.run("ledger", "adopt", feed(wire)) == 1
    assert "adopt-unclear" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no feed",
        b"<html/>",
        b"{}",
        b'{"items": [1]}',
        b"{" * 100_000,
        b"<rss>" + b"<a>" * 100_000,
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><title>&b;</title>',
        b'<?xml version="1.0"?><!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_feed_is_told_in_a_line(wire: Mill, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    stories(wire)
    path = wire.directory / "bad"
    path.write_bytes(content)
    assert wire.run("ledger", "adopt", str(path)) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"feedmill: {path}: ")
    assert said.count("\n") == 1


def test_no_entity_is_resolved(wire: Mill, tmp_path: Path) -> None:
    stories(wire)
    (tmp_path / "secret").write_text("urn:secret")
    text = FEEDS["atom"].format(a="&x;", b=OLD + "2")
    text = text.replace("<feed", f'<!DOCTYPE feed [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><feed')
    (tmp_path / "evil.atom").write_text(text)
    assert wire.run("ledger", "adopt", str(tmp_path / "evil.atom")) == 1
    wire.build()
    assert "urn:secret" not in shown(wire.feeds)


def lines(wire: Mill, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert wire.run("ledger", "export") == 0
    return capsys.readouterr().out


def full(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {archive: true, limit: 5}\n")
    for number in range(1, 29):
        wire.story(f"2024-05-{number:02}-s.md", f"What is said in number {number}, \x7f „so“.\n", title=f"S {number}")
    wire.build()
    assert wire.run("withdraw", "2024-05-27-s.md", "--reason", "No.") == 0
    (wire.directory / "content/2024-05-28-s.md").rename(wire.directory / "content/2024-05-28-moved.md")
    wire.build()


def test_an_export_imported_elsewhere_is_the_same_ledger(
    wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full(wire)
    exported = lines(wire, capsys)
    assert json.loads(exported.splitlines()[0])["feedmill_ledger"] == 2
    assert all(isinstance(json.loads(line), dict) for line in exported.splitlines())
    (tmp_path / "x.jsonl").write_text(exported)
    feeds = {path: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()}
    wire.forget()
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 0
    assert lines(wire, capsys) == exported
    wire.build()
    assert len(walk(wire.feeds, "https://wire.example/feeds/")) == 27
    assert shown(wire.feeds) == {id_: title for id_, title in shown(wire.feeds).items() if "moved" not in id_}, (
        "the moved story has its first id"
    )
    for path in feeds:
        if "archive" not in path.parts and path.name != "manifest.json":
            assert path.read_bytes() == feeds[path]


def test_what_the_ledger_knows_already_stays_as_it_is(
    wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full(wire)
    exported = lines(wire, capsys)
    (tmp_path / "x.jsonl").write_text(exported)
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 0
    assert lines(wire, capsys) == exported


def test_characters_that_no_feed_can_carry_come_in_by_no_import(
    wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full(wire)
    wire.story("2024-05-29-s.md", "Kept.\n", title="Vanishing")
    wire.build()
    exported = lines(wire, capsys).replace("Vanishing", "Van\\u0008ishing").replace("No.", "N\\u0008o.")
    assert "\\u0008" in exported
    # What was kept of a story is JSON within JSON.
    exported = exported.replace('\\"title\\": \\"Van\\u0008', '\\"title\\": \\"Van\\\\u0008')
    (tmp_path / "x.jsonl").write_text(exported)
    (wire.directory / "content/2024-05-29-s.md").unlink()
    wire.forget()
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 0
    wire.build()
    assert "Vanishing" in shown_everywhere(wire.feeds).values()


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "tag:a\x08"},
        {"id": "tag:a", "withdrawn": "yesterday", "published": "2024-05-01T00:00:00Z", "state": "withdrawn"},
        {"id": "tag:a", "withdrawn": "2024-05-01T00:00:00", "published": "2024-05-01T00:00:00Z", "state": "withdrawn"},
        {"id": "tag:a", "state": "withdrawn"},
        {"id": "tag:a", "kept": "no JSON"},
        {"id": "tag:a", "kept": "[]"},
    ],
)
def test_an_entry_of_which_no_build_could_make_sense_is_refused(
    wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str], entry: dict[str, str]
) -> None:
    full(wire)
    exported = lines(wire, capsys).splitlines()
    exported.insert(1, json.dumps({"entry": entry}))
    (tmp_path / "x.jsonl").write_text("\n".join(exported))
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 2
    assert "x.jsonl:2: a line that no export has" in capsys.readouterr().err


def test_what_was_withdrawn_elsewhere_is_withdrawn_here(
    wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories(wire)
    wire.build()
    shutil.copytree(wire.directory / ".feedmill", tmp_path / "backup")
    assert wire.run("withdraw", "a", "--reason", "No.") == 0
    wire.build()
    (tmp_path / "x.jsonl").write_text(lines(wire, capsys))
    withdrawn = shown_everywhere(wire.feeds)
    shutil.rmtree(wire.directory / ".feedmill")
    shutil.copytree(tmp_path / "backup", wire.directory / ".feedmill")
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 0
    told = capsys.readouterr()
    # The ledger is older than the feeds, and has learnt it from them already.
    assert told.out == "0 entries imported\n"
    assert "the ledger is older than the feeds (build 1 of 2)" in told.err
    wire.build()
    assert shown_everywhere(wire.feeds) == withdrawn
    assert b"What A says" not in all_bytes(wire.feeds) + all_bytes(wire.directory / ".feedmill")


def test_two_sites_with_one_authority_are_told(wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = Mill(tmp_path / "other")
    other.directory.mkdir()
    other.configure(CONFIGURATION.replace("https://wire.example/", "https://other.example/"))
    other.story("2024-05-01-a.md", "Another story.\n", title="Another A", slug="a", url="/x/")
    other.build()
    (tmp_path / "x.jsonl").write_text(lines(other, capsys))
    stories(wire)
    wire.build()
    before = lines(wire, capsys)
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 1
    assert "two sites must not share one id_authority" in capsys.readouterr().err
    assert lines(wire, capsys) == before


def renamed_archives(text: str, part: str, name: str) -> str:
    """Return an export whose archives have another name, or are of another feed; their paths agree."""

    def renamed(line: str) -> str:
        told = json.loads(line)
        if "archive" in told:
            archive = told["archive"]
            archive[part] = name
            archive["path"] = f"archive/{archive['feed']}/{archive['name']}.atom"
        return json.dumps(told)

    return "".join(f"{renamed(line)}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace('"feedmill_ledger": 2', '"feedmill_ledger": 3'), "an export of version 3"),
        (lambda text: text.replace('"authority": "wire', '"authority": "else'), "is of else.example"),
        (lambda text: text[: len(text) // 2].rpartition("\n")[0], "the export is cut off"),
        (lambda text: text[: len(text) // 2].rpartition("\n")[0] + '\n{"entry', "a line that no export has"),
        (lambda text: text.replace('"entry"', '"entrance"'), "x.jsonl:"),
        (lambda text: re.sub(r", (true|false)\]", r', "\1"]', text), "a line that no export has"),
        (lambda text: text.replace('"title_key": ', '"octets": '), "a line that no export has"),
        (lambda text: text.replace("T04:00:00Z", "T04:00:00"), "a line that no export has"),
        (lambda text: text.replace("T04:00:00Z", " at four"), "a line that no export has"),
        (lambda text: re.sub(r'"name": "2024[^"]*"', '"name": "May"', text), "a line that no export has"),
        (lambda text: text.replace('"path": "archive/', '"path": "archive/../../'), "a line that no export has"),
        (lambda text: text.replace('"path": "archive/', '"path": "/archive/'), "a line that no export has"),
        (lambda text: text.replace('"path": "archive/', '"path": "'), "a line that no export has"),
        (lambda text: text.replace('"path": "archive/all/', '"path": "archive/ai/'), "a line that no export has"),
        (lambda text: text.replace("2024-05", "2024-13"), "a line that no export has"),
        (lambda text: renamed_archives(text, "name", "2024-05." + "9" * 20), "a line that no export has"),
        (lambda text: renamed_archives(text, "feed", "x" * 250), "a line that no export has"),
        (lambda text: renamed_archives(text, "feed", "\ud800"), "a line that no export has"),
        (lambda text: re.sub(r'"sha256": "[^"]*"', r'"sha256": "\\ud800"', text), "a line that no export has"),
        (lambda text: re.sub(r'"told": {"', r'"told": {"\\ud800', text), "a line that no export has"),
        (lambda text: "", "x.jsonl:1: a line that no export has"),
        (lambda text: "[1]\n", "x.jsonl:1: a line"),
    ],
)
def test_what_is_no_export_is_told_in_a_line_and_nothing_is_imported(
    wire: Mill, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: object, said: str
) -> None:
    full(wire)
    (tmp_path / "x.jsonl").write_text(change(lines(wire, capsys)))  # type: ignore[operator]
    before = (wire.directory / ".feedmill/ledger.sqlite3").read_bytes()
    assert wire.run("ledger", "import", str(tmp_path / "x.jsonl")) == 2
    found = capsys.readouterr().err
    assert said in found
    assert found.count("\n") == 1
    assert (wire.directory / ".feedmill/ledger.sqlite3").read_bytes() == before


@pytest.mark.parametrize("arguments", [["export", "x"], ["import"], ["adopt"], ["import", "a", "b"], ["adopt", "no"]])
def test_a_wrong_use_is_told(wire: Mill, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert wire.run("ledger", *arguments) == 2
    assert capsys.readouterr().err.startswith("feedmill: ")
