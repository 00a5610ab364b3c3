"""Feed → a page for people: what the feed is, how to subscribe, and its stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from feedmill.config.site import Site
from feedmill.model import MEDIA_TYPES, Entry, Feed, Format
from feedmill.rendering.document_addresses import document_path, document_url, page_url
from feedmill.rendering.templating import Render, render_built_in

FORMAT_NAMES = {Format.ATOM: "Atom", Format.RSS: "RSS", Format.JSON: "JSON Feed"}
_MOST_OF_SUMMARY = 160
"""How many characters of a summary a page shows: it leads to stories, and may show hundreds of them."""
_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he iw ks ku nqo ps sd syr ug ur yi".split())
"""The languages that are written from right to left, unless their tag names another script."""
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab hebr nkoo rohg syrc thaa".split())


def write_page(feed: Feed, site: Site, render: Render = render_built_in) -> bytes:
    """Write the page of one topic, collection or author, with the stories in `feed.entries`."""
    moved_to = ""
    if feed.moved_to:
        moved_to = document_url(site, "index.html" if feed.moved_to == "all" else f"{feed.moved_to}.html")
    return render(
        "feed.html",
        {
            "site": about_site(site),
            "page": about_page(feed.title, [feed], site),
            "feed": {**_about(feed, site), "moved_to": moved_to},
            "stories": [_story(entry, site) for entry in feed.entries],
        },
    )


def write_index(
    feeds: Sequence[Feed], counts: Mapping[str, int], site: Site, render: Render = render_built_in
) -> bytes:
    """Write the page of all feeds. `counts` are the numbers of their entries, by name."""
    rows = [
        {
            **_about(feed, site),
            "page": page_url(site, feed),
            "stories": counts[feed.name],
            "updated": feed.updated.isoformat(),
            "day": _day(feed.updated, site),
        }
        for feed in feeds
    ]
    page = about_page(f"Feeds of {site.title}", feeds, site)
    return render("index.html", {"site": about_site(site), "page": page, "feeds": rows})


def about_site(site: Site) -> dict[str, Any]:
    """Return what every template may show of the site."""
    return {
        "title": site.title,
        "url": site.url,
        "language": site.language,
        "direction": _direction(site.language),
        "timezone": site.timezone,
        "index": document_url(site, "index.html"),
        "opml": document_url(site, "feeds.opml"),
    }


def about_page(title: str, feeds: Sequence[Feed], site: Site) -> dict[str, Any]:
    """Return the title of a page, and the links by which the feeds named are discovered."""
    discovery = [
        {"type": each["type"], "title": f"{feed.title} ({each['name']})", "url": each["url"]}
        for feed in feeds
        for each in _formats(feed, site)
    ]
    return {"title": title, "discovery": discovery}


def short_title(title: str, site: Site) -> str:
    """Return a feed's title without the site's, which every page bears already."""
    return title.removeprefix(f"{site.title}: ")


def _about(feed: Feed, site: Site) -> dict[str, Any]:
    # A description that the title ends with has been read already.
    about = "" if feed.title.endswith(feed.description) else feed.description
    return {"name": short_title(feed.title, site), "about": about, "formats": _formats(feed, site)}


def _formats(feed: Feed, site: Site) -> list[dict[str, str]]:
    return [
        {
            "name": FORMAT_NAMES[format_],
            "type": MEDIA_TYPES[format_],
            "url": document_url(site, document_path(feed, format_)),
        }
        for format_ in feed.settings.formats
    ]


def _story(entry: Entry, site: Site) -> dict[str, Any]:
    return {
        "title": entry.title,
        "url": entry.url,
        "language": entry.language,
        "day": _day(entry.published, site),
        "authors": ", ".join(person.name for person in entry.authors),
        "summary": _beginning(entry.summary),
        "picture": {"url": entry.image.url, "alt": entry.image.alt} if entry.image is not None else None,
    }


def _beginning(text: str) -> str:
    """Return as much of a text as shows what it is about, cut between words where it has spaces."""
    if len(text) <= _MOST_OF_SUMMARY:
        return text
    cut = text[:_MOST_OF_SUMMARY]
    words = cut.rpartition(" ")[0]
    return f"{words if len(words) > _MOST_OF_SUMMARY // 2 else cut}…"


def _direction(language: str) -> str:
    """Return in which direction a language is written, by its tag (RFC 5646)."""
    first, *subtags = language.lower().split("-")
    scripts = [each for each in subtags if len(each) == 4 and each.isalpha()]
    is_right_to_left = scripts[0] in _RIGHT_TO_LEFT_SCRIPTS if scripts else first in _RIGHT_TO_LEFT
    return "rtl" if is_right_to_left else "ltr"


def _day(moment: datetime, site: Site) -> str:
    """Return the day that a moment belongs to at the site."""
    return moment.astimezone(_zone(site.timezone)).date().isoformat()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
