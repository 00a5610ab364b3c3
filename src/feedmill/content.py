"""content/ → the cache: what a scan finds new, changed or gone is read, normalised, and put in place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.config.policies import Policies
from feedmill.config.site import Site
from feedmill.errors import ConfigurationError, Unreadable
from feedmill.feeds import rules_of
from feedmill.model import FeedSettings, Level, Place, Problem
from feedmill.normalising import References, own_name, plain_path
from feedmill.reading import (
    Detected,
    Sample,
    StoryFile,
    depends_on,
    generator_of,
    marks_of,
    read_authors,
    read_topics,
    shown_name,
    story_files,
    with_root,
)
from feedmill.scan import STORY_ENDINGS, Folder, is_settled, names_in, walk, with_unknown
from feedmill.store import Bodies, Entries, Row, SourceRow, Sources, Store
from feedmill.stories import File, ReadFile, StoryContext, read_file
from feedmill.workers import Failure, Workers

_MOST_AT_ONCE = 16_384
"""How many files are read before what they said is put in place."""
_ENCODER = msgspec.msgpack.Encoder()
_FILE = msgspec.msgpack.Decoder(StoryFile)
Progress = Callable[[str], Callable[[int, int], None]]
"""Given a stage's name, returns what that stage calls with how many of how many are done."""


class Changes(Struct):
    """What differs in the cache from what it was.

    `fresh` are the paths of entries that are new or changed, and `freed` the records whose story changed or went;
    `paths` are those of files that changed or went of which there was no entry; `groups` are the keys, places and ids
    of entries that went or gave way to others. `is_anew` says that nothing was known before.
    """

    fresh: set[str] = field(default_factory=set)
    freed: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    groups: tuple[set[tuple[str, ...]], set[tuple[str, ...]], set[tuple[str, ...]]] = field(
        default_factory=lambda: (set(), set(), set())
    )
    addresses: bool = False
    is_anew: bool = False


def with_data(site: Site, directory: Path) -> tuple[Site, list[Problem]]:
    """Return the site with the topics and authors of its content directory; those of feedmill.yaml count first."""
    problems: list[Problem] = []
    root, shown, content = directory / site.content_path, site.content_path, site.content
    if content.topics_from:
        topics, said = read_topics(root, content.topics_from, shown_root=shown, settings=site.settings)
        problems.extend(said)
        site = replace(site, topics={**topics, **site.topics})
    if content.authors_from:
        authors, said = read_authors(root, content.authors_from, shown_root=shown, site_url=site.url)
        problems.extend(said)
        site = replace(site, authors={**authors, **site.authors})
    return site, problems


