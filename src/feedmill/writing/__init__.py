"""Feed → Document: every feed in its formats, the page that shows it, and the lists of all feeds."""

from feedmill.writing.addresses import document_path, document_url
from feedmill.writing.documents import (
    PARTS,
    get_ready,
    pieces_in,
    write_documents,
    write_feed,
    write_lists,
    write_manifest,
)
from feedmill.writing.manifest import PATH as MANIFEST
from feedmill.writing.pieces import Part, Pieces

__all__ = [
    "MANIFEST",
    "PARTS",
    "Part",
    "Pieces",
    "document_path",
    "document_url",
    "get_ready",
    "pieces_in",
    "write_documents",
    "write_feed",
    "write_lists",
    "write_manifest",
]
