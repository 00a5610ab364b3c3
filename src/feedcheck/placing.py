"""What a rule said, and where → a finding."""

from __future__ import annotations

from msgspec import Struct

from feedcheck.catalogue import level_of, remedy_of
from feedcheck.findings import Complaint
from feedcheck.report import Finding


class Position(Struct, frozen=True):
    """Where something stands in a document; lines and columns from 1, 0 for the whole."""

    line: int = 0
    column: int = 0


def finding(path: str, position: Position, element: str, complaint: Complaint) -> Finding:
    """Make a finding of what a rule said."""
    code, message, clause = complaint
    line, column = position.line, position.column
    return Finding(level_of(code), code, path, line, column, message, remedy_of(code), element, clause)
