"""Atom feeds, entries and sources as a whole → complaints: what RFC 4287, RFC 5005 and RFC 4685 want together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml.etree import _Element

from feedcheck.findings import Complaint, Rule, Spot
from feedcheck.names import clark, prefix_of, split

_FEED_PAGES = ("first", "last", "next", "next-archive", "prev-archive", "previous")
_RELATION = "http://www.iana.org/assignments/relation/"
_METADATA = frozenset("author category contributor generator icon id link logo rights subtitle title updated".split())


def children_of(spot: Spot, *names: str) -> list[_Element]:
    """Return the children of an element that have one of these names of the format's own."""
    return list(spot.element.iterchildren(*(clark(spot.document.core, name) for name in names)))


def _before_entries(spot: Spot) -> list[_Element]:
    """The metadata of a feed: what comes before its first entry (RFC 4287 §4.1.1)."""
    entry = clark(spot.document.core, "entry")
    found = []
    for child in spot.element.iterchildren("*"):
        if child.tag == entry:
            break
        found.append(child)
    return found


def _has(children: list[_Element], name: str, core: str) -> bool:
    return clark(core, name) in [child.tag for child in children]


def _has_extension(children: list[_Element], name: str) -> bool:
    prefix, _, local = name.partition(":")
    ending = "}" + local
    return any(prefix_of(split(tag)[0]) == prefix for child in children if (tag := child.tag).endswith(ending))


def _links(spot: Spot, children: list[_Element]) -> list[tuple[str, _Element]]:
    link = clark(spot.document.core, "link")
    return [(child.get("rel", "alternate").removeprefix(_RELATION), child) for child in children if child.tag == link]


