"""Feed → a page for people: what the feed is, how to subscribe, and its stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # which has no stubs
from lxml.etree import SubElement

from feedmill.config.site import Site
from feedmill.model import MEDIA_TYPES, Entry, Feed, Format
from feedmill.rendering.document_addresses import document_path, document_url, page_url

E = ElementMaker(makeelement=etree.HTMLParser().makeelement)
"""Makes elements of HTML, without what lxml.html has them do besides."""
_FORMAT_NAMES = {Format.ATOM: "Atom", Format.RSS: "RSS", Format.JSON: "JSON Feed"}
_STYLE = """
:root { color-scheme: light dark; --faint: color-mix(in srgb, currentColor 65%, transparent); }
body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1, h2 { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; line-height: 1.35; margin: 0; }
a { color: inherit; text-decoration-color: #d9730d; text-underline-offset: .15em; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.faint { color: var(--faint); font-size: .9rem; }
.formats { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 2rem; padding: 0; list-style: none; }
.formats a { border: 1px solid #d9730d; border-radius: .4rem; padding: .3rem .8rem; text-decoration: none; }
.stories .formats { margin: .6rem 0 0; }
.stories { list-style: none; padding: 0; }
.stories > li { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 1rem 0; }
"""
_HOW_TO = (
    "A web feed brings new stories to you. Copy the link behind a button below into a feed reader; "
    "nobody asks for your e-mail address."
)


def write_page(feed: Feed, site: Site) -> bytes:
    """Write the page of one topic, collection or author, with the stories in `feed.entries`."""
    body = E.body(
        E.nav(E.a(site.title, href=site.url), " · ", E.a("All feeds", href=site.feeds_url + "index.html")),
        E.main(
            E.h1(_name(feed, site)),
            *_about(feed),
            *_moved(feed, site),
            E.p(_HOW_TO, {"class": "faint"}),
            _formats(feed, site),
            _stories(feed.entries, site) if feed.entries else E.p("No stories yet."),
        ),
    )
    return html_page(feed.title, [feed], body, site)


def write_index(feeds: Sequence[Feed], counts: Mapping[str, int], site: Site) -> bytes:
    """Write the page of all feeds. `counts` are the numbers of their entries, by name."""
    rows = []
    for feed in feeds:
        title = E.a(_name(feed, site), href=page_url(site, feed))
        number = counts[feed.name]
        count = f"{number} {'story' if number == 1 else 'stories'}"
        state = [count, ", newest change ", _time(feed.updated, site)] if number else ["No stories yet"]
        rows.append(
            E.li(
                E.h2(title),
                *_about(feed),
                E.p({"class": "faint"}, *state),
                _formats(feed, site),
            )
        )
    body = E.body(
        E.nav(E.a(site.title, href=site.url)),
        E.main(
            E.h1(f"Feeds of {site.title}"),
            E.p(_HOW_TO, {"class": "faint"}),
            E.p("For readers that import lists: ", E.a("all feeds as OPML", href=site.feeds_url + "feeds.opml")),
            E.ul({"class": "stories"}, *rows),
        ),
    )
    return html_page(f"Feeds of {site.title}", feeds, body, site)


def html_page(title: str, feeds: Sequence[Feed], body: etree._Element, site: Site, *, style: str = "") -> bytes:
    """Write a page around a body, with the links by which the feeds named are discovered."""
    discovery = [
        E.link(
            rel="alternate",
            type=MEDIA_TYPES[format_],
            title=f"{feed.title} ({_FORMAT_NAMES[format_]})",
            href=document_url(site, document_path(feed, format_)),
        )
        for feed in feeds
        for format_ in feed.settings.formats
    ]
    html = E.html(
        {"lang": site.language},
        E.head(
            E.meta(charset="utf-8"),
            E.meta(name="viewport", content="width=device-width, initial-scale=1"),
            E.title(title),
            *discovery,
            E.style(_STYLE + style),
        ),
        body,
    )
    etree.indent(html, space=" ")
    return bytes(etree.tostring(html, method="html", doctype="<!doctype html>", encoding="utf-8")) + b"\n"


def _name(feed: Feed, site: Site) -> str:
    """Return a feed's title without the site's, which every page bears already."""
    return feed.title.removeprefix(f"{site.title}: ")


def _about(feed: Feed) -> list[Any]:
    """Return the description, unless the title has said it already."""
    return [] if feed.title.endswith(feed.description) else [E.p(feed.description)]


def _moved(feed: Feed, site: Site) -> list[Any]:
    """Return a line that leads to the feed that has taken this one's place."""
    if not feed.moved_to:
        return []
    page = "index.html" if feed.moved_to == "all" else f"{feed.moved_to}.html"
    return [
        E.p(
            E.strong("This feed has moved, and nothing new comes here. "),
            E.a("Its new place", href=document_url(site, page)),
        )
    ]


def _formats(feed: Feed, site: Site) -> Any:
    return E.ul(
        {"class": "formats"},
        *(
            E.li(E.a(_FORMAT_NAMES[format_], href=document_url(site, document_path(feed, format_))))
            for format_ in feed.settings.formats
        ),
    )


def _stories(entries: Sequence[Entry], site: Site) -> Any:
    # Most of a page: each element is made where it belongs, which is done sooner than to put it there afterwards.
    listed = E.ul({"class": "stories"})
    for entry in entries:
        row = SubElement(listed, "li", dir="auto")
        if entry.language:
            row.set("lang", entry.language)
        SubElement(SubElement(row, "h2"), "a", href=entry.url).text = entry.title
        line = SubElement(row, "p", {"class": "faint"})
        time = SubElement(line, "time", datetime=entry.published.isoformat())
        time.text = _day(entry.published, site)
        by = ", ".join(person.name for person in entry.authors)
        if by:
            time.tail = f" · {by}"
        if entry.summary:
            SubElement(row, "p").text = entry.summary
    return listed


def _day(moment: datetime, site: Site) -> str:
    """Return the day that a moment belongs to at the site."""
    return moment.astimezone(_zone(site.timezone)).date().isoformat()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _time(moment: datetime, site: Site) -> Any:
    return E.time(_day(moment, site), datetime=moment.isoformat())
