"""Documents → problems: none may be published that does not follow its standard and our promises.

An entry is judged when it is written, in a document of its own that has nothing beside it; and so is what stands around
entries, as a document without any. Documents that are joined of such pieces need little more than a parser.

Most documents are right, and found so fast. Only what is not surely right goes through every rule; and only then are
those rules imported.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from typing import cast

import msgspec
from lxml.etree import LxmlError, _Element
from msgspec import Struct

from feedcheck.entry_facts import EntryFacts, atom_entries, json_entries, rss_entries
from feedcheck.json_judging import json_is_right
from feedcheck.names import ATOM_NAMESPACE
from feedcheck.relations import entry_is_right, whole_is_right
from feedmill.model import Document, Format, Problem
from feedmill.validating.faults import fault, problem_of
from feedmill.validating.grammar import surely_follows_grammar
from feedmill.validating.page_rules import page_problems
from feedmill.validating.promises import Promises
from feedmill.validating.trees import tree_of

_ATOM = f"{{{ATOM_NAMESPACE}}}"
_DUPLICATE = {Format.ATOM: "DuplicateEntries", Format.RSS: "DuplicateValue", Format.JSON: "JsonDuplicateId"}


class _Item(Struct):
    id: str


class _Items(Struct):
    items: list[_Item]


_ITEMS = msgspec.json.Decoder(_Items)


def validate_documents(documents: Sequence[Document], *, now: datetime) -> list[Problem]:
    """Judge every document by its standard, by our promises, and beside its kin of other formats.

    Kin are the documents that name the same feed: they say the same of the same entries, of which there may be none.
    Returns nothing when all may be published.
    """
    feeds: dict[str, list[Document]] = {}
    for document in documents:
        if document.format is not None:
            feeds.setdefault(document.feed, []).append(document)
    unsure = [document for kin in feeds.values() if not _surely_right(kin, now) for document in kin]
    problems = _explained(unsure, now) if unsure else []
    for document in documents:
        if document.format is None:
            problems.extend(_other_problems(document, now))
    return problems


def check_whole(document: Document) -> list[Problem]:
    """Check that a document, joined of pieces which were found right, is well-formed and has all its entries.

    Their ids differ, and there are as many as `document.entries` says. What else they hold is not looked at. Pages and
    lists, which are not joined, are judged as they are by `validate_documents`. Returns nothing when all is well.
    """
    if document.format is None:
        # Only warnings ask what time it is.
        return _other_problems(document, document.modified)
    try:
        ids = _json_ids(document.content) if document.format is Format.JSON else _xml_ids(document)
    except (ValueError, RecursionError, LxmlError, msgspec.MsgspecError) as error:
        code = "JsonSyntax" if document.format is Format.JSON else "SAXError"
        return [fault(document.path, code, f"the document cannot be read: {error}")]
    return list(_wrong_ids(document, ids))


def _surely_right(kin: Sequence[Document], now: datetime) -> bool:
    """Whether the documents of one feed are surely right, each by itself and all together."""
    promises = Promises()  # of bodies, which are the same in each
    first: Sequence[Hashable] | None = None
    for document in kin:
        try:
            told = _json_told(document, promises, now) if document.format is Format.JSON else None
            if document.format in (Format.ATOM, Format.RSS):
                told = _xml_told(document, promises, now)
        except (ValueError, RecursionError, LxmlError, msgspec.MsgspecError):
            return False
        if told is None or len({each.id for each in told}) != len(told):
            return False
        gists = [(each.id, each.title, each.url, each.published, each.updated) for each in told]
        if first is not None and gists != first:
            return False
        first = gists
    return True


def _xml_told(document: Document, promises: Promises, now: datetime) -> list[EntryFacts] | None:
    """Return what an Atom or RSS document says of its entries; None where it is not surely right."""
    root = tree_of(document.content)
    kept = list(root.iter())  # lxml would make each element again for everything that looks at it
    is_atom = document.format is Format.ATOM
    if root.tag != (f"{_ATOM}feed" if is_atom else "rss") or not surely_follows_grammar(root):
        return None
    outer = root if is_atom else root[0]
    if not whole_is_right(root, outer, document.url, now):
        return None
    if not all(
        entry_is_right(entry, root, now) for entry in outer.iterchildren(f"{_ATOM}entry" if is_atom else "item")
    ):
        return None
    if any(True for _ in promises.broken_by(document, root)):
        return None
    told = (atom_entries if is_atom else rss_entries)(root, words=False)
    del kept
    return told


def _json_told(document: Document, promises: Promises, now: datetime) -> list[EntryFacts] | None:
    """Return what a JSON Feed says of its items; None where it is not surely right."""
    feed = msgspec.json.decode(document.content)
    if not isinstance(feed, dict) or "items" not in feed or not json_is_right(feed, document.url, now):
        return None
    return None if any(True for _ in promises.broken_by(document, feed)) else json_entries(feed, words=False)


def _explained(documents: Sequence[Document], now: datetime) -> list[Problem]:
    from feedmill.validating.explaining import explain_feeds

    return explain_feeds(documents, now)


def _other_problems(document: Document, now: datetime) -> list[Problem]:
    if document.media_type == "text/html":
        return list(page_problems(document.path, document.content))
    from feedcheck.judging import validate

    return [problem_of(finding) for finding in validate(document.content, name=document.path, now=now).errors]


def _xml_ids(document: Document) -> list[str]:
    """Return the id of each entry, "" where it has none."""
    root = tree_of(document.content)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it has a document type")
    outer: _Element | None = root
    entry, name = f"{_ATOM}entry", f"{_ATOM}id"
    if document.format is Format.RSS:
        outer, entry, name = next(root.iterchildren("channel"), None), "item", "guid"
    entries = () if outer is None else outer.iterchildren(entry)
    found = (next(each.iterchildren(name), None) for each in entries)
    return ["" if each is None else (each.text or "").strip() for each in found]


def _json_ids(content: bytes) -> list[str]:
    content.decode()  # what is passed over is not looked at by the other decoder
    return [item.id for item in _ITEMS.decode(content).items]


def _wrong_ids(document: Document, ids: Sequence[str]) -> Iterator[Problem]:
    if len(ids) != document.entries:
        yield fault(document.path, "entry-count", f"{len(ids)} entries, and not {document.entries}")
    if len(set(ids)) != len(ids):
        twice = next(id_ for number, id_ in enumerate(ids) if id_ in ids[:number])
        code = _DUPLICATE[cast(Format, document.format)]
        yield fault(document.path, code, f"the id {twice[:100]} is that of several entries")
