"""init: a commented feedmill.yaml and its schema for editors; a first story, unless a site generator's lie there."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from feedmill.config.editor_schema import HEADER, SCHEMA_NAME, schema_text
from feedmill.config.loading import FILE_NAME, parse_site
from feedmill.errors import ConfigurationError, PublishingError, UsageError
from feedmill.reading import GeneratorSettings, read_generator_settings
from feedmill.running.outcome import Outcome, RunContext

HELP = "write a commented feedmill.yaml and a first story"
EXAMPLES = """examples:
  mkdir wire && cd wire && feedmill init && feedmill build
  cd my-hugo-site && feedmill init      reads hugo.toml, and writes no story
  feedmill init --bare                  without a story
  feedmill init --schema                after an update: the schema for editors alone

Beside the configuration of Hugo, Jekyll, Eleventy, Zola or Pelican, feedmill.yaml is written for that site.
A feedmill.yaml or story that is there already is never overwritten."""

_CONFIGURATION = """\
# Feedmill turns the stories in content/ into feeds in feeds/.
# `feedmill check` reports every mistake in this file and in your stories.

site:
  title: My Wire
  url: https://example.org/               # story addresses lie under it
  # feeds_url: https://example.org/feeds/ # where feeds/ is served
  id_authority: example.org,{year}          # a domain of yours, and a year in which it was yours:
                                          # entry ids are made with it, so never change it
  language: en
  timezone: UTC                           # for dates without an offset, like America/New_York
  author: {{name: My Wire}}                 # email: and url: may be added
  # rights: © My Wire

content:
  path: content
  story_url: "{{year}}/{{month}}/{{day}}/{{slug}}/" # when a story gives no url
  # on_missing: keep                      # a published story whose file has vanished; or drop, withdraw, refuse
  # updated: declared                     # or content: a change of words gives a story a new date

feeds:
  path: feeds
  formats: [atom, rss, json]
  limit: 50
  body: full                              # or summary
  # hub: https://pubsubhubbub.example/    # a WebSub hub that you will notify
  # authors: true                         # a feed for every author, too
  # archive: true                         # keep what leaves a feed, for clients that walk back (RFC 5005)
  # withdrawn_days: 30                    # how long a note stands where a story was withdrawn
  # moved_from: [gadgets]                 # topics that you have given up; or under the topic that took their place

# One set of feeds for each topic. A story belongs to the topics that it names (by slug, title or alias);
# one that names none belongs to those whose match words stand in it as whole words. A word with a capital
# matches only as written; * stands for the rest of a word.
topics:
  china:
    title: China
    description: Politics and technology in China
    aliases: [prc]
    match: [China, Chinese, Beijing]
  ai:
    title: Artificial intelligence
    aliases: [artificial-intelligence]
    match: [AI, artificial intelligence, language model*]

# Feeds that you compose: listed by hand in that order, or by a rule over topics.
collections:
  # trending: {{title: Trending now, stories: [welcome]}}
  china-and-ai: {{title: China and AI, topics: {{all: [china, ai]}}}}

# Where a build refuses unless it is forced: see `feedmill plan`.
# brake: {{changed_ids: 0, shown_again: 5, emptied: 0, lost: 20}}   # lost: percent of a feed's entries
"""

_FOR_A_GENERATOR = """\
# Feedmill turns the stories of this {generator} site into feeds in feeds/.
# What stands here was read from the site's own configuration ({because}); check it.
# `feedmill check` reports every mistake in this file and in the stories.

site:
{site}
content:
{content}
feeds:
  path: feeds
  formats: [atom, rss, json]
  limit: 50
  body: full                              # or summary

# One set of feeds for each topic: a story is in it by topic, category or tag.
# topics:
#   sea: {{title: The sea, aliases: [ocean], match: [sea, harbour*]}}
"""

_STORY = """\
---
title: Welcome to the wire
date: {date}
topics: [ai]
summary: What a story looks like, and where it goes.
---

