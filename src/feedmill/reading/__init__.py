"""content/ → Story: finds the story files of a directory and reads each into metadata and body."""

from feedmill.reading.data_dirs import read_authors, read_topics
from feedmill.reading.detecting import Detected, marks_of
from feedmill.reading.file_names import parse_name
from feedmill.reading.stories import Listing, Read, list_stories, read_body, read_story
from feedmill.reading.walking import BODY_FORMATS, SIDECARS, StoryFile

__all__ = [
    "BODY_FORMATS",
    "SIDECARS",
    "Detected",
    "Listing",
    "Read",
    "StoryFile",
    "list_stories",
    "marks_of",
    "parse_name",
    "read_authors",
    "read_body",
    "read_story",
    "read_topics",
]
