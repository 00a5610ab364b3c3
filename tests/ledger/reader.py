"""A reader of the tests' own: what a subscriber finds in documents, by ids."""

from __future__ import annotations

import json
from pathlib import Path

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def shown(feeds: Path, name: str = "all") -> dict[str, str]:
    """Return titles by id as a feed's Atom document shows them, in its order."""
    root = etree.parse(feeds / f"{name}.atom").getroot()
    return {e.findtext(f"{ATOM}id") or "": e.findtext(f"{ATOM}title") or "" for e in root.findall(f"{ATOM}entry")}


def shown_everywhere(feeds: Path, name: str = "all") -> dict[str, str]:
    """Return the same, after seeing that RSS and JSON Feed tell it, too."""
    atom = shown(feeds, name)
    channel = etree.parse(feeds / f"{name}.rss").getroot()[0]
    rss = {item.findtext("guid") or "": item.findtext("title") or "" for item in channel.findall("item")}
    items = json.loads((feeds / f"{name}.json").read_bytes())["items"]
    assert list(atom.items()) == list(rss.items()) == [(item["id"], item["title"]) for item in items]
    return atom


def link(root: etree._Element, rel: str) -> str:
    """Return the one address that a feed gives under a relation, empty when there is none."""
    found = [element.get("href") or "" for element in root.findall(f"{ATOM}link") if element.get("rel") == rel]
    assert len(found) <= 1
    return found[0] if found else ""


def walk(feeds: Path, base: str, name: str = "all") -> dict[str, str]:
    """Return titles by id of all that a client finds which walks from the head back through the archives."""
    found: dict[str, str] = {}
    gone: set[str] = set()
    path, seen, newer = f"{name}.atom", set[str](), ""
    while path:
        assert path not in seen, "the archives lead in a circle"
        seen.add(path)
        root = etree.parse(feeds / path).getroot()
        if len(seen) > 1:
            assert root.find("{http://purl.org/syndication/history/1.0}archive") is not None
            assert link(root, "current") == f"{base}{name}.atom"
            assert link(root, "self") == base + path
            assert link(root, "next-archive") == (base + newer if len(seen) > 2 else "")
        for entry in root.findall(f"{ATOM}entry"):
            found.setdefault(entry.findtext(f"{ATOM}id") or "", entry.findtext(f"{ATOM}title") or "")
        gone |= {str(element.get("ref")) for element in root.findall(DELETED)}
        newer, address = path, link(root, "prev-archive")
        path = address.removeprefix(base)
    return {id_: title for id_, title in found.items() if id_ not in gone}


def all_bytes(directory: Path, *, but: str = "content") -> bytes:
    """Return the bytes of every file below a directory but those of content/ and of one name, and their names."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and not {"content", but} & {*path.parts})
    assert files
    return b"\0".join(str(path.relative_to(directory)).encode() + b"\0" + path.read_bytes() for path in files)
