"""Story files → stories, each read whole under its convention, or reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from feedmill.content_settings import ContentSettings
from feedmill.located import LocatedError
from feedmill.located import Mapping as Located
from feedmill.model import Level, Place, Problem, Story
from feedmill.reading.canonical import key_problems, with_own_keys
from feedmill.reading.conventions import INTERPRETERS, RawStory
from feedmill.reading.conventions.eleventy import merged
from feedmill.reading.detecting import Detected, detect_conventions, marks_of
from feedmill.reading.file_names import parse_name
from feedmill.reading.files import Digest, read_bounded_text, reason_of, refuse_passing_trouble
from feedmill.reading.front_matter import Parts, read_json, read_metadata, split_body, split_front_matter
from feedmill.reading.walking import StoryFile, find_story_files


class Listing(Struct, frozen=True):
    """The story files of a content directory by path, whose habits each folder follows, and what was passed over.

    `unreadable` counts the files that cannot be story files for a reason that people must know.
    """

    files: tuple[StoryFile, ...]
    conventions: Mapping[str, Detected]
    problems: tuple[Problem, ...]
    unreadable: int

    def convention_of(self, file: StoryFile) -> str:
        """Return the name of the convention that a file follows."""
        folder, slash, _ = file.relative.partition("/")
        return self.conventions[folder if slash else ""].name


class Read(Struct, frozen=True):
    """What reading one file gave: a story, or the reason why not; neither when the file was deleted meanwhile.

    A page is no story, but stories may refer to it. `digest` is that of all bytes that were read.
    """

    story: Story | None
    problems: tuple[Problem, ...]
    is_page: bool
    digest: str

    @property
    def is_gone(self) -> bool:
        """Whether the file was deleted since its folder was listed."""
        return self.story is None and not self.problems


def list_stories(
    root: Path,
    *,
    shown_root: str,
    settings: ContentSettings | None = None,
    site_directory: Path | None = None,
    output: Path | None = None,
    tell: Callable[[StoryFile], str] = lambda file: marks_of(file.path),
) -> Listing:
    """Find every story file below `root`, and tell the conventions of its folders.

    `shown_root` stands before each path in problems; `site_directory` is where a generator's configuration may lie, and
    `output` where Feedmill writes, which is passed over; `tell` gives the marks of a file's convention. An empty
    directory is a problem.
    """
    settings = settings or ContentSettings()
    files, problems = find_story_files(root, passing_over=output)
    conventions = detect_conventions(root, site_directory or root, files, settings.conventions, tell)
    # YAML files of a site generator are its own business.
    own = {folder for folder, detected in conventions.items() if detected.name == "feedmill"}
    problems = [p for p in problems if p.code != "sidecar-alone" or _folder_of(p.place.path) in own]
    unreadable = sum(problem.level is Level.ERROR for problem in problems)
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
    return Listing(tuple(files), conventions, tuple(_shown(problems, shown_root)), unreadable)


def read_story(file: StoryFile, convention: str, settings: ContentSettings, *, shown_root: str) -> Read:
    """Read one file under its convention. `shown_root` stands before its path in problems.

    Raises Unreadable when the machine, not the file, is at fault.
    """
    digest = sha256(convention.encode())
    problems: list[Problem] = []
    found = _read_parts(file, convention, settings, digest, problems)
    digested = digest.hexdigest()[:32]
    story = None
    if found is not None:
        story = _interpreted(file, convention, settings, found, shown_root, digested)
    told = tuple(_shown(problems, shown_root)) if problems else ()
    return Read(story, told, _is_page(file, settings), digested)


def read_body(
    file: StoryFile, convention: str, settings: ContentSettings, digest: str, *, shown_root: str
) -> Story | None:
    """Read a story once more for its body, without its metadata, when its file is still that of `digest`.

    None where that is not so, or where the body cannot be told by itself: then it is for `read_story`.
    """
    if convention != "feedmill" or file.sidecar:
        return None
    again = sha256(convention.encode())
    try:
        found = split_body(read_bounded_text(f"{file.root}/{file.relative}", again))
    except (OSError, LocatedError):
        return None
    if found is None or again.hexdigest()[:32] != digest:
        return None
    parts = Parts(None, found[0], found[1])
    return _interpreted(file, convention, settings, _Found(parts, Located(), file.relative), shown_root, digest)


def _shown(problems: Iterable[Problem], root: str) -> Iterator[Problem]:
    return (
        replace(problem, place=replace(problem.place, path=_join(root, problem.place.path))) for problem in problems
    )


def _folder_of(path: str) -> str:
    """Return the folder directly below the content directory in which a file lies."""
    return path.partition("/")[0] if "/" in path else ""


def _is_page(file: StoryFile, settings: ContentSettings) -> bool:
    """Whether a file is no story: a folder's own page, data, or outside the sections that hold stories."""
    if file.is_section:
        return True
    if not (settings.sections or settings.topics_from or settings.authors_from):
        return False
    inside: Sequence[str] = settings.sections
    elsewhere = [folder for folder in (settings.topics_from, settings.authors_from) if folder]
    if any(file.relative.startswith(f"{folder}/") for folder in elsewhere):
        return True
    return bool(inside) and not any(file.relative.startswith(f"{folder}/") for folder in inside)


