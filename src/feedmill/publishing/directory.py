"""Documents → a directory, each replaced by a rename, untouched where its bytes would not change."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from feedmill.errors import PublishingError
from feedmill.model import Document, Stored

_SUFFIX = ".feedmill-new"
_REMEDIES = {
    errno.EISDIR: "a directory is where this document belongs: move it away",
    errno.ENOTDIR: "a file is where a directory belongs: move it away",
    errno.EEXIST: "a file is where a directory belongs: move it away",
    errno.EACCES: "let the user who runs feedmill write there",
    errno.EPERM: "let the user who runs feedmill write there",
    errno.EROFS: "mount it writable",
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "raise the quota, or make room",
    errno.EMFILE: "allow the process more open files (ulimit -n)",
}


class Change(StrEnum):
    """What became of a document."""

    NEW = "new"
    REPLACED = "replaced"
    UNTOUCHED = "untouched"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of every document, by path."""

    changes: dict[str, Change]

    def count(self, change: Change) -> int:
        """Return how many documents a change befell."""
        return sum(found is change for found in self.changes.values())


def publish(
    documents: Sequence[Document], manifest: Document, directory: Path, *, staying: Collection[Stored] = ()
) -> Published:
    """Make `directory` hold the documents and the manifest that lists them, beside those `staying` as they are.

    Every document that changed is first written whole beside its place and forced to disk; only when all are
    there are they renamed, one after another, the manifest last. Documents that the last manifest lists and
    this one does not are removed: a feed that nobody makes any more must not show what has been taken back.
    Files that Feedmill did not write are left alone.

    A file's time is the newest date of what it shows, in whole seconds, and later than its predecessor's when
    its bytes changed, so that servers on several machines agree on it and caches see every change.

    Raises PublishingError. Every document is then whole, old or new.
    """
    changes: dict[str, Change] = {}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        made = {manifest.path, *(document.path for document in documents), *(document.path for document in staying)}
        gone = _listed(directory, manifest.path) - made
        waiting: list[tuple[Path, Path]] = []
        try:
            for document in (*documents, manifest):
                target = directory / document.path
                changes[document.path] = _change(document, target)
                if changes[document.path] is not Change.UNTOUCHED:
                    waiting.append((_write_beside(document, target), target))
            while waiting:
                if waiting[0][1] == directory / manifest.path:
                    # Before the manifest forgets them: a run that is killed here leaves the next one to do it.
                    _remove(gone, directory)
                os.replace(*waiting[0])  # noqa: PTH105 - the pair is what is renamed
                _sync_folder(waiting.pop(0)[1].parent)
        finally:
            for temporary, _ in waiting:
                temporary.unlink(missing_ok=True)
        changes.update((document.path, Change.UNTOUCHED) for document in staying)
        changes.update(dict.fromkeys(sorted(gone), Change.REMOVED))
        _sweep(directory)
    except OSError as error:
        raise _failed(error, directory) from None
    return Published(changes)


def listed(directory: Path, manifest_path: str) -> frozenset[str]:
    """Return the paths of the documents that the last manifest lists. Raises PublishingError."""
    try:
        return frozenset(_listed(directory, manifest_path))
    except OSError as error:
        raise _failed(error, directory) from None


def differing(documents: Sequence[Document], directory: Path) -> dict[str, str]:
    """Return the digests of the documents that publishing would write, by path. Raises PublishingError."""
    try:
        return {
            document.path: document.sha256
            for document in documents
            if _change(document, directory / document.path) is not Change.UNTOUCHED
        }
    except OSError as error:
        raise _failed(error, directory) from None


def _failed(error: OSError, directory: Path) -> PublishingError:
    where = error.filename2 or error.filename or directory
    return PublishingError(
        f"{os.fsdecode(where)}: {os.strerror(error.errno or 0)}",
        remedy=f"{_REMEDIES.get(error.errno or 0, 'mend that')} and build again; every feed there is whole",
    )


def _change(document: Document, target: Path) -> Change:
    try:
        old = target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Change.NEW
    return Change.UNTOUCHED if old == document.content else Change.REPLACED


def _write_beside(document: Document, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}{_SUFFIX}")
    modified = int(document.modified.timestamp())
    try:
        before = target.stat()
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    else:
        modified, mode = max(modified, int(before.st_mtime) + 1), before.st_mode & 0o777
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as file:
            file.write(document.content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.utime(file.fileno(), (modified, modified))
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _remove(gone: set[str], directory: Path) -> None:
    for path in sorted(gone):
        (directory / path).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _listed(directory: Path, manifest_path: str) -> set[str]:
    """Return the documents of the last manifest, as far as they lie below the directory."""
    try:
        manifest = json.loads((directory / manifest_path).read_bytes())
        paths = [PurePosixPath(path) for path in manifest["documents"]]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return set()
    return {str(path) for path in paths if not path.is_absolute() and ".." not in path.parts}


def _sweep(directory: Path) -> None:
    """Remove what a killed run left beside its documents."""
    for temporary in _left_over(directory):
        temporary.unlink(missing_ok=True)


def _left_over(directory: Path) -> Iterator[Path]:
    for folder in (directory, directory / "authors"):
        if folder.is_dir():
            yield from folder.glob(f".*{_SUFFIX}")
    yield from (directory / "archive").rglob(f".*{_SUFFIX}")
