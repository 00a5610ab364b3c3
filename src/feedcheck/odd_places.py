"""Elements that mean something wherever they stand, though few readers look for them there."""

from __future__ import annotations

_ATOM = (
    "author category content contributor generator icon id link logo published rights subtitle summary title updated"
)
_DUBLIN_CORE = "title description publisher contributor type format identifier source language relation coverage rights"

ODD_PLACES = frozenset(
    [f"atom:{name}" for name in _ATOM.split()]
    + [f"dc:{name}" for name in _DUBLIN_CORE.split()]
    + ["geo:Point", "geo:lat", "geo:long", "geo:alt", "georss:where", "georss:point", "georss:line", "georss:polygon"]
)
