"""The way of the data: read, normalise, select, write, validate, publish.

Each stage takes values and gives values; none knows another. Verbs take as much of the way as they need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feedmill.errors import Refused
from feedmill.model import Document, Entry, Feed, Problem, Site
from feedmill.normalising import normalise
from feedmill.publishing import Published, publish
from feedmill.reading import read_stories
from feedmill.selecting import select
from feedmill.validating import validate_documents
from feedmill.writing import write_documents, write_manifest

Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage tells how many of how many are done."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What content/ gives as of a moment: entries, feeds, and every problem, by place.

    `found` counts story files, `left_out` those that no feed can show because of a problem, and `hidden` says
    why the others that no feed shows are not shown.
    """

    entries: tuple[Entry, ...]
    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...]
    hidden: dict[str, str]
    found: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build."""

    contents: Contents
    documents: tuple[Document, ...]
    published: Published


def mill(site: Site, directory: Path, *, now: datetime, progress: Progress) -> Contents:
    """Go from content/ to feeds: read, normalise, select."""
    reading = read_stories(
        directory / site.content_path, shown_root=site.content_path, on_progress=progress("Reading stories")
    )
    normalised = normalise(reading.stories, site, on_progress=progress("Normalising"))
    selection = select(normalised.entries, site, now)
    problems = (*reading.problems, *normalised.problems, *selection.problems)
    return Contents(
        entries=normalised.entries,
        feeds=selection.feeds,
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
        hidden=selection.hidden,
        found=reading.found,
        left_out=reading.found - len(reading.stories) + normalised.left_out,
    )


def build(site: Site, directory: Path, *, now: datetime, progress: Progress) -> Built:
    """Go the whole way, from content/ to feeds/.

    Raises Refused when a document fails validation (nothing is replaced) and PublishingError when the feeds
    directory cannot be written.
    """
    contents = mill(site, directory, now=now, progress=progress)
    documents = tuple(write_documents(contents.feeds, site))
    manifest = write_manifest(documents, site)
    findings = validate_documents((*documents, manifest), on_progress=progress("Validating"))
    if findings:
        raise Refused(
            f"{len(findings)} finding(s) in new documents, so nothing was replaced",
            remedy="the feeds are as they were; mend what is named",
            problems=findings,
        )
    return Built(contents, documents, publish(documents, manifest, directory / site.feeds_path))
