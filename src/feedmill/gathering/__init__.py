"""content/ → entries and their bodies, each worked out once: what is cached is not read again."""

from feedmill.gathering.bodies import Bodies
from feedmill.gathering.directory import gather, gather_again
from feedmill.gathering.stories import Gathered

__all__ = ["Bodies", "Gathered", "gather", "gather_again"]
