"""Story → Entry: all of it but the body."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.model import Because, Entry, Level, Place, Problem, Story
from feedmill.normalising.fields import Fields
from feedmill.normalising.heads import StoryHead, read_head
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
from feedmill.normalising.slugs import entry_id
from feedmill.normalising.topics import TopicIndex, matches_inside

_LANGUAGE = expression(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


class Draft(Struct, frozen=True):
    """What a story gives before its body is looked at.

    `entry` lacks content, and its summary where the story declares none; it is None when errors leave the story out.
    `address` is where the story lies, for those that refer to it; empty when that is not known.
    """

    entry: Entry | None
    problems: tuple[Problem, ...]
    address: str


def draft_entry(story: Story, site: Site, topics: TopicIndex) -> Draft:
    """Make an entry of a story's metadata alone.

    The body is read only for a story that names no topics, where the site's topics have words to be sought. A draft
    that is not ready is not an error: its problems are warnings. Nor does what is wrong with a story keep it from being
    withdrawn: it becomes a draft, which is never shown.
    """
    head = read_head(story, site)
    entry = _entry(story, head, site, topics)
    said = head.fields.problems
    if (entry is None and Fields.of(story).boolean("draft")) or (entry is not None and entry.withdrawn is not None):
        said = [replace(problem, level=Level.WARNING) for problem in said]
    return Draft(entry, tuple(said), head.url)


def _entry(story: Story, head: StoryHead, site: Site, index: TopicIndex) -> Entry | None:
    fields, published = head.fields, head.published
    if published is None or not head.slug or not head.url:
        return None
    held = head.embargo is not None and head.embargo > published.instant
    first_shown = head.embargo if held and head.embargo else published.instant
    expires = read_moment(fields, "expires", site.timezone) if "expires" in fields else None
    withdrawn = read_withdrawal(fields, site.timezone) if "withdrawn" in fields else None
    if not head.title and withdrawn is None:
        return None
    correction = read_correction(fields, site.timezone) if "correction" in fields else None
    # Files in a story's own folder lie beside its page.
    beside = head.url if story.path.rpartition("/")[2].partition(".")[0] == "index" else site.url
    image = read_image(fields, beside)
    summary = fields.plain("summary")
    topics, topic_rules, tags = _topics(story, head, summary, site, index)
    declared_id = fields.plain("id")
    id_, id_rule = entry_id(site.id_authority, published.day, head.slug, declared_id)
    entry = Entry(
        id=id_,
        url=head.url,
        slug=head.slug,
        title=head.title or head.slug,
        published=first_shown,
        updated=_updated(fields, site, first_shown, correction.moment if correction else None),
        day=published.day,
        content="",
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
        source=read_source(fields, site.url) if "source" in fields else None,
        related=read_related(fields, site.url) if "related" in fields else (),
        media=read_media(fields, beside) if "media" in fields else (),
        series=fields.plain("series"),
        correction=correction,
        withdrawn=withdrawn,
        draft=fields.boolean("draft") or fields.boolean("unlisted"),
        unlisted=fields.boolean("unlisted"),
        untitled=head.untitled,
        external_url=head.external_url,
        embargo=head.embargo,
        expires=expires.instant if expires else None,
        id_declared=bool(declared_id),
        files=story.digest,
    )
    if fields.has_errors:
        return replace(entry, draft=True) if withdrawn is not None else None
    return entry


def _updated(fields: Fields, site: Site, published: datetime, corrected: datetime | None) -> datetime:
    moment = read_moment(fields, "updated", site.timezone) if "updated" in fields else None
    if moment is None and corrected is None:
        return published
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
        fields.error("language", "language", f"'{text[:40]}' is not a language tag", "write one like en or pt-BR")
    return text


def _topics(
    story: Story, head: StoryHead, summary: str, site: Site, index: TopicIndex
) -> tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Return the story's topics, the rule that gave each, and its tags (unknown topics among them).

    Categories, which other conventions have, are topics where the site knows them, and tags elsewhere. So are tags:
    those conventions have no topics of their own.
    """
    fields, by_tags = head.fields, story.convention != "feedmill"
    rules: dict[str, str] = {}
    tags: list[str] = []
    for name, said in fields.plain_texts("topics"):
        slug = index.resolve(name)
        if slug is not None:
            rules.setdefault(slug, "named by the story" if name == slug else f"the story's '{name}' means it")
            continue
        near = index.nearest(name)
        remedy = f"did you mean '{near}'?" if near else "add it to topics: in feedmill.yaml, or make it a tag"
        message = f"no topic is called '{name}', so it is only a tag"
        place = Place(fields.path, said.line, said.column)
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
        found = index.match(f"{head.title}\n{summary}\n{_words(story, head, site)}") if index.has_words else {}
        rules = {slug: f"the {_kind(word)} '{word}' stands in it" for slug, word in found.items()}
    tags.extend(() if by_tags else given)
    return tuple(sorted(rules)), rules, tuple(dict.fromkeys(tags))


def _kind(word: str) -> str:
    return "text" if matches_inside(word) else "word"


def _words(story: Story, head: StoryHead, site: Site) -> str:
    """Return the text of a body in which topics' words are sought."""
    # What makes bodies takes a while to import, and few stories have their topics sought.
    from feedmill.normalising.bodies import words_of_body

    return words_of_body(story, site, title=head.title, url=head.url)
