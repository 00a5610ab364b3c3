"""A feed before and after: what subscribers would see that did not happen is told, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

import pytest

from feedcheck import compare


@dataclass(frozen=True)
class Entry:
    id: str
    title: str = "A story"
    url: str = "https://wire.example/a/"
    words: str = "Words of it"
    published: str = "2024-05-01T09:00:00Z"
    updated: str = "2024-05-01T09:00:00Z"


A = Entry("urn:x:a")
B = Entry(
    "urn:x:b", "Another", "https://wire.example/b/", "Other words", "2024-05-02T09:00:00Z", "2024-05-02T09:00:00Z"
)
C = Entry(
    "urn:x:c", "A third", "https://wire.example/c/", "Third words", "2024-05-03T09:00:00Z", "2024-05-03T09:00:00Z"
)


def atom(*entries: Entry) -> bytes:
    told = "".join(
        f"<entry><id>{each.id}</id><title>{escape(each.title)}</title><link href='{each.url}'/>"
        f"<published>{each.published}</published><updated>{each.updated}</updated>"
        f"<content type='html'>{escape(each.words)}</content></entry>"
        for each in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{told}</feed>".encode()


def json(*entries: Entry) -> bytes:
    from json import dumps

    items = [
        {
            "id": each.id,
            "title": each.title,
            "url": each.url,
            "content_html": each.words,
            "date_published": each.published,
            "date_modified": each.updated,
        }
        for each in entries
    ]
    return dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def codes(before: bytes, after: bytes, *older: bytes) -> list[str]:
    return [problem.code for problem in compare(after, [*older, before], name="x")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((B, A), (B, A)),
        ((B, A), (C, B, A)),  # a new story
        ((B, A), (C, B)),  # and one that left the window
        ((A,), (replace(A, words="Other words of it", updated="2024-05-04T09:00:00Z"),)),  # an edit
        ((A,), (replace(A, words="Words  <i>of</i> it"),)),  # markup alone
        ((A,), (replace(A, title="Corrected", updated="2024-05-04T09:00:00Z"),)),
        ((A,), (replace(A, url="https://new.example/a/"),)),  # the site moved, and kept its ids
        ((), (A, B)),
        ((A, B), ()),
    ],
)
def test_what_happens_to_a_feed_every_day_is_let_pass(before: tuple[Entry, ...], after: tuple[Entry, ...]) -> None:
    assert codes(atom(*before), atom(*after)) == []
    assert codes(json(*before), atom(*after)) == []
    assert codes(atom(*before), json(*after)) == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ((B, A), (B, replace(A, id="urn:x:new")), "IdChanged"),
        ((B, A), (B, replace(A, id="urn:x:new", url="https://new.example/a/")), "IdChanged"),
        ((B, A), (B, replace(A, id="urn:x:new", url="https://new.example/a/", words="Edited")), "IdChanged"),
        ((B, A), (B, replace(C, id=A.id)), "IdReused"),
        ((A,), (replace(A, published="2024-04-01T09:00:00Z"),), "DateWentBack"),
        ((A,), (replace(A, words="Edited", updated="2024-04-30T09:00:00Z"),), "DateWentBack"),
        ((A,), (replace(A, updated="2024-05-04T09:00:00Z"),), "UpdatedUnchanged"),
        ((C, B), (C, B, A), "EntryCameBack"),
    ],
)
def test_what_subscribers_would_see_twice_or_wrongly_is_told(
    before: tuple[Entry, ...], after: tuple[Entry, ...], code: str
) -> None:
    assert codes(atom(*before), atom(*after)) == [code]
    assert codes(atom(*before), json(*after)) == [code]


def test_an_entry_that_had_left_and_is_back_is_told_when_older_versions_are_given() -> None:
    assert codes(atom(B, C), atom(B, C, A), atom(A, B)) == ["EntryCameBack"]


def test_a_finding_stands_where_the_entry_does() -> None:
    after = atom(B, replace(A, id="urn:x:new")).replace(b"<entry>", b"\n<entry>")
    (found,) = compare(after, [atom(B, A)], name="x")
    assert found.line == 3
    assert found.clause == "RFC 4287 §4.2.6"


@pytest.mark.parametrize("broken", [b"", b"{", b"<", b"<html/>", b"[1]", b'{"items": 5}'])
def test_what_cannot_be_read_tells_nothing(broken: bytes) -> None:
    assert codes(broken, atom(A)) == []
    assert codes(atom(A), broken) == []
