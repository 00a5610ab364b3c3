"""How a content directory is read, as feedmill.yaml says it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

CONVENTIONS = ("feedmill", "hugo", "jekyll", "eleventy", "zola", "pelican")
MARKDOWN = (
    "tables", "footnotes", "strikethrough", "tasks", "definitions", "alerts", "math", "attributes", "addresses",
)  # fmt: skip
"""The extensions of Markdown that count unless content.markdown names fewer."""
DEFAULT_STORY_URL = "{year}/{month}/{day}/{slug}/"


class ContentSettings(Struct, frozen=True):
    """How a content directory made for a site generator is read.

    `conventions` names one for a folder below the content directory, or under "" for all. `sections` are the folders
    whose files are stories (all, when empty). `keys` maps a site's own front-matter keys to Feedmill's. `shortcodes`
    maps names to a template, to "keep inner" or to "drop"; `markdown` names the extensions that count. Topics and
    authors come from the folders named, if any. `untitled` says whether a story without a title is refused or
    published.
    """

    conventions: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[str, ...] = ()
    topics_from: str = ""
    authors_from: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    shortcodes: Mapping[str, str] = field(default_factory=dict)
    markdown: tuple[str, ...] = MARKDOWN
    untitled: str = "refuse"
