"""An entry of Atom or RSS → its shape: all that the rules about an entry as a whole look at.

Those rules ask which elements an entry has, in which order, and how its links and its content are described; not what
it says. Entries of one shape are alike to them, so that one of each is judged.
"""

from __future__ import annotations

from lxml.etree import _Element

from feedmill.validating.names import ATOM_NAMESPACE, MEDIA_NAMESPACE

Shape = tuple[tuple[str | None, ...] | str, ...]

_ATOM = f"{{{ATOM_NAMESPACE}}}"
_LINK, _CONTENT, _SOURCE = f"{_ATOM}link", f"{_ATOM}content", f"{_ATOM}source"
_DC = "{http://purl.org/dc/elements/1.1/}"
_USUAL = frozenset(
    [
        *(f"{_ATOM}{name}" for name in "id title updated author content link summary category".split()),
        *(f"{_ATOM}{name}" for name in ("published", "rights", "source")),
        *"title link description guid category enclosure pubDate source".split(),
        "{http://purl.org/rss/1.0/modules/content/}encoded",
        *(f"{_DC}{name}" for name in ("creator", "language", "rights")),
        f"{{{MEDIA_NAMESPACE}}}content",
    ]
)
"""The elements that Feedmill writes into an entry. None of another kind is known to say nothing of its feed."""


def is_usual(entry: _Element) -> bool:
    """Whether an entry has no element but those that Feedmill writes, of which none says anything beyond its entry."""
    return all(child.tag in _USUAL for child in entry)


def shape_of(entry: _Element) -> Shape | None:
    """Return the shape of a usual entry; None where a rule looks deeper, into the source that it was copied from."""
    shape: list[tuple[str | None, ...] | str] = []
    for child in entry:
        tag = child.tag
        if tag == _LINK:
            shape.append((tag, child.get("rel"), child.get("type"), child.get("hreflang")))
        elif tag == _CONTENT:
            shape.append((tag, child.get("type"), child.get("src")))
        elif tag == _SOURCE:
            return None
        else:
            shape.append(str(tag))
    return tuple(shape)
