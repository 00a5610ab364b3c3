"""A site's content directory → all that it says by itself, and the bodies of its stories."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from msgspec.structs import replace

from feedmill.cache import Cache
from feedmill.errors import ConfigurationError
from feedmill.forking import processors
from feedmill.gathering.bodies import Bodies
from feedmill.gathering.edits import Since, gather_edits
from feedmill.gathering.stories import Gathered, tell_stories
from feedmill.model import Problem, Site
from feedmill.reading import list_stories, marks_of, read_authors, read_topics
from feedmill.selecting import Sieve


def gather(
    site: Site,
    directory: Path,
    cache: Cache,
    progress: Callable[[str], Callable[[int, int], None]],
    sieve: Callable[[Site], Sieve | None] = lambda _: None,
    since: Since | None = None,
) -> tuple[Gathered, Bodies]:
    """Read what the cache does not know of a site's stories. `directory` holds feedmill.yaml.

    `sieve` is given the site with the topics and authors of its content, and returns what tells which stories a build
    has anything to do with; None where it has with all. What has changed `since` the last build may tell it all.

    Raises ConfigurationError when there is no content directory, and Unreadable when the machine is at fault.
    """
    root = directory / site.content_path
    if not root.is_dir():
        raise ConfigurationError(
            f"{root}: there is no content directory here",
            remedy="create it, or set content.path in feedmill.yaml; the feeds are as they were",
        )
    processes = processors()
    whole, problems = _with_data(site, root)
    cache.prepare(blake2b(repr(whole).encode(), digest_size=16).hexdigest())
    on_progress = progress("Reading stories")
    if since is not None:
        gathered = gather_edits(whole, root, cache, since)
        if gathered is not None:
            return gathered, Bodies(gathered, cache, processes)
    listing = list_stories(
        root,
        shown_root=site.content_path,
        settings=site.content,
        site_directory=directory,
        output=directory / site.feeds_path,
        tell=lambda file: cache.marks(root, file.relative, lambda: marks_of(file.path)),
    )
    listing = replace(listing, problems=(*listing.problems, *problems))
    gathered = tell_stories(
        whole, listing, root, cache, processes=processes, on_progress=on_progress, sieve=sieve(whole)
    )
    return gathered, Bodies(gathered, cache, processes)


def _with_data(site: Site, root: Path) -> tuple[Site, list[Problem]]:
    """Return the site with the topics and authors of its content directory; those of feedmill.yaml count first."""
    problems: list[Problem] = []
    shown, content = site.content_path, site.content
    if content.topics_from:
        topics, said = read_topics(root, content.topics_from, shown_root=shown, settings=site.settings)
        problems.extend(said)
        site = replace(site, topics={**topics, **site.topics})
    if content.authors_from:
        authors, said = read_authors(root, content.authors_from, shown_root=shown, site_url=site.url)
        problems.extend(said)
        site = replace(site, authors={**authors, **site.authors})
    return site, problems
