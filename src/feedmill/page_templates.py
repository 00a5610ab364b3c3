"""A site's own templates → pages by them, or by the built-in ones where one of them is not right.

Before a page is made of them they are tried on texts that would show if anything were left unescaped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from feedmill.config.site import Site
from feedmill.model import Because, Entry, Feed, FeedKind, Image, Level, Person, Place, Problem

if TYPE_CHECKING:
    from feedmill.rendering.templating import OwnTemplates

_MAX_BYTES = 256_000
_SIGN = "feedmill-"
_THEN = datetime(2024, 5, 1, 12, tzinfo=UTC)
_REMEDY = "correct the template; the built-in page is published"


class PageTemplates:
    """Makes pages by the templates of a site. `problems` are what is wrong with its own; `digest` names what they say.

    It `has_fallen_back` when a page of real stories could not be made, so that it is to be tried again next time.
    """

    def __init__(self, directory: Path, site: Site) -> None:
        """Read the site's own templates, where it has any, and try them."""
        self.problems: list[Problem] = []
        self.digest = ""
        self.has_fallen_back = False
        self._site = site
        self._refused: set[str] = set()
        self._own: OwnTemplates | None = None
        if site.templates:
            self._read(directory / site.templates)

    def render(self, name: str, shown: Mapping[str, Any]) -> bytes:
        """Return a page by a template of the site's, by the built-in one where that cannot be used."""
        from feedmill.rendering.templating import render_built_in

        if self._own is not None and name not in self._refused:
            page = self._tried(name, lambda own: own.render(name, shown))
            if page is not None:
                return page
            self.has_fallen_back = True
        return render_built_in(name, shown)

    def _read(self, directory: Path) -> None:
        from feedmill.rendering.templating import ENDINGS, OwnTemplates

        sources: dict[str, str] = {}
        try:
            names = sorted(path.name for path in directory.iterdir() if path.name.endswith(ENDINGS))
        except OSError as error:
            self._complain("", 0, f"the directory of templates cannot be read: {os.strerror(error.errno or 0)}")
            return
        for name in names:
            try:
                with (directory / name).open("rb") as file:
                    data = file.read(_MAX_BYTES + 1)
                if len(data) > _MAX_BYTES:
                    raise ValueError(f"it is larger than {_MAX_BYTES // 1000} kB")
                sources[name] = data.decode("utf-8-sig")
            except OSError as error:
                self._complain(name, 0, f"it cannot be read: {os.strerror(error.errno or 0)}")
            except UnicodeDecodeError as error:
                self._complain(name, data.count(b"\n", 0, error.start) + 1, "it is not valid UTF-8")
            except ValueError as error:
                self._complain(name, 0, str(error))
        self._own = OwnTemplates(sources)
        self.digest = blake2b(repr(sorted(sources.items())).encode("utf-8", "surrogatepass")).hexdigest()
        for name, make in _trials(self._site).items():
            self._tried(name, make)
        for name in sources.keys() - self._own.used:
            self._complain(name, 1, "no page uses this template", "name it like a built-in one, or include it in one")

    def _tried(self, name: str, make: Callable[[OwnTemplates], bytes]) -> bytes | None:
        """Return a page that can be published; None, and a problem, where the templates make none."""
        from feedmill.rendering.templating import TemplateProblem

        if self._own is None:
            return None
        wrong: tuple[str, int, str] | None
        page = b""
        try:
            page = make(self._own)
        except TemplateProblem as error:
            wrong = (error.name, error.line, f"the template cannot be used: {error.message}")
        else:
            wrong = next(self._faults(name, page), None)
        if wrong is None:
            return page
        self._refused.add(name)
        self._complain(*wrong)
        return None

    def _faults(self, name: str, page: bytes) -> Iterator[tuple[str, int, str]]:
        """Yield what is wrong with a page that a template has made: the template, its line, and what it is."""
        from feedmill.validating.page_rules import page_problems

        for field in _unescaped(page):
            line = self._own.line_of(name, field) if self._own is not None else 0
            yield name, line, f"the template leaves `{field}` unescaped"
        for problem in page_problems(name, page):
            yield name, 0, f"the template makes a page that is not safe: {problem.message}"

    def _complain(self, name: str, line: int, message: str, remedy: str = _REMEDY) -> None:
        path = f"{self._site.templates}/{name}" if name else self._site.templates
        problem = Problem(Level.WARNING, "template", Place(path, line), message, remedy)
        if problem not in self.problems:
            self.problems.append(problem)


def _unescaped(page: bytes) -> Iterator[str]:
    """Yield which values of a trial have become elements, attributes, or parts of a script or a style."""
    from lxml.etree import HTMLParser, fromstring

    root = fromstring(page, HTMLParser(encoding="utf-8"))
    if root is None:
        return
    for element in root.iter("*"):
        names = [str(element.tag), *map(str, element.attrib)]
        found = next((name for name in names if name.startswith(_SIGN)), "")
        inside = element.text or "" if element.tag in ("script", "style") else ""
        inside += element.get("style", "") + element.get("srcdoc", "")
        if _SIGN in inside:
            found = inside[inside.index(_SIGN) :]
        if found:
            yield re.split("[^a-z]", found.removeprefix(_SIGN), maxsplit=1)[0]


def _trials(site: Site) -> dict[str, Callable[[OwnTemplates], bytes]]:
    """Return what makes each page of texts that show where they were not escaped."""
    from feedmill.operations.run_history import FeedState, OpenProblem, ProblemCount, RunHistory
    from feedmill.operations.status_page import PATH, write_status_page
    from feedmill.rendering.pages import write_index, write_page

    site = replace(site, title=_text("title"), description=_text("about"))
    picture = Image("https://example.org/picture.png", _text("alt"))
    entries = tuple(
        Entry(
            id=f"tag:example.org,2024:{number}",
            url=f"https://example.org/{number}/?a=1&b=2",
            slug=str(number),
            title=_text("title"),
            published=_THEN,
            updated=_THEN,
            day=date(2024, 5, 1),
            content="",
            summary=_text("summary") if number else "",
            path=f"{number}.md",
            because=Because("", "", "", {}),
            authors=(Person(_text("authors")),) if number else (),
            image=picture if number else None,
            language="ar" if number else "",
        )
        for number in range(2)
    )
    kinds = (("trial", entries, ""), ("empty", (), "all"))
    feeds = [
        Feed(
            name,
            FeedKind.TOPIC,
            _text("name"),
            _text("about"),
            site.settings,
            _THEN,
            f"tag:{name}",
            own,
            moved_to=moved,
        )
        for name, own, moved in kinds
    ]
    states = tuple(FeedState(feed.name, _text("name"), 1, 1, _THEN, _THEN, None, "") for feed in feeds)
    problem = Problem(Level.ERROR, _text("code"), Place("a.md"), "", "")
    record = RunHistory(
        feeds=states, problems=(OpenProblem(problem, _THEN, _THEN),), counts=(ProblemCount(_THEN, 1, 1),)
    )
    counts = {feed.name: len(feed.entries) for feed in feeds}
    return {
        "feed.html": lambda own: [write_page(feed, site, own.render) for feed in reversed(feeds)][-1],
        "index.html": lambda own: write_index(feeds, counts, site, own.render),
        PATH: lambda own: write_status_page(feeds, entries, site, record, own.render).content,
    }


def _text(field: str) -> str:
    """Return a text that becomes an element or an attribute of this name where it is not escaped."""
    return f"{_SIGN}{field}\"'><{_SIGN}{field}> {_SIGN}{field}=x "
