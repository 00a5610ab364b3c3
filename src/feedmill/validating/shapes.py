"""An entry of Atom or RSS → its shape: all that the rules about an entry as a whole look at.

Those rules ask which elements an entry has, in which order, and how its links and its content are described; not what
it says. Entries of one shape are alike to them, so that one of each is judged.
"""

from __future__ import annotations

from lxml.etree import _Element

from feedmill.validating.names import ATOM_NAMESPACE, MEDIA_NAMESPACE

Shape = tuple[tuple[str | None, ...] | str, ...]

_ATOM = f"{{{ATOM_NAMESPACE}}}"
SOURCE = f"{_ATOM}source"
_LINK, _CONTENT = f"{_ATOM}link", f"{_ATOM}content"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PLAIN = frozenset(
    [
        *(f"{_ATOM}{name}" for name in "id title updated author summary category published rights".split()),
        *"title link description guid category enclosure pubDate source".split(),
        "{http://purl.org/rss/1.0/modules/content/}encoded",
        *(f"{_DC}{name}" for name in ("creator", "language", "rights")),
        f"{{{MEDIA_NAMESPACE}}}content",
        SOURCE,
    ]
)
"""With links and content, the elements that Feedmill writes into an entry. None says anything of the feed."""


def shape_of(entry: _Element) -> Shape | None:
    """Return the shape of an entry; None where it has anything but the elements that Feedmill writes.

    A rule looks deeper into a SOURCE, from which an entry was copied: shapes that have one are not alike.
    """
    shape: list[tuple[str | None, ...] | str] = []
    for child in entry:
        tag = child.tag
        if tag in _PLAIN:
            shape.append(str(tag))
        elif tag == _LINK:
            shape.append((tag, child.get("rel"), child.get("type"), child.get("hreflang")))
        elif tag == _CONTENT:
            shape.append((tag, child.get("type"), child.get("src")))
        else:
            return None
    return tuple(shape)
