"""What every feed shows, beside what subscribers saw → what they will see of a build, and what would hold it."""

from __future__ import annotations

from feedmill import ledger
from feedmill.errors import Refused
from feedmill.ledger import Plan
from feedmill.model import Format
from feedmill.publishing.manifest_reading import read_manifest
from feedmill.rendering import MANIFEST, document_url
from feedmill.reporting import count_found, problems_now
from feedmill.work import Work


def plan_of(work: Work) -> Plan:
    """Say what subscribers will see of a build, feed by feed, and which brakes would hold it."""
    return ledger.make_plan(
        work.ledger,
        work.entries,
        work.selected,
        work.missing.withdrawals,
        work.entries.redeclared(),
        _documents_gone(work),
        work.site,
        work.now,
        work.whole,
    )


def _documents_gone(work: Work) -> dict[str, list[str]]:
    """Return the addresses of documents that subscribers fetch now and that a build would not make, by feed."""
    made = {f"{each.feed.name}.{format_.value}" for each in work.selected for format_ in each.feed.settings.formats}
    gone: dict[str, list[str]] = {}
    there = work.ledger.documents().keys() | read_manifest(work.feeds_directory).documents
    for path in sorted(there - made):
        name, _, suffix = path.rpartition(".")
        if suffix in {format_.value for format_ in Format} and not path.startswith("archive/") and path != MANIFEST:
            gone.setdefault(name, []).append(document_url(work.site, path))
    return gone


def refuse(work: Work, plan: Plan) -> None:
    """Raise Refused where a build would do more to subscribers than the site wants."""
    if not count_found(work) and not work.ledger.is_empty:
        raise Refused(
            "there are no stories any more, so nothing was replaced",
            remedy="put the stories back, or confirm with --force",
            problems=problems_now(work),
        )
    if work.missing.refusals:
        raise Refused(
            "the files of published stories have vanished, so nothing was replaced",
            remedy="put them back, or confirm with --force",
            problems=work.missing.refusals,
        )
    if plan.brakes:
        raise Refused(
            "; ".join(f"{what} ({remedy})" for what, remedy in plan.brakes),
            remedy="nothing was replaced: look at `feedmill plan`, or confirm with --force",
        )
