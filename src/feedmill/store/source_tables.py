"""Folders and story files, as the last scan saw them and as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct

from feedmill.model import Problem
from feedmill.store.cache_database import Store

_ENCODER = msgspec.msgpack.Encoder()
_PROBLEMS = msgspec.msgpack.Decoder(list[Problem])
_BELOW = "path >= ? AND path < ?"


def pack_problems(problems: Sequence[Problem]) -> bytes | None:
    """Return problems as bytes, None where there are none."""
    return _ENCODER.encode(list(problems)) if problems else None


def unpack_problems(packed: bytes | None) -> list[Problem]:
    """Return the problems that were packed."""
    return _PROBLEMS.decode(packed) if packed else []


class SourceRow(Struct, frozen=True):
    """One story file: `kind` is story, page or broken; `file` is packed.

    `digest` is that of all that it said; `plain` and `name` are how others refer to it, and `url` what that leads to.
    """

    path: str
    kind: str
    convention: str
    file: bytes
    digest: bytes
    plain: str
    name: str
    url: str
    problems: tuple[Problem, ...]


class Sources:
    """The tables folder, convention, mark and source."""

    def __init__(self, store: Store) -> None:
        """Take the open cache."""
        self._store = store

    def folder_row(self, path: str) -> bytes | None:
        """Return what a scan has left of a folder, None of one that it does not know."""
        found = self._store.row("SELECT row FROM folder WHERE path = ?", (path,))
        return found[0] if found is not None else None

    def folders(self) -> list[str]:
        """Return the paths of all folders."""
        return [path for (path,) in self._store.rows("SELECT path FROM folder")]

    def put_folder(self, path: str, row: bytes, problems: Sequence[Problem]) -> None:
        """Remember what a scan saw of a folder."""
        self._store.write("INSERT OR REPLACE INTO folder VALUES (?, ?, ?)", [(path, row, pack_problems(problems))])

    def set_row(self, path: str, row: bytes) -> None:
        """Change what is remembered that a scan saw of a folder."""
        self._store.write("UPDATE folder SET row = ? WHERE path = ?", [(row, path)])

    def remove_folders(self, paths: Iterable[str]) -> None:
        """Forget folders that are gone."""
        self._store.write("DELETE FROM folder WHERE path = ?", [(path,) for path in paths])

    def conventions(self) -> dict[str, tuple[str, str]]:
        """Return the name of each folder's convention and why it was chosen."""
        rows = self._store.rows("SELECT folder, name, because FROM convention ORDER BY folder")
        return {folder: (name, because) for folder, name, because in rows}

    def put_conventions(self, found: dict[str, tuple[str, str]]) -> None:
        """Remember the conventions of all folders."""
        self._store.forget("convention")
        self._store.write("INSERT INTO convention VALUES (?, ?, ?)", [(k, *v) for k, v in found.items()])

    def marks_of(self, path: str, state: bytes) -> str | None:
        """Return what a file in this state says of its convention, None where that is not known."""
        found = self._store.row("SELECT marks FROM mark WHERE path = ? AND state = ?", (path, state))
        return str(found[0]) if found is not None else None

    def put_marks(self, path: str, state: bytes, marks: str) -> None:
        """Remember what a file in this state says of its convention."""
        self._store.write("INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", [(path, state, marks)])

    def put(self, rows: Iterable[SourceRow]) -> None:
        """Remember what story files are."""
        self._store.write(
            "INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (r.path, r.kind, r.convention, r.file, r.digest, r.plain, r.name, r.url, pack_problems(r.problems))
                for r in rows
            ],
        )

    def remove(self, paths: Iterable[str]) -> None:
        """Forget story files that are gone."""
        gone = [(path,) for path in paths]
        for table in ("source", "mark"):
            self._store.write(f"DELETE FROM {table} WHERE path = ?", gone)  # noqa: S608 - our own names

    def get(self, path: str) -> SourceRow | None:
        """Return what is known of a story file but its problems, None where there is none."""
        query = "SELECT path, kind, convention, file, digest, plain, name, url FROM source WHERE path = ?"
        found = self._store.row(query, (path,))
        return SourceRow(*found, ()) if found is not None else None  # type: ignore[call-arg]  # nine of them

    def withhold(self, path: str, problems: Sequence[Problem]) -> None:
        """Keep no more of what a story file says than some problems, which say nothing of it."""
        statement = "UPDATE source SET problems = ?, digest = x'' WHERE path = ?"
        self._store.write(statement, [(pack_problems(problems), path)])

    def withheld(self) -> list[str]:
        """Return the paths of the story files of which no more is known, in order."""
        return [path for (path,) in self._store.rows("SELECT path FROM source WHERE digest = x'' ORDER BY path")]

    def break_all(self, paths: Iterable[str]) -> None:
        """Take it that no entry can be made of some story files."""
        statement = "UPDATE source SET kind = 'broken', url = '', digest = x'00', problems = NULL WHERE path = ?"
        self._store.write(statement, [(path,) for path in paths])

    def paths(self) -> Iterator[str]:
        """Yield the paths of all story files."""
        return (path for (path,) in self._store.database.execute("SELECT path FROM source"))

    def broken(self) -> list[str]:
        """Return the paths of the story files of which no entry can be made, in order."""
        return [path for (path,) in self._store.rows("SELECT path FROM source WHERE kind = 'broken' ORDER BY path")]

    def below(self, folder: str) -> list[str]:
        """Return the paths of the story files in a folder and in those below it."""
        return [path for (path,) in self._store.rows(f"SELECT path FROM source WHERE {_BELOW}", _bounds(folder))]  # noqa: S608

    def count(self, *kinds: str) -> int:
        """Return how many story files are of some kinds."""
        marks = ", ".join("?" * len(kinds))
        found = self._store.row(f"SELECT count(*) FROM source WHERE kind IN ({marks})", kinds)  # noqa: S608
        return int(found[0]) if found is not None else 0

    def url_of(self, plain: str) -> str:
        """Return the address of the story or page that a plain path means; of several, the first by path."""
        query = "SELECT url FROM source WHERE plain = ? AND url != '' ORDER BY path LIMIT 1"
        found = self._store.row(query, (plain,))
        return str(found[0]) if found is not None else ""

    def paths_called(self, name: str) -> tuple[str, ...]:
        """Return the paths of the stories and pages of a name, in order."""
        rows = self._store.rows("SELECT path FROM source WHERE name = ? AND url != '' ORDER BY path", (name,))
        return tuple(path for (path,) in rows)

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of folders, then of story files."""
        for table in ("folder", "source"):
            for (packed,) in self._store.rows(f"SELECT problems FROM {table} WHERE problems IS NOT NULL"):  # noqa: S608
                yield from unpack_problems(packed)

    def problems_of(self, path: str) -> list[Problem]:
        """Return the problems of one story file."""
        found = self._store.row("SELECT problems FROM source WHERE path = ?", (path,))
        return unpack_problems(found[0]) if found is not None else []


def _bounds(folder: str) -> tuple[str, str]:
    return (f"{folder}/", f"{folder}0") if folder else ("", "\U0010ffff")
