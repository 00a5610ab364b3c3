"""What is wrong with a document of Feedmill's own → a problem: always an error, and never its reader's fault."""

from __future__ import annotations

from feedcheck import Finding
from feedmill.model import Level, Place, Problem

_REMEDY = "report this as a fault of Feedmill"


def fault(path: str, code: str, message: str, line: int = 0) -> Problem:
    """Return the problem of a broken promise."""
    return Problem(Level.ERROR, code, Place(path, line), message, _REMEDY)


def problem_of(finding: Finding) -> Problem:
    """Return the problem of a broken rule, as the validator words it."""
    place = Place(finding.name, finding.line, finding.column)
    return Problem(Level.ERROR, finding.code, place, finding.message, finding.remedy, finding.element, finding.clause)
