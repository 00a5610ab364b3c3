"""Feeds of another tool → the ledger: their ids, taken over by the stories at the same addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from feedmill.characters import illegal_character
from feedmill.expressions import expression
from feedmill.ledger.records import Ledger, Record, State, key_of, moment_text
from feedmill.ledger.told import Told
from feedmill.ledger.words import words_of
from feedmill.model import Entry, Level, Place, Problem

_URI = expression(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


class Adopted(Struct, frozen=True):
    """The ledger with adopted ids, how many there are, how many entries have no story here, and what went wrong."""

    ledger: Ledger
    ids: Mapping[str, str]
    without_story: int
    problems: tuple[Problem, ...]


def adopt(
    before: Ledger, feeds: Mapping[str, Told], entries: Sequence[Entry], published: Mapping[str, Record]
) -> Adopted:
    """Give stories the ids under which another tool's feeds have published them.

    An entry and a story are one when their addresses agree, whatever the scheme or a slash at the end. `feeds` are
    named by what people call them; `published` gives by path the record of a story that Feedmill has published. What
    is not certain is told and not done: an id that is empty, no URI, or used twice; an address of several stories.
    """
    stories: dict[str, list[Entry]] = {}
    for entry in entries:
        stories.setdefault(_place(entry.url), []).append(entry)
    records = dict(before.records)
    ids: dict[str, str] = {}
    problems: list[Problem] = []
    without_story = 0
    for name, told in feeds.items():
        addresses = _addresses(told.entries)
        seen: set[tuple[str, str]] = set()
        for entry in told.entries:
            address = _place(entry.url)
            if (entry.id, address) in seen:
                continue
            seen.add((entry.id, address))
            mine = stories.get(address, []) if entry.url else []
            wrong = _fault(entry, mine, addresses, records, published, ids)
            if wrong:
                problems.append(_problem(name, entry, *wrong))
            elif not mine:
                without_story += 1
            elif entry.id not in ids:
                ids[entry.id] = mine[0].path
                records[entry.id] = _record(entry.id, mine[0])
    return Adopted(replace(before, records=records), ids, without_story, tuple(problems))


def _addresses(entries: Iterable[Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        found.setdefault(entry.id, set()).add(_place(entry.url))
    return found


def _fault(
    entry: Entry,
    mine: Sequence[Entry],
    addresses: Mapping[str, set[str]],
    records: Mapping[str, Record],
    published: Mapping[str, Record],
    ids: Mapping[str, str],
) -> tuple[str, str, str] | None:
    """Return why an entry's id cannot be adopted, as code, message and remedy."""
    by_hand = "write the right `id:` into the story's front matter"
    if not entry.id:
        return "adopt-empty", "it has no id, so readers know it by other signs", "nothing to adopt here"
    if len(addresses[entry.id]) > 1:
        return "adopt-twice", f"its id {entry.id} is that of several entries of this feed", by_hand
    if not _URI.fullmatch(entry.id) or illegal_character(entry.id):
        return "adopt-no-uri", f"its id '{entry.id[:80]}' is no URI, and Atom could not carry it", by_hand
    if len(mine) > 1:
        paths = ", ".join(story.path for story in mine)
        return "adopt-unclear", f"several stories have its address: {paths}", by_hand
    if not mine:
        return None
    story = mine[0]
    known = published.get(story.path)
    if known is not None and known.id != entry.id:
        message = f"its story, {story.path}, was published before under the id {known.id}"
        return "adopt-published", message, "nothing to do: an id that is published stays"
    if story.path in ids.values() and ids.get(entry.id) != story.path:
        return "adopt-two-ids", f"its story, {story.path}, has another id in a feed named before", by_hand
    holder = records.get(entry.id)
    if holder is not None and holder.path != story.path:
        message = f"its id {entry.id} is that of {holder.path or holder.url} already"
        return "adopt-taken", message, "two sites must not share one id_authority: look which of them made it"
    return None


def _problem(feed: str, entry: Entry, code: str, message: str, remedy: str) -> Problem:
    shown = entry.title[:60] or entry.url or "an entry without title"
    return Problem(Level.ERROR, code, Place(feed), f"'{shown}': {message}", remedy)


def _record(id_: str, story: Entry) -> Record:
    return Record(
        id=id_,
        url=story.url,
        path=story.path,
        title=story.title,
        key=key_of(story.title, story.published),
        published=moment_text(story.published),
        updated=moment_text(story.updated),
        first=moment_text(story.published),
        words=words_of(story),
        state=State.LEFT,
    )


def _place(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"
