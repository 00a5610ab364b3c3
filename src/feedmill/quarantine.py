"""Findings in new documents → the entries to blame, so that one bad story does not hold all others back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from feedmill.model import Entry, Feed, FeedKind, FeedSettings, Level, Place, Problem, Site
from feedmill.validating import validate_documents
from feedmill.writing import write_documents

_LARGEST_SHARE = 10
"""At most one entry of so many is left out (or one): more means a fault of Feedmill's, which must empty no feed."""


def entries_to_blame(shown: Iterable[Entry], site: Site, now: datetime) -> dict[str, Problem]:
    """Return by path the entries, of those shown, whose documents would not be valid, each with the problem to tell.

    Empty when no entry by itself is to blame, or too many are.
    """
    shown = list(shown)
    whole = Feed(
        "all",
        FeedKind.ALL,
        site.title,
        site.description,
        site.settings,
        (),
        max((entry.updated for entry in shown), default=now),
        f"tag:{site.id_authority}:feeds/all",
    )
    allowed = min(max(1, len(shown) // _LARGEST_SHARE), len(shown) - 1)
    found: dict[str, Problem] = {}

    def search(entries: Sequence[Entry]) -> None:
        """Halve until an entry stands alone: few are to blame, and most halves are sound."""
        findings = _findings(entries, whole, site, now) if entries and len(found) <= allowed else []
        if findings and len(entries) == 1:
            found[entries[0].path] = _problem(entries[0], findings[0], site)
        elif findings:
            middle = len(entries) // 2
            search(entries[:middle])
            search(entries[middle:])

    search(shown)
    return found if len(found) <= allowed else {}


def _findings(entries: Sequence[Entry], whole: Feed, site: Site, now: datetime) -> list[Problem]:
    """Judge documents of these entries alone, in every format and with their whole bodies, and of their authors."""
    feed = replace(whole, entries=tuple(entries), settings=FeedSettings())
    own = [
        replace(feed, name=f"authors/{person.slug}", kind=FeedKind.AUTHOR, title=person.name, description=person.name)
        for person in {person.slug: person for entry in entries for person in entry.authors if person.slug}.values()
    ]
    return list(validate_documents(tuple(write_documents([feed, *own], site)), now=now))


def _problem(entry: Entry, finding: Problem, site: Site) -> Problem:
    place = Place(entry.path if site.content_path == "." else f"{site.content_path}/{entry.path}")
    message = f"no valid feed can be made of it ({finding.code}: {finding.message})"
    return Problem(Level.ERROR, "entry-invalid", place, message, "mend that in the story; the others are published")
