"""Documents → a place: atomically, and only what changed."""

from feedmill.publishing.directory import Change, Published, differing, publish
from feedmill.publishing.lock import FILE_NAME as LOCK
from feedmill.publishing.lock import run_lock

__all__ = ["LOCK", "Change", "Published", "differing", "publish", "run_lock"]
