"""Feedmill turns a directory of stories into Atom, RSS and JSON feeds, one set per topic."""

from importlib.metadata import version

__version__ = version("feedmill")
