"""Story files → stories, each read whole or reported."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from feedmill.errors import ConfigurationError
from feedmill.located import LocatedError, Mapping
from feedmill.model import Level, Place, Problem, Story
from feedmill.reading.canonical import key_problems
from feedmill.reading.file_names import parse_name
from feedmill.reading.front_matter import read_metadata, split_front_matter
from feedmill.reading.walking import StoryFile, find_story_files

MAX_STORY_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What lies in a content directory: stories by path, problems, and how many story files were found."""

    stories: tuple[Story, ...]
    problems: tuple[Problem, ...]
    found: int


def read_stories(root: Path, *, shown_root: str, on_progress: Callable[[int, int], None] | None = None) -> Reading:
    """Read every story below `root`.

    `shown_root` stands before each path in problems. `on_progress` is told how many of how many files are
    read. An empty directory is a problem. Raises ConfigurationError when there is none: a place that is not
    mounted must not empty every feed.
    """
    if not root.is_dir():
        raise ConfigurationError(
            f"{root}: there is no content directory here",
            remedy="create it, or set content.path in feedmill.yaml; the feeds are as they were",
        )
    files, problems = find_story_files(root)
    found = len(files) + sum(problem.level is Level.ERROR for problem in problems)
    stories: list[Story] = []
    for number, file in enumerate(files, 1):
        story, said = _read_story(file)
        problems.extend(said)
        if story is not None:
            shown, told = f"{shown_root}/{story.path}", f"{shown_root}/{story.metadata_path}"
            stories.append(replace(story, shown_path=shown, metadata_path=told))
        if on_progress is not None:
            on_progress(number, len(files))
    if not files:
        problems.append(
            Problem(
                Level.ERROR,
                "content-empty",
                Place("."),
                "there are no stories here",
                "add files ending in .md, .html or .txt",
            )
        )
    located = (replace(p, place=replace(p.place, path=_join(shown_root, p.place.path))) for p in problems)
    return Reading(tuple(stories), tuple(located), found)


def _join(root: str, path: str) -> str:
    return root if path == "." else f"{root}/{path}"


def _read_story(file: StoryFile) -> tuple[Story | None, list[Problem]]:
    problems: list[Problem] = []
    path = file.relative
    try:
        parts = split_front_matter(_read_text(file.path))
        metadata, metadata_path = parts.metadata, file.relative
        problems.extend(
            Problem(Level.WARNING, "front-matter-mended", Place(path, told.line, 1), told.message, told.remedy)
            for told in parts.mended
        )
        if file.sidecar is not None:
            path = f"{file.relative.rpartition('/')[0]}/{file.sidecar.name}".lstrip("/")
            if metadata is None:
                metadata, metadata_path = read_metadata(_read_text(file.sidecar)), path
            else:
                message = "this sidecar is not read, because the story has front matter of its own"
                problems.append(Problem(Level.WARNING, "sidecar-unused", Place(path), message, "keep one of the two"))
    except LocatedError as error:
        place = Place(path, error.line, error.column)
        return None, [*problems, Problem(Level.ERROR, error.code, place, error.message, error.remedy)]
    except OSError as error:
        message = f"cannot be read: {os.strerror(error.errno or 0)}"
        return None, [*problems, Problem(Level.ERROR, "unreadable", Place(path), message, "make it readable")]
    metadata = metadata or Mapping(line=1, column=1)
    problems.extend(key_problems(metadata, metadata_path))
    name = parse_name(file.relative)
    story = Story(
        path=file.relative,
        shown_path=file.relative,
        metadata=metadata,
        body=parts.body,
        body_format=file.body_format,
        body_line=parts.body_line,
        metadata_path=metadata_path,
        name_date=name.date,
        name_slug=name.slug,
    )
    return story, problems


def _read_text(path: Path) -> str:
    r"""Read a bounded UTF-8 text with its line ends made `\n`.

    Raises OSError, or LocatedError for a file too large or not UTF-8.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(handle).st_size
        if size > MAX_STORY_BYTES:
            raise LocatedError(
                "story-size",
                f"{size:,} bytes; a story may have {MAX_STORY_BYTES:,}",
                "split it, or move embedded images into files of their own",
                0,
                0,
            )
        chunks = []
        while chunk := os.read(handle, MAX_STORY_BYTES):
            chunks.append(chunk)
            if sum(map(len, chunks)) > MAX_STORY_BYTES:
                raise LocatedError("story-size", "it grows while it is read", "build when it is complete", 0, 0)
        data = b"".join(chunks)
    finally:
        os.close(handle)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise LocatedError("not-utf-8", "the file is UTF-16", "save it as UTF-8", 1, 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        before = data[data.rfind(b"\n", 0, error.start) + 1 : error.start]
        raise LocatedError(
            "not-utf-8",
            f"byte 0x{data[error.start]:02X} is not UTF-8",
            "save the file as UTF-8",
            line,
            len(before.decode("utf-8", "replace")) + 1,
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
