"""Whether feeds hold what they must: read by lxml and json alone, with nothing of the programs that wrote them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lxml import etree, html

from benchmarks.stories import Newest, Told, feed_names

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


class FeedsFallShortError(Exception):
    """A feed does not show the newest stories with whole bodies: its peer's figures mean nothing."""


def check_feeds(
    site: Path, places: Callable[[str], tuple[str, ...]], newest: Newest, *, embargoed: bool, edited: tuple[int, str]
) -> None:
    """Check every document of all 41 feeds: exactly the newest stories, whole, and the edited one as edited.

    `edited` is the number of a story and what its body must say.
    """
    for name in feed_names():
        expected = newest.of(name, embargoed=embargoed)
        for place in places(name):
            bodies = read_bodies(site / place)
            if sorted(bodies) != sorted(told.number for told in expected):
                missing = {told.number for told in expected} - bodies.keys()
                raise FeedsFallShortError(
                    f"{site / place}: not the newest {len(expected)} stories: "
                    f"missing {sorted(missing)}, {len(bodies)} there"
                )
            for told in expected:
                _check_body(bodies[told.number], told, edited, site / place)


def _check_body(body: str, told: Told, edited: tuple[int, str], place: Path) -> None:
    said = " ".join(_text(html.fromstring(f"<div>{body}</div>")).split())
    if told.first not in said or told.last not in said or len(said.split()) < told.words:
        raise FeedsFallShortError(
            f"{place}: the body of story {told.number} is not whole: {len(said.split())} of {told.words} words"
        )
    if told.number == edited[0] and edited[1] not in said:
        raise FeedsFallShortError(f"{place}: story {told.number} is not as edited: no {edited[1]!r}")


def read_bodies(document: Path) -> dict[int, str]:
    """Return the bodies in an Atom, RSS or JSON feed by the numbers of their stories, which end each title."""
    if document.suffix == ".json":
        found = [(item["title"], item["content_html"]) for item in json.loads(document.read_bytes())["items"]]
    elif (root := etree.parse(str(document), etree.XMLParser(huge_tree=True)).getroot()).tag == f"{ATOM}feed":
        found = [(_text_of(e, f"{ATOM}title"), _text_of(e, f"{ATOM}content")) for e in root.iter(f"{ATOM}entry")]
    else:
        found = [
            (_text_of(item, "title"), _text_of(item, CONTENT) or _text_of(item, "description"))
            for item in root.iter("item")
        ]
    bodies = {int(title.split()[-1]): body for title, body in found}
    if len(bodies) != len(found):
        raise FeedsFallShortError(f"{document}: shows a story twice")
    return bodies


def _text_of(element: etree._Element, tag: str) -> str:
    child = element.find(tag)
    return "" if child is None else _text(child)


def _text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())
