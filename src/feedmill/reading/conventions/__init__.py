"""Site generators' habits → Feedmill's canonical keys and addresses: one module per convention."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from feedmill.reading.conventions import eleventy, hugo, jekyll, own, pelican, zola
from feedmill.reading.conventions.raw import Interpreted, RawStory

INTERPRETERS: Mapping[str, Callable[[RawStory], Interpreted]] = {
    "feedmill": own.interpret,
    "hugo": hugo.interpret,
    "jekyll": jekyll.interpret,
    "eleventy": eleventy.interpret,
    "zola": zola.interpret,
    "pelican": pelican.interpret,
}

__all__ = ["INTERPRETERS", "Interpreted", "RawStory"]
