"""content/ → story files: which files are stories, found in one order on any machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from msgspec import Struct

from feedmill.errors import Unreadable
from feedmill.model import BodyFormat, Level, Place, Problem
from feedmill.reading.files import refuse_passing_trouble

BODY_FORMATS = {
    ".md": BodyFormat.MARKDOWN,
    ".markdown": BodyFormat.MARKDOWN,
    ".html": BodyFormat.HTML,
    ".htm": BodyFormat.HTML,
    ".txt": BodyFormat.TEXT,
    ".rst": BodyFormat.RST,
}
_FORMATS = {ending.removeprefix("."): body_format for ending, body_format in BODY_FORMATS.items()}
SIDECARS = (".yaml", ".yml")
_BESIDE = (*SIDECARS, ".json")
MAX_DEPTH = 40


class _Gone(Exception):
    """A file was deleted since its folder was listed: to whom it was never there it is no trouble."""


class StoryFile(Struct, frozen=True):
    """A file that holds a story. `relative` is its path below `root`; `sidecar` is the metadata file beside it, if any.

    `data` are the data files of its folders, the farthest first. All paths use slashes. A section file (`_index.md`)
    is the page of a folder rather than a story.
    """

    root: Path
    relative: str
    body_format: BodyFormat
    sidecar: str = ""
    data: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.root / self.relative

    @property
    def all_files(self) -> tuple[str, ...]:
        """The paths, below the root, of all files that tell the story."""
        if not self.sidecar and not self.data:
            return (self.relative,)
        return (self.relative, *((self.sidecar,) if self.sidecar else ()), *self.data)

    @property
    def is_section(self) -> bool:
        """Whether the file is the page of its folder."""
        return self.relative.rpartition("/")[2].startswith("_index.")


def find_story_files(root: Path, *, passing_over: Path | None = None) -> tuple[list[StoryFile], list[Problem]]:
    """List the story files below `root`, ordered by path, and what was passed over that a person may miss.

    Hidden files and folders (a leading dot) are not content, nor are `node_modules` and the folder `passing_over`,
    where Feedmill's own output may lie. A link is followed only to a file that lies
    below `root` itself. Paths in problems are relative to `root`.
    """
    files: list[StoryFile] = []
    problems: list[Problem] = []
    real_root = Path(os.path.realpath(root))
    data: dict[str, tuple[str, ...]] = {}
    # As the survey does it: a Path would keep the `..` in it.
    over = os.path.abspath(passing_over) if passing_over is not None else ""  # noqa: PTH100
    for folder, entries in _folders(root, "", problems, over):
        names = {entry.name for entry in entries}
        # Most folders hold nothing that stands beside a story.
        beside_stories = {name for name in names if name.lower().endswith(_BESIDE)}
        own = data[folder] = (*data.get(_above(folder), ()), *_folder_data(folder, beside_stories))
        stems = set()
        for entry in entries:
            name = entry.name
            stem, dot, suffix = name.rpartition(".")
            body_format = _FORMATS.get(suffix) or _FORMATS.get(suffix.lower())
            if body_format is None or not dot:
                continue
            relative = folder + name
            if beside_stories:
                stems.add(stem)
            if not (name.isascii() and entry.is_file(follow_symlinks=False)):
                try:
                    trouble = _trouble(entry, real_root)
                except _Gone:
                    continue
                if trouble:
                    problems.append(_problem(relative, *trouble))
                    continue
            if not beside_stories:
                files.append(StoryFile(root, relative, body_format, "", own))
                continue
            beside = next((folder + stem + ending for ending in SIDECARS if stem + ending in beside_stories), "")
            data_file = f"{stem}.11tydata.json"
            every = (*own, folder + data_file) if data_file in beside_stories else own
            files.append(StoryFile(root, relative, body_format, beside, every))
        for name in sorted(beside_stories):
            stem, dot, suffix = name.rpartition(".")
            if dot + suffix.lower() in SIDECARS and stem not in stems and name != "feedmill.yaml":
                message = "this sidecar has no story beside it"
                stem = _shown(stem)
                remedy = f"add {stem}.md, {stem}.html or {stem}.txt, or delete it"
                problems.append(Problem(Level.WARNING, "sidecar-alone", Place(_shown(folder + name)), message, remedy))
    return sorted(files, key=attrgetter("relative")), problems


def _above(folder: str) -> str:
    above = folder.rstrip("/").rpartition("/")[0]
    return f"{above}/" if above else ""


def _folder_data(folder: str, names: set[str]) -> list[str]:
    """Return a folder's own data files: those that bear its name (Eleventy's directory data files)."""
    name = folder.rstrip("/").rpartition("/")[2]
    return [f"{folder}{name}{ending}" for ending in (".json", ".11tydata.json") if name + ending in names]


def _folders(
    root: Path, folder: str, problems: list[Problem], passing_over: str
) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    try:
        with os.scandir(root / folder) as scan:
            entries = sorted((e for e in scan if not e.name.startswith(".")), key=attrgetter("name"))
    except OSError as error:
        refuse_passing_trouble(error, root / folder)
        if not folder:
            raise Unreadable(
                f"{root}: cannot be read: {os.strerror(error.errno or 0)}",
                remedy="the feeds are as they were; make it readable for the user who runs feedmill",
            ) from None
        if isinstance(error, FileNotFoundError):
            return  # deleted since the folder above it was listed
        problems.append(_problem(folder, "unreadable", os.strerror(error.errno or 0), "make it readable"))
        return
    files, others = [], []
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder:
            files.append(entry)
        if is_folder or entry.is_symlink():
            others.append(entry)
    yield folder, files
    for entry in others:
        # Not as the entry itself says it: of a link that leads to itself, or to where nobody may look, that raises.
        if entry.is_symlink() and os.path.isdir(entry.path):  # noqa: PTH112 - nor may a Path
            place = Place(_shown(f"{folder}{entry.name}"))
            message, remedy = "a link to a directory, which is not followed", "move the directory itself here"
            problems.append(Problem(Level.WARNING, "link-directory", place, message, remedy))
        if not entry.is_dir(follow_symlinks=False) or entry.name == "node_modules":
            continue
        if os.path.abspath(entry.path) == passing_over:  # noqa: PTH100
            continue
        if _shown(entry.name) != entry.name:
            # Every address below it would have its name.
            problems.append(
                _problem(f"{folder}{entry.name}", "file-name", "the folder's name is not UTF-8", "rename it")
            )
            continue
        if folder.count("/") >= MAX_DEPTH:
            problems.append(
                _problem(f"{folder}{entry.name}", "too-deep", "folders nest too deeply", "move it higher up")
            )
            continue
        yield from _folders(root, f"{folder}{entry.name}/", problems, passing_over)


def _trouble(entry: os.DirEntry[str], real_root: Path) -> tuple[str, str, str] | None:
    """Say why a file with a story's name cannot be one: (code, message, remedy)."""
    try:
        entry.name.encode("utf-8")
    except UnicodeEncodeError:
        return "file-name", "the file's name is not UTF-8", "rename it"
    if entry.is_file(follow_symlinks=False):
        return None
    if entry.is_symlink() and not Path(os.path.realpath(entry.path)).is_relative_to(real_root):
        return "link-outside", "a link to a place outside the content directory", "copy the file here instead"
    try:
        mode = os.stat(entry.path).st_mode  # noqa: PTH116 - entry.stat() would be cached from the scan
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not entry.is_symlink():
            raise _Gone from None
        refuse_passing_trouble(error, entry.path)
        return (
            "unreadable",
            f"cannot be read: {os.strerror(error.errno or 0)}",
            "check the file or remove the link",
        )
    if not stat.S_ISREG(mode):
        return "not-a-file", "not a regular file", "replace it by a file or remove it"
    return None


def _problem(relative: str, code: str, message: str, remedy: str) -> Problem:
    return Problem(Level.ERROR, code, Place(_shown(relative)), message, remedy)


def _shown(name: str) -> str:
    """Return a name as people are shown it: with what of it is not UTF-8 written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
