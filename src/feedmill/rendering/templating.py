"""Templates → pages: the files in templates/, or a site's own in their place; everything that they show is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from minijinja import Environment, TemplateError, pass_state

BUILT_IN = Path(__file__).parent / "templates"
ENDINGS = (".html", ".css", ".js")
"""The endings of files that are templates."""
FUEL = 2_000_000
"""How many instructions one page may take. A page of 300 stories takes some 20,000."""
MOST_SHOWN = 10_000_000
"""How many characters one page may show of what it is given."""

Render = Callable[[str, Mapping[str, Any]], bytes]
"""Takes the name of a template and what it shows; returns the page."""


class TemplateProblem(Exception):
    """A template that cannot be used: which one, at which line (0: unknown), and what is wrong with it."""

    def __init__(self, name: str, line: int, message: str) -> None:
        """Take them."""
        super().__init__(message)
        self.name, self.line, self.message = name, line, message


@cache
def built_in() -> Mapping[str, str]:
    """Return Feedmill's own templates, by name."""
    return {path.name: path.read_text("utf-8") for path in sorted(BUILT_IN.iterdir()) if path.name.endswith(ENDINGS)}


@cache
def _built_in_environment() -> Environment:
    return _environment(built_in().get)


def render_built_in(name: str, shown: Mapping[str, Any]) -> bytes:
    """Return a page by one of Feedmill's own templates."""
    return _page(_built_in_environment(), name, shown)


class OwnTemplates:
    """A site's own templates over the built-in ones. `used` are the names of those that a page has asked for."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Take the site's own templates, by name."""
        self.used: set[str] = set()
        self._sources = sources
        self._shown = 0
        self._environment = _environment(self._source)
        self._environment.fuel = FUEL
        # What is marked as safe would not be escaped. A filter that is not there is reported with its line.
        self._environment.remove_filter("safe")
        self._environment.finalizer = pass_state(lambda state, value: self._show(state, value))

    def render(self, name: str, shown: Mapping[str, Any]) -> bytes:
        """Return a page. Raises TemplateProblem for what is wrong with one of the site's own templates."""
        self._shown = 0
        try:
            return _page(self._environment, name, shown)
        except TemplateError as error:
            message = error.detail or error.message
            if "filter safe is unknown" in message:
                message = "the filter `safe` would leave something unescaped"
            elif error.kind == "OutOfFuel":
                message = f"it takes more than {FUEL:,} steps, as if it looped for ever"
            raise TemplateProblem(error.name or name, error.line or 0, message) from None

    def line_of(self, name: str, text: str) -> int:
        """Return the first line of one of the site's own templates that holds a text; 0 where none does."""
        lines = self._sources.get(name, "").splitlines()
        return next((number for number, line in enumerate(lines, 1) if text in line), 0)

    def _source(self, name: str) -> str | None:
        self.used.add(name)
        return self._sources.get(name, built_in().get(name))

    def _show(self, state: Any, value: Any) -> Any:
        """Refuse to show what would not be escaped, and more than a page can hold."""
        if state.auto_escape != "html":
            line = self.line_of(state.name, "{{" if not state.name.endswith(".html") else "autoescape")
            raise TemplateProblem(state.name, line, "it leaves something unescaped")
        self._shown += len(value) if isinstance(value, str) else 20
        if self._shown > MOST_SHOWN:
            raise TemplateProblem(state.name, 0, f"it shows more than {MOST_SHOWN:,} characters")
        return value


def _environment(source: Callable[[str], str | None]) -> Environment:
    return Environment(loader=source, trim_blocks=True, lstrip_blocks=True, undefined_behavior="strict", debug=True)


def _page(environment: Environment, name: str, shown: Mapping[str, Any]) -> bytes:
    """Render a page that allows its own style and script, by their digests, and nothing else to run (CSP level 3)."""
    about = {
        **shown["page"],
        "name": name.removesuffix(".html"),
        "styles": _source_of(environment, "page.css"),
        "scripts": _source_of(environment, "page.js"),
    }
    text = environment.render_template(name, **{**shown, "page": about})
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _source_of(environment: Environment, name: str) -> str:
    digest = sha256(environment.render_template(name).encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"
