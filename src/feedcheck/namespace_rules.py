"""The namespaces that an element declares → complaints."""

from __future__ import annotations

from collections.abc import Iterator

from feedcheck.findings import Complaint, Spot
from feedcheck.names import NAMESPACES, PREFIXES, split
from feedcheck.values.uris import iri

_CLAUSE = "Namespaces in XML 1.0 §2"


def declared_namespaces(spot: Spot) -> Iterator[Complaint]:
    """Judge the namespaces that an element brings into scope, by the prefixes that readers know."""
    mine = spot.element.nsmap
    above = spot.element.getparent()
    outer = above.nsmap if above is not None else {}
    if above is not None and split(above.tag)[0] and not split(spot.element.tag)[0] and outer.get(None):
        said = 'xmlns="" takes the default namespace away, so nobody knows what stands here'
        yield Complaint("UnknownNamespace", said, _CLAUSE)
    if above is not None and mine == outer:
        return
    for prefix, namespace in mine.items():
        if outer.get(prefix) != namespace:
            yield from _declaration(prefix or "", namespace, spot, is_root=above is None)


def _declaration(prefix: str, namespace: str, spot: Spot, *, is_root: bool) -> Iterator[Complaint]:
    usual = PREFIXES.get(namespace, "")
    is_atom = spot.document.kind in ("atom", "entry")
    avoid = Complaint(
        "AvoidNamespacePrefix",
        f"the prefix {prefix} is used where some readers see only elements without one",
        "Best Practices Profile, namespaces",
    )
    if namespace == "http://search.yahoo.com/mrss":
        said = f"{namespace} lacks the slash at its end, so readers see no media"
        yield Complaint("MediaRssNamespace", said, "Media RSS, namespace")
    elif prefix and prefix in NAMESPACES and usual != prefix:
        said = f"the prefix {prefix} is the usual one of {NAMESPACES[prefix]}, and stands for {namespace} here"
        yield Complaint("ReservedPrefix", said, _CLAUSE)
    elif prefix == "wiki" and "usemod" in namespace:
        yield Complaint("ObsoleteWikiNamespace", f"{namespace} was replaced by {NAMESPACES['wiki']}", "RSS 1.0, Wiki")
    elif usual:
        if prefix and usual in ("atom", "xhtml") and (is_atom or (is_root and prefix != usual)):
            yield avoid
    elif len(namespace.split()) > 1:
        return  # no namespace at all, which the parser has said
    elif namespace and namespace != spot.document.core:
        wrong = list(iri(namespace, spot))
        yield from wrong
        if not wrong:
            yield _unknown(namespace)
    elif namespace and namespace not in PREFIXES:
        yield _unknown(namespace)


def _unknown(namespace: str) -> Complaint:
    return Complaint("UnknownNamespace", f"readers know nothing of {namespace}", "RFC 4287 §6")
