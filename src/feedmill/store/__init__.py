"""The cache: sources, entries, what belongs to feeds, bodies, fragments and documents, each worked out once."""

from feedmill.store.bodies import Bodies, Body
from feedmill.store.database import FILE_NAME, Store, discard, memory_store, open_store
from feedmill.store.documents import Lying, documents, keep_documents
from feedmill.store.entries import Entries
from feedmill.store.rows import FROM_CONTENT, FROM_LEDGER, NEVER, Member, Row
from feedmill.store.sources import SourceRow, Sources

__all__ = [
    "FILE_NAME",
    "FROM_CONTENT",
    "FROM_LEDGER",
    "NEVER",
    "Bodies",
    "Body",
    "Entries",
    "Lying",
    "Member",
    "Row",
    "SourceRow",
    "Sources",
    "Store",
    "discard",
    "documents",
    "keep_documents",
    "memory_store",
    "open_store",
]
