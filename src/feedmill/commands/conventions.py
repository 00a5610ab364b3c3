"""Which convention each folder of content/ follows, for reports."""

from __future__ import annotations

from pathlib import PurePosixPath

from feedmill.pipeline import Contents


def convention_lines(contents: Contents) -> list[str]:
    """Return a line for each folder that follows another convention than Feedmill's own."""
    return [
        f"{PurePosixPath(contents.site.content_path, folder)}: read as {detected.name} ({detected.because})"
        for folder, detected in contents.conventions.items()
        if detected.name != "feedmill"
    ]


def convention_data(contents: Contents) -> dict[str, dict[str, str]]:
    """Return the convention of every folder, for programs."""
    return {
        folder: {"name": detected.name, "because": detected.because}
        for folder, detected in contents.conventions.items()
    }
