"""The answer of the validator: a report on one document, and its findings."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How much a finding matters: an error breaks a specification, a warning is what readers handle differently."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Struct, frozen=True):
    """One thing that is wrong with a document.

    `name` is the document's. Lines and columns count from 1; 0 means the whole document. `code` is stable and meant
    for programs; `message` says what is wrong, `remedy` what to do, `element` in which part of the document, and
    `clause` which specification says so.
    """

    level: Severity
    code: str
    name: str
    line: int = 0
    column: int = 0
    message: str = ""
    remedy: str = ""
    element: str = ""
    clause: str = ""

    def __str__(self) -> str:
        place = f"{self.name}:{self.line}:{self.column or 1}" if self.line else self.name
        source = f" ({self.clause})" if self.clause else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        # What is quoted from a document may hold line ends; a finding is one line.
        return " ".join(f"{place}: {self.level}: {self.code}: {self.message}{source}{remedy}".splitlines())


class Report(Struct, frozen=True):
    """What was found in the document of this name, in the order of its lines."""

    name: str
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that break a specification."""
        return tuple(each for each in self.findings if each.level is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The other findings."""
        return tuple(each for each in self.findings if each.level is Severity.WARNING)

    @property
    def is_valid(self) -> bool:
        """Whether the document has no errors."""
        return not self.errors
