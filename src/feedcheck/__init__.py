"""Feedcheck judges Atom, RSS, JSON Feed and OPML documents: bytes → a report, with a place and a remedy for each fault.

It fetches nothing that a document names, expands nothing that it declares, and raises nothing for what it holds.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedcheck.agreement import disagreements
    from feedcheck.comparing import compare
    from feedcheck.entry_facts import EntryFacts, entries_of
    from feedcheck.judging import MAX_BYTES, validate
    from feedcheck.report import Finding, Report, Severity

__all__ = [
    "MAX_BYTES",
    "EntryFacts",
    "Finding",
    "Report",
    "Severity",
    "compare",
    "disagreements",
    "entries_of",
    "validate",
]

_MODULES = {
    "MAX_BYTES": "judging",
    "EntryFacts": "entry_facts",
    "Finding": "report",
    "Report": "report",
    "Severity": "report",
    "compare": "comparing",
    "disagreements": "agreement",
    "entries_of": "entry_facts",
    "validate": "judging",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, so that a program pays only for what it uses."""
    if name not in _MODULES:
        raise AttributeError(f"module 'feedcheck' has no attribute '{name}'")
    return getattr(import_module(f"feedcheck.{_MODULES[name]}"), name)
