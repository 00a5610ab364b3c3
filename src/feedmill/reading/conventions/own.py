"""Feedmill's own convention: canonical keys, as they are."""

from __future__ import annotations

from feedmill.reading.conventions.raw import Interpreted, RawStory


def interpret(story: RawStory) -> Interpreted:
    """Take a story as it is."""
    return Interpreted(story.metadata)
