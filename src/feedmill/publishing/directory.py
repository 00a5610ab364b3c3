"""Staged documents → a directory, each by a rename, untouched where its bytes would not change."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from feedmill.characters import illegal_character
from feedmill.model import Stored
from feedmill.publishing.staging import Change, Staged, failed, sweep, temporary_of


class Published(Struct, frozen=True):
    """What became of every document, by path."""

    changes: dict[str, Change]

    @property
    def there(self) -> list[str]:
        """The paths of all documents that are there now."""
        return [path for path, change in self.changes.items() if change is not Change.REMOVED]

    def count(self, change: Change) -> int:
        """Return how many documents a change befell."""
        return sum(found is change for found in self.changes.values())


def publish(
    staged: Sequence[Staged], manifest: Staged, directory: Path, *, staying: Collection[Stored] = ()
) -> Published:
    """Make `directory` hold the staged documents and the manifest that lists them, beside those `staying` as they are.

    Every document that changed lies beside its place already, whole and forced to disk (`wait_for_disk`); they are
    renamed, one after another, the manifest last. Documents that the last manifest lists and this one does not are
    removed: a feed that nobody makes any more must not show what has been taken back. Files that Feedmill did not write
    are left alone.

    Raises PublishingError. Every document is then whole, old or new.
    """
    changes = {each.stored.path: each.change for each in (*staged, manifest)}
    waiting = [temporary_of(directory / path) for path, change in changes.items() if change is not Change.UNTOUCHED]
    try:
        made = {*changes, *(document.path for document in staying)}
        gone = _listed(directory, manifest.stored.path) - made
        renamed: set[Path] = set()
        for each in staged:
            _rename(each, directory, renamed)
        _sync_folders(renamed)
        # Before the manifest forgets them: a run that is killed here leaves the next one to do it.
        _remove(gone, directory)
        _rename(manifest, directory, renamed)
        _sync_folders(renamed)
        changes.update((document.path, Change.UNTOUCHED) for document in staying)
        changes.update(dict.fromkeys(sorted(gone), Change.REMOVED))
    except OSError as error:
        stopped = failed(error, directory)
        stopped.has_replaced = not (waiting and all(map(os.path.lexists, waiting)))  # no Path: it may raise
        raise stopped from None
    finally:
        sweep(directory)
    return Published(changes)


def _rename(staged: Staged, directory: Path, renamed: set[Path]) -> None:
    if staged.change is not Change.UNTOUCHED:
        target = directory / staged.stored.path
        os.replace(temporary_of(target), target)  # noqa: PTH105 - the pair is what is renamed
        renamed.add(target.parent)


def listed(directory: Path, manifest_path: str) -> frozenset[str]:
    """Return the paths of the documents that the last manifest lists. Raises PublishingError."""
    try:
        return frozenset(_listed(directory, manifest_path))
    except OSError as error:
        raise failed(error, directory) from None


def moved_before(directory: Path, manifest_path: str) -> frozenset[str]:
    """Return the ids of the stories that the last manifest lists as moved. Raises PublishingError."""
    try:
        return frozenset(_manifest(directory, manifest_path)["moved"])
    except (ValueError, KeyError, TypeError):
        return frozenset()
    except OSError as error:
        raise failed(error, directory) from None


def _remove(gone: set[str], directory: Path) -> None:
    for path in sorted(gone):
        (directory / path).unlink(missing_ok=True)


def _sync_folders(folders: set[Path]) -> None:
    """Force renames to disk, those of each folder once."""
    for folder in sorted(folders):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    folders.clear()


def _listed(directory: Path, manifest_path: str) -> set[str]:
    """Return the documents of the last manifest, as far as they lie below the directory."""
    try:
        documents = _manifest(directory, manifest_path)["documents"]
        return {path for path in documents if os.path.normpath(path) == path and _is_below(path)}
    except (ValueError, KeyError, TypeError):
        return set()


def _manifest(directory: Path, path: str) -> Any:
    """Return what the last manifest says, if there was one. Raises OSError, and ValueError for one that is damaged."""
    try:
        return json.loads((directory / path).read_bytes())
    except FileNotFoundError:
        return {}
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _is_below(path: str) -> bool:
    return path not in (".", "..") and not path.startswith(("/", "../")) and illegal_character(path) is None