This is a story. Its head, between the lines of hyphens, holds what feeds need to know of it: a title and a
date at least. The body is Markdown, with [links](https://example.org/), *emphasis* and tables.

Write the next one beside it, and run `feedmill build`.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --bare and --schema."""
    parser.add_argument("--bare", action="store_true", help="write no story")
    parser.add_argument(
        "--schema", action="store_true", help=f"write {SCHEMA_NAME} alone, over an older one: editors check by it"
    )


def run(arguments: argparse.Namespace, context: RunContext) -> Outcome:
    """Write the files. Raises UsageError when a feedmill.yaml is there, PublishingError when it cannot write."""
    today = context.now.date()
    configuration = context.directory / FILE_NAME
    schema = context.directory / SCHEMA_NAME
    files = {}
    if not arguments.schema:
        if configuration.exists():
            raise UsageError(f"{configuration} is there already", remedy="edit it, or choose an empty directory")
        generator = read_generator_settings(context.directory)
        text = _for_generator(generator, today.year) if generator else _CONFIGURATION.format(year=today.year)
        files[configuration] = HEADER + text
        if not (generator or arguments.bare):
            story = context.directory / "content" / f"{today.isoformat()}-welcome.md"
            files[story] = _STORY.format(date=today.isoformat())
    files[schema] = schema_text()
    written = [
        str(path.relative_to(context.directory))
        for path, text in files.items()
        if _write(path, text, replaces=path == schema)
    ]
    notes = [f"wrote {path}" for path in written]
    if not arguments.schema:
        notes.append("next: edit feedmill.yaml, then run `feedmill build`")
    return Outcome(notes=tuple(notes), data={"written": written})


def _for_generator(found: GeneratorSettings, year: int) -> str:
    """Return a feedmill.yaml for a site generator's site. What the loader would refuse is left out."""
    site = {key: text for key, text in found.site.items() if _is_valid("site", {key: text})}
    missing = [key for key in ("title", "url") if key not in site]
    values = {"title": "My site", "url": "https://example.org/", **site}
    domain = (urlsplit(values["url"]).hostname or "").removeprefix("www.")
    authority = f"{domain},{year}"
    if not domain or not _is_valid("site", {"id_authority": authority}):
        authority = f"example.org,{year}"
    lines = []
    for key, text in values.items():
        lines.append(f"  {key}: {_yaml(text)}" + ("  # not found: write yours" if key in missing else ""))
    lines.append(f"  id_authority: {authority}  # a domain of yours, and a year in which it was yours: never change it")
    content = {key: text for key, text in found.content.items() if _is_valid("content", {key: text})}
    content_lines = [f"  {key}: {_yaml(text)}" for key, text in content.items()]
    if found.sections:
        content_lines.append(f"  sections: {_yaml(list(found.sections))}  # the folders that hold stories")
    return _FOR_A_GENERATOR.format(
        generator=found.generator.capitalize(),
        because=found.because,
        site="\n".join(lines) + "\n",
        content="\n".join(content_lines) + "\n",
    )


def _is_valid(section: str, values: Mapping[str, str]) -> bool:
    """Whether the loader takes these values in an otherwise valid file."""
    site = {"title": "T", "url": "https://example.org/", "id_authority": "example.org,2024"}
    whole = {"site": site, section: {**(site if section == "site" else {}), **values}}
    try:
        parse_site(json.dumps(whole, ensure_ascii=False))
    except ConfigurationError:
        return False
    return True


def _yaml(value: str | list[str]) -> str:
    """Return a text, or a list of texts, as YAML in one line."""
    written = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000)
    return written.removesuffix("...\n").strip()


def _write(path: Path, text: str, *, replaces: bool) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if replaces else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise PublishingError(
            f"{path}: {os.strerror(error.errno or 0)}", remedy="choose a directory in which you may write"
        ) from None
    return True
