"""Story → Entry: the whole of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedmill.model import Because, Entry, Level, Place, Problem, Site, Story
from feedmill.normalising.expanding import Surroundings, Unknown, expand
from feedmill.normalising.fields import Fields
from feedmill.normalising.heads import Head, page_address, read_head
from feedmill.normalising.identity import entry_id
from feedmill.normalising.markup import (
    MarkupError,
    body_text,
    correction_note,
    first_paragraph,
    lead_image,
    render_body,
    sanitise,
    with_unlinked,
)
from feedmill.normalising.parts import (
    read_authors,
    read_correction,
    read_image,
    read_media,
    read_moment,
    read_related,
    read_source,
    read_withdrawal,
)
from feedmill.normalising.references import References
from feedmill.normalising.tokens import token_in_html
from feedmill.normalising.topics import TopicIndex
from feedmill.normalising.unsafe import body_problems, token_problem

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Entries by path, the problems on the way to them, and how many stories errors left out.

    `places` tells where the story of each entry's path stands.
    """

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    left_out: int
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class _Surveyed:
    """What all stories share."""

    site: Site
    topics: TopicIndex
    references: References


def normalise(
    stories: Sequence[Story],
    site: Site,
    *,
    pages: Sequence[Story] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Normalised:
    """Make an entry of every story that can be one.

    First every story's address is found, and that of `pages`, which are no stories but are referred to; then every
    body is read. A story with an error is left out. A draft that is not ready is no error: its problems are warnings.
    Two entries may bear one id still: what was published decides which of them keeps it, and `settle` then.
    """
    heads = [read_head(story, site) for story in stories]
    addresses = [(story.path, head.url) for story, head in zip(stories, heads, strict=True) if head.url]
    addresses += [(page.path, page_address(page, site)) for page in pages]
    surveyed = _Surveyed(site, TopicIndex.of(site.topics), References.of(addresses))
    entries: list[Entry] = []
    problems: list[Problem] = []
    unknown: list[Unknown] = []
    left_out = 0
    for number, (story, head) in enumerate(zip(stories, heads, strict=True), 1):
        entry = _entry(story, head, surveyed, unknown)
        said = head.fields.problems
        if entry is None and Fields.of(story).boolean("draft"):
            said = [replace(problem, level=Level.WARNING) for problem in said]
        problems.extend(said)
        if entry is not None:
            entries.append(entry)
        left_out += any(problem.level is Level.ERROR for problem in said)
        if on_progress is not None:
            on_progress(number, len(stories))
    places = {story.path: Place(story.shown_path) for story in stories}
    problems.extend(_unknown_shortcodes(unknown))
    return Normalised(tuple(entries), tuple(problems), left_out, places)


def _entry(story: Story, head: Head, surveyed: _Surveyed, unknown: list[Unknown]) -> Entry | None:
    fields, site, published = head.fields, surveyed.site, head.published
    fields.problems.extend(body_problems(story))
    if not head.is_complete or published is None:
        return None
    held = head.embargo is not None and head.embargo > published.instant
    first_shown = head.embargo if held and head.embargo else published.instant
    expires = read_moment(fields, "expires", site.timezone)
    correction = read_correction(fields, site.timezone)
    image = read_image(fields, site.url)
    content = _content(story, head, surveyed, unknown)
    summary = fields.plain("summary") or _excerpt(story, head, surveyed) or first_paragraph(content)
    if correction is not None:
        content = f"{correction_note(correction.day.isoformat(), correction.note)}\n{content}".rstrip()
    related = read_related(fields, site.url)
    content = with_unlinked(lead_image(content, image), [piece.title for piece in related if not piece.url])
    topics, topic_rules, tags = _topics(
        fields, surveyed.topics, f"{head.title}\n{summary}", content, by_tags=story.convention != "feedmill"
    )
    declared_id = fields.plain("id")
    id_, id_rule = entry_id(site.id_authority, published.day, head.slug, declared_id)
    entry = Entry(
        id=id_,
        url=head.url,
        slug=head.slug,
        title=head.title,
        published=first_shown,
        updated=_updated(fields, site, first_shown, correction.moment if correction else None),
        day=published.day,
        content=content,
        summary=summary,
        path=story.path,
        because=Because(
            id=id_rule,
            url=head.url_rule,
            published=head.published_rule + ("; held until the embargo's end" if held else ""),
            topics=topic_rules,
            convention=story.convention,
        ),
        authors=read_authors(fields, site.url, site.authors),
        topics=topics,
        tags=tags,
        image=image,
        language=_language(fields),
        rights=fields.plain("rights"),
        source=read_source(fields, site.url),
        related=related,
        media=read_media(fields, site.url),
        series=fields.plain("series"),
        correction=correction,
        withdrawn=read_withdrawal(fields, site.timezone),
        draft=fields.boolean("draft"),
        embargo=head.embargo,
        expires=expires.instant if expires else None,
        id_declared=bool(declared_id),
    )
    if not content and not fields.has_errors and entry.source is None and entry.url.startswith(site.url):
        fields.warning("title", "body-empty", "the story has no body", "write one, or say where it is: url or source")
    return None if fields.has_errors else entry


def _updated(fields: Fields, site: Site, published: datetime, corrected: datetime | None) -> datetime:
    moment = read_moment(fields, "updated", site.timezone)
    if moment is not None and moment.instant < published:
        fields.warning(
            "updated",
            "updated-early",
            "updated is before the story's publication, which counts instead",
            "put the later date there",
        )
    return max(filter(None, (published, moment.instant if moment else None, corrected)))


def _language(fields: Fields) -> str:
    text = fields.raw("language")
    if text and not _LANGUAGE.fullmatch(text):
        fields.error("language", "language", f"'{text[:40]}' is no language tag", "write one like en or pt-BR")
    return text


def _content(story: Story, head: Head, surveyed: _Surveyed, unknown: list[Unknown]) -> str:
    """Return a story's body as clean HTML, its shortcodes replaced; empty, and told, where that cannot be."""
    expanded = story.body
    if story.convention != "feedmill" or surveyed.site.content.shortcodes:
        found = expand(story, _surroundings(head, surveyed))
        expanded = found.body
        head.fields.problems.extend(found.problems)
        unknown.extend(found.unknown)
    try:
        content = sanitise(render_body(expanded, story.body_format), head.url)
    except MarkupError as error:
        place = Place(story.shown_path, story.body_line, 1)
        remedy = "close elements that are left open, or simplify the markup"
        head.fields.problems.append(Problem(Level.ERROR, "markup-bounds", place, str(error), remedy))
        return ""
    token = token_in_html(content)
    if token is not None:
        head.fields.problems.append(token_problem(story, token))
    return content


def _excerpt(story: Story, head: Head, surveyed: _Surveyed) -> str:
    """Return the text of what a convention marks as a story's summary."""
    if not story.excerpt:
        return ""
    found = expand(replace(story, body=story.excerpt), _surroundings(head, surveyed))
    try:
        return body_text(sanitise(render_body(found.body, story.body_format), head.url))
    except MarkupError:
        return ""


def _surroundings(head: Head, surveyed: _Surveyed) -> Surroundings:
    site = surveyed.site
    return Surroundings(surveyed.references, site.content.shortcodes, site.title, site.url, head.title, head.url)


def _topics(
    fields: Fields, index: TopicIndex, about: str, content: str, *, by_tags: bool
) -> tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Return the story's topics, the rule that gave each, and its tags (unknown topics among them).

    Categories, which other conventions have, are topics where the site knows them, and tags elsewhere. So are tags,
    `by_tags`: those conventions have no topics of their own.
    """
    rules: dict[str, str] = {}
    tags: list[str] = []
    for name, place in fields.plain_texts("topics"):
        slug = index.resolve(name)
        if slug is not None:
            rules.setdefault(slug, "named by the story" if name == slug else f"the story's '{name}' means it")
            continue
        near = index.nearest(name)
        remedy = f"did you mean '{near}'?" if near else "add it to topics: in feedmill.yaml, or make it a tag"
        message = f"no topic is called '{name}', so it is only a tag"
        fields.problems.append(Problem(Level.WARNING, "topic-unknown", place, message, remedy))
        tags.append(name)
    keys = ("categories", "tags") if by_tags else ("tags",)
    given = [name for key in keys for name, _ in fields.plain_texts(key)]
    for name in given if by_tags else ():
        slug = index.resolve(name)
        if slug is None:
            tags.append(name)
        else:
            rules.setdefault(slug, f"the category or tag '{name}' means it")
    if not rules and not fields.has("topics"):
        found = index.match(f"{about}\n{body_text(content)}") if any(index.words.values()) else {}
        rules = {slug: f"the word '{word}' stands in it" for slug, word in found.items()}
    tags.extend(() if by_tags else given)
    return tuple(sorted(rules)), rules, tuple(dict.fromkeys(tags))


def _unknown_shortcodes(unknown: Sequence[Unknown]) -> list[Problem]:
    """Tell of each name once, at its first place, with how often it stands in the stories."""
    by_name: dict[str, list[Unknown]] = {}
    for item in unknown:
        by_name.setdefault(item.name, []).append(item)
    problems = []
    for name, places in by_name.items():
        times = f"{len(places):,} times" if len(places) > 1 else "once"
        problems.append(
            Problem(
                Level.WARNING,
                "shortcode-unknown",
                places[0].place,
                f"the shortcode '{name}' is not known and was dropped, {times} in all",
                f"say what it stands for under content.shortcodes: {name}:",
            )
        )
    return problems
