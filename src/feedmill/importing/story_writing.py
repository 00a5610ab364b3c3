"""Captured stories → story files in the content directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from feedmill.errors import PublishingError, UsageError
from feedmill.importing.capture import CapturedStory


def story_file(story: CapturedStory, date: str, url: str, topics: Sequence[str]) -> str:
    """Return a story as the text of its file: front matter and body."""
    metadata: dict[str, Any] = {"title": story.title, "date": date, "url": url}
    if story.authors:
        metadata["authors"] = list(story.authors)
    if topics:
        metadata["topics"] = list(topics)
    if story.related:
        metadata["related"] = [{"title": piece.title} for piece in story.related]
    head = yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{head}---\n\n{story.body}"


def write_new_files(directory: Path, files: dict[str, str]) -> None:
    """Write new files; one that is there with the same text is done already."""
    for path, text in files.items():
        target = directory / path
        if target.exists() and target.read_bytes() != text.encode():
            raise UsageError(f"{path} is there already, with another text", remedy="rename or remove it first")
    try:
        for path, text in files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(text.encode())
    except OSError as error:
        message = f"{directory}: {os.strerror(error.errno or 0)}"
        raise PublishingError(message, remedy="make the content directory writable") from None
