"""content/ → conventions: whose habits each folder follows, known by what lies in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.reading.conventions.pelican import has_header
from feedmill.reading.files import refuse_passing_trouble
from feedmill.scan import STORY_ENDINGS, Folder

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


class Sample:
    """What the files of one folder directly below the content directory, and of all folders in it, say of habits."""

    def __init__(self) -> None:
        """Begin with no folder."""
        self._folders: set[str] = set()
        self._pages: set[str] = set()
        self._has_data = False
        self._stories: dict[str, bytes] = {}

    def add(self, folder: Folder) -> None:
        """Add a folder: those in it come after it, in the order of their names."""
        self._folders.update(folder.path.split("/"))
        self._pages.update(page for page in ("_index.md", "_index.html") if folder.state(page))
        own = folder.path.rpartition("/")[2]
        self._has_data |= folder.has_data and any(
            name.endswith(".11tydata.json") or name == f"{own}.json" for name in folder.names
        )
        for name in folder.names if len(self._stories) < _SAMPLE else ():
            if name.rpartition(".")[2].lower() in STORY_ENDINGS and name not in folder.odd:
                path = f"{folder.path}/{name}" if folder.path else name
                self._stories[path] = folder.state(name)
                if len(self._stories) == _SAMPLE:
                    break

    @property
    def has_stories(self) -> bool:
        """Whether there is any story file."""
        return bool(self._stories)

    def convention(self, root: Path, tell: Callable[[str, bytes], str] | None = None) -> Detected:
        """Know a convention by marks: `_posts`, data files, `_index.md`, TOML, header lines, keys.

        `tell` gives the marks of a file by its path and its state, as `marks_of` reads them.
        """
        blog = self._folders & {"_posts", "_drafts"}
        if blog:
            return Detected("jekyll", f"the folder {min(blog)}")
        if self._has_data:
            return Detected("eleventy", "directory data files")
        marks = {path: tell(path, state) if tell else marks_of(root / path) for path, state in self._stories.items()}
        for path, told in marks.items():
            if "z" in told:
                return Detected("zola", f"[taxonomies] or [extra] in {path}")
        if self._pages:
            return Detected("hugo", "the file _index.md")
        for path, told in marks.items():
            if "t" in told or "{" in told:
                return Detected("hugo", f"front matter of TOML or JSON in {path}")
            if path.endswith(".rst") or "p" in told:
                return Detected("pelican", f"header lines in {path}")
        return _by_keys(marks) or Detected("feedmill", "no mark of another")


def generator_of(root: Path, site_directory: Path) -> Detected | None:
    """Return the convention of the site generator that is configured in or beside content, None where none is."""
    for place in dict.fromkeys((root, root.parent, site_directory)):
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
    """Return what the beginning of a file says of its convention: one letter for each mark."""
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


def _by_keys(marks: Mapping[str, str]) -> Detected | None:
    """Know it by keys that only one convention has, when half of a folder's files have one: a stray key is a slip."""
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
