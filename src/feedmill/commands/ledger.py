"""ledger: adopt the ids of other feeds; export and import what subscribers have been told."""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

from feedmill.commands.outcome import Context, Outcome, counted, exit_code_for, problem_data
from feedmill.commands.sources import read_source
from feedmill.commands.unattended import STATE
from feedmill.errors import UsageError
from feedmill.ledger import NotAFeed, Told, read_feed, save
from feedmill.ledger.adopting import adopt
from feedmill.ledger.exchange import export_lines, import_lines
from feedmill.model import Site
from feedmill.pipeline import LEDGER, mill, remember
from feedmill.publishing import run_lock
from feedmill.site import load_site

HELP = "adopt the ids of another tool's feeds; export or import the record of what was published"
EXAMPLES = """examples:
  feedmill ledger adopt https://example.org/index.xml      take over the ids of the feed that readers have now
  feedmill ledger adopt old/feed.xml old/feed.json         … of files
  feedmill ledger export > ledger.jsonl                    a backup, as JSON lines
  feedmill ledger import ledger.jsonl                      on another machine

Adopt before the first build: an id that is published stays. Exit codes: 0 done; 1 done, but some ids could not be
taken; 2 not a feed, or no export; 5 the ledger cannot be used."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what to do, and with what."""
    parser.add_argument("action", choices=("adopt", "export", "import"), help="what to do")
    parser.add_argument("sources", metavar="SOURCE", nargs="*", help="feeds to adopt (files, URLs), or one export")


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Do it. Raises UsageError when a source cannot be used; nothing has changed then."""
    site = load_site(context.directory)
    if (arguments.action == "export") is bool(arguments.sources):
        raise UsageError(
            f"ledger {arguments.action} needs {'no' if arguments.sources else 'a'} SOURCE",
            remedy="see `feedmill ledger --help`",
        )
    if arguments.action == "export":
        known = remember(site, context.directory)
        return Outcome(lines=tuple(export_lines(known)), data={"entries": len(known.records)})
    with run_lock(context.directory / STATE):
        if arguments.action == "import":
            return _import(arguments.sources, site, context)
        return _adopt(arguments.sources, site, context)


def _import(sources: list[str], site: Site, context: Context) -> Outcome:
    if len(sources) > 1:
        raise UsageError("more than one export is named", remedy="import one after the other")
    name = sources[0]
    try:
        text = read_source(name, context).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name}: not UTF-8", remedy="name a file that `feedmill ledger export` wrote") from None
    before = remember(site, context.directory)
    after, problems = import_lines(text, name, before, site)
    save(context.directory / LEDGER, before, after)
    count = len(after.records) - len(before.records)
    known = [record for id_, record in before.records.items() if after.records[id_] != record]
    line = f"{counted(count, 'entry', 'entries')} imported"
    if known:
        line += f"; {counted(len(known), 'entry', 'entries')} withdrawn by it: run `feedmill build`"
    return Outcome(
        exit_code=exit_code_for(problems),
        lines=(line,),
        problems=problems,
        data={"imported": count, "withdrawn": [record.id for record in known], "problems": problem_data(problems)},
    )


def _adopt(sources: list[str], site: Site, context: Context) -> Outcome:
    feeds = {name: _read(name, context) for name in sources}
    contents = mill(site, context.directory, now=context.now, progress=context.progress)
    before = contents.ledger
    adopted = adopt(before, feeds, contents.entries, contents.standing.records)
    about = {"authority": site.id_authority, "site": site.url, "feeds": site.feeds_url, **before.about}
    save(Path(context.directory, LEDGER), before, replace(adopted.ledger, about=about))
    line = f"{counted(len(adopted.ids), 'id', 'ids')} adopted"
    if adopted.without_story:
        line += f"; {counted(adopted.without_story, 'entry has', 'entries have')} no story here"
    return Outcome(
        exit_code=exit_code_for(adopted.problems),
        lines=(line,),
        problems=adopted.problems,
        data={
            "adopted": dict(adopted.ids),
            "without_story": adopted.without_story,
            "problems": problem_data(adopted.problems),
        },
    )


def _read(name: str, context: Context) -> Told:
    try:
        return read_feed(read_source(name, context))
    except NotAFeed as error:
        raise UsageError(f"{name}: {error}", remedy="name an Atom, RSS or JSON feed; nothing was adopted") from None