def named(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §3.2.1: a person has a name."""
    names = [split(child.tag)[1] for child in spot.element.iterchildren("*")]
    if "name" not in names:
        yield Complaint("MissingElement", f"<{spot.name}> has no <name>", "RFC 4287 §3.2.1")


def feed_is_complete(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.1: a feed has a title, an id and a moment."""
    children = _before_entries(spot)
    for name in ("title", "id", "updated"):
        if not _has(children, name, spot.document.core):
            yield Complaint("MissingElement", f"the feed has no <{name}>", "RFC 4287 §4.1.1")


def feed_names_itself(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.1: a feed should link to itself, so that readers can subscribe from a copy."""
    if not any(relation == "self" for relation, _ in _links(spot, _before_entries(spot))):
        yield Complaint("MissingSelf", "the feed has no link with rel=self", "RFC 4287 §4.1.1")


def metadata_comes_first(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.1: a feed's children are its metadata, then its entries."""
    started = False
    for child in spot.element.iterchildren("*"):
        namespace, local = split(child.tag)
        if namespace != spot.document.core:
            continue
        started = started or local == "entry"
        if started and local in _METADATA:
            yield Complaint("MisplacedMetadata", f"<{local}> stands after an entry", "RFC 4287 §4.1.1")
            return


def one_alternate(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.1, §4.1.2: one alternate for each media type and language."""
    children = list(spot.element.iterchildren("*")) if spot.name != "feed" else _before_entries(spot)
    seen = set()
    for relation, link in _links(spot, children):
        kind = (link.get("type", ""), link.get("hreflang", ""))
        if relation == "alternate" and kind in seen:
            yield Complaint("DuplicateAtomLink", "a second alternate of one type and language", "RFC 4287 §4.1.1")
        elif relation == "alternate":
            seen.add(kind)


def entry_is_complete(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.2: an entry has a title, an id, a moment, and an author: its own, its source's or its feed's."""
    core, children = spot.document.core, list(spot.element.iterchildren("*"))
    for name in ("title", "id", "updated"):
        if not _has(children, name, core):
            yield Complaint("MissingElement", f"the entry has no <{name}>", "RFC 4287 §4.1.2")
    above = spot.element.getparent()
    feed = [] if above is None else _before_entries(Spot(above, "feed", "", spot.document))
    source = [inner for child in children if child.tag == clark(core, "source") for inner in child.iterchildren("*")]
    if not any(_has(those, "author", core) for those in (children, source, feed)):
        yield Complaint("MissingElement", "neither the entry nor its feed has an <author>", "RFC 4287 §4.1.2")


def entry_says_something(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.2: content or an alternate link; and words, where the content has none to show."""
    core, children = spot.document.core, list(spot.element.iterchildren("*"))
    contents = [child for child in children if child.tag == clark(core, "content")]
    if _has(children, "summary", core):
        if not contents:
            yield from _somewhere(spot, children)
        return
    if not contents:
        yield Complaint("MissingTextualContent", "the entry has neither content nor a summary", "RFC 4287 §4.1.2")
        yield from _somewhere(spot, children)
        return
    kind = contents[-1].get("type", "")
    binary = "/" in kind and not kind.endswith(("+xml", "/xml")) and not kind.startswith("text/")
    if binary or "src" in contents[-1].attrib:
        said = "the content is not text that stands here, and there is no <summary>"
        yield Complaint("MissingSummary", said, "RFC 4287 §4.1.2")


def _somewhere(spot: Spot, children: list[_Element]) -> Iterator[Complaint]:
    if not any(relation == "alternate" for relation, _ in _links(spot, children)):
        yield Complaint(
            "MissingContentOrAlternate", "the entry has neither content nor an alternate link", "RFC 4287 §4.1.2"
        )


def source_is_told(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.2.11: a copied entry should say its feed's title, id and moment."""
    children = list(spot.element.iterchildren("*"))
    for name in ("title", "id", "updated"):
        if not _has(children, name, spot.document.core):
            yield Complaint("MissingSourceElement", f"the source has no <{name}>", "RFC 4287 §4.2.11")


def pages_are_linked(spot: Spot) -> Iterator[Complaint]:
    """RFC 5005 §2, §3: a complete feed has no other pages; nothing lies before the first page or after the last."""
    children = _before_entries(spot)
    links = _links(spot, children)
    own = {link.get("href", "") for relation, link in links if relation == "self"} | {spot.document.address}
    own.discard("")
    if _has_extension(children, "fh:complete"):
        for relation, link in links:
            if relation == "current" and own and link.get("href") not in own:
                said = "the current document of a complete feed is itself"
                yield Complaint("CurrentNotSelfInCompleteFeed", said, "RFC 5005 §2")
            elif relation in _FEED_PAGES:
                yield Complaint("FeedRelInCompleteFeed", f"a complete feed has no {relation}", "RFC 5005 §2")
    relations = {relation for relation, _ in links}
    for end, beyond in (("first", "previous"), ("last", "next")):
        if beyond in relations and any(relation == end and link.get("href") in own for relation, link in links):
            yield Complaint("LinkPastEnd", f"this is the {end} page, and it links to a {beyond} one", "RFC 5005 §3")


def archive_is_linked(spot: Spot) -> Iterator[Complaint]:
    """RFC 5005 §4: an archive document leads to its neighbours and to the current one."""
    children = _before_entries(spot)
    if not _has_extension(children, "fh:archive") or _has_extension(children, "fh:complete"):
        return
    relations = {relation for relation, _ in _links(spot, children)}
    if not relations & {"prev-archive", "next-archive"}:
        yield Complaint("ArchiveIncomplete", "the archive leads to no other archive", "RFC 5005 §4")
    if "current" not in relations:
        yield Complaint("MissingCurrentInArchive", "the archive does not lead to the current document", "RFC 5005 §4")


def entries_differ(spot: Spot) -> Iterator[Complaint]:
    """RFC 4287 §4.1.1: entries of one id are one entry, and say so by their moments."""
    core = spot.document.core
    entries = children_of(spot, "entry")
    told = [tuple(_first_text(entry, clark(core, name)) for name in ("id", "updated")) for entry in entries]
    # An id given twice within one entry is reported twice as well.
    ids = [(each.text or "").strip() for entry in entries for each in entry.iterchildren(clark(core, "id"))]
    counts = Counter(ids)
    repeated = [id_ for id_, times in counts.items() if times > 1 and id_]
    if len(entries) > 9 and len(repeated) == 1 and counts[repeated[0]] == len(entries):
        yield Complaint("DuplicateIds", f"all {len(entries)} entries have one id", "RFC 4287 §4.2.6")
        return
    for id_ in repeated:
        yield Complaint("DuplicateEntries", f"the id {id_[:100]} is that of {counts[id_]} entries", "RFC 4287 §4.1.1")
    for (id_, moment), times in Counter(told).items():
        if times > 1 and id_ and moment:
            said = f"{times} entries have the id {id_[:100]} and the same updated"
            yield Complaint("DuplicateUpdated", said, "RFC 4287 §4.1.1")


def _first_text(owner: _Element, tag: str) -> str:
    first = next(owner.iterchildren(tag), None)
    return "" if first is None else (first.text or "").strip()


ENTRY_RULES: tuple[Rule, ...] = (entry_is_complete, entry_says_something, one_alternate)
FEED_RULES: tuple[Rule, ...] = (
    feed_is_complete,
    feed_names_itself,
    one_alternate,
    metadata_comes_first,
    pages_are_linked,
    archive_is_linked,
    entries_differ,
)
