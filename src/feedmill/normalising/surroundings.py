"""What shortcodes stand amid, and what is reported of those that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from feedmill.config.content_settings import MARKDOWN
from feedmill.config.site import Site
from feedmill.model import Level, Problem, Unknown
from feedmill.normalising.references import Lookups


class Surroundings(Struct, frozen=True):
    """What expanding needs to know beside the story itself."""

    references: Lookups
    templates: Mapping[str, str]
    site_title: str
    site_url: str
    title: str
    url: str
    markdown: tuple[str, ...] = MARKDOWN

    @classmethod
    def of(cls, site: Site, references: Lookups, *, title: str, url: str) -> Surroundings:
        """Return those of a story of a site, by its title and address."""
        content = site.content
        return cls(references, content.shortcodes, site.title, site.url, title, url, content.markdown)


def may_have_shortcodes(body: str) -> bool:
    """Whether a body has any of the marks by which shortcodes and references begin."""
    return ("{" in body and ("{{" in body or "{%" in body)) or "@/" in body


def unknown_shortcodes(unknown: Iterable[Unknown]) -> list[Problem]:
    """Report each name once, at its first place, with how often it stands in the stories."""
    by_name: dict[str, list[Unknown]] = {}
    for item in unknown:
        by_name.setdefault(item.name, []).append(item)
    problems = []
    for name, places in by_name.items():
        times = f"{len(places):,} times" if len(places) > 1 else "once"
        problems.append(
            Problem(
                Level.WARNING,
                "shortcode-unknown",
                places[0].place,
                f"the shortcode '{name}' is not known and was dropped, {times} in all",
                f"say what it stands for under content.shortcodes: {name}:",
            )
        )
    return problems
