"""content/ → Story: finds the story files of a directory and reads each into metadata and body."""

from feedmill.reading.stories import Reading, read_stories

__all__ = ["Reading", "read_stories"]
