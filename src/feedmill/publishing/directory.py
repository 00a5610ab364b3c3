"""Staged documents → a directory, each by a rename, untouched where its bytes would not change."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct

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
    staged: Sequence[Staged],
    manifest: Staged,
    directory: Path,
    *,
    gone: Collection[str],
    staying: Collection[Stored] = (),
) -> Published:
    """Make `directory` hold the staged documents and the manifest that lists them, beside those `staying` as they are.

    Every document that changed lies beside its place already, whole and forced to disk (`wait_for_disk`); they are
    renamed, one after another, the manifest last. Documents that are `gone` are removed: a feed that nobody makes any
    more must not show what has been withdrawn. Files that Feedmill did not write are left alone.

    Raises PublishingError. Every document is then whole, old or new.
    """
    changes = {each.stored.path: each.change for each in (*staged, manifest)}
    try:
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
        raise failed(error, directory) from None
    finally:
        sweep(directory)
    return Published(changes)


def _rename(staged: Staged, directory: Path, renamed: set[Path]) -> None:
    if staged.change is not Change.UNTOUCHED:
        target = directory / staged.stored.path
        os.replace(temporary_of(target), target)  # noqa: PTH105 - the pair is what is renamed
        renamed.add(target.parent)


def _remove(gone: Collection[str], directory: Path) -> None:
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
