"""The cache: sources, entries, what belongs to feeds, bodies, fragments and documents, each worked out once."""

from feedmill.store.body_tables import Bodies, KeptBody
from feedmill.store.cache_database import FILE_NAME, Store, discard, memory_store, open_store
from feedmill.store.document_table import InPlace, documents, keep_documents
from feedmill.store.entry_tables import Entries
from feedmill.store.rows import FROM_CONTENT, FROM_LEDGER, NEVER, Member, Row
from feedmill.store.source_tables import SourceRow, Sources

__all__ = [
    "FILE_NAME",
    "FROM_CONTENT",
    "FROM_LEDGER",
    "NEVER",
    "Bodies",
    "Entries",
    "InPlace",
    "KeptBody",
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
