"""Documents made by several processes, each of which has some of the formats, are those that one process makes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from feedmill.cache import Cache, Spool
from feedmill.contents import make_plan
from feedmill.errors import Refused, Unreadable
from feedmill.model import Format, Problem
from feedmill.rendering import documents
from feedmill.validating import Known
from feedmill.writing import atom_rss
from tests.conftest import NOW, Mill, documents_of


def test_what_is_not_seen_at_once_to_be_right_is_judged_the_long_way(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build() -> Any:
        wire.build()
        return {path.name: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()}

    sure = by_processes(wire, monkeypatch, build)
    monkeypatch.undo()
    monkeypatch.setattr("feedmill.validating.known.surely_follows_grammar", lambda _: False)
    assert by_processes(wire, monkeypatch, build) == sure


def fill(wire: Mill) -> None:
    topics = "".join(f"  t{number}: {{title: T{number}, formats: [json, rss, atom]}}\n" for number in range(15))
    wire.configure(
        "site: {title: Wire, url: 'https://wire.example/', id_authority: 'wire.example,2024'}\ntopics:\n" + topics
    )
    for number in range(30):
        tags = f"[t{number % 15}, t{number % 4}]"
        wire.story(f"2024-05-01-s{number}.md", title=f"Story {number}", topics=tags, body="Words.\n")


def by_processes(wire: Mill, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any]) -> list[Any]:
    """Return what is made of the same stories by one process and by several, and see to it that they are several."""
    fill(wire)
    honest, counts, made = vars(documents)["spread"], [], []

    def counting(work: Any, items: Any, processes: int, lane: Any) -> Any:
        counts.append(max(processes, 1))
        return honest(work, items, processes, lane)

    monkeypatch.setattr(documents, "spread", counting)
    for count in (1, 2, 3, 4, 8):
        wire.forget()
        monkeypatch.setattr("feedmill.pipeline.processors", lambda count=count: count)
        made.append(make())
    assert set(counts) == {1, 2, 4}
    return made


def test_as_many_processes_as_there_are_make_the_same_documents_in_the_same_order(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, *others = by_processes(
        wire, monkeypatch, lambda: [(each.path, each.content) for each in documents_of(wire.build())]
    )
    assert len(one) > 16 * 3
    assert all(other == one for other in others)


def test_what_several_processes_write_they_have_without_the_cache_that_one_has_open(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies of earlier builds; and some feeds take over what others must write."""
    parent, honest = os.getpid(), Cache.content
    asked = []

    def content(cache: Cache, path: str) -> bytes | None:
        if os.getpid() != parent:  # what fails there is done here, and would not be seen
            (wire.directory / "asked-by-a-child").touch()
        asked.append(path)
        return honest(cache, path)

    def build(processes: int) -> Any:
        wire.forget()
        fill(wire)
        monkeypatch.setattr("feedmill.pipeline.processors", lambda: 1)
        wire.build()
        for number in range(0, 15, 2):
            (wire.feeds / f"t{number}.atom").unlink()
        wire.story("2024-05-01-s3.md", title="Edited", topics="[t3, t0]", body="Other words.\n")
        monkeypatch.setattr("feedmill.pipeline.processors", lambda: processes)
        wire.build()
        return {path.name: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()}

    monkeypatch.setattr(Cache, "content", content)
    one, *others = [build(processes) for processes in (1, 2, 4)]
    assert asked
    assert all(other == one for other in others)
    assert not (wire.directory / "asked-by-a-child").exists(), "SQLite must not be used by a child of who opened it"


def test_a_body_for_which_there_was_no_room_is_made_again_or_stops_the_build(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def published() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()}

    for name in "abc":
        wire.story(f"2024-05-01-{name}.md", title=name, topics="[china]", body=f"Words of {name}.\n")
    wire.build()
    whole = published()
    wire.forget()
    monkeypatch.setattr(Spool, "get", lambda *_: None)
    wire.build()
    assert published() == whole

    def changing(*given: Any) -> Any:
        (wire.directory / "content" / "2024-05-01-b.md").write_text("")
        return make_plan(*given)

    wire.story("2024-05-02-d.md", title="d", topics="[china]")
    wire.story("2024-05-01-b.md", title="b", topics="[china]", body="Other words.\n")
    monkeypatch.setattr("feedmill.pipeline.make_plan", changing)
    with pytest.raises(Unreadable, match=r"2024-05-01-b\.md: it has changed since"):
        wire.build()
    assert published() == whole


def test_nothing_is_taken_over_from_bytes_that_were_not_published(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the file's state says that they are the same."""
    monkeypatch.setattr("feedmill.rendering.lying.state_of", lambda _: b"as it was")
    wire.story("2024-05-01-a.md", topics="[china]", body="Honest words.\n")
    wire.story("2024-05-02-b.md", topics="[china]", title="B")
    wire.build()
    for path in (wire.feeds / "china.atom", wire.feeds / "china.json", wire.feeds / "china.rss"):
        path.write_bytes(path.read_bytes().replace(b"Honest", b"Forged"))
    wire.story("2024-05-02-b.md", topics="[china]", title="Edited")
    wire.build()
    for name in ("china.atom", "china.json", "china.rss"):
        assert b"Edited" in (wire.feeds / name).read_bytes()
        assert b"Forged" not in (wire.feeds / name).read_bytes()


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"<title>Story 7</title>", b"<title>Story 8</title>", "FormatsDisagree"),
        (b"<guid", b"<gid", ""),
        (b"<title>Story 7</title>", b"<title>Story 7", ""),
    ],
)
def test_what_is_wrong_is_found_by_several_processes_as_by_one(
    wire: Mill, monkeypatch: pytest.MonkeyPatch, before: bytes, after: bytes, code: str
) -> None:
    honest = atom_rss.write_rss
    monkeypatch.setattr(atom_rss, "write_rss", lambda *given: honest(*given).replace(before, after))
    monkeypatch.setattr("feedmill.quarantine.entries_to_blame", lambda *_: {})

    def refused() -> list[Problem]:
        with pytest.raises(Refused) as error:
            wire.build()
        return list(error.value.problems)

    one, *others = by_processes(wire, monkeypatch, refused)
    assert not code or code in {problem.code for problem in one}
    assert one
    assert all(other == one for other in others)


def test_documents_have_one_gist_where_they_tell_the_same(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", topics="[china]")
    wire.story("2024-05-02-b.md", topics="[china, ai]")
    feeds = [each for each in documents_of(wire.build()) if each.format is not None]
    known = Known()
    assert known.all_right(feeds, NOW)
    gists = {name: {known.gists_of(each) for each in feeds if each.feed == name} for name in ("all", "china", "ai")}
    assert {len(found) for found in gists.values()} == {1}
    assert gists["china"] != gists["ai"]
    assert {each.format for each in feeds} == set(Format)
