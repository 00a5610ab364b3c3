"""Feed → Document: every feed in its formats, the page that shows it, and the lists of all feeds."""

from feedmill.writing.documents import write_documents, write_manifest

__all__ = ["write_documents", "write_manifest"]
