"""The ledger, opened: of this site, of today, and with what feeds/ tells where it was lost or is older."""

from __future__ import annotations

from pathlib import Path

from feedmill.config.site import Site
from feedmill.errors import Refused
from feedmill.ledger.ledger_database import in_memory, open_database
from feedmill.ledger.records import Ledger
from feedmill.publishing.manifest_reading import read_manifest

_FEW = 5
"""Below so many stories, that none is known says nothing."""


def open_ledger(path: Path, feeds: Path, site: Site) -> Ledger:
    """Open the ledger of a site whose documents lie in `feeds`.

    One that is not there, and one that is older than the manifest beside the documents (a backup), learns from the
    documents what they tell: nothing is written to a file yet. Raises LedgerError where it cannot be read, and Refused
    where it, or the feeds, are another site's.
    """
    ledger = Ledger(open_database(path))
    check_authority(ledger.about().get("authority", site.id_authority), str(path), "this ledger is", site)
    manifest = read_manifest(feeds)
    is_lost, serial = ledger.database.is_lost, ledger.serial
    if (not is_lost and manifest.serial <= serial) or not feeds.is_dir():
        return ledger
    from feedmill.ledger.recovering import recover  # few builds read what feeds tell

    learning = Ledger(in_memory(path, None if is_lost else ledger.database))
    if not recover(learning, feeds, manifest, site):
        return ledger
    ledger.database.close()
    if is_lost:
        learning.notes = (f"{path}: there is no ledger, so it is made again from what the feeds show",)
    else:
        what = f"{path}: the ledger is older than the feeds (build {serial} of {manifest.serial})"
        learning.notes = (f"{what}, so it learns from them what has been published since",)
    return learning


def check_authority(authority: str, where: str, what: str, site: Site) -> None:
    """Raise Refused where a ledger or a feed is another site's: its ids would be given to other stories."""
    if authority != site.id_authority:
        raise Refused(
            f"{where}: {what} of {authority}, and feedmill.yaml says site.id_authority: {site.id_authority}",
            remedy="put id_authority back, which is never to be changed; or, if this is another site, move the ledger "
            "and the feeds away. Nothing was changed",
        )


def check_stories(ledger: Ledger, known: int, stories: int, site: Site) -> None:
    """Raise Refused when a ledger of the same authority is another site's all the same.

    A site may move to another domain; but when none of its stories is known, it is no move. Of a handful of stories
    that may be chance. `known` counts the stories that were published before, of all `stories`.
    """
    other = ledger.about().get("site", site.url)
    if other != site.url and not known and min(ledger.count(), stories) >= _FEW:
        raise Refused(
            f"{ledger.database.path}: the ledger is of {other}, and none of its stories is here: two sites must not "
            f"share one id_authority ({site.id_authority}) or one ledger",
            remedy="give this site an id_authority of its own, and move the ledger and feeds that were copied away. "
            "Nothing was changed",
        )
