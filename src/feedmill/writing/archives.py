"""Closed periods of a feed → archive documents (RFC 5005 §4): written once, then only amended.

An amendment leaves every other entry as it stands. A story that was withdrawn gives way to its tombstone, and one that
has expired or became a draft goes; the document that was the newest gets the address of the one that follows it; and
where the feeds have moved the links of the document move, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lxml import etree
from msgspec.structs import replace

from feedmill.model import MEDIA_TYPES, Document, Entry, Feed, Format, Site, Withdrawal
from feedmill.writing.addresses import archive_path, document_url
from feedmill.writing.atom_rss import write_atom
from feedmill.writing.history import ATOM, TOMBSTONES, tombstone

_ATOM = f"{{{ATOM}}}"


def write_archive(
    feed: Feed, period: str, entries: Sequence[Entry], previous: str, following: str, site: Site
) -> Document:
    """Write the entries of a closed period.

    `previous` is the path of the archive before it, empty for the first, and `following` that of the one after it,
    empty for the last.
    """
    path = archive_path(feed.name, period)
    archive = replace(
        feed,
        name=path.removesuffix(".atom"),
        entries=tuple(entries),
        updated=max((entry.updated for entry in entries), default=feed.updated),
        withdrawn={},
        previous=document_url(site, previous) if previous else "",
        following=document_url(site, following) if following else "",
        moved_to="",
        archive_of=feed.name,
    )
    return archive_document(path, write_atom(archive, site), len(entries), archive, site)


def archive_document(path: str, content: bytes, count: int, feed: Feed, site: Site) -> Document:
    """Return an archive as a document. It has no kin in other formats, so it is a feed of its own."""
    return Document(
        path=path,
        url=document_url(site, path),
        media_type=MEDIA_TYPES[Format.ATOM],
        content=content,
        modified=feed.updated,
        feed=path.removesuffix(".atom"),
        format=Format.ATOM,
        entries=count,
    )


def amend_archive(
    content: bytes,
    *,
    following: str,
    withdrawn: Mapping[str, tuple[Withdrawal, Entry | None]],
    hidden: Collection[str],
    moved_from: str,
    feed: Feed,
    site: Site,
) -> tuple[bytes, int]:
    """Return an archive with `following` as its next-archive, and stories withdrawn; and how many entries it has.

    Where `following` is empty it has none. `withdrawn` gives by id the withdrawal and the stub that stands for the
    story, None once none stands any more. Of `hidden` entries nothing remains. `moved_from` is the address below which
    the feeds were.
    """
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    stubs = [entry for _, entry in withdrawn.values() if entry is not None]
    made = etree.fromstring(write_atom(replace(feed, entries=tuple(stubs), withdrawn={}), site))
    by_id = {element.findtext(f"{_ATOM}id"): element for element in made.findall(f"{_ATOM}entry")}
    for element in root.findall(f"{_ATOM}entry"):
        id_ = element.findtext(f"{_ATOM}id")
        if id_ in withdrawn or id_ in hidden:
            if id_ in by_id:
                element.addprevious(by_id[id_])
            root.remove(element)
    for element in root.findall(f"{{{TOMBSTONES}}}deleted-entry"):
        if element.get("ref") in withdrawn:
            root.remove(element)
    place = root.find(f"{_ATOM}entry")
    at = root.index(place) if place is not None else len(root)
    for number, (id_, (withdrawal, _)) in enumerate(sorted(withdrawn.items())):
        root.insert(at + number, tombstone(id_, withdrawal))
    for link in root.findall(f"{_ATOM}link"):
        href = link.get("href") or ""
        if href.startswith(moved_from):
            link.set("href", site.feeds_url + href.removeprefix(moved_from))
    for link in root.findall(f"{_ATOM}link"):
        if link.get("rel") == "next-archive":
            root.remove(link)
    if following:
        link = etree.Element(
            f"{_ATOM}link", rel="next-archive", href=document_url(site, following), type=MEDIA_TYPES[Format.ATOM]
        )
        root.insert(root.index(root.findall(f"{_ATOM}link")[-1]) + 1, link)
    etree.indent(root)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["media"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True), len(
        root.findall(f"{_ATOM}entry")
    )
