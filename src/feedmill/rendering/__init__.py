"""Feed → Document: every feed in its formats, the page that shows it, and the lists of all feeds."""

from feedmill.rendering.document_addresses import document_path, document_url
from feedmill.rendering.feed_documents import (
    feed_document,
    get_ready,
    page_document,
    write_content,
    write_documents,
    write_feed,
    write_lists,
    write_manifest,
)
from feedmill.rendering.fragments import Frame, render_fragment, render_frame
from feedmill.rendering.manifest import PATH as MANIFEST

__all__ = [
    "MANIFEST",
    "Frame",
    "document_path",
    "document_url",
    "feed_document",
    "get_ready",
    "page_document",
    "render_fragment",
    "render_frame",
    "write_content",
    "write_documents",
    "write_feed",
    "write_lists",
    "write_manifest",
]
