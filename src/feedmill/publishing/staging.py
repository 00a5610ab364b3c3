"""Documents → files beside their places, whole and forced to disk, to be renamed once all of a build are there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

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


class Staged(Struct, frozen=True):
    """A document that waits beside its place, or lies there already; and what will have become of it."""

    stored: Stored
    change: Change


def stage(document: Document, directory: Path) -> Staged:
    """Write a document beside its place below `directory`, unless it lies there already. `wait_for_disk` comes next.

    A file's time is the newest date of what it shows, in whole seconds, and later than its predecessor's when its bytes
    changed, so that servers on several machines agree on it and caches see every change. Raises PublishingError.
    """
    target = directory / document.path
    try:
        change = _change(document, target)
        if change is not Change.UNTOUCHED:
            _write_beside(document, target)
    except OSError as error:
        raise failed(error, directory) from None
    return Staged(as_stored(document), change)


def wait_for_disk(staged: Iterable[Staged], directory: Path) -> None:
    """Wait until all that was staged below `directory`, and is on its way to the disk, is there.

    A disk that has many documents before it needs a fraction of the time that it would need for one after another.
    Raises PublishingError.
    """
    try:
        for each in staged:
            if each.change is not Change.UNTOUCHED:
                handle = os.open(temporary_of(directory / each.stored.path), os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
    except OSError as error:
        raise failed(error, directory) from None


def as_stored(document: Document) -> Stored:
    """Return what there is to know of a document but its bytes."""
    return Stored(
        path=document.path,
        url=document.url,
        media_type=document.media_type,
        sha256=document.sha256,
        size=document.size,
        modified=document.modified,
        feed=document.feed,
        entries=document.entries,
        format=document.format,
    )


def temporary_of(target: Path) -> Path:
    """Return where a document waits for its place."""
    return target.with_name(f".{target.name}{_SUFFIX}")


def sweep(directory: Path) -> None:
    """Remove what waits beside its place, in vain: of this run, or of one that was killed.

    What cannot be removed waits for the next run: the error that led here is the one to report.
    """
    with suppress(OSError):
        for temporary in _left_over(directory):
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def failed(error: OSError, directory: Path) -> PublishingError:
    """Return the error for people."""
    where = error.filename2 or error.filename or directory
    return PublishingError(
        f"{os.fsdecode(where)}: {os.strerror(error.errno or 0)}",
        remedy=f"{_REMEDIES.get(error.errno or 0, 'correct that')} and build again; every feed there is whole",
    )


def _change(document: Document, target: Path) -> Change:
    try:
        old = target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Change.NEW
    return Change.UNTOUCHED if old == document.content else Change.REPLACED


def _write_beside(document: Document, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(target)
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
            if hasattr(os, "posix_fadvise"):
                # What will not be read again soon is written at once, and not waited for.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _left_over(directory: Path) -> Iterator[Path]:
    for folder in (directory, directory / "authors"):
        if folder.is_dir():
            yield from folder.glob(f".*{_SUFFIX}")
    yield from (directory / "archive").rglob(f".*{_SUFFIX}")
