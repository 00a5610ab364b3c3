"""content/ → Story: finds the story files of a directory and reads each into metadata and body."""

from feedmill.reading.data_dirs import read_authors, read_topics
from feedmill.reading.detecting import Detected
from feedmill.reading.stories import Reading, read_stories

__all__ = ["Detected", "Reading", "read_authors", "read_stories", "read_topics"]
