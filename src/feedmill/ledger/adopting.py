"""Feeds of another tool → the ledger: their ids, taken over by the stories at the same addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from feedmill.characters import illegal_character
from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.ledger.feed_reader import ReadFeed
from feedmill.ledger.records import Ledger, Record, State, moment_text, url_of
from feedmill.model import Entry, Level, Place, Problem
from feedmill.store import Entries, Row
from feedmill.stories import place_of

_URI = expression(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


class Adopted(Struct, frozen=True):
    """The records to write, the paths of stories by adopted id, how many entries have no story, and what is wrong."""

    records: tuple[Record, ...]
    ids: Mapping[str, str]
    without_story: int
    problems: tuple[Problem, ...]


def adopt(ledger: Ledger, feeds: Mapping[str, ReadFeed], entries: Entries, site: Site) -> Adopted:
    """Give stories the ids under which another tool's feeds have published them.

    An entry and a story are one when their addresses agree, whatever the scheme or a slash at the end. `feeds` are
    named by what people call them; `entries` are identified against the ledger. What is not certain is told and not
    done: an id that is empty, no URI, or used twice; an address of several stories.
    """
    return _Adopting(ledger, entries, site).run(feeds)


class _Adopting:
    def __init__(self, ledger: Ledger, entries: Entries, site: Site) -> None:
        self._ledger, self._entries, self._site = ledger, entries, site
        self._records: dict[str, Record] = {}
        self._ids: dict[str, str] = {}
        self._id_by_path: dict[str, str] = {}

    def run(self, feeds: Mapping[str, ReadFeed]) -> Adopted:
        problems: list[Problem] = []
        without_story = 0
        for name, told in feeds.items():
            addresses = _addresses(told.entries)
            seen: set[tuple[str, str]] = set()
            for entry in told.entries:
                address = _address(entry.url)
                if (entry.id, address) in seen:
                    continue
                seen.add((entry.id, address))
                stories = self._stories_at(entry.url)
                wrong = self._fault(entry, stories, addresses)
                if wrong:
                    problems.append(_problem(name, entry, *wrong))
                elif not stories:
                    without_story += 1
                elif entry.id not in self._ids:
                    self._take(entry.id, stories[0])
        return Adopted(tuple(self._records.values()), self._ids, without_story, tuple(problems))

    def _stories_at(self, url: str) -> list[Row]:
        """Return the stories at an address, in order of path."""
        address = _address(url)
        if not address:
            return []
        found = {
            row.path: row
            for place in _places(url, self._site.url)
            for row in self._entries.alike("place", place)
            if _address(row.entry.url) == address
        }
        return [found[path] for path in sorted(found)]

    def _take(self, id_: str, story: Row) -> None:
        self._ids[id_] = story.path
        self._id_by_path[story.path] = id_
        if self._ledger.get(id_) is None:
            self._records[id_] = _record(id_, story)

    def _fault(
        self, entry: Entry, stories: Sequence[Row], addresses: Mapping[str, set[str]]
    ) -> tuple[str, str, str] | None:
        """Return why an entry's id cannot be adopted, as code, message and remedy."""
        by_hand = "write the right `id:` into the story's front matter"
        if not entry.id:
            return "adopt-empty", "it has no id, so readers know it by other signs", "nothing to adopt here"
        if len(addresses[entry.id]) > 1:
            return "adopt-twice", f"its id {entry.id} is that of several entries of this feed", by_hand
        if not _URI.fullmatch(entry.id) or illegal_character(entry.id):
            return "adopt-no-uri", f"its id '{entry.id[:80]}' is not a URI, and Atom could not carry it", by_hand
        if len(stories) > 1:
            paths = ", ".join(story.path for story in stories)
            return "adopt-unclear", f"several stories have its address: {paths}", by_hand
        if not stories:
            return None
        story = stories[0]
        if story.record is not None:
            if story.record == entry.id:
                return None
            message = f"its story, {story.path}, was published before under the id {story.record}"
            return "adopt-published", message, "nothing to do: an id that is published stays"
        if self._id_by_path.get(story.path, entry.id) != entry.id:
            return "adopt-two-ids", f"its story, {story.path}, has another id in a feed named before", by_hand
        holder = self._ledger.get(entry.id) or self._records.get(entry.id)
        if holder is not None and self._ids.get(entry.id) != story.path:
            whose = holder.path or url_of(holder.place, self._site.url)
            message = f"its id {entry.id} is that of {whose} already"
            return "adopt-taken", message, "two sites must not share one id_authority: look which of them made it"
        return None


def _addresses(entries: Iterable[Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        found.setdefault(entry.id, set()).add(_address(entry.url))
    return found


def _problem(feed: str, entry: Entry, code: str, message: str, remedy: str) -> Problem:
    shown = entry.title[:60] or entry.url or "an entry without title"
    return Problem(Level.ERROR, code, Place(feed), f"'{shown}': {message}", remedy)


def _record(id_: str, story: Row) -> Record:
    entry = story.entry
    return Record(
        id=id_,
        place=story.place,
        path=story.path,
        title=entry.title,
        title_key=story.title_key,
        text_key=story.text_key,
        published=moment_text(entry.published),
        updated=moment_text(entry.updated),
        first=moment_text(entry.published),
        state=State.LEFT,
    )


def _address(url: str) -> str:
    """Return of an address what stays the same whatever the scheme, or a slash at the end; empty where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"


def _places(url: str, site_url: str) -> list[str]:
    """Return the places at which the story of an address may be kept: by either scheme, with a slash and without."""
    parts, own = urlsplit(url), urlsplit(site_url)
    host = own.netloc if parts.netloc.lower() == own.netloc.lower() else parts.netloc.lower()
    path = parts.path.rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    urls = [f"{scheme}://{host}{path}{slash}{query}" for scheme in ("https", "http") for slash in ("", "/")]
    return list(dict.fromkeys(place_of(each, site_url) for each in urls))
