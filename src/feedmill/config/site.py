"""What feedmill.yaml says, as frozen values: a site, its topics and its collections."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from feedmill.config.content_settings import ContentSettings
from feedmill.config.policies import Policies
from feedmill.model import FeedSettings, Person, Place


class Topic(Struct, frozen=True):
    """What stories are grouped by. `match` are words that place a story which names no topic."""

    slug: str
    title: str
    description: str = ""
    aliases: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    settings: FeedSettings = field(default_factory=FeedSettings)
    moved_from: tuple[str, ...] = ()


class TopicRule(Struct, frozen=True):
    """Which topics a story must have (all of these, any of these) and must not (none of these)."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class CuratedStory(Struct, frozen=True):
    """One line of a curated collection: a slug, an id or a file, and where it is written."""

    name: str
    place: Place


class Collection(Struct, frozen=True):
    """A feed over stories: curated in the order given, or by a rule over topics."""

    slug: str
    title: str
    description: str = ""
    stories: tuple[CuratedStory, ...] = ()
    rule: TopicRule | None = None
    settings: FeedSettings = field(default_factory=FeedSettings)
    moved_from: tuple[str, ...] = ()


class Site(Struct, frozen=True):
    """What feedmill.yaml says. Paths are as written there; URLs are absolute and end in a slash."""

    title: str
    url: str
    feeds_url: str
    id_authority: str
    description: str = ""
    language: str = "en"
    timezone: str = "UTC"
    author: Person | None = None
    rights: str = ""
    content_path: str = "content"
    story_url: str = ""
    content: ContentSettings = field(default_factory=ContentSettings)
    feeds_path: str = "feeds"
    hub: str = ""
    author_feeds: bool = False
    status_page: bool = False
    ping_url: str = ""
    settings: FeedSettings = field(default_factory=FeedSettings)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    collections: Mapping[str, Collection] = field(default_factory=dict)
    authors: Mapping[str, Person] = field(default_factory=dict)
    moved_from: tuple[str, ...] = ()
    templates: str = ""
    policies: Policies = field(default_factory=Policies)