def _join(root: str, path: str) -> str:
    if path == ".":
        return root
    return path if root == "." else f"{root}/{path}"


class _Found(Struct, frozen=True):
    """What a file and those beside it hold, before its convention has been applied. `told` is where metadata stands."""

    parts: Parts
    metadata: Located
    told: str


def _read_parts(
    file: StoryFile, convention: str, settings: ContentSettings, digest: Digest, problems: list[Problem]
) -> _Found | None:
    """Read what a file holds, None when it cannot be read, or was deleted meanwhile, of which there is no problem."""
    path = file.relative
    try:
        parts = split_front_matter(read_bounded_text(f"{file.root}/{file.relative}", digest))
        metadata, metadata_path = parts.metadata, file.relative
        for told in parts.mended:
            place = Place(path, told.line, 1)
            problems.append(Problem(Level.WARNING, "front-matter-mended", place, told.message, told.remedy))
        if file.sidecar:
            path = file.sidecar
            if metadata is None:
                metadata, metadata_path = read_metadata(read_bounded_text(file.root / file.sidecar, digest)), path
            else:
                message = "this sidecar is not read, because the story has front matter of its own"
                problems.append(Problem(Level.WARNING, "sidecar-unused", Place(path), message, "keep one of the two"))
        data = []
        for data_path in file.data if convention == "eleventy" else ():
            path = data_path.rpartition("/")[2]
            data.append(read_json(read_bounded_text(file.root / data_path, digest)))
    except LocatedError as error:
        place = Place(path, error.line, error.column)
        problems.append(Problem(Level.ERROR, error.code, place, error.message, error.remedy))
        return None
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not file.path.is_symlink() and not file.path.exists():
            problems.clear()
            return None
        refuse_passing_trouble(error, path)
        message = f"cannot be read: {reason_of(error)}"
        problems.append(Problem(Level.ERROR, "unreadable", Place(path), message, "make it readable"))
        return None
    metadata = metadata or Located(line=1, column=1)
    if data:
        metadata = merged(data, metadata)
    repeated_only = convention != "feedmill"
    problems.extend(key_problems(metadata, metadata_path, settings.keys, repeated_only=repeated_only))
    return _Found(parts, metadata, metadata_path)


def _interpreted(
    file: StoryFile, convention: str, settings: ContentSettings, found: _Found, shown_root: str, digest: str
) -> Story:
    parts, metadata = found.parts, found.metadata
    name = parse_name(file.relative)
    raw = RawStory(file.relative, metadata, parts.body, name.date, name.slug, parts.body_line)
    said = INTERPRETERS[convention](raw)
    shown = _join(shown_root, file.relative)
    return Story(
        path=file.relative,
        shown_path=shown,
        metadata=with_own_keys(said.metadata, metadata, settings.keys),
        body=parts.body if said.body is None else said.body,
        body_format=file.body_format,
        body_line=said.body_line or parts.body_line,
        metadata_path=shown if found.told == file.relative else _join(shown_root, found.told),
        name_date=name.date,
        name_slug=name.slug,
        convention=convention,
        address=said.address,
        excerpt=said.excerpt,
        digest=digest,
    )
