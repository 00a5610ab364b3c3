"""feedmill.yaml becomes a site, or every mistake in it is told at once."""

import pytest

from feedmill.config.loading import parse_site
from feedmill.config.site import Site, TopicRule
from feedmill.errors import ConfigurationError
from feedmill.model import BodyMode, Format
from tests.conftest import CONFIGURATION, Mill


def complaints(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse_site(text)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_not_said_has_a_sound_default() -> None:
    site = parse_site("site: {title: T, url: https://e.example, id_authority: 'e.example,2024'}")
    assert site == Site(
        title="T",
        url="https://e.example/",
        feeds_url="https://e.example/feeds/",
        id_authority="e.example,2024",
        description="T",
    )


def test_a_feeds_own_settings_override_those_of_all_feeds() -> None:
    site = parse_site(
        CONFIGURATION
        + "  chips: {title: Chips, limit: 5, formats: [rss], body: summary}\nfeeds: {limit: 7, formats: [atom, json]}\n"
    )
    chips, china = site.topics["chips"].settings, site.topics["china"].settings
    assert (chips.limit, chips.formats, chips.body) == (5, (Format.RSS,), BodyMode.SUMMARY)
    assert (china.limit, china.formats, china.body) == (7, (Format.ATOM, Format.JSON), BodyMode.FULL)


def test_collections_are_curated_or_ruled() -> None:
    site = parse_site(
        CONFIGURATION + "collections:\n  top: {stories: [one, two]}\n  both: {topics: {all: [china, ai]}}\n"
    )
    assert [story.name for story in site.collections["top"].stories] == ["one", "two"]
    assert site.collections["both"].rule == TopicRule(all=("china", "ai"))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("  title: Test Wire", "  titel: Test Wire", "feedmill.yaml:2:3: error: config-unknown-key: unknown key "
         "'site.titel'; did you mean 'title'?"),
        ("topics:", "topcis:", "feedmill.yaml:7:1: error: config-unknown-key: "
         "unknown key 'topcis'; did you mean 'topics'?"),
        ("aliases: [prc]", "alias: [prc]", "feedmill.yaml:8:25: error: config-unknown-key: unknown key "
         "'topics.china.alias'; did you mean 'aliases'?"),
        ("wire.example,2024", "wire.example", "feedmill.yaml:4:17: error: config-value: 'wire.example' is not a "
         "valid site.id_authority; write a domain"),
        ("wire.example,2024", '"wire.example,2024-02-31"',
         "config-value: 'wire.example,2024-02-31' does not hold a possible date"),
        ("https://wire.example/", "wire.example", "feedmill.yaml:3:8: error: config-value: 'wire.example' is not a "
         "valid site.url; write an absolute https://… URL"),
        ("America/New_York", "New York", "config-timezone: unknown time zone 'New York'"),
        ("America/New_York", "../../etc/passwd", "config-timezone: unknown time zone"),
        ("  ai: {", "  ../ai: {", "feedmill.yaml:9:10: error: config-slug: '../ai' cannot be a feed's name"),
        ("  ai: {", "  all: {", "config-slug: 'all' is the name of another output"),
        ("aliases: [prc]", "aliases: [AI]", "config-topic-name: 'ai' names both topics china and ai"),
        ("author: {name: Test Wire}", "author: {email: a@b.example}", "config-missing: 'site.author.name' is missing"),
        ("  title: Test Wire\n", "", "config-missing: 'site.title' is missing"),
        ("topics:\n", "feeds: {limit: many}\ntopics:\n", "config-number: 'many' is not a whole number of at least 1"),
        ("topics:\n", "feeds: {formats: [atmo]}\ntopics:\n", "config-value: 'atmo' is not a valid feeds.formats"),
        ("topics:\n", "feeds: {body: half}\ntopics:\n", "config-value: 'half' is not a valid feeds.body"),
        ("topics:\n", "content: {story_url: '{year}/{slig}'}\ntopics:\n", "config-story-url: unknown field {slig}"),
        ("topics:\n", "collections: {x: {topics: {all: [chain]}}}\ntopics:\n",
         "config-topic-unknown: no topic 'chain'"),
        ("topics:\n", "collections: {x: {title: X}}\ntopics:\n", "'collections.x' needs either stories or topics"),
        ("topics:\n", "collections: {ai: {stories: [x]}}\ntopics:\n", "config-slug: 'ai' is already a topic"),
        ("title: China,", "title: China, title: Asia,", "feedmill.yaml:8:25: error: config-repeated-key: the key "
         "'topics.china.title' is given twice"),
        ("title: China,", "title: [China],", "config-type: 'topics.china.title' must be one text"),
        ("title: Test Wire", "title: '{{ site.name }}'", "feedmill.yaml:2:10: error: config-template-token: "
         "an unresolved template token in 'site.title'"),
        ("topics:\n", "feeds: {path: .}\ntopics:\n", "config-path: '.' holds more than feeds"),
        ("topics:\n", "feeds: {path: content}\ntopics:\n", "config-path: 'content' holds more than feeds"),
        ("site:\n", "site: x\nx:\n", "config-type: 'site' must hold keys"),
        ("site:\n", "site: !!python/name:os.system\n", "config-yaml-tag: YAML tags are not accepted"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_a_remedy(before: str, after: str, complaint: str) -> None:
    assert before in CONFIGURATION
    said = complaints(CONFIGURATION.replace(before, after, 1))
    assert [line for line in said if complaint in line], said
    assert all("; " in line for line in said)


def test_every_mistake_is_told_at_once() -> None:
    text = CONFIGURATION.replace("title: Test Wire", "titel: x").replace("America/New_York", "Nowhere")
    assert len(complaints(text)) == 3


def test_a_missing_file_says_what_to_do(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    (wire.directory / "feedmill.yaml").unlink()
    assert wire.run("build") == 2
    assert "no feedmill.yaml in" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"site: \xff\n", b"\xff\xfe", b"site: {title: \x00}\n", b"- a\n"])
def test_an_unreadable_file_is_a_clear_line(wire: Mill, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    (wire.directory / "feedmill.yaml").write_bytes(content)
    assert wire.run("build") == 2
    said = capsys.readouterr().err
    assert "feedmill.yaml" in said
    assert "Traceback" not in said
    assert not wire.feeds.exists()
