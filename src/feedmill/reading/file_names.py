"""A story's file name and folders → the date and slug that they say."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from feedmill.expressions import expression

_DATED = expression(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[-_ ](.+))?")
_YEAR_MONTH_DAY = expression(r"(?:^|/)([0-9]{4})/([0-9]{2})/([0-9]{2})(?:/|$)")


class NameParts(Struct, frozen=True):
    """A date as YYYY-MM-DD and a slug; each empty where the name does not say."""

    date: str
    slug: str


def parse_name(relative: str) -> NameParts:
    """Read `2024-05-01-slug.md`, `2024-05-01/slug.md`, `2024/05/01/slug.md` and `slug/index.md`.

    `relative` is the path below the content directory, with slashes. The file's own name counts before its
    folders, and the nearest folder before those above it.
    """
    folder, _, name = relative.rpartition("/")
    stem = name.rpartition(".")[0] or name
    if stem == "index" and folder:
        folder, _, stem = folder.rpartition("/")
    date, slug = "", stem
    dated = _DATED.fullmatch(stem)
    if dated:
        date, slug = dated[1], dated[2] or stem
    return NameParts(date or _folder_date(folder), slug)


@lru_cache(1024)  # neighbours lie in the same folder
def _folder_date(folder: str) -> str:
    for part in reversed(folder.split("/")):
        dated = _DATED.fullmatch(part)
        if dated:
            return dated[1]
    found = _YEAR_MONTH_DAY.findall(folder)
    return "-".join(found[-1]) if found else ""
