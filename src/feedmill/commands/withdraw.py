"""withdraw: a published story taken back."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import replace

from feedmill import ledger
from feedmill.commands.outcome import Context, Outcome
from feedmill.commands.unattended import STATE
from feedmill.errors import UsageError
from feedmill.ledger import Ledger, Record, State
from feedmill.model import Entry, Withdrawal
from feedmill.pipeline import LEDGER, Contents, mill
from feedmill.publishing import run_lock
from feedmill.site import load_site

HELP = "take a published story back, for good"
EXAMPLES = """examples:
  feedmill withdraw figures-that-did-not-hold --reason "The figures could not be confirmed."
  feedmill withdraw content/2024-05-01-figures.md      by file, slug, id or address

The next `feedmill build` puts a neutral note with the reason in its place, in every feed, page and archive, under the
same id, and the story's text is then in none of them. No later build shows it again. `withdrawn:` in a story's front
matter does the same. Exit codes: 0 recorded, now or before; 2 there is no such story, or it was never published."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which story, and why."""
    parser.add_argument("story", metavar="STORY", help="its slug, file, id or address")
    parser.add_argument("--reason", default="", help="one sentence that subscribers are told")


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Withdraw. Raises UsageError when no published story, or more than one, is meant."""
    site = load_site(context.directory)
    path = context.directory / LEDGER
    with run_lock(context.directory / STATE):
        contents = mill(site, context.directory, now=context.now, progress=context.progress)
        before = contents.ledger
        record = _find(arguments.story, contents)
        if record.state is State.WITHDRAWN:
            return Outcome(lines=(f"{record.id} was withdrawn before, on {record.withdrawn}",))
        withdrawal = Withdrawal(context.now, " ".join(arguments.reason.split()))
        gone = ledger.forgotten(record, withdrawal)
        ledger.save(path, before, replace(before, records={**before.records, record.id: gone}))
    count = len(record.feeds)
    where = f"{count:,} {'feed shows' if count == 1 else 'feeds show'} it still: run `feedmill build`"
    return Outcome(
        lines=(f"withdrawn: {record.title or record.id}", where if count else "no feed shows it now"),
        data={"id": record.id, "withdrawn": gone.withdrawn, "reason": gone.reason, "feeds": list(record.feeds)},
    )


def _find(name: str, contents: Contents) -> Record:
    known: Ledger = contents.ledger
    records = contents.standing.records
    found = {
        record.id: record
        for record in known.records.values()
        if name in {record.id, record.url, record.path, f"{contents.site.content_path}/{record.path}"}
    }
    entries = [entry for entry in contents.entries if name in _names(entry, contents)]
    for entry in entries:
        record = records.get(entry.path) or known.records.get(entry.id)
        if record is not None:
            found[record.id] = record
    if len(found) > 1:
        raise UsageError(f"'{name}' means several stories: {', '.join(sorted(found))}", remedy="name one by its id")
    if found:
        return next(iter(found.values()))
    if entries:
        raise UsageError(
            f"'{name}' was never published, so there is nothing to take back",
            remedy="delete its file, or write `draft: true` into its front matter",
        )
    slugs = sorted({entry.slug for entry in contents.entries} | {record.path for record in known.records.values()})
    near = difflib.get_close_matches(name, filter(None, slugs), 1)
    remedy = f"did you mean {near[0]}?" if near else "name it by slug, file, id or address"
    raise UsageError(f"no story is called '{name}'", remedy=remedy)


def _names(entry: Entry, contents: Contents) -> set[str]:
    return {entry.slug, entry.id, entry.url, entry.path, f"{contents.site.content_path}/{entry.path}"} - {""}
