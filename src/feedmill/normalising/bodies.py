"""A story's body → the content and summary of its entry: shortcodes expanded, rendered, cleaned, looked over."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.model import Entry, Level, Lookup, Place, Problem, Story, Unknown
from feedmill.normalising.fields import Fields
from feedmill.normalising.markup import (
    MarkupError,
    body_text,
    clean_body,
    correction_note,
    lead_image,
    with_unlinked,
)
from feedmill.normalising.references import Lookups
from feedmill.normalising.summaries import summary_of
from feedmill.normalising.surroundings import Surroundings, may_have_shortcodes
from feedmill.normalising.tokens import token_in_html
from feedmill.normalising.unsafe import body_problems, loss_problems, token_problem


class Completed(Struct, frozen=True):
    """An entry with content and summary, None when the body has an error; and what was found on the way.

    `lookups` are the references that the body makes, with what each leads to: while they lead there still, the content
    is what it would be made again. Where any are `wanted`, it is to be made again with what these lead to.
    """

    entry: Entry | None
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    wanted: tuple[Lookup, ...] = ()


def complete_entry(entry: Entry, story: Story, site: Site, answers: Iterable[Lookup] = ()) -> Completed:
    """Return an entry with its body as clean HTML, and with the summary that the body gives where none is declared.

    `answers` are what references of the body lead to, as far as that was found before.
    """
    around = Surroundings.of(site, Lookups(answers), title=entry.title, url=entry.url)
    problems = list(body_problems(story))
    unknown: list[Unknown] = []
    content = _content(story, around, problems, unknown)
    summary = entry.summary or _excerpt(story, around) or summary_of(content)
    if entry.correction is not None:
        content = f"{correction_note(entry.correction.day.isoformat(), entry.correction.note)}\n{content}".rstrip()
    unlinked = [piece.title for piece in entry.related if not piece.url]
    content = with_unlinked(lead_image(content, entry.image), unlinked)
    lost = any(problem.level is Level.ERROR for problem in problems)
    if not content and not lost and entry.source is None and not entry.external_url:
        place = Fields.of(story).place("title")
        remedy = "write one, or say where it is: url or source"
        problems.append(Problem(Level.WARNING, "body-empty", place, "the story has no body", remedy))
    if lost and entry.draft:
        problems = [replace(problem, level=Level.WARNING) for problem in problems]
    whole = None if lost else replace(entry, content=content, summary=summary)
    return Completed(whole, tuple(problems), tuple(unknown), around.references.made, tuple(around.references.wanted))


def words_of_body(story: Story, site: Site, *, title: str, url: str) -> str:
    """Return the text of a body in which topics' words are sought. Where its references lead does not matter here."""
    around = Surroundings.of(site, Lookups(), title=title, url=url)
    return body_text(_content(story, around, [], []))


def _content(story: Story, around: Surroundings, problems: list[Problem], unknown: list[Unknown]) -> str:
    """Return a story's body as clean HTML, its shortcodes replaced; empty, and reported, where that cannot be."""
    expanded = story.body
    if (story.convention != "feedmill" or around.templates) and may_have_shortcodes(expanded):
        # Many sites have none.
        from feedmill.normalising.expanding import expand

        found = expand(story, around)
        expanded = found.body
        problems.extend(found.problems)
        unknown.extend(found.unknown)
    try:
        clean = clean_body(expanded, story.body_format, around.url, around.markdown)
    except MarkupError as error:
        place = Place(story.shown_path, story.body_line, 1)
        remedy = "close elements that are left open, or simplify the markup"
        problems.append(Problem(Level.ERROR, "markup-bounds", place, str(error), remedy))
        return ""
    problems.extend(loss_problems(story, clean.losses))
    token = token_in_html(clean.content)
    if token is not None:
        problems.append(token_problem(story, token))
    return clean.content


def _excerpt(story: Story, around: Surroundings) -> str:
    """Return the text of what a convention marks as a story's summary."""
    if not story.excerpt:
        return ""
    excerpt = story.excerpt
    if may_have_shortcodes(excerpt):
        from feedmill.normalising.expanding import expand

        excerpt = expand(replace(story, body=excerpt), around).body
    try:
        return body_text(clean_body(excerpt, story.body_format, around.url, around.markdown).content)
    except MarkupError:
        return ""
