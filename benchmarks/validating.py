"""What judging documents costs beside making them: `make bench-validate` (COUNT=10000).

Builds generated stories cold, in this process; then judges the same documents as the gate of a build does, and as
`feedmill validate` does. Ratios within one run are what counts.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.stories import write_site
from feedmill import pipeline
from feedmill.model import Document, Stored
from feedmill.site import load_site
from feedmill.validating import judge, validate_documents
from feedmill.validating.markup_rules import forget_bodies

NOW = datetime(2024, 7, 1, tzinfo=UTC)
ROUNDS = 3


def _silent(_stage: str) -> object:
    return lambda _done, _all: None


def _as_written(built: pipeline.Built, document: Stored) -> Document:
    known = {field.name: getattr(document, field.name) for field in fields(Document) if field.name != "content"}
    return Document(**known, content=built.content_of(document))


def main() -> None:
    """Print seconds, documents per second and findings per document, and the share of a cold build."""
    count = int(os.environ.get("COUNT", "10000"))
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / "site"
        write_site(directory, count)
        began = time.perf_counter()
        built = pipeline.build(load_site(directory), directory, now=NOW, progress=_silent)  # type: ignore[arg-type]
        cold = time.perf_counter() - began
        documents = [_as_written(built, each) for each in built.documents]
        size = sum(len(document.content) for document in documents)
        print(f"{count:,} stories, {len(documents)} documents, {size / 1e6:.1f} MB: cold build {cold:.2f} s")
        gate, whole, findings = [], [], 0
        for _ in range(ROUNDS):
            forget_bodies()
            began = time.perf_counter()
            assert validate_documents(documents, now=NOW) == []
            gate.append(time.perf_counter() - began)
            forget_bodies()
            began = time.perf_counter()
            findings = sum(len(judge(each.path, each.content, now=NOW)) for each in documents if each.format)
            whole.append(time.perf_counter() - began)
        feeds = sum(1 for each in documents if each.format)
        print(f"gate of the build:   {min(gate):.2f} s, {min(gate) / cold:.3f} of the cold build")
        print(
            f"feedmill validate:   {min(whole):.2f} s, {min(whole) / cold:.3f} of the cold build, "
            f"{feeds / min(whole):,.0f} documents/s, {findings / feeds:.2f} findings per document"
        )


if __name__ == "__main__":
    main()
