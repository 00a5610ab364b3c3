"""Documents → a place: atomically, and only what changed."""

from feedmill.publishing.directory import Change, Published, differing, listed, publish
from feedmill.publishing.lock import FILE_NAME as LOCK
from feedmill.publishing.lock import run_lock

__all__ = ["LOCK", "Change", "Published", "differing", "listed", "publish", "run_lock"]
