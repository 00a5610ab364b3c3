"""Which convention each folder of content/ follows, for reports."""

from __future__ import annotations

from pathlib import PurePosixPath

from feedmill.work import Work


def convention_lines(work: Work) -> list[str]:
    """Return a line for each folder that follows another convention than Feedmill's own."""
    return [
        f"{PurePosixPath(work.site.content_path, folder)}: read as {name} ({because})"
        for folder, (name, because) in work.sources.conventions().items()
        if name != "feedmill"
    ]


def convention_data(work: Work) -> dict[str, dict[str, str]]:
    """Return the convention of every folder, for programs."""
    return {
        folder: {"name": name, "because": because} for folder, (name, because) in work.sources.conventions().items()
    }
