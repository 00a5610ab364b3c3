"""Documents → a place: atomically, and only what changed."""

from feedmill.publishing.directory import Published, publish
from feedmill.publishing.lock import FILE_NAME as LOCK
from feedmill.publishing.lock import run_lock
from feedmill.publishing.staging import Change, Staged, as_stored, stage, sweep, wait_for_disk

__all__ = [
    "LOCK",
    "Change",
    "Published",
    "Staged",
    "as_stored",
    "publish",
    "run_lock",
    "stage",
    "sweep",
    "wait_for_disk",
]
