"""The way of the data: read, normalise, select, write, validate, publish.

Each stage takes values and gives values; none knows another. Verbs take as much of the way as they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feedmill.errors import Refused
from feedmill.model import Document, Entry, Feed, Problem, Site
from feedmill.normalising import normalise
from feedmill.publishing import Published, publish
from feedmill.quarantine import entries_to_blame
from feedmill.reading import Detected, read_authors, read_stories, read_topics
from feedmill.record import Record
from feedmill.recording import after_build
from feedmill.selecting import next_changes, select
from feedmill.validating import validate_documents
from feedmill.writing import MANIFEST, write_documents, write_manifest, write_status_page

Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage tells how many of how many are done."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What content/ gives as of a moment: entries, feeds, and every problem, by place.

    `site` is that of feedmill.yaml with the topics and authors that content/ holds; `conventions` says by folder
    whose habits its files follow. `found` counts story files, `left_out` those that no feed can show because of a
    problem, and `hidden` says why the others that no feed shows are not shown.
    """

    site: Site
    conventions: Mapping[str, Detected]
    entries: tuple[Entry, ...]
    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...]
    hidden: dict[str, str]
    found: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build, and what is to be remembered of it."""

    contents: Contents
    documents: tuple[Document, ...]
    published: Published
    record: Record


def mill(site: Site, directory: Path, *, now: datetime, progress: Progress) -> Contents:
    """Go from content/ to feeds: read, normalise, select."""
    reading = read_stories(
        directory / site.content_path,
        shown_root=site.content_path,
        settings=site.content,
        site_directory=directory,
        output=directory / site.feeds_path,
        on_progress=progress("Reading stories"),
    )
    site, data_problems = _with_data(site, directory / site.content_path)
    normalised = normalise(reading.stories, site, pages=reading.pages, on_progress=progress("Normalising"))
    progress("Selecting")
    selection = select(normalised.entries, site, now)
    problems = (*reading.problems, *data_problems, *normalised.problems, *selection.problems)
    return Contents(
        site=site,
        conventions=reading.conventions,
        entries=normalised.entries,
        feeds=selection.feeds,
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
        hidden=selection.hidden,
        found=reading.found,
        left_out=reading.found - len(reading.stories) + normalised.left_out,
    )


def _with_data(site: Site, root: Path) -> tuple[Site, list[Problem]]:
    """Return the site with the topics and authors of its content directory; those of feedmill.yaml count first."""
    problems: list[Problem] = []
    shown, content = site.content_path, site.content
    if content.topics_from:
        topics, said = read_topics(root, content.topics_from, shown_root=shown, settings=site.settings)
        problems.extend(said)
        site = replace(site, topics={**topics, **site.topics})
    if content.authors_from:
        authors, said = read_authors(root, content.authors_from, shown_root=shown, site_url=site.url)
        problems.extend(said)
        site = replace(site, authors={**authors, **site.authors})
    return site, problems


def build(
    site: Site,
    directory: Path,
    *,
    now: datetime,
    progress: Progress,
    force: bool = False,
    record: Record | None = None,
) -> Built:
    """Go the whole way, from content/ to feeds/. `record` is what is remembered of the runs before.

    A few stories of which no valid document can be made are left out, as other bad stories are. Raises Refused, with
    nothing replaced, when a document fails validation nevertheless, or when there are no stories at all where
    feeds lie already, unless by `force`. Raises PublishingError when the feeds directory cannot be written.
    """
    contents = mill(site, directory, now=now, progress=progress)
    if not contents.found and (directory / site.feeds_path / MANIFEST).exists() and not force:
        raise Refused(
            "there are no stories, and the feeds would all become empty, so nothing was replaced",
            remedy="put the stories back, or mean it with --force",
            problems=contents.problems,
        )
    progress("Writing")
    made = _write(contents, record or Record(), now)
    findings = validate_documents(made.all, now=now, on_progress=progress("Validating"))
    if findings and (blamed := entries_to_blame(contents.feeds, contents.site, now)):
        contents = _without(contents, blamed, now)
        made = _write(contents, record or Record(), now)
        findings = validate_documents(made.all, now=now)
    if findings:
        raise Refused(
            f"{len(findings)} finding(s) in new documents, so nothing was replaced",
            remedy="the feeds are as they were; mend what is named",
            problems=findings,
        )
    progress("Publishing")
    published = publish(made.documents, made.manifest, directory / site.feeds_path)
    return Built(contents, made.documents, published, made.record)


@dataclass(frozen=True, slots=True)
class _Made:
    """The documents of a build before they are judged, and what is to be remembered if they are published."""

    documents: tuple[Document, ...]
    manifest: Document
    record: Record

    @property
    def all(self) -> tuple[Document, ...]:
        return (*self.documents, self.manifest)


def _write(contents: Contents, record: Record, now: datetime) -> _Made:
    site = contents.site
    documents = tuple(write_documents(contents.feeds, site))
    record = _remembered(record, contents, documents, now)
    if site.status_page:
        shown = [entry for entry in contents.entries if entry.path not in contents.hidden]
        documents = (*documents, write_status_page(contents.feeds, shown, site, record))
    return _Made(documents, write_manifest(documents, site), record)


def _without(contents: Contents, blamed: Mapping[str, Problem], now: datetime) -> Contents:
    """Return the contents without the entries of which no valid document can be made."""
    entries = tuple(entry for entry in contents.entries if entry.path not in blamed)
    selection = select(entries, contents.site, now)
    return replace(
        contents,
        entries=entries,
        feeds=selection.feeds,
        hidden=selection.hidden,
        problems=tuple(sorted((*contents.problems, *blamed.values()), key=lambda problem: problem.place)),
        left_out=contents.left_out + len(blamed),
    )


def _remembered(record: Record, contents: Contents, documents: tuple[Document, ...], now: datetime) -> Record:
    """Return what is to be remembered once the documents are published."""
    return after_build(
        record,
        feeds=contents.feeds,
        documents=documents,
        problems=contents.problems,
        next_changes=next_changes(contents.entries, contents.site, contents.feeds, now),
        withdrawals=sum(e.withdrawn is not None and e.withdrawn.moment <= now for e in contents.entries),
        now=now,
    )
