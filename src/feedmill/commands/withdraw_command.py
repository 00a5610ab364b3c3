"""withdraw: a published story taken back."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from msgspec.structs import replace

from feedmill.characters import illegal_character
from feedmill.errors import UsageError
from feedmill.ledger import Record, State, forgotten
from feedmill.model import Withdrawal
from feedmill.normalising import slug_from
from feedmill.operations.runs import pack_record, unpack_record, without_texts
from feedmill.reading import parse_name, shown_name
from feedmill.running.open_site import changing
from feedmill.running.outcome import Outcome, RunContext
from feedmill.searching import called, nearest
from feedmill.store import Row
from feedmill.stories import place_of
from feedmill.work import Work

HELP = "take a published story back, for good"
EXAMPLES = """examples:
  feedmill withdraw figures-that-did-not-hold --reason "The figures could not be confirmed."
  feedmill withdraw content/2024-05-01-figures.md      by file, slug, id or address

The next `feedmill build` puts a neutral note with the reason in its place, in every feed, page and archive, under the
same id, and the story's text is then in none of them. No later build shows it again. `withdrawn:` in a story's front
matter does the same. A file means the story that it holds now. To correct the reason, withdraw the story again with
the right one. Exit codes: 0 recorded, now or before; 2 there is no such story, it was never published, or no feed can
carry the reason."""
_MOST_NAMED = 5


class _Doubtful(UsageError):
    """A name may mean another story than the published one: `instead` is the one that the question is about."""

    def __init__(self, message: str, remedy: str, question: str = "", instead: Record | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.question = question
        self.instead = instead


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which story, and why."""
    parser.add_argument("story", metavar="STORY", type=shown_name, help="its slug, file, id or address")
    parser.add_argument("--reason", default="", help="one sentence for subscribers")


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Withdraw. Raises UsageError when no published story, or more than one, is meant."""
    reason = _reason(arguments.reason)
    try:
        return _withdraw(arguments.story, reason, context)
    except _Doubtful as doubt:
        # Nobody waits for the answer: the lock is not held while it is asked for.
        if context.ask is None or doubt.instead is None:
            raise
        answer = context.ask(f"{doubt.message}.\n{doubt.question} [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            raise UsageError("nothing was withdrawn", remedy=doubt.remedy) from None
        return _withdraw(doubt.instead.id, reason, context)


def _withdraw(name: str, reason: str, context: RunContext) -> Outcome:
    with changing(context) as work:
        ledger = work.ledger
        record = _find(name, work)
        feeds = sorted(ledger.feeds_showing(record.id))
        was_withdrawn = record.state is State.WITHDRAWN
        if was_withdrawn and reason in ("", record.reason):
            return Outcome(lines=(f"{record.id} was withdrawn before, on {record.withdrawn}",))
        if was_withdrawn:
            gone = replace(record, reason=reason)
        else:
            gone = forgotten(record, Withdrawal(context.now, reason), told=False)
        with ledger.database.transaction(vacuum=True):
            ledger.put([gone])
            ledger.unmark(record.id)
        # What was said of the story before may quote its title.
        history = unpack_record(work.store.meta("record"))
        work.store.set_meta("record", pack_record(without_texts(history, [record.title])))
    data = {"id": gone.id, "withdrawn": gone.withdrawn, "reason": gone.reason, "feeds": feeds}
    if was_withdrawn:
        lines = (f"the reason is changed; {record.id} was withdrawn before, on {record.withdrawn}",)
        return Outcome(lines=lines, data=data)
    count = len(feeds)
    where = f"{count:,} {'feed shows' if count == 1 else 'feeds show'} it still: run `feedmill build`"
    return Outcome(
        lines=(f"withdrawn: {record.title or record.id}", where if count else "no feed shows it now"), data=data
    )


def _reason(text: str) -> str:
    """Return a reason as one line. Raises UsageError for what no document could carry."""
    found = illegal_character(text)
    if found is None:
        return " ".join(text.split())
    code = ord(found[0])
    # PEP 383: how Python hands on a byte of the command line that it cannot decode.
    what = f"the byte {code - 0xDC00:02x}, which is not UTF-8" if 0xDC80 <= code <= 0xDCFF else f"U+{code:04X}"
    raise UsageError(
        f"the reason has {what} as its character {found.start() + 1}, which no feed can carry",
        remedy="write it without; nothing was withdrawn",
    )


def _find(name: str, work: Work) -> Record:
    """Return the record of the story that a name means: an id always the same, a file the one that it holds now."""
    known = work.ledger.get(name)
    if known is not None:
        return known
    name = name.removeprefix("./")
    rows = called(work, name)
    return _told_now(name, rows, work) if rows else _told_once(name, work)


def _told_now(name: str, rows: Sequence[Row], work: Work) -> Record:
    """Return the record of the story that bears a name now. Raises UsageError where it has none, or several do."""
    published = {row.record: row for row in rows if row.record is not None}
    if len(published) > 1:
        raise _several(name, published)
    if not published:
        raise _never_published(name, rows[0], work)
    [(id_, row)] = published.items()
    record = work.ledger.get(id_)
    if record is None:
        raise _never_published(name, row, work)
    file = _shown(row.path, work)
    others = [other for other in work.ledger.alike("path", row.path) if other.id != id_]
    if name in (row.path, file) and record.path != row.path and others:
        once = " and ".join(f"'{other.title or other.id}' ({other.id})" for other in others)
        raise _Doubtful(
            f"{file} holds '{row.entry.title}' ({id_}) now, and {once} was last published from there",
            remedy="name the one that you mean by its id; nothing was withdrawn",
            question=f"Withdraw '{row.entry.title}'?",
            instead=record,
        )
    return record


def _never_published(name: str, row: Row, work: Work) -> UsageError:
    """Say that the story that bears a name now was not published, and which was, from the same place."""
    message = (
        f"'{name}' was never published, so there is nothing to take back: "
        f"{_shown(row.path, work)} holds '{row.entry.title}' now"
    )
    found = {
        record.id: record
        for sign, value in (("path", row.path), ("place", row.place))
        for record in work.ledger.alike(sign, value)
        if record.state is not State.WITHDRAWN
    }
    if not found:
        return UsageError(message, remedy="delete its file, or write `draft: true` into its front matter")
    called = " and ".join(f"'{record.title}' ({record.id})" for record in found.values())
    message += f", and {called} was last published from there"
    remedy = f"if you mean {'that' if len(found) == 1 else 'one of those'}, name it by its id; nothing was withdrawn"
    if len(found) > 1:
        return UsageError(message, remedy=remedy)
    [record] = found.values()
    return _Doubtful(message, remedy, f"Withdraw '{record.title}' ({record.id}) instead?", record)


def _told_once(name: str, work: Work) -> Record:
    """Return the record of a story by the file or the address that it had: no entry bears that name now."""
    path = name.removeprefix(_shown("", work))
    found = {
        record.id: record
        for sign, value in (("path", name), ("path", path), ("place", place_of(name, work.site.url)))
        for record in work.ledger.alike(sign, value)
    }
    if len(found) > 1:
        raise _several(name, found)
    if found:
        [record] = found.values()
        row = work.entries.with_record(record.id)
        if row is not None and record.path in (name, path):
            raise _Doubtful(
                f"{_shown(record.path, work)} holds no story now, and '{row.entry.title}' ({record.id}), last "
                f"published from there, is in {_shown(row.path, work)}",
                remedy="name the one that you mean by its id; nothing was withdrawn",
                question=f"Withdraw '{row.entry.title}'?",
                instead=record,
            )
        return record
    # A file of that name may be there and say nothing: an old story is not taken back without being asked for.
    slug = slug_from(parse_name(name).slug)
    once = work.ledger.with_address_ending(slug, _MOST_NAMED) if slug else []
    once = [record for record in once if work.entries.with_record(record.id) is None]
    if once:
        meant = " or ".join(f"'{record.title}' ({record.id})" for record in once)
        raise _Doubtful(
            f"no story is called '{name}'",
            remedy=f"did you mean {meant}, of which no file is known? Then name it by its id",
            question=f"Withdraw {meant}, of which no file is known?",
            instead=once[0] if len(once) == 1 else None,
        )
    near = nearest(work, name)
    remedy = f"did you mean {near}?" if near else "name it by slug, file, id or address"
    raise UsageError(f"no story is called '{name}'", remedy=remedy)


def _several(name: str, ids: Iterable[str]) -> UsageError:
    return UsageError(f"'{name}' means several stories: {', '.join(sorted(ids))}", remedy="name one by its id")


def _shown(path: str, work: Work) -> str:
    """Return a path below content/ as people write it; of the empty one, what all of them begin with."""
    root = work.site.content_path
    if not path:
        return "" if root == "." else f"{root}/"
    return PurePosixPath(root, path).as_posix()
