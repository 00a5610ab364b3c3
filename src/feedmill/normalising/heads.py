"""Story → head: title, dates, slug and address, before any body is read. References need those of every story."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from feedmill.config.content_settings import DEFAULT_STORY_URL
from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.located import Mapping, Scalar
from feedmill.model import Story
from feedmill.normalising.addresses import story_url
from feedmill.normalising.dates import Moment
from feedmill.normalising.fields import Fields
from feedmill.normalising.parts import read_moment, read_url
from feedmill.normalising.slugs import check_slug, slug_from
from feedmill.normalising.text import is_visible, shorten


class StoryHead(Struct, frozen=True):
    """What is known of a story before its body. `fields` holds the problems so far."""

    fields: Fields
    title: str
    published: Moment | None
    published_rule: str
    embargo: datetime | None
    slug: str
    url: str
    url_rule: str
    untitled: bool = False
    external_url: str = ""


def read_head(story: Story, site: Site) -> StoryHead:
    """Read a story's head. What is missing or wrong is a problem in `fields`."""
    fields = Fields.of(story)
    title, untitled = fields.plain("title"), False
    if not is_visible(title) and site.content.untitled == "publish" and not fields.has("title"):
        title, untitled = _beginning(story, site), True
    if not is_visible(title) and not fields.has_errors:
        what = "the title is empty" if fields.has("title") else "the story has no title"
        remedy = "add `title:` to its front matter or to a sidecar beside it"
        if not fields.has("title") and site.content.untitled != "publish":
            remedy += "; or let notes be published without one: content.untitled: publish"
        fields.error("title", "title", what, remedy)
    published, published_rule = _published(story, fields, site)
    slug = _slug(story, fields)
    # Of an hour that comes twice the later one: what is held back is not shown too early.
    embargo = read_moment(fields, "embargo", site.timezone, later=True) if "embargo" in fields else None
    url, url_rule, external = _address(story, fields, site, published, slug)
    return StoryHead(
        fields,
        title,
        published,
        published_rule,
        embargo.instant if embargo else None,
        slug,
        url,
        url_rule,
        untitled,
        external,
    )


def _beginning(story: Story, site: Site) -> str:
    """Return the beginning of a story's text, which stands for the title of one that has none."""
    from feedmill.normalising.bodies import words_of_body  # most stories have a title

    return shorten(words_of_body(story, site, title="", url=site.url), _LONGEST_BEGINNING)


def page_address(page: Story, site: Site) -> str:
    """Return the address of a file that is not a story: its own `url`, else its place."""
    fields = Fields.of(page)
    declared = fields.raw("url") if fields.has("url") else ""
    folder, _, name = page.path.rpartition("/")
    stem = name.rpartition(".")[0]
    place = folder if stem in ("index", "_index") else f"{folder}/{page.name_slug or stem}"
    path = declared or f"{place.strip('/')}/"
    return story_url(path.replace("{", "").replace("}", ""), site.url, _ANY_DAY, "", lambda _: None) or site.url


_RULE_OF_DEFAULT = f"content.story_url {DEFAULT_STORY_URL}"
_SUFFIX = expression(r"\.[a-z]+$")
_LONGEST_BEGINNING = 80
_ANY_DAY = datetime(2000, 1, 1).date()  # noqa: DTZ001 - a page's place knows no day


def _published(story: Story, fields: Fields, site: Site) -> tuple[Moment | None, str]:
    if fields.has("date"):
        moment = read_moment(fields, "date", site.timezone)
        return moment, f"the front matter's date; {moment.rule}" if moment else ""
    if story.name_date:
        date = Scalar(story.name_date)
        named = Fields(story.shown_path, Mapping({"date": date}), fields.problems)
        moment = read_moment(named, "date", site.timezone)
        return moment, f"the file's name or folders; {moment.rule}" if moment else ""
    fields.error(
        "date",
        "date-missing",
        "the story has no date",
        "add `date:`, or begin the file's name with YYYY-MM-DD-",
    )
    return None, ""


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


def _address(story: Story, fields: Fields, site: Site, published: Moment | None, slug: str) -> tuple[str, str, str]:
    """Return a story's address, the rule that gave it, and the page elsewhere that the story is about.

    The rule is its own `url`, the site's pattern, or its convention's. A `url` of another site is what a link post is
    about: the post has an address of its own all the same.
    """
    declared, external = read_url(fields, "url", site.url) if "url" in fields else "", ""
    if declared and urlsplit(declared).netloc != urlsplit(site.url).netloc:
        declared, external = "", declared
    if declared or (fields.has("url") and not external):
        return declared, "the front matter's url", ""
    if published is None or not slug:
        return "", "", external
    pattern, rule = site.story_url or story.address or DEFAULT_STORY_URL, _RULE_OF_DEFAULT
    if site.story_url:
        rule = f"content.story_url {pattern}"
    elif story.address:
        rule = f"its place, by the convention of {story.convention}"

    def more(field: str) -> str | None:
        sections = [folder for folder in story.path.split("/")[:-1] if not folder.startswith("_")]
        if field == "title":
            named = "slug" in story.metadata.values or story.convention != "pelican"
            return slug if named else slug_from(fields.plain("title"))
        if field == "filename":
            return _SUFFIX.sub("", story.path.rpartition("/")[2])
        if field == "section":
            return sections[0] if sections else ""
        if field == "sections":
            return "/".join(sections)
        if field == "categories":
            return "/".join(slug_from(name) for name, _ in Fields.of(story).plain_texts("categories"))
        return None

    url = story_url(pattern, site.url, published.day, slug, more)
    if url is None:
        fields.error("url", "url", f"no address can be made by {rule}", "add `url:`")
    return url or "", rule, external