class Content:
    """The content directory of a site, and the cache that is to agree with it. `changes` is what differed."""

    def __init__(
        self,
        context: StoryContext,
        directory: Path,
        store: Store,
        entries: Entries,
        workers: Workers[StoryContext],
        progress: Progress,
    ) -> None:
        """Take what a run works with. Nothing is looked at yet."""
        self._context, self._site, self._directory = context, context.site, directory
        self._root = directory / context.site.content_path
        self._store, self._entries, self._workers = store, entries, workers
        self._sources, self._bodies = Sources(store), Bodies(store)
        self._progress = progress
        self.changes = Changes()
        self._waiting: list[File] = []
        self._known = self._sources.conventions()
        self._conventions: dict[str, tuple[str, str]] = {}
        self._generator: Detected | None = None
        self._told_otherwise = False
        self._visited: set[str] = set()
        self._unreadable: list[str] = []

    def refresh(self, folders: Iterable[Folder] | None) -> None:
        """Bring the cache up to date with content/. `folders` is a scan of it that was made already, if any was.

        Raises ConfigurationError when there is no content directory, and Unreadable when the machine is at fault.
        """
        if not self._root.is_dir():
            raise ConfigurationError(
                f"{self._root}: there is no content directory here",
                remedy="create it, or set content.path in feedmill.yaml; the feeds are as they were",
            )
        self._forget_what_was_read_otherwise()
        self._find_generator()
        try:
            self._by_top(folders if folders is not None else self._walk())
        except OSError as error:
            raise Unreadable(
                f"{self._root}: cannot be read: {os.strerror(error.errno or 0)}",
                remedy="the feeds are as they were; make it readable for the user who runs feedmill",
            ) from None
        self._read()
        if self.changes.is_anew:
            self._store.index()
        self._remove_gone_folders()
        if self._conventions != self._known:
            self._sources.put_conventions(self._conventions)
        if self.changes.addresses:
            self._follow_references()

    def read_again(self, paths: Iterable[str]) -> None:
        """Read the stories at some paths as if their files had just changed."""
        self._waiting = [file for path in paths if (file := file_of(self._sources, path)) is not None]
        self._read()

    def _forget_what_was_read_otherwise(self) -> None:
        site = self._site
        read = replace(
            site,
            settings=FeedSettings(),
            topics={slug: replace(t, description="", settings=FeedSettings()) for slug, t in site.topics.items()},
            collections={},
            policies=Policies(updated=site.policies.updated),
            author_feeds=False,
            status_page=False,
            **dict.fromkeys(("description", "rights", "hub", "ping_url", "feeds_url", "feeds_path", "templates"), ""),
            author=None,
            moved_from=(),
        )
        digests = {"reading": _digest(read), "selection": _digest(rules_of(site)), "rendering": _digest(site)}
        before = {name: self._store.meta(name) for name in digests}
        self.changes.is_anew = before["reading"] is None
        if before["reading"] != digests["reading"]:
            self.changes.is_anew = True
            self._store.forget(
                "folder", "convention", "source", "entry", "candidate", "member", "body", "reference", "fragment"
            )
            self._known = {}
        else:
            if before["rendering"] != digests["rendering"]:
                self._store.forget("body", "reference", "fragment")
                self._store.set_meta("history", "")
            if before["selection"] != digests["selection"]:
                self._entries.rebuild_members()
        for name, digest in digests.items():
            if before[name] != digest:
                self._store.set_meta(name, digest)

    # Folders

    def _find_generator(self) -> None:
        self._generator = generator_of(self._root, self._directory)
        packed = _ENCODER.encode(self._generator)
        self._told_otherwise = packed != self._store.meta("generator")
        if self._told_otherwise:
            self._store.set_meta("generator", packed)

    def _tell(self, path: str, state: bytes) -> str:
        """Return what a file says of its convention; nothing where its name is not one that a story can have."""
        if shown_name(path) != path:
            return ""
        marks = self._sources.marks_of(path, state)
        if marks is None:
            marks = marks_of(self._root / path)
            if is_settled(state, self._store.began_ns):
                self._sources.put_marks(path, state, marks)
        return marks

    def _walk(self, start: str = "") -> Iterable[Folder]:
        output = os.path.abspath(self._directory / self._site.feeds_path)  # noqa: PTH100 - as the scan does it
        return walk(str(self._root), output, start)

    def _by_top(self, folders: Iterable[Folder]) -> None:
        """Take the folders of each one directly below content/ together: they follow one convention."""
        top, sample, changed = "", Sample(), list[Folder]()
        for folder in folders:
            first = folder.path.partition("/")[0]
            if first != top:
                self._take(top, sample, changed)
                top, sample, changed = first, Sample(), []
            self._visited.add(folder.path)
            sample.add(folder)
            if folder.differs_from(self._sources.folder_row(folder.path)):
                changed.append(folder)
            if folder.error is not None:
                self._unreadable.append(folder.path)
        self._take(top, sample, changed)

    def _take(self, top: str, sample: Sample, changed: list[Folder]) -> None:
        known = self._known.get(top)
        if not changed and known is not None and not self._told_otherwise:
            self._conventions[top] = known
            return
        given = self._site.content.conventions
        named = given.get(top) or given.get("")
        found = Detected(named, "content.convention") if named else self._generator
        if found is None:
            found = sample.convention(self._root, self._tell)
        if sample.has_stories or top in self._known:
            self._conventions[top] = (found.name, found.because)
        if known is not None and known[0] != found.name:
            # All of its stories are read otherwise now.
            for folder in self._walk(top):
                if top or not folder.path:
                    self._take_folder(folder, found.name, None)
            return
        for folder in changed:
            self._take_folder(folder, found.name, self._sources.folder_row(folder.path))

    def _take_folder(self, folder: Folder, convention: str, row: bytes | None) -> None:
        """Take a folder of which a scan has left this row: all of it is to be read where that is None."""
        names = folder.changed_since(row)
        files, problems = story_files(folder, self._root)
        if convention != "feedmill":
            # YAML files of a site generator are its own business.
            problems = [problem for problem in problems if problem.code != "sidecar-alone"]
        before = f"{folder.path}/" if folder.path else ""
        is_there = {file.relative for file in files}
        if folder.error is None:
            if row is not None:
                had = [before + name for name in names_in(row) if name.rpartition(".")[2].lower() in STORY_ENDINGS]
            else:
                had = [path for path in self._sources.below(folder.path) if path.rpartition("/")[0] == folder.path]
            self._remove(path for path in had if path not in is_there)
        else:
            self._break(self._sources.below(folder.path))
        new = folder.row(self._store.began_ns)
        self._sources.put_folder(folder.path, new, list(with_root(problems, self._site.content_path)))
        for file in files:
            if names is None or not names.isdisjoint(depends_on(file)):
                size = int.from_bytes(folder.state(file.relative.removeprefix(before))[16:24], "little")
                self._waiting.append(File(file, convention, size))
        if len(self._waiting) >= _MOST_AT_ONCE:
            self._read()

    def _remove_gone_folders(self) -> None:
        gone = [path for path in self._sources.folders() if path not in self._visited]
        hidden = [path for path in gone if any(path.startswith(f"{each}/") for each in self._unreadable)]
        for path in set(gone) - set(hidden):
            self._remove(self._sources.below(path))
        # What cannot be looked into now is to be read when it can.
        self._sources.remove_folders(gone)

    # Stories

    def _read(self) -> None:
        """Read what waits to be read, and put it in place."""
        tell = self._progress("Reading stories")
        rows: list[tuple[Row, tuple[tuple[str, str], ...]]] = []
        sources: list[SourceRow] = []
        waiting, self._waiting = self._waiting, []
        each = self._workers.each(read_file, waiting, size=lambda file: file.size, batch=64)
        for number, (file, told) in enumerate(each, 1):
            self._take_story(file, told, rows, sources)
            if len(sources) >= 512:
                self._put(rows, sources)
            tell(number, len(waiting))
        self._put(rows, sources)

    def _put(self, rows: list[tuple[Row, tuple[tuple[str, str], ...]]], sources: list[SourceRow]) -> None:
        self._entries.put(rows, is_new=self.changes.is_anew)
        self._sources.put(sources)
        rows.clear()
        sources.clear()

    def _take_story(
        self,
        file: File,
        told: ReadFile | Failure,
        rows: list[tuple[Row, tuple[tuple[str, str], ...]]],
        sources: list[SourceRow],
    ) -> None:
        path = file.story.relative
        if isinstance(told, Failure):
            told = ReadFile("broken", (failed(path, told, self._site),))
        known = None if self.changes.is_anew else self._sources.get(path)
        if told.kind == "gone":
            self._look_again(path)
            self._remove([path])
            return
        source = SourceRow(
            path=path,
            kind=told.kind,
            convention=file.convention,
            file=_ENCODER.encode(file.story),
            digest=_digest(told),
            plain=plain_path(path),
            name=own_name(path),
            url=told.url,
            problems=told.problems,
        )
        if known is not None and known.digest == source.digest and known.convention == source.convention:
            return  # its file was written, and says what it said
        sources.append(source)
        if known is None or known.url != source.url:
            self.changes.addresses = True
        if known is not None:
            self._let_go([path])
        if told.row is not None:
            rows.append((told.row, told.feeds))
            self.changes.fresh.add(path)
        elif known is not None:
            self._entries.remove([path])

    def _look_again(self, path: str) -> None:
        """Have the next scan see a file as changed that was there when this one listed its folder."""
        folder, _, name = path.rpartition("/")
        row = self._sources.folder_row(folder)
        if row is not None and name in names_in(row):
            self._sources.set_row(folder, with_unknown(row, name))

    def _let_go(self, paths: Iterable[str]) -> None:
        """Take down what the entries at some paths were, which are about to go or to change."""
        by_text, by_place, by_id = self.changes.groups
        for path in paths:
            row = self._entries.get(path)
            if row is not None:
                by_text.add((row.title_key, row.text_key))
                by_place.add((row.place,))
                by_id.update([(row.own_id,), (row.id,)])
                if row.record is not None:
                    self.changes.freed.add(row.record)
            else:
                self.changes.paths.add(path)

    def _remove(self, paths: Iterable[str]) -> None:
        paths = list(paths)
        if paths:
            self._let_go(paths)
            self._entries.remove(paths)
            self._sources.remove(paths)
            self.changes.addresses = True

    def _break(self, paths: Iterable[str]) -> None:
        """Take it that stories are there and cannot be read: those in a folder that may not be looked into."""
        paths = list(paths)
        self._let_go(paths)
        self._entries.remove(paths)
        self._sources.break_all(paths)

    def _follow_references(self) -> None:
        """Forget the bodies whose references lead elsewhere now."""
        references = References(self._sources)
        self._bodies.remove({path for path, asked in self._bodies.lookups() if references.answer(asked) != asked})


def failed(path: str, failure: Failure, site: Site) -> Problem:
    """Return the problem of a story that could not be worked on."""
    place = Place(path if site.content_path == "." else f"{site.content_path}/{path}")
    remedy = "simplify the story, or report this with the story; the others are published"
    return Problem(Level.ERROR, "story-failed", place, f"the story cannot be used: {failure.what}", remedy)


def file_of(sources: Sources, path: str) -> File | None:
    """Return the file of a story, None where it has none."""
    known = sources.get(path)
    if known is None:
        return None
    return File(_FILE.decode(known.file), known.convention)


def _digest(value: object) -> bytes:
    return blake2b(_ENCODER.encode(value), digest_size=16).digest()
