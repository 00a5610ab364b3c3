"""A feed before and after → findings: what a subscriber would see that did not happen.

No specification's clause says most of this; readers do. They know an entry by its id alone, keep what they have seen
for a while, and sort by date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from feedcheck.entry_facts import EntryFacts, entries_of
from feedcheck.findings import Complaint
from feedcheck.placing import finding
from feedcheck.report import Finding

_IDS = "RFC 4287 §4.2.6"


def compare(data: bytes, earlier: Sequence[bytes], *, name: str = "document") -> list[Finding]:
    """Judge a feed by what its earlier versions said, given oldest first; they may be of other formats."""
    return [
        finding(name, entry.position, "entry", complaint)
        for entry, complaint in _complaints(entries_of(data), [entries_of(each) for each in earlier])
    ]


def _complaints(after: list[EntryFacts], versions: list[list[EntryFacts]]) -> Iterator[tuple[EntryFacts, Complaint]]:
    if not versions:
        return
    before = versions[-1]
    known = {entry.id: entry for version in versions for entry in version if entry.id}
    last = {entry.id for entry in before}
    here = {entry.id for entry in after}
    gone = [entry for id_, entry in known.items() if id_ not in here]
    oldest = min((_when(entry) for entry in before if _when(entry)), default=None, key=_sortable)
    for entry in after:
        was = known.get(entry.id)
        if was is None:
            yield from ((entry, said) for said in _newcomer(entry, gone, oldest))
            continue
        if entry.id not in last:
            said = f"'{entry.title[:60]}' had left the feed, and is in it again"
            yield entry, Complaint("EntryCameBack", said)
        yield from ((entry, said) for said in _changed(was, entry))


def _newcomer(entry: EntryFacts, gone: list[EntryFacts], oldest: datetime | None) -> Iterator[Complaint]:
    """An id that was not there before: of a new story, of an old one under a new id, or of one from long ago."""
    same = next((each for each in gone if _same_story(each, entry)), None)
    if same is not None:
        yield Complaint("IdChanged", f"'{entry.title[:60]}' had the id {same.id[:100]}, and has {entry.id[:100]}", _IDS)
        return
    when = _when(entry)
    if oldest is not None and when is not None and when < oldest:
        said = f"'{entry.title[:60]}' is older than all that the feed had, and comes as new"
        yield Complaint("EntryCameBack", said)


def _changed(was: EntryFacts, entry: EntryFacts) -> Iterator[Complaint]:
    if _another_story(was, entry):
        yield Complaint("IdReused", f"{entry.id[:100]} was '{was.title[:60]}', and is '{entry.title[:60]}'", _IDS)
        return
    for name, clause in (("published", "RFC 4287 §4.2.9"), ("updated", "RFC 4287 §4.2.15")):
        then, now = getattr(was, name), getattr(entry, name)
        if then is not None and now is not None and now < then:
            said = f"{name} of '{entry.title[:60]}' went from {then.isoformat()} back to {now.isoformat()}"
            yield Complaint("DateWentBack", said, clause)
    told_alike = (was.title, was.url, was.words) == (entry.title, entry.url, entry.words)
    if told_alike and was.updated is not None and entry.updated is not None and entry.updated > was.updated:
        said = f"updated of '{entry.title[:60]}' moved, and no word did"
        yield Complaint("UpdatedUnchanged", said, "RFC 4287 §4.2.15")


def _same_story(one: EntryFacts, other: EntryFacts) -> bool:
    """By address, else by title and words or day."""
    if one.url and one.url == other.url:
        return True
    if not one.title or one.title != other.title:
        return False
    return (bool(one.words) and one.words == other.words) or (
        one.published is not None and one.published == other.published
    )


def _another_story(one: EntryFacts, other: EntryFacts) -> bool:
    """Nothing is left of what it was: neither address, title nor words."""
    return one.url != other.url and one.title != other.title and one.words != other.words


def _when(entry: EntryFacts) -> datetime | None:
    return entry.published or entry.updated


def _sortable(when: datetime | None) -> float:
    return when.timestamp() if when is not None else float("inf")
