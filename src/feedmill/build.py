"""The one way: scan ▸ read ▸ normalise ▸ identify ▸ select ▸ plan ▸ render ▸ validate ▸ publish ▸ record.

A cold build is one in which every source is new; an edit is one in which a single source is. Each stage takes values
and gives values, and none knows another. Verbs that only read take as much of the way as they need.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from feedmill import ledger
from feedmill.braking import plan_of, refuse
from feedmill.config.site import Site
from feedmill.delivering import Built, deliver
from feedmill.identifying import prepare
from feedmill.operations.run_history import RunHistory
from feedmill.scan import Folder
from feedmill.selecting import choose
from feedmill.store import Store
from feedmill.work import LEDGER, Progress, Work


def build(
    site: Site,
    directory: Path,
    store: Store,
    *,
    now: datetime,
    progress: Progress,
    force: bool = False,
    record: RunHistory | None = None,
    folders: Iterable[Folder] | None = None,
) -> Built:
    """Go the whole way, from content/ to feeds/, and record in the ledger what subscribers see by it.

    `record` is what is remembered of the runs before, and `folders` a scan of content/ that was made already. Raises
    Refused, with nothing replaced, when a brake holds (unless by `force`) or a document is not valid; PublishingError
    when the feeds directory cannot be written, and LedgerError when the ledger cannot be used.
    """
    ledger.check_writable(directory / LEDGER)
    with Work(site, directory, store, now=now, progress=progress) as work:
        prepare(work, folders)
        choose(work)
        plan = plan_of(work)
        if not force:
            refuse(work, plan)
        return deliver(work, plan, record or RunHistory())


__all__ = ["Built", "build"]
