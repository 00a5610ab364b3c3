"""Every document is judged before anything is replaced, and each rule can say no: of many entries, of one, of none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from feedmill.errors import Refused
from feedmill.model import Document, Level
from feedmill.validating import check_whole, validate_documents
from tests.conftest import CONFIGURATION, NOW, Mill, documents_of
from tests.rendering.test_atom_rss import RICH
from tests.validating.entries import with_only


@pytest.fixture
def documents(wire: Mill) -> dict[str, Document]:
    wire.configure(CONFIGURATION + "feeds: {hub: https://hub.example/}\n")
    wire.story("2024-05-01-a.md", body="Words <b>x</b>.\n", **RICH)
    wire.story("2024-05-02-b.md", body="Words.\n", topics="[china]")
    return {document.path: document for document in documents_of(wire.build())}


def codes(document: Document, content: bytes) -> set[str]:
    changed = replace(document, content=content)
    return {problem.code for problem in validate_documents([changed], now=NOW)}


def mutate(document: Document, pattern: str, replacement: str) -> bytes:
    changed, times = re.subn(pattern, replacement, document.content.decode(), count=1, flags=re.DOTALL)
    assert times == 1, pattern
    return changed.encode()


def test_what_feedmill_writes_is_valid(documents: dict[str, Document]) -> None:
    assert validate_documents(list(documents.values()), now=NOW) == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "code"),
    [
        (r"<id>[^<]*</id>", "", "MissingElement"),
        (r"<title>[^<]*</title>", "<title>x</title><title>y</title>", "DuplicateElement"),
        (r"<updated>[^<]*</updated>", "<updated>yesterday</updated>", "InvalidRFC3339Date"),
        (r"<updated>(\S+)T(\S+)</updated>", r"<updated>\1 \2</updated>", "InvalidRFC3339Date"),
        (r"<name>[^<]*</name>", "", "MissingElement"),
        (r"<email>[^<]*</email>", "<email>nobody</email>", "InvalidAddrSpec"),
        (r'<link href="[^"]*"', "<link", "MissingHref"),
        (r"<content type=\"html\">", '<content type="CDATA">', "InvalidMIMEType"),
        (r"<summary>", '<summary type="markdown">', "InvalidMIMEType"),
        (r'<category term="[^"]*"', "<category", "MissingAttribute"),
        (r'length="1000"', 'length="many"', "InvalidNonNegativeInteger"),
        (r'xml:lang="de"', 'xml:lang="in German"', "InvalidLanguage"),
        (r'duration="65"', 'duration="1:05"', "grammar"),
        (r"<subtitle>", "<tagline>old</tagline><subtitle>", "UndefinedElement"),
        (r'<link href="[^"]*" rel="self"[^>]*/>', "", "MissingSelf"),
        (r'href="https://wire.example/before/"', 'href="/before/"', "relative-url"),
        (r'(<link [^>]*rel="alternate" type="text/html"/>)(\s*<summary)', r"\1\1\2", "DuplicateAtomLink"),
        (r"2024-05-02:b</id>", "2024-05-01:a</id>", "DuplicateEntries"),
        (r"<author>\s*<name>Test Wire</name>\s*</author>", "", "MissingElement"),
        (r"<published>2024-05-02T04:00:00", "<published>2025-05-02T04:00:00", "updated-early"),
        (r"&lt;p&gt;Words", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;", "SecurityRisk"),
        (r"&lt;p&gt;Words", "&lt;p onclick=x&gt;Words", "SecurityRiskAttr"),
        (r"&lt;p&gt;Words", "&lt;p style=x&gt;Words", "DangerousStyleAttr"),
        (r"&lt;p&gt;Words", '&lt;p&gt;&lt;a href="more"&gt;Words&lt;/a&gt;', "relative-url"),
        (r"&lt;p&gt;Words", '&lt;p&gt;&lt;img srcset="a.png 2x"&gt;Words', "relative-url"),
        (r"&lt;p&gt;Words", '&lt;p&gt;&lt;a href="javascript:x"&gt;Words&lt;/a&gt;', "relative-url"),
        (r"feeds/china.atom", "feeds/chian.atom", "SelfDoesntMatchLocation"),
        (r"</feed>", "", "SAXError"),
        (r"<feed", "<!DOCTYPE feed [<!ENTITY x 'y'>]><feed", "EntityDeclared"),
    ],
)
def test_an_atom_document_that_is_wrong_is_refused(
    documents: dict[str, Document], pattern: str, replacement: str, code: str
) -> None:
    assert code in codes(documents["china.atom"], mutate(documents["china.atom"], pattern, replacement))


@pytest.mark.parametrize(
    ("pattern", "replacement", "code"),
    [
        (r"<title>[^<]*</title>", "", "MissingTitle"),
        (r"<link>[^<]*</link>", "<link>/relative/</link>", "InvalidFullLink"),
        (r"<pubDate>[^<]*</pubDate>", "<pubDate>2024-05-01</pubDate>", "InvalidRFC2822Date"),
        (r" 2024 ", " 24 ", "grammar"),
        (r'<enclosure url="[^"]*"', "<enclosure", "MissingAttribute"),
        (r'length="1000"', 'length="1 kB"', "InvalidIntegerAttribute"),
        (r"(<enclosure[^>]*/>)", r"\1\1", "grammar"),
        (r"<dc:creator>Ada<", "<dc:creator> <", "grammar"),
        (r"<dc:creator>Ada", "<dc:author>x</dc:author><dc:creator>Ada", "UndefinedElement"),
        (r'version="2.0"', 'version="0.91"', "grammar"),
        (r'isPermaLink="false"', 'isPermaLink="no"', "InvalidBooleanAttribute"),
        (r'isPermaLink="false"', 'isPermaLink="true"', "InvalidPermalink"),
        (r"<guid[^>]*>[^<]*</guid>", "", "MissingGuid"),
        (r"2024-05-02:b</guid>", "2024-05-01:a</guid>", "DuplicateValue"),
        (r'<atom:link href="[^"]*" rel="self"[^>]*/>', "", "MissingAtomSelfLink"),
        (r'href="https://wire.example/before/"', 'href="/before/"', "relative-url"),
        (r"<item>", "<item/><item>", "ItemMustContainTitleOrDescription"),
        (r"&lt;p&gt;Words", "&lt;iframe&gt;&lt;/iframe&gt;&lt;p&gt;", "SecurityRisk"),
        (r"</rss>", "", "SAXError"),
    ],
)
def test_an_rss_document_that_is_wrong_is_refused(
    documents: dict[str, Document], pattern: str, replacement: str, code: str
) -> None:
    assert code in codes(documents["china.rss"], mutate(documents["china.rss"], pattern, replacement))


def first(change: Callable[[dict[str, object]], object]) -> Callable[[dict[str, list[dict[str, object]]]], object]:
    return lambda feed: change(feed["items"][0])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda feed: feed.update(version="1"), "JsonValue"),
        (lambda feed: feed.update(title=""), "JsonMissing"),
        (lambda feed: feed.pop("items"), "JsonMissing"),
        (lambda feed: feed.update(items=["x"]), "JsonType"),
        (lambda feed: feed.update(home_page_url="/"), "InvalidFullLink"),
        (lambda feed: feed["items"].append(feed["items"][0]), "JsonDuplicateId"),
        (first(lambda item: item.update(id=7)), "JsonType"),
        (first(lambda item: item.pop("content_html")), "JsonMissing"),
        (first(lambda item: item.update(title=3)), "JsonType"),
        (first(lambda item: item.update(date_published="1 May 2024")), "InvalidRFC3339Date"),
        (first(lambda item: item.update(url="story/")), "InvalidFullLink"),
        (first(lambda item: item.update(image=3)), "JsonType"),
        (first(lambda item: item.update(tags="china")), "JsonType"),
        (first(lambda item: item.update(attachments=[{"url": "https://e.example/x"}])), "JsonMissing"),
        (first(lambda item: item.update(attachments=[{"url": "x", "mime_type": "a/b"}])), "InvalidFullLink"),
        (first(lambda item: item.update(content_html="<script>x</script>")), "SecurityRisk"),
    ],
)
def test_a_json_document_that_is_wrong_is_refused(
    documents: dict[str, Document], change: Callable[[object], object], code: str
) -> None:
    feed = json.loads(documents["china.json"].content)
    change(feed)
    assert code in codes(documents["china.json"], json.dumps(feed).encode())


@pytest.mark.parametrize("path", ["china.atom", "china.rss", "china.json"])
@pytest.mark.parametrize(
    ("before", "after"),
    [("2024-05-02:b", "2024-05-02:c"), ("A story", "Another"), ("/2024/05/02/b/", "/b/"), ("04:00:00", "04:00:01")],
)
def test_formats_that_tell_different_stories_are_refused(
    documents: dict[str, Document], path: str, before: str, after: str
) -> None:
    content = documents[path].content.decode()
    assert before in content
    changed = {**documents, path: replace(documents[path], content=content.replace(before, after).encode())}
    assert "FormatsDisagree" in {problem.code for problem in validate_documents(list(changed.values()), now=NOW)}


def test_a_frame_and_a_document_of_one_entry_are_held_to_the_same_rules(documents: dict[str, Document]) -> None:
    for path in ("china.atom", "china.rss", "china.json"):
        frame, one = with_only(documents[path], []), with_only(documents[path], [0])
        assert validate_documents([frame], now=NOW) == validate_documents([one], now=NOW) == []
        assert codes(frame, frame.content.replace(b"feeds/china.", b"feeds/chian."))
        script = "<script>".replace("<", "<" if path.endswith("json") else "&lt;").encode()
        assert "SecurityRisk" in codes(one, one.content.replace(b"<p>", script).replace(b"&lt;p&gt;", script))
    lonely = with_only(documents["china.atom"], [0])
    others = [with_only(documents[path], [1]) for path in ("china.rss", "china.json")]
    assert {problem.code for problem in validate_documents([lonely, *others], now=NOW)} == {"FormatsDisagree"}
    frame = with_only(documents["china.rss"], [])
    assert {problem.code for problem in validate_documents([lonely, frame], now=NOW)} == {"FormatsDisagree"}


def test_a_comment_hides_nothing_of_a_body(documents: dict[str, Document]) -> None:
    for path, pattern in (("china.atom", r"&lt;p&gt;Words"), ("china.rss", r"&lt;p&gt;Words")):
        wrong = mutate(documents[path], pattern, "x<!-- y -->&lt;script&gt;z&lt;/script&gt;Words")
        assert "SecurityRisk" in codes(documents[path], wrong)


WHOLE = ["china.atom", "china.rss", "china.json"]


def whole_codes(document: Document, content: bytes) -> list[str]:
    problems = check_whole(replace(document, content=content))
    assert all(problem.place.path == document.path and problem.level is Level.ERROR for problem in problems)
    return [problem.code for problem in problems]


def test_what_feedmill_writes_is_well_formed_and_complete(documents: dict[str, Document]) -> None:
    for document in documents.values():
        assert check_whole(document) == []
        if document.format is not None:
            assert check_whole(with_only(document, [])) == []


@pytest.mark.parametrize("path", WHOLE)
def test_a_whole_document_has_as_many_entries_as_it_should(documents: dict[str, Document], path: str) -> None:
    assert whole_codes(documents[path], with_only(documents[path], [0]).content) == ["entry-count"]
    assert whole_codes(replace(documents[path], entries=3), documents[path].content) == ["entry-count"]


@pytest.mark.parametrize(
    ("path", "code"),
    [("china.atom", "DuplicateEntries"), ("china.rss", "DuplicateValue"), ("china.json", "JsonDuplicateId")],
)
def test_a_whole_document_has_no_id_twice(documents: dict[str, Document], path: str, code: str) -> None:
    twice = documents[path].content.replace(b"2024-05-02:b", b"2024-05-01:a")
    assert whole_codes(documents[path], twice) == [code]


@pytest.mark.parametrize("path", WHOLE)
def test_a_whole_document_that_cannot_be_read_is_refused(documents: dict[str, Document], path: str) -> None:
    right, code = documents[path].content, "JsonSyntax" if path == "china.json" else "SAXError"
    for wrong in (
        right[:-5],
        right + b"x",
        right.replace(b"Words", b"W\xffrds"),
        right.replace(b"Words", b"\x01"),
        b"",
    ):
        assert whole_codes(documents[path], wrong) == [code]
    if path != "china.json":
        for wrong in (
            right.replace(b"Words", b"&nbsp;"),
            right.replace(b"<media:", b"<other:"),
            right.replace(b"\n<", b"\n<!DOCTYPE x [<!ENTITY y 'z'>]><", 1),
        ):
            assert whole_codes(documents[path], wrong) == [code]
    else:
        assert whole_codes(documents[path], right.replace(b'"items"', b'"entries"')) == [code]
        assert whole_codes(documents[path], b"[]") == [code]


def test_pages_and_lists_are_judged_as_wholes(documents: dict[str, Document]) -> None:
    page, opml = documents["china.html"], documents["feeds.opml"]
    assert whole_codes(page, mutate(page, r"<h1", "<script>x</script><h1")) == ["SecurityRisk"]
    assert whole_codes(opml, mutate(opml, r' text="[^"]*"', "")) == ["MissingAttribute"]


def test_an_opml_document_that_is_wrong_is_refused(documents: dict[str, Document]) -> None:
    opml = documents["feeds.opml"]
    assert codes(opml, mutate(opml, r' text="[^"]*"', "")) == {"MissingAttribute"}
    assert codes(opml, mutate(opml, r' xmlUrl="[^"]*"', ' xmlUrl="all.atom"')) == {"InvalidFullLink"}
    assert codes(opml, mutate(opml, r"<outline.*/>", "")) == {"MissingElement"}


def test_a_page_that_runs_code_or_links_nowhere_is_refused(documents: dict[str, Document]) -> None:
    page = documents["china.html"]
    assert codes(page, mutate(page, r"<h1", "<script>x</script><h1")) == {"SecurityRisk"}
    assert codes(page, mutate(page, r'href="https', 'href="/x')) == {"relative-url"}


def test_a_failing_document_refuses_the_build_and_replaces_nothing(
    wire: Mill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.story("2024-05-01-a.md", topics="[china]")
    assert wire.run("build") == 0
    before = {path.name: path.read_bytes() for path in wire.feeds.iterdir()}
    wire.story("2024-05-02-b.md", topics="[china]")

    from feedmill.rendering import atom_rss

    honest = atom_rss.rss_frame

    def wrong(*given: Any) -> Any:
        frame = honest(*given)
        return replace(frame, head=frame.head.replace(b"<channel>", b"<channel>\n    <odd/>"))

    monkeypatch.setattr(atom_rss, "rss_frame", wrong)
    with pytest.raises(Refused):
        wire.build()
    assert wire.run("build") == 3
    said = capsys.readouterr().err
    assert "all.rss:" in said
    assert "nothing was replaced" in said
    assert {path.name: path.read_bytes() for path in wire.feeds.iterdir()} == before
