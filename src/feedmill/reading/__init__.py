"""content/ → Story: which files of a folder are stories, and each of them read into metadata and body."""

from feedmill.reading.data_dirs import read_authors, read_topics
from feedmill.reading.detecting import Detected, Sample, generator_of, marks_of
from feedmill.reading.file_names import parse_name
from feedmill.reading.generator_settings import GeneratorSettings, read_generator_settings
from feedmill.reading.story_reading import Read, is_page, read_story, with_root
from feedmill.reading.walking import SIDECARS, StoryFile, depends_on, shown_name, story_files

__all__ = [
    "SIDECARS",
    "Detected",
    "GeneratorSettings",
    "Read",
    "Sample",
    "StoryFile",
    "depends_on",
    "generator_of",
    "is_page",
    "marks_of",
    "parse_name",
    "read_authors",
    "read_generator_settings",
    "read_story",
    "read_topics",
    "shown_name",
    "story_files",
    "with_root",
]
