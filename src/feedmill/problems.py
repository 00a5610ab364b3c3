"""What is wrong and where, and what references of a body lead to."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How much a problem matters: an error leaves a story out, a warning does not, a notice says nothing is lost."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Place(Struct, frozen=True, order=True):
    """Where something stands. Lines and columns count from 1; 0 means the whole file."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.path
        return f"{self.path}:{self.line}:{self.column or 1}"


class Problem(Struct, frozen=True):
    """One finding about content, configuration or a document.

    `code` is stable and meant for programs; `message` says what is wrong and `remedy` what to do. Of a document,
    `element` says in which part of it, and `clause` which specification says so.
    """

    level: Level
    code: str
    place: Place
    message: str
    remedy: str = ""
    element: str = ""
    clause: str = ""

    def __str__(self) -> str:
        said = f"{self.place}: {self.level}: {self.code}: {self.message}"
        source = f" ({self.clause})" if self.clause else ""
        # What is quoted from a file, and its name, may hold line ends; a problem is one line.
        whole = f"{said}{source}; {self.remedy}" if self.remedy else said + source
        return whole.replace("\n", "\\n").replace("\r", "\\r")


class Found(Struct, frozen=True):
    """What a reference leads to: an address, or why none (`missing`, `ambiguous`) with the files it might mean."""

    url: str = ""
    trouble: str = ""
    candidates: tuple[str, ...] = ()


class Lookup(Struct, frozen=True):
    """One reference that a body makes, from the file at `origin`, and what it led to."""

    text: str
    origin: str
    found: Found = Found()
    is_post: bool = False


class Unknown(Struct, frozen=True):
    """A single shortcode that nobody knows, dropped."""

    name: str
    place: Place
