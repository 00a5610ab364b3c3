"""The documents of one feed → problems: Atom, RSS and JSON say the same stories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from feedcheck.entry_facts import EntryFacts
from feedcheck.findings import Complaint
from feedcheck.placing import Position, finding
from feedcheck.report import Finding


def disagreements(told: Mapping[str, Sequence[EntryFacts]]) -> Iterator[Finding]:
    """Compare the documents of one feed, by path: same entries, same order, same title, address and dates for each."""
    (first_path, first), *others = told.items()
    for path, entries in others:
        if [entry.id for entry in entries] != [entry.id for entry in first]:
            yield _disagreement(path, Position(), f"other entries, or another order, than {first_path}")
            continue
        for mine, theirs in zip(entries, first, strict=True):
            different = _differences(mine, theirs)
            if different:
                said = f"another {different} of {mine.id} than {first_path}"
                yield _disagreement(path, mine.position, said)


def _differences(mine: EntryFacts, theirs: EntryFacts) -> str:
    if (mine.title, mine.url, mine.published, mine.updated) == (
        theirs.title,
        theirs.url,
        theirs.published,
        theirs.updated,
    ):
        return ""
    compared = ("title", "url", "published", "updated")
    pairs = [(name, getattr(mine, name), getattr(theirs, name)) for name in compared]
    # A format that does not say when an entry was changed does not contradict one that does; nor does RSS or JSON Feed
    # without a title, where Atom needs one.
    silent = (None, "")
    return ", ".join(name for name, one, other in pairs if one != other and one not in silent and other not in silent)


def _disagreement(path: str, position: Position, message: str) -> Finding:
    return finding(path, position, "", Complaint("FormatsDisagree", message))
