"""Story → Entry: the whole of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedmill.located import Mapping, Scalar
from feedmill.model import Because, Entry, Level, Place, Problem, Site, Story
from feedmill.normalising.addresses import story_url
from feedmill.normalising.collisions import one_story_per_id, shared_addresses
from feedmill.normalising.dates import Moment
from feedmill.normalising.fields import Fields
from feedmill.normalising.identity import check_slug, entry_id, slug_from
from feedmill.normalising.markup import (
    MarkupError,
    body_text,
    correction_note,
    first_paragraph,
    lead_image,
    render_body,
    sanitise,
)
from feedmill.normalising.parts import (
    read_authors,
    read_correction,
    read_image,
    read_media,
    read_moment,
    read_related,
    read_source,
    read_url,
    read_withdrawal,
)
from feedmill.normalising.topics import TopicIndex
from feedmill.normalising.unsafe import body_problems

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Entries by path, the problems on the way to them, and how many stories errors left out."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    left_out: int


def normalise(
    stories: Sequence[Story], site: Site, *, on_progress: Callable[[int, int], None] | None = None
) -> Normalised:
    """Make an entry of every story that can be one.

    A story with an error is left out; so is one whose id another story has, the older of the two (then the
    first by path) keeping it. A draft that is not ready is no error: its problems are warnings.
    """
    index = TopicIndex.of(site.topics)
    entries: list[Entry] = []
    problems: list[Problem] = []
    left_out = 0
    for number, story in enumerate(stories, 1):
        entry, said = normalise_story(story, site, index)
        problems.extend(said)
        if entry is not None:
            entries.append(entry)
        left_out += any(problem.level is Level.ERROR for problem in said)
        if on_progress is not None:
            on_progress(number, len(stories))
    places = {story.path: Place(story.shown_path) for story in stories}
    kept, said = one_story_per_id(entries, places)
    problems.extend((*said, *shared_addresses(kept, places)))
    return Normalised(tuple(kept), tuple(problems), left_out + len(said))


def normalise_story(story: Story, site: Site, index: TopicIndex) -> tuple[Entry | None, list[Problem]]:
    """Make an entry of one story: None when it has an error, with every problem found."""
    fields = Fields.of(story)
    entry = _entry(story, fields, site, index)
    problems = fields.problems
    if entry is None and fields.boolean("draft"):
        problems = [Problem(Level.WARNING, p.code, p.place, p.message, p.remedy) for p in problems]
    return entry, problems


def _entry(story: Story, fields: Fields, site: Site, index: TopicIndex) -> Entry | None:
    title = fields.plain("title")
    if not title:
        what = "the title is empty" if fields.has("title") else "the story has no title"
        fields.error("title", "title", what, "add `title:` to its front matter or to a sidecar beside it")
    published, published_rule = _published(story, fields, site)
    slug = _slug(story, fields)
    body = list(body_problems(story))
    fields.problems.extend(body)
    if published is None or not slug or not title:
        return None
    declared_url = read_url(fields, "url", site.url)
    url = declared_url or story_url(site.story_url, site.url, published.day, slug) or ""
    embargo, expires = (read_moment(fields, key, site.timezone) for key in ("embargo", "expires"))
    first_shown = max(published.instant, embargo.instant) if embargo else published.instant
    correction = read_correction(fields, site.timezone)
    image = read_image(fields, site.url)
    content = _content(story, fields, url or site.url)
    summary = fields.plain("summary") or first_paragraph(content)
    if correction is not None:
        content = f"{correction_note(correction.day.isoformat(), correction.note)}\n{content}".rstrip()
    content = lead_image(content, image)
    topics, topic_rules, tags = _topics(fields, index, title, summary, content)
    id_, id_rule = entry_id(site.id_authority, published.day, slug, fields.plain("id"))
    entry = Entry(
        id=id_,
        url=url,
        slug=slug,
        title=title,
        published=first_shown,
        updated=_updated(fields, site, first_shown, correction.moment if correction else None),
        day=published.day,
        content=content,
        summary=summary,
        path=story.path,
        because=Because(
            id=id_rule,
            url="the front matter's url" if declared_url else f"content.story_url {site.story_url}",
            published=published_rule,
            topics=topic_rules,
        ),
        authors=read_authors(fields, site.url),
        topics=topics,
        tags=tags,
        image=image,
        language=_language(fields),
        rights=fields.plain("rights"),
        source=read_source(fields, site.url),
        related=read_related(fields, site.url),
        media=read_media(fields, site.url),
        series=fields.plain("series"),
        correction=correction,
        withdrawn=read_withdrawal(fields, site.timezone),
        draft=fields.boolean("draft"),
        embargo=embargo.instant if embargo else None,
        expires=expires.instant if expires else None,
    )
    if not content:
        fields.warning("title", "body-empty", "the story has no body", "write one, or ignore this warning")
    return None if fields.has_errors else entry


def _published(story: Story, fields: Fields, site: Site) -> tuple[Moment | None, str]:
    if fields.has("date"):
        moment = read_moment(fields, "date", site.timezone)
        return moment, f"the front matter's date; {moment.rule}" if moment else ""
    if story.name_date:
        named = Fields(story.shown_path, _name_mapping(story.name_date), fields.problems)
        moment = read_moment(named, "date", site.timezone)
        return moment, f"the file's name or folders; {moment.rule}" if moment else ""
    fields.error(
        "date",
        "date-missing",
        "the story has no date",
        "add `date:`, or begin the file's name with YYYY-MM-DD-",
    )
    return None, ""


def _name_mapping(date: str) -> Mapping:
    return Mapping({"date": Scalar(date)})


def _slug(story: Story, fields: Fields) -> str:
    declared = fields.raw("slug")
    if declared:
        slug = check_slug(declared)
        if slug is None:
            fields.error(
                "slug",
                "slug",
                f"'{declared[:80]}' cannot be part of an address",
                "use letters, digits, hyphens and dots; no slashes, no '..'",
            )
        return slug or ""
    made = slug_from(story.name_slug) or slug_from(fields.raw("title"))
    if not made:
        fields.error("slug", "slug", "no slug can be made of the file's name or the title", "add `slug:`")
    return made


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


def _content(story: Story, fields: Fields, base: str) -> str:
    try:
        return sanitise(render_body(story.body, story.body_format), base)
    except MarkupError as error:
        place = Place(story.shown_path, story.body_line, 1)
        fields.problems.append(
            Problem(
                Level.ERROR,
                "markup-bounds",
                place,
                str(error),
                "close elements that are left open, or simplify the markup",
            )
        )
        return ""


def _topics(
    fields: Fields, index: TopicIndex, title: str, summary: str, content: str
) -> tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Return the story's topics, the rule that gave each, and its tags (unknown topics among them)."""
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
    if not fields.has("topics"):
        found = index.match(f"{title}\n{summary}\n{body_text(content)}") if any(index.words.values()) else {}
        rules = {slug: f"the word '{word}' stands in it" for slug, word in found.items()}
    tags.extend(name for name, _ in fields.plain_texts("tags"))
    return tuple(sorted(rules)), rules, tuple(dict.fromkeys(tags))
