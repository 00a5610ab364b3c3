"""feedmill.yaml → Site."""

from __future__ import annotations

import os
import posixpath
import re
from datetime import date
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from feedmill.config.content_settings import MARKDOWN, ContentSettings
from feedmill.config.key_definitions import LONGEST_SLUG, RESERVED, ROOT, SLUG
from feedmill.config.site import Collection, CuratedStory, Site, Topic, TopicRule
from feedmill.config.site_keys import Section
from feedmill.config.site_policies import read_policies
from feedmill.errors import ConfigurationError
from feedmill.expressions import expression
from feedmill.located import LocatedError, Mapping, Scalar
from feedmill.model import UNLIMITED, BodyMode, FeedSettings, Format, Person, Place, Problem

FILE_NAME = "feedmill.yaml"

_MAX_BYTES = 1_000_000
_URL_FIELDS = frozenset("year month day slug title filename section sections categories".split())
_URL_FIELD = expression(r"\{([^{}]*)\}|(?<![\w:]):([a-z_]+)")


def load_site(directory: Path) -> Site:
    """Read feedmill.yaml in `directory`.

    Raises ConfigurationError with every problem found, each with its line and the nearest known key.
    """
    return site_of(read_configuration(directory))


def read_configuration(directory: Path) -> bytes:
    """Return feedmill.yaml in `directory`, as it lies there. Raises ConfigurationError where it cannot be read."""
    path = directory / FILE_NAME
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(
            f"no {FILE_NAME} in {directory}", remedy="run `feedmill init` there, or name a directory with -C"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read: {os.strerror(error.errno or 0)}", remedy="make it readable"
        ) from None
    if len(data) > _MAX_BYTES:
        raise ConfigurationError(f"{path}: larger than 1 MB", remedy="it should be a short text")
    return data


