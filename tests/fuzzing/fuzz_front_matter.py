"""Coverage-guided fuzzing of front matter: no bytes may make a story raise anything but a problem of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["feedmill"]):
    from datetime import UTC, datetime

    from feedmill.config.loading import parse_site
    from feedmill.model import BodyFormat
    from feedmill.reading import StoryFile
    from feedmill.stories import File, StoryContext, read_file

SITE = parse_site(
    "site: {title: T, url: https://wire.example/, id_authority: 'wire.example,2024'}\n"
    "topics: {china: {match: [China]}}\n"
)
CONTEXT = StoryContext(SITE, datetime(2024, 7, 1, tzinfo=UTC))
HEADS = (b"", b"---\n", b"+++\n", b"{", b"---\ntitle: T\n")
FOLDER = Path(tempfile.mkdtemp())


def one_input(data: bytes) -> None:
    """Read the bytes as stories of each kind, by each convention in turn."""
    convention = ("feedmill", "hugo", "jekyll", "eleventy", "zola", "pelican")[len(data) % 6]
    for number, head in enumerate(HEADS):
        body_format = BodyFormat.MARKDOWN if number % 2 else BodyFormat.HTML
        path = FOLDER / f"2024-05-01-s{number}.{'md' if number % 2 else 'html'}"
        path.write_bytes(head + data)
        told = read_file(CONTEXT, File(StoryFile(str(FOLDER), path.name, body_format), convention))
        assert told.kind in ("story", "page", "broken")
        for problem in told.problems:
            assert "\n" not in str(problem)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
