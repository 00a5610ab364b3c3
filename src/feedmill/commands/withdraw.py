"""withdraw: a published story taken back."""

from __future__ import annotations

import argparse
import difflib

from msgspec.structs import replace

from feedmill import ledger
from feedmill.characters import illegal_character
from feedmill.commands.outcome import Context, Outcome
from feedmill.commands.unattended import STATE
from feedmill.errors import UsageError
from feedmill.ledger import Ledger, Record, State
from feedmill.model import Entry, Withdrawal
from feedmill.normalising import slug_from
from feedmill.pipeline import LEDGER, Contents, mill
from feedmill.publishing import run_lock
from feedmill.reading import parse_name
from feedmill.site import load_site

HELP = "take a published story back, for good"
EXAMPLES = """examples:
  feedmill withdraw figures-that-did-not-hold --reason "The figures could not be confirmed."
  feedmill withdraw content/2024-05-01-figures.md      by file, slug, id or address

The next `feedmill build` puts a neutral note with the reason in its place, in every feed, page and archive, under the
same id, and the story's text is then in none of them. No later build shows it again. `withdrawn:` in a story's front
matter does the same. To mend the reason, withdraw the story again with the right one. Exit codes: 0
recorded, now or before; 2 there is no such story, it was never published, or no feed can carry the reason."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which story, and why."""
    parser.add_argument("story", metavar="STORY", help="its slug, file, id or address")
    parser.add_argument("--reason", default="", help="one sentence that subscribers are told")


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Withdraw. Raises UsageError when no published story, or more than one, is meant."""
    site = load_site(context.directory)
    path = context.directory / LEDGER
    reason = _reason(arguments.reason)
    with run_lock(context.directory / STATE):
        contents = mill(site, context.directory, now=context.now, progress=context.progress)
        before = contents.ledger
        record = _find(arguments.story, contents)
        was_withdrawn = record.state is State.WITHDRAWN
        if was_withdrawn and reason in ("", record.reason):
            return Outcome(lines=(f"{record.id} was withdrawn before, on {record.withdrawn}",))
        if was_withdrawn:
            after = ledger.with_reason(before, record, reason)
        else:
            gone = ledger.withdrawn_untold(record, Withdrawal(context.now, reason))
            after = replace(before, records={**before.records, record.id: gone})
        ledger.save(path, before, after)
    gone = after.records[record.id]
    if was_withdrawn:
        lines = (f"the reason is changed; {record.id} was withdrawn before, on {record.withdrawn}",)
        return Outcome(lines=lines, data=_data(gone))
    count = len(record.feeds)
    where = f"{count:,} {'feed shows' if count == 1 else 'feeds show'} it still: run `feedmill build`"
    return Outcome(
        lines=(f"withdrawn: {record.title or record.id}", where if count else "no feed shows it now"),
        data=_data(gone),
    )


def _data(gone: Record) -> dict[str, object]:
    return {"id": gone.id, "withdrawn": gone.withdrawn, "reason": gone.reason, "feeds": list(gone.feeds)}


def _reason(text: str) -> str:
    """Return a reason as one line. Raises UsageError for what no document could carry."""
    found = illegal_character(text)
    if found is None:
        return " ".join(text.split())
    code = ord(found[0])
    # PEP 383: how Python hands on a byte of the command line that it cannot decode.
    what = f"the byte {code - 0xDC00:02x}, which is no UTF-8" if 0xDC80 <= code <= 0xDCFF else f"U+{code:04X}"
    raise UsageError(
        f"the reason has {what} as its character {found.start() + 1}, which no feed can carry",
        remedy="write it without; nothing was withdrawn",
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
    # A file of that name may be there and tell nothing: an old story is not taken back without being asked for.
    called = sorted((record for record in known.records.values() if _was_called(record, name)), key=lambda r: r.id)
    if called:
        meant = " or ".join(f"'{record.title}' ({record.id})" for record in called)
        remedy = f"did you mean {meant}, of which no file is known? Then name it by its id"
    raise UsageError(f"no story is called '{name}'", remedy=remedy)


def _was_called(record: Record, name: str) -> bool:
    """Whether a name may be the slug, or that of the file, of a story of which no file is known any more.

    Its address ends as its slug did, unless the site's addresses are made otherwise.
    """
    slug = slug_from(parse_name(name).slug)
    is_lost = not record.path and record.state is not State.WITHDRAWN
    return is_lost and bool(slug) and record.url.rstrip("/").endswith(f"/{slug}")


def _names(entry: Entry, contents: Contents) -> set[str]:
    return {entry.slug, entry.id, entry.url, entry.path, f"{contents.site.content_path}/{entry.path}"} - {""}
