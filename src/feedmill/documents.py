"""Feeds → documents: joined again where what they show has changed, left as they lie where it has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.errors import Refused
from feedmill.feeds import Selected
from feedmill.model import BodyMode, Document, Entry, Feed, FeedKind, Format, Problem, Stored
from feedmill.page_templates import PageTemplates
from feedmill.rendering import document_path, feed_document, page_document, render_frame, write_lists
from feedmill.scan import state_of
from feedmill.store import InPlace

_ENCODER = msgspec.msgpack.Encoder()


class Made(Struct, frozen=True):
    """A document, and the digest of all that it shows; its bytes, unless it lies there already as `stored`."""

    shows: str
    document: Document | None = None
    stored: Stored | None = None


class Documents:
    """What the documents of a site's feeds are made of. `fragments` gives entries in a format by their paths."""

    def __init__(
        self,
        site: Site,
        feeds: Path,
        in_place: Mapping[str, InPlace],
        fragments: Callable[[Sequence[str], Format, BodyMode], list[bytes]],
        whole: Callable[[Sequence[str]], list[Entry]],
        templates: PageTemplates,
        now: datetime,
    ) -> None:
        """Take what the last build left `in_place` in `feeds`, and what gives entries `whole` by their paths."""
        self._site, self._feeds, self._in_place = site, feeds, in_place
        self._fragments, self._whole, self._now = fragments, whole, now
        self._templates = templates
        self._of_site = _digest(site)

    def of_feed(self, selected: Selected) -> Iterator[Made]:
        """Yield the documents of a feed: its formats, and its page. Raises Refused for what is not valid."""
        feed = selected.feed
        shows = _digest((self._of_site, feed, [member.seen for member in selected.members]))
        paths = [(format_, document_path(feed, format_)) for format_ in feed.settings.formats]
        waiting = [(format_, path) for format_, path in paths if not self._lies(path, shows)]
        if waiting:
            self._check_frames(feed, selected)
        for format_, path in paths:
            if (format_, path) not in waiting:
                yield Made(shows, stored=self._in_place[path].stored)
                continue
            body = feed.settings.body
            frame = render_frame(feed, format_, self._site, _published(selected))
            content = frame.join(self._fragments([member.path for member in selected.members], format_, body))
            yield Made(shows, feed_document(feed, format_, content, len(selected.members), self._site))
        if feed.kind is not FeedKind.ALL:
            path = f"{feed.name}.html"
            shows = self._by_template(shows)
            if self._lies(path, shows):
                yield Made(shows, stored=self._in_place[path].stored)
            else:
                document = self._page(selected)
                yield Made(self._unless_to_try_again(shows), document)

    def lists(self, selected: Sequence[Selected]) -> Iterator[Made]:
        """Yield the documents that no feed owns: the index, the subscription list and the list of redirects."""
        counts = {each.feed.name: len(each.members) for each in selected}
        feeds = [each.feed for each in selected]
        shows = self._by_template(_digest((self._of_site, feeds, sorted(counts.items()))))
        names = ["index.html", "feeds.opml", *(["redirects.txt"] if any(feed.moved_to for feed in feeds) else [])]
        if all(self._lies(name, shows) for name in names):
            yield from (Made(shows, stored=self._in_place[name].stored) for name in names)
        else:
            documents = list(write_lists(feeds, counts, self._site, self._templates.render))
            shows = self._unless_to_try_again(shows)
            yield from (Made(shows, document) for document in documents)

    def _by_template(self, shows: str) -> str:
        """Return the digest of what a page shows, and of the templates that show it."""
        return _digest((shows, self._templates.digest)) if self._templates.digest else shows

    def _unless_to_try_again(self, shows: str) -> str:
        """Return nothing of a page that the site's own template could not make: it is made again next time."""
        return "" if self._templates.has_fallen_back else shows

    def _lies(self, path: str, shows: str) -> bool:
        """Whether a document that shows this lies there, as the last build left it."""
        known = self._in_place.get(path)
        return known is not None and known.shows == shows and self._is_untouched(path, known)

    def _is_untouched(self, path: str, known: InPlace) -> bool:
        return bool(known.state) and state_of(f"{self._feeds}/{path}") == known.state

    def _page(self, selected: Selected) -> Document:
        from feedmill.rendering.pages import write_page

        whole = replace(selected.feed, entries=tuple(self._whole([member.path for member in selected.members])))
        content = write_page(whole, self._site, self._templates.render)
        return page_document(selected.feed, content, len(selected.members), self._site)

    def _check_frames(self, feed: Feed, selected: Selected) -> None:
        """Raise Refused where a feed without its entries is not valid: that is nobody's story's fault."""
        from feedmill.validating import validate_documents

        frames = [
            feed_document(
                feed, format_, render_frame(feed, format_, self._site, _published(selected)).join([]), 0, self._site
            )
            for format_ in feed.settings.formats
        ]
        refuse(validate_documents(frames, now=self._now))


def check(document: Document) -> None:
    """Raise Refused where a document, of which every part is valid, is not as a whole."""
    from feedmill.validating import check_whole

    if document.media_type != "text/plain":  # the list of redirects follows no standard
        refuse(check_whole(document))


def refuse(findings: Sequence[Problem]) -> None:
    """Raise Refused with findings about documents, where there are any."""
    if findings:
        raise Refused(
            f"{len(findings)} finding(s) in new documents, so nothing was replaced",
            remedy="the feeds are as they were; correct what is named",
            problems=findings,
        )


def _published(selected: Selected) -> datetime | None:
    newest = max((member.published for member in selected.members), default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


def _digest(value: object) -> str:
    return blake2b(_ENCODER.encode(value), digest_size=16).hexdigest()
