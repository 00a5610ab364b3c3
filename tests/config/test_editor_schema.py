"""feedmill.schema.json completes and checks feedmill.yaml in editors, as the loader does."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from feedmill.config.editor_schema import schema_text
from feedmill.config.loading import parse_site
from feedmill.errors import ConfigurationError
from tests.conftest import CONFIGURATION, Mill
from tests.parts import ROOT

SCHEMA = json.loads((ROOT / "feedmill.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
REFERENCE = (ROOT / "docs" / "reference" / "feedmill-yaml.md").read_text("utf-8")
EVERYTHING = """\
site:
  title: T
  url: https://e.example/
  feeds_url: https://e.example/feeds/
  id_authority: e.example,2024-05
  description: D
  language: en
  timezone: UTC
  author: {name: N, email: n@e.example, url: https://e.example/n}
  rights: R
content:
  path: content
  story_url: "{slug}/"
  convention: {news: hugo}
  sections: [news]
  topics_from: topics
  authors_from: authors
  keys: {address: source.url}
  shortcodes: {photo: keep inner}
  on_missing: keep
  updated: declared
feeds:
  path: feeds
  formats: [atom]
  limit: 3
  body: full
  hub: https://hub.example/
  authors: yes
  archive: false
  moved_from: [old]
  withdrawn_days: 3
  status: true
topics:
  china: {title: China, description: D, aliases: [prc], match: [China], limit: 1, formats: [rss], body: summary,
          archive: false, moved_from: [cn]}
collections:
  top: {title: Top, description: D, stories: [one], limit: 1, formats: [rss], body: full, archive: false,
        moved_from: [best]}
  ruled: {topics: {all: [china], any: [china], none: []}}
brake: {changed_ids: 0, shown_again: 5, emptied: 0, lost: 20}
monitoring: {ping_url: https://ping.example/1}
"""
OTHERS: list[Any] = [None, "", "x", "no", "50", "all", "http:", -1, 0, 7, 1.5, True, [], ["x"], [None], {}, {"x": "y"}]
"""What may stand in the place of a right value, right or wrong."""


def as_an_editor_reads(text: str) -> Any:
    """Read YAML as JSON has values: editors know no dates."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def schema_takes(site: Any) -> bool:
    return not any(VALIDATOR.iter_errors(site))


def loader_takes(site: Any) -> bool:
    try:
        parse_site(json.dumps(site))  # which is YAML, too
    except ConfigurationError:
        return False
    return True


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def with_other(site: Any, path: tuple[Any, ...], other: Any) -> Any:
    changed = copy.deepcopy(site)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = other
    return changed


def test_the_schema_in_the_repository_is_that_of_the_program() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert (ROOT / "feedmill.schema.json").read_text("utf-8") == schema_text(), "run `feedmill init --schema`"


def test_every_documented_key_is_in_the_schema_and_every_key_is_documented() -> None:
    for heading, table in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", REFERENCE, re.DOTALL | re.MULTILINE):
        documented = {
            key
            for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
            for key in re.findall(r"`(\w+)`", row)
        } | ({"title", "description", "limit", "formats", "body", "archive", "moved_from", "stories", "topics"}
             if heading == "collections" else set())  # fmt: skip
        schema = json.dumps(SCHEMA["properties"][heading])
        known = set(re.findall(r'"(\w+)": {"(?:description|not)"', schema)) - {"name", "email", "all", "any", "none"}
        assert known == documented, heading


@pytest.mark.parametrize("path", [ROOT / "feedmill.yaml", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.stem)
def test_the_examples_are_valid(path: Path) -> None:
    text = path.read_text("utf-8")
    blocks = [text] if path.suffix == ".yaml" else re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    for site in map(as_an_editor_reads, (block for block in blocks if not block.startswith("groups:"))):
        # A part of a file is an example, too, of the keys that it shows. (`groups:` are Prometheus's.)
        whole = site if "site" in site else {**yaml.safe_load(CONFIGURATION), **site}
        assert [error.message for error in VALIDATOR.iter_errors(whole)] == []


def test_what_init_writes_is_valid_and_names_its_schema(tmp_path: Path) -> None:
    assert Mill(tmp_path).run("init") == 0
    text = (tmp_path / "feedmill.yaml").read_text("utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named
    assert (tmp_path / named[1]).read_text("utf-8") == schema_text()
    assert schema_takes(as_an_editor_reads(text))


def test_init_writes_a_newer_schema_over_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "feedmill.schema.json").write_text("{}")
    assert Mill(tmp_path).run("init", "--schema") == 0
    assert (tmp_path / "feedmill.schema.json").read_text("utf-8") == schema_text()
    assert not (tmp_path / "feedmill.yaml").exists()


def test_what_the_schema_refuses_the_loader_refuses() -> None:
    site = as_an_editor_reads(EVERYTHING)
    assert schema_takes(site)
    assert loader_takes(site)
    refused = 0
    for path in list(places(site))[1:]:
        changes = [with_other(site, path, other) for other in OTHERS]
        if isinstance(path[-1], str):
            changes.append(with_other(site, (*path[:-1], f"{path[-1]}x!"), "x"))
        for changed in changes:
            if not schema_takes(changed):
                refused += 1
                assert not loader_takes(changed), path
    assert refused > 500


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: T\n", "titel: T\n"),
        ("url: https://e.example/\n", "url: e.example\n"),
        ("e.example,2024-05", "e.example"),
        ("language: en", "language: en_GB"),
        ("formats: [atom]", "formats: [atmo]"),
        ("limit: 3", "limit: 0"),
        ("status: true", "status: maybe"),
        ("source.url", "source.adress"),
        ("{news: hugo}", "hugoo"),
        ("  china: {", "  all: {"),
        ("stories: [one],", ""),
        ("name: N, ", ""),
    ],
)
def test_common_slips_are_shown_in_the_editor(before: str, after: str) -> None:
    assert before in EVERYTHING
    assert not schema_takes(as_an_editor_reads(EVERYTHING.replace(before, after, 1)))
