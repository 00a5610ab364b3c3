"""A scanned folder → the story files in it, and what was passed over that a person may miss."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from feedmill.model import BodyFormat, Level, Place, Problem
from feedmill.reading.files import refuse_passing_trouble
from feedmill.scan import MAX_DEPTH, Folder

BODY_FORMATS = {
    ".md": BodyFormat.MARKDOWN,
    ".markdown": BodyFormat.MARKDOWN,
    ".html": BodyFormat.HTML,
    ".htm": BodyFormat.HTML,
    ".txt": BodyFormat.TEXT,
    ".rst": BodyFormat.RST,
}
SIDECARS = (".yaml", ".yml")


class StoryFile(Struct, frozen=True, array_like=True):
    """A file that holds a story. `relative` is its path below `root`; `sidecar` is the metadata file beside it, if any.

    `data` are the data files of its folders, the farthest first. All paths use slashes. A section file (`_index.md`)
    is the page of a folder rather than a story.
    """

    root: str
    relative: str
    body_format: BodyFormat
    sidecar: str = ""
    data: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self.root, self.relative)

    @property
    def is_section(self) -> bool:
        """Whether the file is the page of its folder."""
        return self.relative.rpartition("/")[2].startswith("_index.")


def story_files(folder: Folder, root: Path) -> tuple[list[StoryFile], list[Problem]]:
    """Return the story files of a folder below `root`, in the order of their names, and problems at relative paths.

    A link is followed only to a file that lies below `root` itself.
    """
    files: list[StoryFile] = []
    problems = list(_about(folder, root))
    before = f"{folder.path}/" if folder.path else ""
    names = set(folder.names)
    inherited = (*(path for path, _ in folder.inherited), *_own_data(folder, names))
    stems = set()
    for name in folder.names:
        stem, dot, suffix = name.rpartition(".")
        body_format = BODY_FORMATS.get(f"{dot}{suffix.lower()}")
        if body_format is None:
            continue
        stems.add(stem)
        if name in folder.odd or not name.isascii():
            trouble = _trouble(f"{root}/{before}{name}", root)
            if trouble is _GONE:
                continue
            if trouble is not None:
                problems.append(_problem(before + name, *trouble))
                continue
        sidecar = next((before + stem + ending for ending in SIDECARS if stem + ending in names), "")
        data_file = f"{stem}.11tydata.json"
        data = (*inherited, before + data_file) if folder.has_data and data_file in names else inherited
        files.append(StoryFile(str(root), before + name, body_format, sidecar, data))
    for name in folder.names:
        stem, dot, suffix = name.rpartition(".")
        if dot + suffix.lower() in SIDECARS and stem not in stems and name != "feedmill.yaml":
            message, stem = "this sidecar has no story beside it", shown_name(stem)
            remedy = f"add {stem}.md, {stem}.html or {stem}.txt, or delete it"
            problems.append(Problem(Level.WARNING, "sidecar-alone", Place(shown_name(before + name)), message, remedy))
    return files, problems


def depends_on(file: StoryFile) -> tuple[str, ...]:
    """Return the names of the files in a story's own folder that hold it."""
    beside = (file.relative, file.sidecar, *file.data)
    folder = file.relative.rpartition("/")[0]
    return tuple(name for path in beside if path for head, _, name in (path.rpartition("/"),) if head == folder)


def _own_data(folder: Folder, names: set[str]) -> list[str]:
    """Return a folder's own data files: those that bear its name (Eleventy's directory data files)."""
    name = folder.path.rpartition("/")[2]
    endings = (".json", ".11tydata.json") if folder.has_data and name else ()
    return [f"{folder.path}/{name}{ending}" for ending in endings if name + ending in names]


def _about(folder: Folder, root: Path) -> Iterator[Problem]:
    """Yield the problems of the folder itself, of links in it, and of the folders directly below it."""
    if folder.error is not None:
        refuse_passing_trouble(folder.error, folder.path)
        yield _problem(folder.path, "unreadable", os.strerror(folder.error.errno or 0), "make it readable")
    before = f"{folder.path}/" if folder.path else ""
    for name in sorted((*folder.links, *folder.odd)):
        path = f"{root}/{before}{name}"
        if os.path.islink(path) and os.path.isdir(path):
            message, remedy = "a link to a directory, which is not followed", "move the directory itself here"
            yield Problem(Level.WARNING, "link-directory", Place(shown_name(before + name)), message, remedy)
    for name in folder.folders:
        if shown_name(name) != name:
            # Every address below it would have its name.
            yield _problem(before + name, "file-name", "the folder's name is not UTF-8", "rename it")
        elif folder.path.count("/") + 2 > MAX_DEPTH:
            yield _problem(before + name, "too-deep", "folders nest too deeply", "move it higher up")


_GONE = ("", "", "")


def _trouble(path: str, root: Path) -> tuple[str, str, str] | None:
    """Say why a file with a story's name cannot be one, as (code, message, remedy); _GONE where it is not there."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "file-name", "the file's name is not UTF-8", "rename it"
    is_link = os.path.islink(path)
    if is_link and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        return "link-outside", "a link to a place outside the content directory", "copy the file here instead"
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not is_link:
            return _GONE
        refuse_passing_trouble(error, path)
        return "unreadable", f"cannot be read: {os.strerror(error.errno or 0)}", "check the file or remove the link"
    if not stat.S_ISREG(mode):
        return "not-a-file", "not a regular file", "replace it by a file or remove it"
    return None


def _problem(relative: str, code: str, message: str, remedy: str) -> Problem:
    return Problem(Level.ERROR, code, Place(shown_name(relative)), message, remedy)


def shown_name(name: str) -> str:
    """Return a name as people are shown it: with what of it is not UTF-8 written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
