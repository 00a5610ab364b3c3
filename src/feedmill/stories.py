"""One story, from its file to what documents show of it: pure functions, which processes of their own may call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.expressions import expression
from feedmill.feeds import feeds_of
from feedmill.model import (
    BodyMode,
    Entry,
    Feed,
    FeedKind,
    Format,
    Level,
    Lookup,
    Place,
    Problem,
    Unknown,
    digest_of_shown,
    pack,
    unpack,
)
from feedmill.normalising import TopicIndex, draft_entry, page_address
from feedmill.reading import StoryFile, read_story
from feedmill.store import FROM_CONTENT, NEVER, Row

if TYPE_CHECKING:
    from feedmill.rendering.fragments import Frame

TELLING = 80
"""A text shorter than so many bytes of letters and digits is not a sign by which a story is known again."""
_TAG = expression(rb"<[^<>]*>")
_PUNCTUATION = expression(rb"\xe2\x80[\x80-\xbf]")
_ASCII_OTHERS = bytes(code for code in range(128) if not chr(code).isalnum())


class StoryContext:
    """What all stories of a site share: the site with the topics and authors of its content, and the present."""

    def __init__(self, site: Site, now: datetime) -> None:
        """Take both."""
        self.site = site
        self.now = now

    @cached_property
    def topics(self) -> TopicIndex:
        """The topics of the site, ready to be looked up."""
        return TopicIndex.of(self.site.topics)

    @cached_property
    def feed(self) -> Feed:
        """A feed in which an entry may stand alone."""
        site = self.site
        id_ = f"tag:{site.id_authority}:feeds/all"
        return Feed("all", FeedKind.ALL, site.title, site.description, site.settings, self.now, id_)

    @cached_property
    def frames(self) -> Mapping[Format, Frame]:
        """The frames of that feed."""
        from feedmill.rendering.fragments import render_frame  # few runs render anything

        return {format_: render_frame(self.feed, format_, self.site, self.now) for format_ in Format}


class File(Struct, frozen=True):
    """A file to be read, under a convention. `size` is roughly how many bytes it has."""

    story: StoryFile
    convention: str
    size: int = 0


class ReadFile(Struct, frozen=True):
    """What a file says. `kind` is story, page, broken (the `problems` say why) or gone (it was deleted meanwhile).

    `row` is the entry without its body, and `feeds` are those to which it belongs.
    """

    kind: str
    problems: tuple[Problem, ...] = ()
    url: str = ""
    row: Row | None = None
    feeds: tuple[tuple[str, str], ...] = ()


def read_file(context: StoryContext, file: File) -> ReadFile:
    """Read a file and normalise what it says. Raises Unreadable when the machine, not the file, is at fault."""
    site = context.site
    read = read_story(file.story, file.convention, site.content, shown_root=site.content_path)
    if read.is_gone:
        return ReadFile("gone")
    if read.is_page:
        return ReadFile("page", url=page_address(read.story, site) if read.story is not None else "")
    if read.story is None:
        return ReadFile("broken", read.problems)
    draft = draft_entry(read.story, site, context.topics)
    problems = (*read.problems, *draft.problems)
    if draft.entry is None:
        return ReadFile("broken", problems, draft.address)
    entry = draft.entry
    return ReadFile("story", problems, draft.address, _row(entry, read.story.body, site), feeds_of(site, entry))


def _row(entry: Entry, body: str, site: Site) -> Row:
    ends = [moment for moment in (entry.expires, entry.withdrawn.moment if entry.withdrawn else None) if moment]
    return Row(
        path=entry.path,
        origin=FROM_CONTENT,
        id=entry.id,
        own_id=entry.id,
        declared=entry.id_declared,
        slug=entry.slug,
        place=place_of(entry.url, site.url),
        title_key=title_key(entry.title, entry.published),
        text_key=text_key(body),
        shown_from=int(entry.published.timestamp()),
        shown_until=int(min(ends).timestamp()) if ends else NEVER,
        updated=int(entry.updated.timestamp()),
        withdrawn=int(entry.withdrawn.moment.timestamp()) if entry.withdrawn else None,
        record=None,
        stale=False,
        state="draft" if entry.draft else "",
        digest=digest_of_shown(entry),
        packed=pack(entry),
    )


def place_of(url: str, site_url: str) -> str:
    """Return an address below a site's without that, so that it moves with the site; any other as it is."""
    return url.removeprefix(site_url) if url.startswith(site_url) and url != site_url else url


