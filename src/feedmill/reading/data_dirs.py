"""Folders of topics and authors → the site's topics and authors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from feedmill.config.site import Topic
from feedmill.expressions import expression
from feedmill.located import LocatedError, Mapping, Scalar, Sequence
from feedmill.model import EMAIL, FeedSettings, Level, Person, Place, Problem
from feedmill.reading.conventions.raw import look_up, site_path, text_of
from feedmill.reading.files import read_bounded_text, reason_of, refuse_passing_trouble
from feedmill.reading.front_matter import read_json, read_metadata, split_front_matter

_LONGEST_SLUG = 100
_SLUG = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class DataFile(Struct, frozen=True):
    """One topic or author as its file says: a name from file or folder, and metadata."""

    name: str
    shown_path: str
    metadata: Mapping


def read_topics(
    root: Path, folder: str, *, shown_root: str, settings: FeedSettings
) -> tuple[dict[str, Topic], list[Problem]]:
    """Read topics from `folder` below `root`: title, description, aliases, slug.

    Aliases that are addresses (`/topics/old-name/`) count by their last part when they lie in the folder. An alias
    that is another topic's slug, or that an earlier topic has, is reported and left out.
    """
    files, problems = _data_files(root, folder, shown_root)
    slugs: dict[str, DataFile] = {}
    for file in files:
        slug = text_of(look_up(file.metadata, "slug")) or file.name
        slug = slug if _SLUG.fullmatch(slug) else re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")
        slug = slug[:_LONGEST_SLUG].strip("-")
        if not slug or slug in slugs:
            message = f"another topic is called '{slug}'" if slug else "no slug can be made of its name"
            problems.append(_problem(file, "topic-slug", message, "give it a slug: of its own"))
        else:
            slugs[slug] = file
    owners: dict[str, str] = {slug: slug for slug in slugs}
    topics = {}
    for slug, file in slugs.items():
        title = text_of(look_up(file.metadata, "title"))
        if not title:
            title = slug.replace("-", " ").capitalize()
            problems.append(
                _problem(file, "topic-title", f"the topic has no title, so it is called '{title}'", "add title:")
            )
        aliases = []
        for alias in _aliases(file, folder):
            owner = owners.setdefault(alias, slug)
            if owner == slug:
                aliases.append(alias)
            else:
                message = f"its alias '{alias}' is topic '{owner}' already, and stays with that"
                problems.append(_problem(file, "topic-alias", message, "remove the alias from one of them"))
        description = text_of(look_up(file.metadata, "description")) or text_of(look_up(file.metadata, "summary"))
        topics[slug] = Topic(slug, _clean(title), _clean(description), tuple(dict.fromkeys(aliases)), settings=settings)
    return topics, problems


def read_authors(root: Path, folder: str, *, shown_root: str, site_url: str) -> tuple[dict[str, Person], list[Problem]]:
    """Read authors from `folder` below `root`: display name, e-mail, and the address of their own page."""
    files, problems = _data_files(root, folder, shown_root)
    authors = {}
    for file in files:
        slug = text_of(look_up(file.metadata, "slug")) or file.name
        names = (text_of(look_up(file.metadata, key)) for key in ("display_name", "name", "title"))
        name = next(filter(None, names), "")
        if not name:
            problems.append(_problem(file, "author-title", "the author has no name", "add name: or title:"))
            continue
        url = next(filter(None, (text_of(look_up(file.metadata, key)) for key in ("url", "website", "homepage"))), "")
        url = site_path(url) if url else f"{folder}/{slug}/"
        url = url if "://" in url else site_url + url
        if not url.startswith(("https://", "http://")) or re.search(r"[\s<>\"]", url):
            message = "its address is not a valid web address, so it is left out"
            problems.append(_problem(file, "author-url", message, "correct it"))
            url = ""
        email = text_of(look_up(file.metadata, "email"))
        if email and not EMAIL.fullmatch(email):
            message = "its e-mail address is not valid, so it is left out"
            problems.append(_problem(file, "author-email", message, "correct it"))
            email = ""
        authors[slug] = Person(_clean(name), email, url)
    return authors, problems


def _clean(text: str) -> str:
    """Take away what XML cannot carry (XML 1.0 §2.2) or discourages."""
    return re.sub(r"[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010fffd]", "", text)


def _aliases(file: DataFile, folder: str) -> Iterator[str]:
    value = look_up(file.metadata, "aliases")
    items = value.items if isinstance(value, Sequence) else (value,) if isinstance(value, Scalar) else ()
    for item in items:
        text = text_of(item).strip("/")
        head, slash, last = text.rpartition("/")
        if text and (not slash or head == folder.rpartition("/")[2]):
            yield last


def _data_files(root: Path, folder: str, shown_root: str) -> tuple[list[DataFile], list[Problem]]:
    files: list[DataFile] = []
    problems: list[Problem] = []
    place = root / folder
    if not place.is_dir():
        problem = Problem(
            Level.ERROR, "data-missing", Place(f"{shown_root}/{folder}"), "there is no such folder", "see feedmill.yaml"
        )
        return [], [problem]
    for path in sorted((*place.glob("*"), *place.glob("*/_index.*"), *place.glob("*/index.*"))):
        is_index = path.stem in ("_index", "index")
        if path.suffix not in (".md", ".yaml", ".yml", ".json") or (is_index and path.parent == place):
            continue
        if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
            continue
        shown = f"{shown_root}/{path.relative_to(root).as_posix()}"
        try:
            files.append(DataFile(path.parent.name if is_index else path.stem, shown, _metadata(path)))
        except LocatedError as error:
            where = Place(shown, error.line, error.column)
            problems.append(Problem(Level.ERROR, error.code, where, error.message, error.remedy))
        except OSError as error:
            refuse_passing_trouble(error, shown)
            message = f"cannot be read: {reason_of(error)}"
            problems.append(Problem(Level.ERROR, "unreadable", Place(shown), message, "make it readable"))
    return files, problems


def _metadata(path: Path) -> Mapping:
    text = read_bounded_text(path)
    if path.suffix == ".json":
        return read_json(text)
    if path.suffix in (".yaml", ".yml"):
        return read_metadata(text)
    return split_front_matter(text).metadata or Mapping(line=1, column=1)


def _problem(file: DataFile, code: str, message: str, remedy: str) -> Problem:
    return Problem(Level.WARNING, code, Place(file.shown_path), message, remedy)
