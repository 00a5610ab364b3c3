"""Entries and feeds become documents: fragments are rendered once, and joined wherever they are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from feedmill.errors import Refused
from feedmill.model import Format, Level
from feedmill.rendering import atom_rss
from feedmill.rendering.frames import Frame
from feedmill.validating import validate_documents
from tests.conftest import CONFIGURATION, NOW, Mill, documents_of


def published(wire: Mill) -> dict[str, bytes]:
    files = (path for path in wire.feeds.rglob("*") if path.is_file())
    return {str(path.relative_to(wire.feeds)): path.read_bytes() for path in files}


def forge(wire: Mill) -> None:
    for path in wire.feeds.glob("china.*"):
        path.write_bytes(path.read_bytes().replace(b"Honest", b"Forged"))


def test_a_document_that_somebody_changed_or_deleted_is_put_right(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", topics="[china]", body="Honest words.\n")
    wire.build()
    before = published(wire)
    forge(wire)
    (wire.feeds / "ai.json").unlink()
    (wire.feeds / "index.html").write_bytes(b"")
    wire.build()
    assert published(wire).items() - before.items() <= {("manifest.json", published(wire)["manifest.json"])}


def test_nothing_is_taken_over_from_bytes_that_were_not_published(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the file's state says that they are the same."""
    monkeypatch.setattr("feedmill.documents.state_of", lambda _: b"as it was")
    monkeypatch.setattr("feedmill.delivering.state_of", lambda _: b"as it was")
    wire.story("2024-05-01-a.md", topics="[china]", body="Honest words.\n")
    wire.story("2024-05-02-b.md", topics="[china]", title="B")
    wire.build()
    forge(wire)
    wire.story("2024-05-02-b.md", topics="[china]", title="Edited")
    wire.build()
    for name in ("china.atom", "china.json", "china.rss", "china.html"):
        assert b"Edited" in (wire.feeds / name).read_bytes()
        assert b"Forged" not in (wire.feeds / name).read_bytes()


@pytest.mark.parametrize(
    ("format_", "before", "after", "code"),
    [
        ("rss", b"<title>Story 7</title>", b"<title>Story 8</title>", "FormatsDisagree"),
        ("rss", b"Story 7</title>", b"Story 7</title><gid/>", ""),
        ("atom", b"<title>Story 7</title>", b"<title>Story 7", ""),
        ("atom", b"<title>Story 7</title>", b"", "MissingElement"),
    ],
)
@pytest.mark.parametrize("count", [7, 60])
def test_a_fragment_that_is_wrong_costs_its_story_alone(
    wire: Mill, monkeypatch: pytest.MonkeyPatch, format_: str, before: bytes, after: bytes, code: str, count: int
) -> None:
    honest: Callable[..., bytes] = getattr(atom_rss, f"{format_}_fragment")
    monkeypatch.setattr(atom_rss, f"{format_}_fragment", lambda *given: honest(*given).replace(before, after))
    wire.configure(CONFIGURATION + "feeds: {limit: 100}\n")
    for number in range(1, count + 1):
        wire.story(f"2024-05-01-s{number}.md", title=f"Story {number}", topics="[china]")
    built = wire.build()
    [problem] = built.contents.problems
    assert (problem.level, problem.code, problem.place.path) == (
        Level.ERROR, "entry-invalid", "content/2024-05-01-s7.md"
    )  # fmt: skip
    assert code in problem.message
    assert built.contents.left_out == 1
    for document in documents_of(built):
        assert b"Story 7<" not in document.content
    assert validate_documents(documents_of(built), now=NOW) == []


def test_a_frame_that_is_wrong_is_nobodys_fault_and_replaces_nothing(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.story("2024-05-01-a.md", topics="[china]")
    wire.build()
    before = published(wire)
    wire.story("2024-05-02-b.md", title="B", topics="[china]")
    honest = atom_rss.atom_frame

    def wrong(*given: Any) -> Frame:
        frame = honest(*given)
        return Frame(frame.head.replace(b"<updated>", b"<updatet>", 1), frame.between, frame.tail)

    monkeypatch.setattr(atom_rss, "atom_frame", wrong)
    with pytest.raises(Refused, match="nothing was replaced"):
        wire.build()
    assert published(wire) == before
    monkeypatch.undo()
    wire.build()
    assert b"<title>B</title>" in (wire.feeds / "china.atom").read_bytes()


def test_an_entry_is_the_same_bytes_in_every_feed_that_shows_as_much_of_it(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {authors: true}\ncollections: {top: {stories: [a]}}\n")
    wire.story("2024-05-01-a.md", topics="[china, ai]", authors="[Ada]", tags="[x]", body="Words of *a*.\n")
    found: dict[Format, set[bytes]] = {}
    for document in documents_of(wire.build()):
        if document.format is not None:
            begin, end = {
                Format.ATOM: (b"  <entry>", b"</entry>"),
                Format.RSS: (b"    <item>", b"</item>"),
                Format.JSON: (b'"items": [', b"]\n}"),
            }[document.format]
            at = document.content.index(begin)
            found.setdefault(document.format, set()).add(document.content[at : document.content.index(end, at)])
    assert {format_: len(pieces) for format_, pieces in found.items()} == dict.fromkeys(Format, 1)
