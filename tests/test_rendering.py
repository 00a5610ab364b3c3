"""Documents made by several processes, each of which has some of the formats, are those that one process makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from feedmill.errors import Refused
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


def by_processes(wire: Mill, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any]) -> list[Any]:
    """Return what is made of the same stories by one process and by several, and see to it that they are several."""
    topics = "".join(f"  t{number}: {{title: T{number}, formats: [json, rss, atom]}}\n" for number in range(15))
    wire.configure(
        "site: {title: Wire, url: 'https://wire.example/', id_authority: 'wire.example,2024'}\ntopics:\n" + topics
    )
    for number in range(30):
        tags = f"[t{number % 15}, t{number % 4}]"
        wire.story(f"2024-05-01-s{number}.md", title=f"Story {number}", topics=tags, body="Words.\n")
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
