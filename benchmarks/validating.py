"""What judging documents costs beside making them: `make bench-validate` (COUNT=10000).

Builds generated stories cold, in this process; then judges the same documents as the gate of a build does, and as
`feedmill validate` does. Ratios within one run are what counts.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.stories import write_site
from feedcheck import validate
from feedcheck.markup_rules import forget_bodies
from feedmill.build import Built, build
from feedmill.config.loading import load_site
from feedmill.model import Document, Stored
from feedmill.store import open_store
from feedmill.validating import validate_documents
from feedmill.work import STATE

NOW = datetime(2024, 7, 1, tzinfo=UTC)
ROUNDS = 3


def _silent(_stage: str) -> Callable[[int, int], None]:
    return lambda _done, _all: None


def _build(directory: Path) -> Built:
    (directory / STATE).mkdir(exist_ok=True)
    with closing(open_store(directory / STATE / "cache.sqlite3", "benchmarks", 1 << 62)) as store:
        return build(load_site(directory), directory, store, now=NOW, progress=_silent)


def _as_written(directory: Path, document: Stored) -> Document:
    known = {name: getattr(document, name) for name in Document.__struct_fields__ if name != "content"}
    return Document(**known, content=(directory / "feeds" / document.path).read_bytes())


def main() -> None:
    """Print seconds, documents per second and findings per document, and the share of a cold build."""
    count = int(os.environ.get("COUNT", "10000"))
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / "site"
        write_site(directory, count)
        began = time.perf_counter()
        built = _build(directory)
        cold = time.perf_counter() - began
        documents = [_as_written(directory, each) for each in built.documents]
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
            findings = sum(
                len(validate(each.content, name=each.path, now=NOW).findings) for each in documents if each.format
            )
            whole.append(time.perf_counter() - began)
        feeds = sum(1 for each in documents if each.format)
        print(f"gate of the build:   {min(gate):.2f} s, {min(gate) / cold:.3f} of the cold build")
        print(
            f"feedmill validate:   {min(whole):.2f} s, {min(whole) / cold:.3f} of the cold build, "
            f"{feeds / min(whole):,.0f} documents/s, {findings / feeds:.2f} findings per document"
        )


if __name__ == "__main__":
    main()
