"""Coverage-guided fuzzing of captures: any page saved as text becomes stories, or none, and is never a fault."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["feedmill"]):
    from feedmill.errors import FeedmillError
    from feedmill.importing.capture import read_capture
    from feedmill.importing.captured_text import page_text


def one_input(data: bytes) -> None:
    """Read the bytes as a page."""
    try:
        read_capture(page_text("fuzz.txt", data))
    except FeedmillError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
