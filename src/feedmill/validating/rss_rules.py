"""RSS → problems: what the grammar cannot say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml.etree import _Element

from feedmill.model import Problem
from feedmill.validating.findings import absolute_link, finding, is_web_address
from feedmill.validating.grammar import ATOM
from feedmill.validating.markup_rules import MarkupRules

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def rss_problems(path: str, rss: _Element, markup: MarkupRules) -> Iterator[Problem]:
    """Yield the problems of a channel."""
    channel = rss.find("channel")
    if channel is None:
        return
    items = channel.findall("item")
    yield from _self_link(path, channel)
    yield from _unique_guids(path, items)
    for item in items:
        yield from _title_or_description(path, item)
        yield from _links(path, item)
        encoded = item.find(CONTENT)
        if encoded is not None:
            yield from markup.problems(path, encoded, encoded.text or "")


def _self_link(path: str, channel: _Element) -> Iterator[Problem]:
    """Best Practices Profile, atom:link: a channel names its own address."""
    found = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(found) != 1:
        what = "no atom:link" if not found else f"{len(found)} atom:links"
        remedy = "write exactly one (RSS Best Practices Profile, atom:link)"
        yield finding(path, channel, "MissingAtomSelfLink", f"{what} with rel=self", remedy)
    yield from _links(path, channel)


def _unique_guids(path: str, items: list[_Element]) -> Iterator[Problem]:
    """RSS 2.0, guid: a string that uniquely identifies the item; readers show an item without one twice."""
    counts = Counter(item.findtext("guid") for item in items)
    for item in items:
        guid = item.findtext("guid")
        if not guid:
            yield finding(path, item, "MissingGuid", "an item without guid", "add one (RSS 2.0, guid)")
        elif counts[guid] > 1:
            yield finding(path, item, "DuplicateValue", f"the guid {guid} is used twice", "give each its own")
        elif item.find("guid").get("isPermaLink", "true") == "true" and not is_web_address(guid):  # type: ignore[union-attr]
            yield finding(path, item, "InvalidHttpGUID", "a guid that is no address", "write isPermaLink=false")


def _title_or_description(path: str, item: _Element) -> Iterator[Problem]:
    """RSS 2.0, item: at least one of title and description."""
    if not item.findtext("title") and not item.findtext("description"):
        yield finding(path, item, "ItemMustContainTitleOrDescription", "neither title nor description", "add one")


def _links(path: str, owner: _Element) -> Iterator[Problem]:
    for link in owner.findall(f"{ATOM}link"):
        yield from absolute_link(path, link)
