"""The keys of front matter that Feedmill reads, under their own names."""

from __future__ import annotations

KEYS = (
    "title id url slug date updated authors topics tags summary image image_alt language rights source "
    "related media embargo expires draft unlisted series correction withdrawn"
).split()
"""The canonical front-matter keys."""
INNER_KEYS = {
    "authors": ("name", "email", "url"),
    "source": ("title", "url"),
    "related": ("title", "url"),
    "media": ("url", "type", "length", "duration", "title"),
    "correction": ("date", "note"),
    "withdrawn": ("date", "reason"),
}
"""The keys inside those whose values hold keys."""