def title_key(title: str, published: datetime) -> str:
    """Return the digest of title and date by which a moved file is known."""
    return sha256(f"{title}\0{published.isoformat()[:19]}Z".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def text_key(text: str) -> str:
    """Return the digest of the letters and digits of a body; empty where it has none.

    Tags, white space, punctuation and marks of ASCII, and those of Unicode's General Punctuation, do not count. The
    digest of a short text begins with a hyphen: it is no sign by itself.
    """
    written = text.encode("utf-8", "surrogatepass")
    letters = (_TAG.sub(b"", written) if b"<" in written else written).translate(None, _ASCII_OTHERS)
    if b"\xe2\x80" in letters:
        letters = _PUNCTUATION.sub(b"", letters)
    if not letters:
        return ""
    return _digest(letters) if len(letters) >= TELLING else f"-{_digest(letters)}"


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()


class Wanted(Struct, frozen=True):
    """An entry of which documents want fragments, in these `kinds`. `digest` is that of all of it but the body.

    `file` is None, and `summary` and `content` are given, where its body is made already. `answers` are what references
    of its body lead to, as far as that is known.
    """

    path: str
    entry: bytes
    digest: str
    kinds: tuple[tuple[Format, BodyMode], ...]
    file: File | None = None
    summary: str = ""
    content: str = ""
    answers: tuple[Lookup, ...] = ()


class Rendered(Struct, frozen=True):
    """What became of a wanted entry, at a `path`.

    One that is `lost` has an error in its body, or no valid document can show it. Where references are `asked`, it is
    to be rendered again with what these lead to.
    """

    path: str = ""
    digest: str = ""
    summary: str = ""
    content: str = ""
    lost: bool = False
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    asked: tuple[Lookup, ...] = ()
    fragments: Mapping[tuple[Format, BodyMode], bytes] = field(default_factory=dict)


def render_entry(context: StoryContext, wanted: Wanted) -> Rendered:
    """Make an entry's body, where that is not done, and its fragments; and see whether they are valid."""
    site, entry = context.site, unpack(wanted.entry)
    made = Rendered(summary=wanted.summary, content=wanted.content)
    if wanted.file is not None:
        made = _completed(entry, wanted.file, wanted.answers, site)
        if made.lost or made.asked:
            return made
    else:
        made = replace(made, digest=body_digest(made.summary, made.content))
    if not wanted.kinds:
        return made
    whole = replace(entry, content=made.content, summary=made.summary)
    from feedmill.rendering.fragments import render_fragment  # few runs render anything

    kinds = wanted.kinds
    fragments = {(format_, body): render_fragment(whole, format_, body, site) for format_, body in kinds}
    return replace(made, path=entry.path, fragments=fragments)


def judge(context: StoryContext, rendered: Sequence[Rendered]) -> list[Rendered]:
    """Return rendered entries, those of which no valid document can be made as lost.

    Most are right, which is seen sooner of all together than of each.
    """
    if len(rendered) > 1 and _wrong(rendered, context) is None:
        return list(rendered)
    return [_judged(each, context) for each in rendered]


def _judged(rendered: Rendered, context: StoryContext) -> Rendered:
    wrong = _wrong([rendered], context)
    if wrong is None or _has_wrong_frame(rendered, context):
        return rendered  # a frame is not a story's fault: its documents are refused
    root = context.site.content_path
    place = Place(rendered.path if root == "." else f"{root}/{rendered.path}")
    message = f"no valid feed can be made of it ({wrong.code}: {wrong.message})"
    remedy = "correct that in the story; the others are published"
    problem = Problem(Level.ERROR, "entry-invalid", place, message, remedy)
    return replace(rendered, lost=True, fragments={}, problems=(*rendered.problems, problem))


def _has_wrong_frame(rendered: Rendered, context: StoryContext) -> bool:
    """Whether the documents that would show an entry are not valid without it."""
    from feedmill.rendering.feed_documents import feed_document
    from feedmill.validating import validate_documents

    formats = {format_ for format_, _ in rendered.fragments}
    bare = [
        feed_document(context.feed, format_, context.frames[format_].join([]), 0, context.site)
        for format_ in sorted(formats)
    ]
    return bool(validate_documents(bare, now=context.now))


def body_digest(summary: str, content: str) -> str:
    """Return the digest of a body as documents show it."""
    return blake2b(f"{summary}\0{content}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _completed(entry: Entry, file: File, answers: tuple[Lookup, ...], site: Site) -> Rendered:
    from feedmill.normalising.bodies import complete_entry

    read = read_story(file.story, file.convention, site.content, shown_root=site.content_path)
    if read.story is None:
        place = Place(file.story.relative if site.content_path == "." else f"{site.content_path}/{file.story.relative}")
        message, remedy = "the file could be read before, and now cannot", "build again when it is complete"
        return Rendered(lost=True, problems=(Problem(Level.ERROR, "unreadable", place, message, remedy),))
    done = complete_entry(entry, read.story, site, answers)
    if done.wanted:
        return Rendered(asked=done.wanted)
    if done.entry is None:
        return Rendered(lost=True, problems=done.problems, unknown=done.unknown, lookups=done.lookups)
    summary, content = done.entry.summary, done.entry.content
    return Rendered(
        digest=body_digest(summary, content),
        summary=summary,
        content=content,
        problems=done.problems,
        unknown=done.unknown,
        lookups=done.lookups,
    )


def _wrong(rendered: Sequence[Rendered], context: StoryContext) -> Problem | None:
    """Return the first finding in documents that show some entries and no others, None where these are valid."""
    from feedmill.rendering.feed_documents import feed_document
    from feedmill.validating import validate_documents

    for body in BodyMode:
        documents = []
        for format_ in Format:
            pieces = [each.fragments[format_, body] for each in rendered if (format_, body) in each.fragments]
            if pieces:
                content = context.frames[format_].join(pieces)
                documents.append(feed_document(context.feed, format_, content, len(pieces), context.site))
        # Entries are compared between formats where all of them are in each.
        alike = len({document.entries for document in documents}) < 2
        for group in [documents] if alike else [[document] for document in documents]:
            findings = validate_documents(group, now=context.now) if group else []
            if findings:
                return findings[0]
    return None
