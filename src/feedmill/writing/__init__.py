"""Feed → Document: every feed in its formats, the page that shows it, and the lists of all feeds."""

from feedmill.writing.addresses import document_path, document_url
from feedmill.writing.archives import amend_archive, archive_document, archive_path, write_archive
from feedmill.writing.documents import write_documents, write_feed, write_lists, write_manifest
from feedmill.writing.manifest import PATH as MANIFEST
from feedmill.writing.status_page import write_status_page

__all__ = [
    "MANIFEST",
    "amend_archive",
    "archive_document",
    "archive_path",
    "document_path",
    "document_url",
    "write_archive",
    "write_documents",
    "write_feed",
    "write_lists",
    "write_manifest",
    "write_status_page",
]
