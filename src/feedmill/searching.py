"""A name that somebody gives → the stories that they may mean."""

from __future__ import annotations

from itertools import islice

from feedmill.content import file_of
from feedmill.located import Scalar
from feedmill.normalising import slug_from
from feedmill.reading import parse_name, read_story
from feedmill.store import Row
from feedmill.stories import place_of
from feedmill.work import Work

_NEWEST = 20_000
"""Among so many of the newest stories a misspelt name is looked for."""
_MOST_READ = 1_000
"""So many stories of which no entry can be made are read for the sake of their titles."""


def called(work: Work, name: str) -> list[Row]:
    """Return the entries of content that bear a name: a slug, a title, a file, an id or an address."""
    root = "" if work.site.content_path == "." else f"{work.site.content_path}/"
    place = place_of(name, work.site.url)
    for condition, value in (
        ("path = ?", name),
        ("path = ?", name.removeprefix(root)),
        ("slug = ?", name),
        ("id = ?", name),
        ("place = ?", place),
    ):
        found = [row for row in work.entries.where(condition, (value,)) if row.origin == "content"]
        if found:
            return found
    slug = slug_from(name)
    return [row for row in work.entries.alike("slug", slug) if row.entry.title == name] if slug else []


def titled(work: Work, name: str) -> list[Row]:
    """Return the entries of content with a title: no index has those, so all are looked at."""
    found = work.entries.where("origin = 'content' AND instr(packed, ?) ORDER BY path", (name.encode(),))
    return [row for row in found if row.entry.title == name]


def broken_called(work: Work, name: str) -> list[str]:
    """Return the paths of stories of which no entry can be made, and that a name may mean."""
    root = "" if work.site.content_path == "." else f"{work.site.content_path}/"
    slug = slug_from(name)
    found = []
    for path in work.sources.broken():
        own = parse_name(path).slug
        if name in (path, root + path):
            return [path]
        if own == name or (slug and slug_from(own) == slug):
            found.append(path)
    return found or [path for path in islice(work.sources.broken(), _MOST_READ) if _title(work, path) == name]


def _title(work: Work, path: str) -> str:
    """Return the title that a file gives of which no entry can be made, empty where it gives none."""
    file = file_of(work.sources, path)
    if file is None:
        return ""
    story = read_story(file.story, file.convention, work.site.content, shown_root=work.site.content_path).story
    title = story.metadata.values.get("title") if story is not None else None
    return title.text.strip() if isinstance(title, Scalar) else ""


def nearest(work: Work, name: str) -> str:
    """Return the name of the story that a misspelt one may mean, empty where there is none."""
    from difflib import get_close_matches

    root = "" if work.site.content_path == "." else f"{work.site.content_path}/"
    known = {root + path for path in work.sources.broken()}
    for slug, path in work.entries.names(_NEWEST):
        known |= {slug, root + path}
    return next(iter(get_close_matches(name, sorted(known), 1)), "")
