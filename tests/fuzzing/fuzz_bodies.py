"""Coverage-guided fuzzing of bodies: whatever is written becomes HTML in which nothing runs, or a MarkupError."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["feedmill"]):
    from feedmill.model import BodyFormat
    from feedmill.normalising.markup import MarkupError, clean_body
    from feedmill.normalising.summaries import summary_of
    from feedmill.normalising.text import plain_text

from tests.faults.judging import dangers

URL = "https://wire.example/2024/05/01/story/"


def one_input(data: bytes) -> None:
    """Clean the text in each format, twice; what a browser's parser finds in it must be harmless."""
    text = data.decode("utf-8", "replace")
    plain_text(text)
    for body_format in (BodyFormat.MARKDOWN, BodyFormat.HTML, BodyFormat.TEXT):
        try:
            content = clean_body(text, body_format, URL).content
            clean_body(content, BodyFormat.HTML, URL)
        except MarkupError:
            continue
        summary_of(content)
        assert not list(dangers(content))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
