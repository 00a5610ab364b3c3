"""content/ → conventions: whose habits each folder follows, told by what lies in it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.reading.conventions.pelican import has_header
from feedmill.reading.files import refuse_passing_trouble
from feedmill.reading.walking import StoryFile

_SAMPLE = 30
_HEAD_BYTES = 3_000
_HUGO_KEYS = expression(
    r"^(?:publishDate|expiryDate|expirydate|lastmod|publishdate|linkTitle|weight|featured_image|aliases)\s*[:=]",
    re.MULTILINE,
)
_ZOLA_TABLE = expression(r"^\[(?:taxonomies|extra)\]", re.MULTILINE)
_JEKYLL_KEYS = expression(r"^(?:layout|permalink|last_modified_at|excerpt_separator)\s*:", re.MULTILINE)


class Detected(Struct, frozen=True):
    """A convention and why it was chosen."""

    name: str
    because: str


def detect_conventions(
    root: Path,
    site_directory: Path,
    files: Sequence[StoryFile],
    given: Mapping[str, str],
    tell: Callable[[StoryFile], str],
) -> dict[str, Detected]:
    """Choose a convention for every folder directly below `root` ("" for files in `root` itself).

    What `given` names counts: a folder's own, or that under "". Otherwise a generator's configuration beside the
    content decides, then marks in each folder: `_posts`, `*.11tydata.json`, `_index.md`, TOML, header lines, keys.
    `tell` gives the marks of one file, as `marks_of` reads them.
    """
    configured = _by_configuration((root, root.parent, site_directory))
    folders: dict[str, list[StoryFile]] = defaultdict(list)
    for file in files:
        first, slash, _ = file.relative.partition("/")
        folders[first if slash else ""].append(file)
    found = {}
    for folder, members in sorted(folders.items()):
        named = given.get(folder) or given.get("")
        if named:
            found[folder] = Detected(named, "content.convention")
        else:
            found[folder] = configured or _by_marks(folder, members, tell)
    return found


def _by_configuration(places: Sequence[Path]) -> Detected | None:
    for place in dict.fromkeys(places):
        try:
            names = set(os.listdir(place))  # noqa: PTH208 - only names are wanted
        except OSError as error:
            refuse_passing_trouble(error, place)
            continue
        for name in sorted(names):
            if re.fullmatch(r"hugo\.(?:toml|ya?ml|json)", name):
                return Detected("hugo", name)
            if name == "_config.yml":
                return Detected("jekyll", name)
            if re.fullmatch(r"\.?eleventy(?:\.config)?\.[cm]?js", name):
                return Detected("eleventy", name)
            if name == "pelicanconf.py":
                return Detected("pelican", name)
            if name == "config.toml":
                text = _head(place / name).lower()
                if "base_url" in text:
                    return Detected("zola", "base_url in config.toml")
                if "baseurl" in text:
                    return Detected("hugo", "baseURL in config.toml")
    return None


def marks_of(path: Path) -> str:
    """Return what the beginning of a file tells of its convention: one letter for each mark."""
    head = _head(path)
    front = head.split("\n---", 1)[0] if head.startswith("---") else ""
    marks = {
        "t": head.startswith("+++"),
        "z": head.startswith("+++") and _ZOLA_TABLE.search(head),
        "{": head.startswith("{") and not head.startswith(("{{", "{%")),
        "p": has_header(head),
        "-": front,
        "j": _JEKYLL_KEYS.search(front),
        "h": _HUGO_KEYS.search(front),
    }
    return "".join(mark for mark, found in marks.items() if found)


def _by_marks(folder: str, files: Sequence[StoryFile], tell: Callable[[StoryFile], str]) -> Detected:
    names = _names_of_interest(files)
    if names & {"_posts", "_drafts"}:
        return Detected("jekyll", f"the folder {min(names & {'_posts', '_drafts'})}")
    if any(file.data for file in files):
        return Detected("eleventy", "directory data files")
    marks = {file.relative: tell(file) for file in files[:_SAMPLE]}
    for path, told in marks.items():
        if "z" in told:
            return Detected("zola", f"[taxonomies] or [extra] in {path}")
    if names & {"_index.md", "_index.html"}:
        return Detected("hugo", "the file _index.md")
    for path, told in marks.items():
        if "t" in told or "{" in told:
            return Detected("hugo", f"front matter of TOML or JSON in {path}")
        if path.endswith(".rst") or "p" in told:
            return Detected("pelican", f"header lines in {path}")
    return _by_keys(marks) or Detected("feedmill", "no mark of another")


def _names_of_interest(files: Sequence[StoryFile]) -> set[str]:
    """Return the names of all folders of these files, and of the files that are pages of their folders."""
    folders = {file.relative.rpartition("/")[0] for file in files}
    pages = (file.relative.rpartition("/")[2] for file in files if "_" in file.relative and file.is_section)
    return set(pages).union(*(folder.split("/") for folder in folders))


def _by_keys(marks: Mapping[str, str]) -> Detected | None:
    """Tell by keys that only one convention has, when half of a folder's files have one: a stray key is a slip."""
    fronts = [path for path, told in marks.items() if "-" in told]
    for name, letter in (("jekyll", "j"), ("hugo", "h")):
        marked = [path for path in fronts if letter in marks[path]]
        if marked and 2 * len(marked) >= len(fronts):
            return Detected(name, f"its keys in {marked[0]}")
    return None


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES).decode("utf-8", "replace").lstrip("\ufeff\n\r ").replace("\r\n", "\n")
    except OSError as error:
        refuse_passing_trouble(error, path)
        return ""
