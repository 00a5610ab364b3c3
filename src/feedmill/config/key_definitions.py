"""Every key of feedmill.yaml, and what it may hold: the loader checks by it, and the editor schema is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from feedmill.config.content_settings import CONVENTIONS, MARKDOWN
from feedmill.config.front_matter_keys import INNER_KEYS, KEYS
from feedmill.config.policies import OnMissing, UpdatedBy
from feedmill.model import EMAIL, BodyMode, Format

RESERVED = ("all", "feeds", "index", "manifest", "authors", "archive", "status")
"""Names of output that no topic or collection may have."""
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
LONGEST_SLUG = 100
"""Characters of a feed's name, which names files."""


class ValueKind(Enum):
    """What a key holds."""

    TEXT = "one text"
    NUMBER = "a whole number"
    BOOLEAN = "true or false"
    TEXTS = "a list of texts, or one"
    NAMED_TEXTS = "texts by their names"
    NAMED_LISTS = "lists of texts, or texts, by their names"
    SECTION = "keys"
    NAMED_SECTIONS = "sections by their names"


class Key(Struct, frozen=True):
    """A key: what it means and may hold.

    A text, or each text of a list, is one of `choices` where there are any, and matches the whole of `pattern`. A
    number is at least `least`. `keys` are those of a section, or of each section that has a name. Of `one_of`, a
    section holds exactly one. `remedy` says how to write it.
    """

    meaning: str
    kinds: tuple[ValueKind, ...] = (ValueKind.TEXT,)
    pattern: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    is_required: bool = False
    remedy: str = ""
    keys: Mapping[str, Key] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()


def _text(meaning: str, pattern: str = "", remedy: str = "") -> Key:
    return Key(meaning, pattern=pattern, remedy=remedy)


def _required(key: Key) -> Key:
    return Key(key.meaning, key.kinds, pattern=key.pattern, remedy=key.remedy, is_required=True, keys=key.keys)


def _url(meaning: str) -> Key:
    return Key(meaning, pattern=r"[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s#]*", remedy="write an absolute https://… URL")


def _number(meaning: str, least: int = 0) -> Key:
    return Key(meaning, (ValueKind.NUMBER,), least=least, remedy="write a number like 50")


def _boolean(meaning: str) -> Key:
    return Key(meaning, (ValueKind.BOOLEAN,), remedy="write true or false")


def _choice(meaning: str, *choices: str) -> Key:
    return Key(meaning, choices=choices, remedy=f"use one of: {', '.join(choices)}")


def _texts(meaning: str, pattern: str = "", remedy: str = "") -> Key:
    return Key(meaning, (ValueKind.TEXTS,), pattern=pattern, remedy=remedy)


def _section(meaning: str, keys: Mapping[str, Key]) -> Key:
    return Key(meaning, (ValueKind.SECTION,), keys=keys)


_MAPPED = (*KEYS, *(f"{key}.{inner}" for key, names in INNER_KEYS.items() for inner in names))
_FORMATS = tuple(item.value for item in Format)
_OF_A_FEED: Mapping[str, Key] = {
    "formats": Key(
        "the formats of a feed",
        (ValueKind.TEXTS,),
        choices=_FORMATS,
        remedy=f"use one or more of: {', '.join(_FORMATS)}",
    ),
    "limit": Key(
        "how many stories a feed shows at most, or `all`",
        (ValueKind.NUMBER, ValueKind.TEXT),
        choices=("all",),
        least=1,
        remedy="write a number like 50, or all",
    ),
    "body": _choice("how much of a story a feed carries", *(item.value for item in BodyMode)),
    "archive": _boolean("whether what leaves a feed's window is kept in archives"),
    "moved_from": _texts(
        "the names of feeds whose place this one has taken", rf"(?:authors/)?{SLUG}", "name the old topic by its slug"
    ),
}
_ABOUT_A_FEED: Mapping[str, Key] = {
    "title": _text("what people see"),
    "description": _text("what the feed is about"),
    **_OF_A_FEED,
}