def site_of(data: bytes) -> Site:
    """Return the site that a feedmill.yaml of these bytes describes. Raises ConfigurationError with every problem."""
    try:
        return parse_site(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{FILE_NAME}:{line}:1: not UTF-8", remedy="save the file as UTF-8") from None


def parse_site(text: str, *, path: str = FILE_NAME) -> Site:
    """Read the text of a feedmill.yaml. Raises ConfigurationError with every problem found."""
    from feedmill.config.yaml_values import load_yaml  # a site that the cache knows needs none

    problems: list[Problem] = []
    try:
        root = load_yaml(text)
    except LocatedError as error:
        place = Place(path, error.line, error.column)
        raise ConfigurationError(
            f"{path} cannot be read",
            problems=[Section.problem(place, error.code, error.message, error.remedy)],
        ) from None
    if not isinstance(root, Mapping):
        problem = Section.problem(Place(path, 1, 1), "type", "the file is not keys and values", "see `feedmill init`")
        raise ConfigurationError(f"{path} cannot be read", problems=[problem])
    top = Section(path, "", root, problems, ROOT)
    site = _site(top)
    if problems:
        raise ConfigurationError(
            f"{path} has {len(problems)} problem{'s' if len(problems) > 1 else ''}",
            problems=sorted(problems, key=lambda problem: problem.place),
        )
    return site


def _site(top: Section) -> Site:
    about = top.section("site")
    content = top.section("content")
    feeds = top.section("feeds")
    monitoring = top.section("monitoring")
    url = _base_url(about, "url", "")
    settings = _settings(feeds, FeedSettings())
    topics = {slug: _topic(slug, section, settings) for slug, section in _named(top, "topics")}
    _names_are_distinct(top, topics)
    collections = {
        slug: _collection(slug, section, settings, topics) for slug, section in _named(top, "collections", taken=topics)
    }
    title = about.text("title")
    authority = _authority(about)
    return Site(
        title=title,
        url=url,
        feeds_url=_base_url(about, "feeds_url", urljoin(url, "feeds/")) if url else "",
        id_authority=authority,
        description=about.text("description", title),
        language=about.text("language", "en"),
        timezone=_timezone(about),
        author=_person(about),
        rights=about.text("rights"),
        content_path=_content_path(content, feeds),
        story_url=_story_url(content),
        content=_content(content),
        feeds_path=feeds.text("path", "feeds"),
        hub=_url(feeds, "hub"),
        author_feeds=feeds.boolean("authors", False),
        status_page=feeds.boolean("status", False),
        ping_url=_url(monitoring, "ping_url"),
        settings=settings,
        topics=topics,
        collections=collections,
        moved_from=feeds.texts("moved_from"),
        templates=_templates(about, content, feeds),
        policies=read_policies(top, content, feeds),
    )


def _authority(section: Section) -> str:
    """Return the authority of entry ids (RFC 4151 §2.1): a name and a date on which it was the site's own."""
    authority = section.text("id_authority")
    try:
        if authority:
            year, month, day = (*map(int, authority.rpartition(",")[2].split("-")), 1, 1)[:3]
            date(year, month, day)
    except ValueError:
        remedy = section.definition.keys["id_authority"].remedy
        section.complain("id_authority", "value", f"'{authority}' does not hold a possible date", remedy)
    return authority


def _base_url(section: Section, key: str, default: str) -> str:
    """Return an address below which others lie."""
    url = _url(section, key, default)
    return url if url.endswith("/") or not url else url + "/"


def _url(section: Section, key: str, default: str = "") -> str:
    url = section.text(key, default)
    try:
        urlsplit(url).port  # noqa: B018 - reading it is what finds a port that is no number
    except ValueError:
        section.complain(key, "value", f"'{url}' is not a valid URL", section.definition.keys[key].remedy)
        return default
    return url


def _content_path(content: Section, feeds: Section) -> str:
    """Return the content directory, which the output must neither be nor hold."""
    path = content.text("path", "content")
    stories, output = (PurePosixPath(posixpath.normpath(text)) for text in (path, feeds.text("path", "feeds")))
    if output == PurePosixPath(".") or stories.is_relative_to(output):
        feeds.complain("path", "path", f"'{output}' holds more than feeds", "give the feeds a directory of their own")
    elif output.is_relative_to(stories) and stories != PurePosixPath("."):
        feeds.complain("path", "path", f"'{output}' is among the stories", "give the feeds a directory of their own")
    if ".feedmill" in output.parts:
        feeds.complain("path", "path", f"'{output}' is Feedmill's own", "give the feeds a directory of their own")
    return path


def _templates(about: Section, content: Section, feeds: Section) -> str:
    """Return the directory of the site's own templates, which must not lie where stories or feeds do."""
    path = about.text("templates")
    if path:
        given = PurePosixPath(posixpath.normpath(path))
        for section, default in ((content, "content"), (feeds, "feeds")):
            other = PurePosixPath(posixpath.normpath(section.text("path", default)))
            if given.is_relative_to(other) and other != PurePosixPath("."):
                remedy = "give the templates a directory of their own"
                about.complain("templates", "path", f"'{given}' lies in '{other}'", remedy)
    return posixpath.normpath(path) if path else ""


def _timezone(section: Section) -> str:
    name = section.text("timezone", "UTC")
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        section.complain(
            "timezone", "timezone", f"unknown time zone '{name}'", "write a name like Europe/Berlin or UTC"
        )
    return name


def _story_url(section: Section) -> str:
    """Return the pattern of story addresses, as {field} or :field; empty when none is given."""
    pattern = section.text("story_url")
    if not pattern:
        return ""
    named = {braced or colon for braced, colon in _URL_FIELD.findall(pattern)}
    unknown = sorted(named - _URL_FIELDS)
    if unknown or not named & {"slug", "title", "filename"}:
        what = f"unknown field {{{unknown[0]}}}" if unknown else "no {slug}"
        remedy = f"use {', '.join(sorted(_URL_FIELDS))}, in braces or after a colon"
        section.complain("story_url", "story-url", f"{what} in '{pattern}'", remedy)
    return pattern


def _content(section: Section) -> ContentSettings:
    return ContentSettings(
        conventions=_conventions(section),
        sections=tuple(name.strip("/") for name in section.texts("sections")),
        topics_from=section.text("topics_from").strip("/"),
        authors_from=section.text("authors_from").strip("/"),
        keys=section.mapping_of_texts("keys"),
        shortcodes=section.mapping_of_texts("shortcodes"),
        untitled=section.text("untitled", "refuse"),
        markdown=tuple(section.texts("markdown")) if section.has("markdown") else MARKDOWN,
    )


def _conventions(section: Section) -> dict[str, str]:
    if section.holds_keys("convention"):
        found = {folder.strip("/"): name for folder, name in section.mapping_of_texts("convention").items()}
        if "auto" in found.values():
            section.complain("convention", "value", "a folder cannot be 'auto'", "name a convention, or leave it out")
        return found
    name = section.text("convention", "auto")
    return {} if name == "auto" else {"": name}


def _person(section: Section) -> Person | None:
    if not section.has("author"):
        return None
    inner = section.section("author")
    return Person(inner.text("name"), inner.text("email"), _url(inner, "url"))


def _settings(section: Section, base: FeedSettings) -> FeedSettings:
    formats = section.texts("formats", tuple(base.formats))
    if section.has("formats") and not section.scalars("formats"):
        section.complain("formats", "value", "no format is named", section.definition.keys["formats"].remedy)
    return FeedSettings(
        formats=tuple(item for item in Format if item.value in formats),
        limit=UNLIMITED if section.says("limit", "all") else section.whole_number("limit", base.limit),
        body=BodyMode(section.text("body", base.body.value)),
        archive=section.boolean("archive", base.archive),
    )


def _named(top: Section, key: str, taken: dict[str, Topic] | None = None) -> list[tuple[str, Section]]:
    """Return the sections of topics or collections whose names can be file names of their own."""
    found = []
    for slug, section in top.sections(key):
        if not re.fullmatch(SLUG, slug):
            section.complain("", "slug", f"'{slug}' cannot be a feed's name", "use small letters, digits and hyphens")
        elif len(slug) > LONGEST_SLUG:
            section.complain("", "slug", f"'{slug[:40]}…' is too long for a feed's name", "choose a shorter one")
        elif slug in RESERVED:
            section.complain("", "slug", f"'{slug}' is the name of another output", "choose another name")
        elif taken and slug in taken:
            section.complain("", "slug", f"'{slug}' is already a topic", "choose another name")
        else:
            found.append((slug, section))
    return found


def _topic(slug: str, section: Section, settings: FeedSettings) -> Topic:
    moved_from = section.texts("moved_from")
    return Topic(
        slug=slug,
        title=section.text("title", slug),
        description=section.text("description"),
        # Stories go on naming a topic as they did: its old name is one of its names.
        aliases=(*section.texts("aliases"), *moved_from),
        match=section.texts("match"),
        settings=_settings(section, settings),
        moved_from=moved_from,
    )


def _names_are_distinct(top: Section, topics: dict[str, Topic]) -> None:
    """An alias or title that names two topics would place stories by chance."""
    owners: dict[str, str] = {}
    for topic in topics.values():
        for name in dict.fromkeys(item.casefold() for item in (topic.slug, topic.title, *topic.aliases)):
            owner = owners.setdefault(name, topic.slug)
            if owner != topic.slug:
                top.complain(
                    "topics",
                    "topic-name",
                    f"'{name}' names both topics {owner} and {topic.slug}",
                    "give it to one of them",
                )


def _collection(slug: str, section: Section, settings: FeedSettings, topics: dict[str, Topic]) -> Collection:
    stories = tuple(
        CuratedStory(item.text, Place(section.path, item.line, item.column)) for item in section.scalars("stories")
    )
    rule = None
    if section.has("topics"):
        inner = section.section("topics")
        rule = TopicRule(*(_topic_names(inner, key, topics) for key in ("all", "any", "none")))
        if rule == TopicRule():
            section.complain("topics", "collection", "the rule names no topic", "write all:, any: or none:")
    return Collection(
        slug=slug,
        title=section.text("title", slug),
        description=section.text("description"),
        stories=stories,
        rule=rule,
        settings=_settings(section, settings),
        moved_from=section.texts("moved_from"),
    )


def _topic_names(section: Section, key: str, topics: dict[str, Topic]) -> tuple[str, ...]:
    names: list[Scalar] = section.scalars(key)
    for name in names:
        if name.text not in topics:
            section.complain(
                key,
                "topic-unknown",
                f"no topic '{name.text}'",
                f"use one of: {', '.join(topics) or '(no topics are configured)'}",
            )
    return tuple(name.text for name in names)
