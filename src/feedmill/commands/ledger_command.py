"""ledger: adopt the ids of other feeds; export and import what subscribers have seen."""

from __future__ import annotations

import argparse

from feedmill.characters import visible_in_json
from feedmill.config.loading import load_site
from feedmill.config.site import Site
from feedmill.errors import UsageError
from feedmill.ledger import Ledger, NotAFeed, ReadFeed, open_ledger, read_feed
from feedmill.ledger.adopting import adopt
from feedmill.ledger.exchange import export_lines, import_lines
from feedmill.publishing import run_lock
from feedmill.running.inputs import read_source
from feedmill.running.open_site import changing
from feedmill.running.outcome import Outcome, RunContext, counted, exit_code_for, problem_data
from feedmill.work import LEDGER, STATE

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
    parser.add_argument(
        "--allow-private", action="store_true", help="fetch from addresses in private ranges, such as 127.0.0.1"
    )


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Do it. Raises UsageError when a source cannot be used; nothing has changed then."""
    if (arguments.action == "export") is bool(arguments.sources):
        raise UsageError(
            f"ledger {arguments.action} needs {'no' if arguments.sources else 'a'} SOURCE",
            remedy="see `feedmill ledger --help`",
        )
    if arguments.action == "export":
        return _export(context)
    if arguments.action == "import":
        return _import(arguments.sources, context, allow_private=arguments.allow_private)
    return _adopt(arguments.sources, context, allow_private=arguments.allow_private)


def _export(context: RunContext) -> Outcome:
    ledger, _ = _opened(context)
    try:
        return Outcome(
            lines=tuple(map(visible_in_json, export_lines(ledger))),
            complaints=ledger.notes,
            data={"entries": ledger.count()},
        )
    finally:
        ledger.database.close()


def _import(sources: list[str], context: RunContext, *, allow_private: bool) -> Outcome:
    if len(sources) > 1:
        raise UsageError("more than one export is named", remedy="import one after the other")
    name = sources[0]
    try:
        text = read_source(name, context, allow_private=allow_private).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name}: not UTF-8", remedy="name a file that `feedmill ledger export` wrote") from None
    with run_lock(context.directory / STATE):
        ledger, site = _opened(context)
        try:
            found, problems = import_lines(text, name, ledger, site)
            found.write(ledger)
        finally:
            ledger.database.close()
    line = f"{counted(len(found.records), 'entry', 'entries')} imported"
    if found.withdrawn:
        line += f"; {counted(len(found.withdrawn), 'entry', 'entries')} withdrawn by it: run `feedmill build`"
    return Outcome(
        exit_code=exit_code_for(problems),
        lines=(line,),
        problems=problems,
        complaints=ledger.notes,
        data={
            "imported": len(found.records),
            "withdrawn": sorted(found.withdrawn),
            "problems": problem_data(problems),
        },
    )


def _opened(context: RunContext) -> tuple[Ledger, Site]:
    site = load_site(context.directory)
    return open_ledger(context.directory / LEDGER, context.directory / site.feeds_path, site), site


def _adopt(sources: list[str], context: RunContext, *, allow_private: bool) -> Outcome:
    feeds = {name: _read(name, context, allow_private=allow_private) for name in sources}
    with changing(context) as work:
        ledger, site = work.ledger, work.site
        adopted = adopt(ledger, feeds, work.entries, site)
        if adopted.records:
            about = {"authority": site.id_authority, "site": site.url, "feeds": site.feeds_url, **ledger.about()}
            with ledger.database.transaction():
                ledger.put(adopted.records)
                ledger.put_about(**about)
    line = f"{counted(len(adopted.ids), 'id', 'ids')} adopted"
    if adopted.without_story:
        line += f"; {counted(adopted.without_story, 'entry has', 'entries have')} no story here"
    return Outcome(
        exit_code=exit_code_for(adopted.problems),
        lines=(line,),
        problems=adopted.problems,
        complaints=ledger.notes,
        data={
            "adopted": dict(adopted.ids),
            "without_story": adopted.without_story,
            "problems": problem_data(adopted.problems),
        },
    )


def _read(name: str, context: RunContext, *, allow_private: bool) -> ReadFeed:
    try:
        return read_feed(read_source(name, context, allow_private=allow_private))
    except NotAFeed as error:
        raise UsageError(f"{name}: {error}", remedy="name an Atom, RSS or JSON feed; nothing was adopted") from None
