"""Atom → problems: what the grammar cannot say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from lxml.etree import _Element

from feedmill.model import Problem
from feedmill.validating.findings import absolute_link, finding
from feedmill.validating.grammar import ATOM
from feedmill.validating.markup_rules import MarkupRules


def atom_problems(path: str, feed: _Element, markup: MarkupRules) -> Iterator[Problem]:
    """Yield the problems of a feed."""
    entries = feed.findall(f"{ATOM}entry")
    yield from _self_link(path, feed)
    yield from _links(path, feed)
    yield from _unique_ids(path, feed, entries)
    has_author = feed.find(f"{ATOM}author") is not None
    for entry in entries:
        yield from _author(path, entry, has_author)
        yield from _links(path, entry)
        yield from _has_content(path, entry)
        yield from _order_of_dates(path, entry)
        yield from _markup(path, entry, markup)


def _self_link(path: str, feed: _Element) -> Iterator[Problem]:
    """RFC 4287 §4.1.1: a feed should name its own address, and WebSub §4 wants exactly one."""
    found = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if len(found) != 1:
        what = "no link" if not found else f"{len(found)} links"
        yield finding(path, feed, "MissingSelf", f"{what} with rel=self", "write exactly one (RFC 4287 §4.1.1)")


def _links(path: str, owner: _Element) -> Iterator[Problem]:
    """RFC 4287 §4.1.1, §4.1.2: one alternate per type and language; promise: every URL is absolute."""
    seen = set()
    for link in owner.findall(f"{ATOM}link"):
        yield from absolute_link(path, link)
        if link.get("rel", "alternate") == "alternate":
            kind = (link.get("type"), link.get("hreflang"))
            if kind in seen:
                yield finding(
                    path, link, "DuplicateAtomLink", "a second alternate of one type and language", "keep one"
                )
            seen.add(kind)


def _unique_ids(path: str, feed: _Element, entries: list[_Element]) -> Iterator[Problem]:
    """RFC 4287 §4.1.1: entries of one id are one entry; §4.2.6: an id is universally unique."""
    counts = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    counts[feed.findtext(f"{ATOM}id")] += 1
    for entry in entries:
        id_ = entry.findtext(f"{ATOM}id")
        if counts[id_] > 1:
            yield finding(path, entry, "DuplicateEntries", f"the id {id_} is used twice", "give each its own")


def _author(path: str, entry: _Element, feed_has_author: bool) -> Iterator[Problem]:
    """RFC 4287 §4.1.2: an entry has an author of its own, of its source, or of its feed."""
    own = entry.find(f"{ATOM}author") is not None or entry.find(f"{ATOM}source/{ATOM}author") is not None
    if not own and not feed_has_author:
        yield finding(path, entry, "MissingElement", "neither the entry nor the feed has an author", "set site.author")


def _has_content(path: str, entry: _Element) -> Iterator[Problem]:
    """RFC 4287 §4.1.2: an entry without content has an alternate link."""
    alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    if entry.find(f"{ATOM}content") is None and not alternates:
        yield finding(path, entry, "MissingAlternateLink", "neither content nor an alternate link", "add one")


def _order_of_dates(path: str, entry: _Element) -> Iterator[Problem]:
    """Nothing is changed before it is there (RFC 4287 §4.2.9, §4.2.15)."""
    published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated")
    if published and updated:
        try:
            backward = datetime.fromisoformat(updated) < datetime.fromisoformat(published)
        except (ValueError, TypeError):
            return  # the grammar has said so
        if backward:
            yield finding(path, entry, "updated-early", "updated is before published", "correct one of the two")


def _markup(path: str, entry: _Element, markup: MarkupRules) -> Iterator[Problem]:
    for name in ("content", "summary", "title"):
        element = entry.find(ATOM + name)
        if element is not None and element.get("type") == "html":
            yield from markup.problems(path, element, element.text or "")