SITE = _required(
    _section(
        "what the site is",
        {
            "title": _required(_text("the site's name, and that of the feed of all stories")),
            "url": _required(_url("the address below which stories lie")),
            "feeds_url": _url("where feeds/ is served"),
            "id_authority": _required(
                _text(
                    "a domain or e-mail address of yours, a comma, and a date on which it was yours; never change it",
                    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+)"
                    r",[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?",
                    "write a domain or e-mail address of yours and a date on which it was yours, "
                    "like example.org,2024 (RFC 4151); never change it afterwards",
                )
            ),
            "description": _text("what the site is about"),
            "language": _text(
                "the language of stories that name none",
                r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*",
                "write a language tag like en or pt-BR",
            ),
            "timezone": _text("the time zone of dates without an offset, like Europe/Berlin"),
            "author": _section(
                "the author of the feeds",
                {
                    "name": _required(_text("a person's or an organisation's name")),
                    "email": _text("an e-mail address", EMAIL.pattern, "write an address like desk@example.org"),
                    "url": _url("a page about the author"),
                },
            ),
            "rights": _text("who holds which rights in the feeds"),
            "templates": _text("a directory of templates that take the place of those of the pages"),
        },
    )
)
CONTENT = _section(
    "how stories are read",
    {
        "path": _text("the directory of stories"),
        "story_url": _text("the address of a story that gives none, like {year}/{month}/{day}/{slug}/"),
        "convention": Key(
            "the site generator that the content was written for, or a mapping of folders to these",
            (ValueKind.TEXT, ValueKind.NAMED_TEXTS),
            choices=("auto", *CONVENTIONS),
            remedy=f"use one of: auto, {', '.join(CONVENTIONS)}",
        ),
        "sections": _texts("the folders that hold stories"),
        "topics_from": _text("the folder whose files are topics"),
        "authors_from": _text("the folder whose files are authors"),
        "keys": Key(
            "front-matter keys of your own, each with the key of Feedmill that it stands for",
            (ValueKind.NAMED_TEXTS,),
            choices=_MAPPED,
            remedy=f"use one of: {', '.join(KEYS)}, or source.url and the like",
        ),
        "shortcodes": Key("shortcodes, each with a template, `keep inner` or `drop`", (ValueKind.NAMED_TEXTS,)),
        "markdown": Key(
            "the extensions of Markdown that count; all of them unless some are named",
            (ValueKind.TEXTS,),
            choices=MARKDOWN,
            remedy=f"use some of: {', '.join(MARKDOWN)}",
        ),
        "untitled": _choice("what becomes of a story without a title", "refuse", "publish"),
        "on_missing": _choice(
            "what becomes of a published story whose file has vanished", *(item.value for item in OnMissing)
        ),
        "updated": _choice("what moves an entry's `updated`", *(item.value for item in UpdatedBy)),
    },
)
FEEDS = _section(
    "what is written",
    {
        "path": _text("the directory that is written"),
        **_OF_A_FEED,
        "hub": _url("the address of a WebSub hub"),
        "authors": _boolean("whether every author has a feed"),
        "withdrawn_days": _number("for how many days a stub stands for a story that was withdrawn"),
        "status": _boolean("whether there is a page that says how the feeds are"),
    },
)
TOPICS = Key(
    "one set of feeds for each topic, by its slug",
    (ValueKind.NAMED_SECTIONS,),
    keys={
        **_ABOUT_A_FEED,
        "aliases": _texts("other names by which stories name the topic"),
        "match": _texts("words that place a story which names no topics"),
    },
)
COLLECTIONS = Key(
    "feeds that you compose, by their slugs",
    (ValueKind.NAMED_SECTIONS,),
    keys={
        **_ABOUT_A_FEED,
        "stories": _texts("these stories in this order, each by its slug, id or file"),
        "topics": _section(
            "stories by their topics, newest first",
            {
                "all": _texts("topics that a story has, every one"),
                "any": _texts("topics of which a story has at least one"),
                "none": _texts("topics that a story has not"),
            },
        ),
    },
    one_of=("stories", "topics"),
    remedy="list stories by slug, or give a rule like topics: {all: [china, ai]}",
)
BRAKE = _section(
    "the most that one build may do to subscribers; beyond it, a build refuses",
    {
        "changed_ids": _number("published entries whose id changes"),
        "shown_again": _number("old entries that a feed shows again"),
        "emptied": _number("feeds that lose their last entry or a format, or are made no more"),
        "lost": _number("the percentage of a feed's entries that go other than by age"),
    },
)
PROBLEMS = _section(
    "which problems are known",
    {
        "accept": Key(
            "codes of problems that count for nothing, each with the stories where, like notes/**",
            (ValueKind.NAMED_LISTS,),
            remedy="write accept: {code: [path below content/, or a pattern with * and **]}",
        )
    },
)
MONITORING = _section(
    "who hears of builds", {"ping_url": _url("the address of a check at healthchecks.io or its kind")}
)

ROOT = _section(
    "feedmill.yaml",
    {
        "site": SITE,
        "content": CONTENT,
        "feeds": FEEDS,
        "topics": TOPICS,
        "collections": COLLECTIONS,
        "brake": BRAKE,
        "problems": PROBLEMS,
        "monitoring": MONITORING,
    },
)
"""The whole file."""
