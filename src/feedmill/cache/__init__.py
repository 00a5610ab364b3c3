"""What need not be done again: deleting it changes nothing but time."""

from feedmill.cache.rows import BodyRow, DocumentsRow, Shelf, StoryRow
from feedmill.cache.signatures import signature_of, state_of
from feedmill.cache.spool import Slip, Spool
from feedmill.cache.store import FILE_NAME, Cache, no_cache, open_cache

__all__ = [
    "FILE_NAME",
    "BodyRow",
    "Cache",
    "DocumentsRow",
    "Shelf",
    "Slip",
    "Spool",
    "StoryRow",
    "no_cache",
    "open_cache",
    "signature_of",
    "state_of",
]
