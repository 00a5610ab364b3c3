"""A document that follows its grammar → whether it keeps the rules about a whole, which a grammar cannot say.

These are the rules about feeds, channels, entries and items; those of podcasts ask about elements that Feedmill does
not write.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lxml.etree import _Element

from feedcheck import atom_rules, rss_rules
from feedcheck.catalogue import level_of
from feedcheck.findings import Circumstances, Complaint, Rule, Spot
from feedcheck.names import split
from feedcheck.report import Severity

_EXPECTED = frozenset({"MissingSelf", "MissingAtomSelfLink", "MissingGuid", "DuplicateEntries"})
"""Warnings that a publisher who could do right never gives cause for."""


def is_grave(complaint: Complaint) -> bool:
    """Whether a document of Feedmill's own may not be published with this."""
    return level_of(complaint.code) is Severity.ERROR or complaint.code in _EXPECTED


def whole_is_right(root: _Element, outer: _Element, address: str, now: datetime) -> bool:
    """Whether the feed or channel of a document keeps the rules about it, for what stands in the tree."""
    is_atom = outer is root
    spot = _spot(outer, "feed" if is_atom else "channel", "", root, address, now)
    return _keeps(spot, atom_rules.FEED_RULES if is_atom else rss_rules.CHANNEL_RULES)


def entry_is_right(entry: _Element, root: _Element, now: datetime) -> bool:
    """Whether an entry or item keeps the rules about it, which are the same wherever its document lies."""
    is_atom = root.tag != "rss"
    name, parent = ("entry", "feed") if is_atom else ("item", "channel")
    spot = _spot(entry, name, parent, root, "", now)
    return _keeps(spot, atom_rules.ENTRY_RULES if is_atom else rss_rules.ITEM_RULES)


def _spot(element: _Element, name: str, parent: str, root: _Element, address: str, now: datetime) -> Spot:
    namespace, kind = split(root.tag)
    version = root.get("version", "2.0")
    kind = "atom" if kind == "feed" else "rss"
    return Spot(
        element, name, parent, Circumstances(kind=kind, core=namespace, now=now, address=address, version=version)
    )


def _keeps(spot: Spot, rules: Sequence[Rule]) -> bool:
    return not any(is_grave(complaint) for judge in rules for complaint in judge(spot))
