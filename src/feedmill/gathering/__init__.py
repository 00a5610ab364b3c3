"""content/ → entries and their bodies, each worked out once: what is cached is not read again."""

from feedmill.gathering.bodies import Bodies
from feedmill.gathering.directory import gather
from feedmill.gathering.edits import Edits, Since, keep_gathered
from feedmill.gathering.stories import Gathered

__all__ = ["Bodies", "Edits", "Gathered", "Since", "gather", "keep_gathered"]
