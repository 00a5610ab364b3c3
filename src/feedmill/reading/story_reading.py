"""Story files → stories, each read whole under its convention, or reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.content_settings import ContentSettings
from feedmill.located import LocatedError
from feedmill.located import Mapping as Located
from feedmill.model import Level, Place, Problem, Story
from feedmill.reading.canonical_keys import key_problems, with_own_keys
from feedmill.reading.conventions import INTERPRETERS, RawStory
from feedmill.reading.conventions.eleventy import merged
from feedmill.reading.file_names import parse_name
from feedmill.reading.files import Digest, read_bounded_text, reason_of, refuse_passing_trouble
from feedmill.reading.front_matter import Parts, read_json, read_metadata, split_front_matter
from feedmill.reading.walking import StoryFile


class Read(Struct, frozen=True):
    """What reading one file gave: a story, or the reason why not; neither when the file was deleted meanwhile.

    A page is not a story, but stories may refer to it. `digest` is that of all bytes that were read.
    """

    story: Story | None
    problems: tuple[Problem, ...]
    is_page: bool
    digest: str

    @property
    def is_gone(self) -> bool:
        """Whether the file was deleted since its folder was listed."""
        return self.story is None and not self.problems


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
    told = tuple(with_root(problems, shown_root)) if problems else ()
    return Read(story, told, is_page(file, settings), digested)


def with_root(problems: Iterable[Problem], root: str) -> Iterator[Problem]:
    """Yield problems with their paths as people are shown them: below `root`."""
    return (
        replace(problem, place=replace(problem.place, path=_join(root, problem.place.path))) for problem in problems
    )


def is_page(file: StoryFile, settings: ContentSettings) -> bool:
    """Whether a file is not a story: a folder's own page, data, or outside the sections that hold stories."""
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
        for told in parts.repaired:
            place = Place(path, told.line, 1)
            problems.append(Problem(Level.WARNING, "front-matter-repaired", place, told.message, told.remedy))
        if file.sidecar:
            path = file.sidecar
            if metadata is None:
                metadata, metadata_path = read_metadata(read_bounded_text(f"{file.root}/{file.sidecar}", digest)), path
            else:
                message = "this sidecar is not read, because the story has front matter of its own"
                problems.append(Problem(Level.WARNING, "sidecar-unused", Place(path), message, "keep one of the two"))
        data = []
        for data_path in file.data if convention == "eleventy" else ():
            path = data_path.rpartition("/")[2]
            data.append(read_json(read_bounded_text(f"{file.root}/{data_path}", digest)))
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
