"""import: page captures → story files."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any

from feedmill.config.loading import load_site
from feedmill.config.site import Site
from feedmill.errors import UsageError
from feedmill.importing.capture import Capture, CapturedStory, read_capture
from feedmill.importing.captured_text import MAX_BYTES, page_text
from feedmill.importing.story_writing import story_file, write_new_files
from feedmill.normalising import DateError, TopicIndex, absolute_url, parse_moment, shorten, slug_from
from feedmill.running.outcome import Outcome, RunContext, counted

HELP = "make story files of a web page saved as plain text"
EXAMPLES = """examples:
  feedmill import page.txt --date 2024-05-01 --base-url https://example.org/2024/
  feedmill import page.txt --date 2024-05-01 --date 2024-04-28 --base-url https://example.org/news/
                                        a date for each story, in the page's order
  feedmill import page.txt … --dry-run  show what would be taken and what left out, and write nothing

A saved page says neither when its stories appeared nor where they lie. Feedmill invents neither: it takes a date
line under a headline where there is one, and asks for the rest. The report names every line that was left out.

Exit codes: 0 imported; 1 no story was found; 2 something is missing, or a file is in the way."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the pages, and what no page says."""
    parser.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="a page saved as plain text, sought from DIR, or -"
    )
    parser.add_argument(
        "--date",
        action="append",
        default=[],
        metavar="DATE",
        help="when the stories appeared; once, or once a story",
    )
    parser.add_argument("--base-url", metavar="URL", help="the address below which each story lies under its slug")
    parser.add_argument(
        "--topic",
        action="append",
        default=[],
        metavar="TOPIC",
        help="a topic of every story, instead of match words",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing")


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Import. Raises UsageError when a page cannot be read or what it does not say is missing."""
    site = load_site(context.directory)
    captures = {name: read_capture(_read(name, context)) for name in arguments.sources}
    stories = [story for capture in captures.values() for story in capture.stories]
    report = [line for name, capture in captures.items() for line in _report(name, capture)]
    if not stories:
        lines = (*report, "no story was found: a story is a headline with paragraphs under it")
        return Outcome(exit_code=1, lines=lines, data=_data([], captures))
    _refuse_what_is_missing(arguments, context, stories, site)
    dates, base = _dates(arguments, context, stories, site), _base(arguments, context)
    topics = _topics(arguments.topic, site)
    index = TopicIndex.of(site.topics)
    files: dict[str, str] = {}
    for story, date in zip(stories, dates, strict=True):
        chosen = topics or list(index.match(f"{story.title}\n{story.body}"))
        slug = slug_from(story.title)
        path = f"{site.content_path}/{parse_moment(date, site.timezone).day.isoformat()}-{slug}.md"
        if path in files:
            raise UsageError(f"two stories are called '{story.title}'", remedy="import one of them from a copy")
        files[path] = story_file(story, date, f"{base}{slug}/", chosen)
    verb = "would write" if arguments.dry_run else "wrote"
    if not arguments.dry_run:
        write_new_files(context.directory, files)
    return Outcome(
        lines=(*report, *(f"{verb} {path}" for path in files), counted(len(stories), "story", "stories")),
        data=_data(list(files), captures),
    )


def _read(name: str, context: RunContext) -> str:
    try:
        if name == "-":
            data = context.standard_input()
        else:
            with (context.directory / name).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{name}: cannot be read: {os.strerror(error.errno or 0)}"
        raise UsageError(message, remedy="name a page saved as plain text") from None
    return page_text(name, data)


def _report(name: str, capture: Capture) -> list[str]:
    lines = []
    for story in capture.stories:
        lines.append(f"{name}:{story.line}: story: {story.title}")
        lines.extend(f"{name}:{piece.line}: related piece without an address: {piece.title}" for piece in story.related)
    lines.extend(f"{name}:{item.line}: left out: {item.why}: {shorten(item.text, 90)}" for item in capture.left_out)
    return lines


def _refuse_what_is_missing(
    arguments: argparse.Namespace, context: RunContext, stories: Sequence[CapturedStory], site: Site
) -> None:
    """Say at once everything that the page does not say, when nobody can be asked."""
    if context.ask is not None:
        return
    missing, remedies = [], []
    undated = [story.title for story in stories if not _own_date(story, site)]
    if undated and not arguments.date:
        missing.append("when " + " and ".join(f"'{title}'" for title in undated) + " appeared")
        remedies.append("--date, like --date 2024-05-01")
    if not arguments.base_url:
        missing.append("where its stories lie")
        remedies.append("--base-url, like --base-url https://example.org/news/")
    if missing:
        raise UsageError(f"the page does not say {', nor '.join(missing)}", remedy=f"add {' and '.join(remedies)}")


def _own_date(story: CapturedStory, site: Site) -> str:
    """Return the date that stands under a story's headline, when it can be read: else it is asked for."""
    try:
        parse_moment(story.date, site.timezone)
    except DateError:
        return ""
    return story.date


def _dates(
    arguments: argparse.Namespace, context: RunContext, stories: Sequence[CapturedStory], site: Site
) -> list[str]:
    """Return a date for every story: those given, else the page's own, else one asked for."""
    given: list[str] = arguments.date
    if len(given) not in (0, 1, len(stories)):
        raise UsageError(
            f"{counted(len(given), 'date', 'dates')} for {counted(len(stories), 'story', 'stories')}",
            remedy="give --date once, or once for each story",
        )
    found = []
    for number, story in enumerate(stories):
        date = (given[number] if len(given) > 1 else given[0]) if given else _own_date(story, site)
        if not date and context.ask is not None:
            date = context.ask(f"When did '{story.title}' appear? (like 2024-05-01) ")
        try:
            parse_moment(date, site.timezone)
        except DateError as error:
            raise UsageError(error.message, remedy=error.remedy) from None
        found.append(date)
    return found


def _base(arguments: argparse.Namespace, context: RunContext) -> str:
    given = arguments.base_url
    if not given and context.ask is not None:
        given = context.ask("Below which address do the stories lie? (like https://example.org/news/) ")
    # Against no base, so that only a whole address passes.
    base = absolute_url(given, "")
    if base is None or "?" in base or "#" in base:
        raise UsageError(f"'{given}' is not a valid web address", remedy="write it like https://example.org/news/")
    return base if base.endswith("/") else base + "/"


def _topics(names: Sequence[str], site: Site) -> list[str]:
    index = TopicIndex.of(site.topics)
    found = []
    for name in names:
        slug = index.resolve(name)
        if slug is None:
            near = index.nearest(name)
            remedy = f"did you mean '{near}'?" if near else "add it to topics: in feedmill.yaml"
            raise UsageError(f"no topic is called '{name}'", remedy=remedy)
        found.append(slug)
    return found


def _data(written: list[str], captures: dict[str, Capture]) -> dict[str, Any]:
    return {
        "written": written,
        "sources": [
            {
                "source": name,
                "stories": [
                    {"line": story.line, "title": story.title, "related": [piece.title for piece in story.related]}
                    for story in capture.stories
                ],
                "left_out": [{"line": item.line, "text": item.text, "why": item.why} for item in capture.left_out],
            }
            for name, capture in captures.items()
        ],
    }
