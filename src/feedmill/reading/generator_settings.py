"""A site generator's own configuration → what a feedmill.yaml for its site says; no program in it is ever run.

Sources: Hugo's "Configure Hugo", Jekyll's "Configuration Options" and "Permalinks", Eleventy's "Configuration" (the
input directory) and "Global data files", Zola's "Configuration", Pelican's "Settings".
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.located import LocatedError
from feedmill.located import Mapping as Located
from feedmill.reading.conventions.raw import look_up, text_of
from feedmill.reading.detecting import generator_of
from feedmill.reading.files import read_bounded_text
from feedmill.reading.front_matter import read_json, read_metadata, read_toml

_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "none": "/:categories/:title.html",
}
_ELEVENTY_FILES = tuple(
    f"{stem}{ending}" for stem in (".eleventy", "eleventy.config") for ending in (".js", ".cjs", ".mjs")
)
_ELEVENTY_INPUT = expression(r"""\binput\s*:\s*["']([^"'\n]+)["']""")
_MAX_CHARACTERS = 200_000
_SITE_DATA = ("metadata", "site", "meta")


class GeneratorSettings(Struct, frozen=True):
    """The generator, and the texts of keys of feedmill.yaml by section; a key that is not plain to read is left out."""

    generator: str
    because: str
    site: Mapping[str, str]
    content: Mapping[str, str]
    sections: tuple[str, ...] = ()


def read_generator_settings(directory: Path) -> GeneratorSettings | None:
    """Return what the site generator's configuration in a directory says, None where there is no generator."""
    found = generator_of(directory / "content", directory)
    if found is None:
        return None
    site, content, sections = _READERS[found.name](directory)
    return GeneratorSettings(
        found.name,
        found.because,
        {key: text for key, text in site.items() if text},
        {"convention": found.name, **{key: text for key, text in content.items() if text}},
        sections,
    )


_Read = tuple[dict[str, str], dict[str, str], tuple[str, ...]]


def _hugo(directory: Path) -> _Read:
    names = [f"{stem}.{ending}" for stem in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json")]
    of = _Texts(directory, names)
    site = {
        "title": of.text("title"),
        "url": of.text("baseurl"),
        "language": _language(of.text("locale") or of.text("languagecode") or of.text("defaultcontentlanguage")),
        "timezone": of.text("timezone"),
    }
    patterns = look_up(of.settings, "permalinks.page") or look_up(of.settings, "permalinks")
    found = list(patterns.values.values()) if isinstance(patterns, Located) else []
    pattern = text_of(found[0]) if len(found) == 1 else ""
    return site, {"path": of.text("contentdir") or "content", "story_url": pattern}, ()


def _jekyll(directory: Path) -> _Read:
    of = _Texts(directory, ["_config.yml"])
    site = {
        "title": of.text("title") or of.text("name"),
        "url": of.text("url").rstrip("/") + _rooted(of.text("baseurl")) if of.text("url") else "",
        "description": " ".join(of.text("description").split()),
        "language": _language(of.text("lang") or of.text("locale")),
        "timezone": of.text("timezone"),
    }
    source = (of.text("source") or ".").rstrip("/")
    pattern = of.text("permalink")
    content = {"path": source, "story_url": _JEKYLL_STYLES.get(pattern, pattern if ":" in pattern else "")}
    return site, content, ("_posts",) if (directory / source / "_posts").is_dir() else ()


def _eleventy(directory: Path) -> _Read:
    program = next((text for name in _ELEVENTY_FILES if (text := _text(directory / name))), "")
    given = _ELEVENTY_INPUT.search(program)
    path = given[1].strip("/") if given else "."
    of = _Texts(directory / path / "_data", [f"{name}.json" for name in _SITE_DATA])
    package = _Texts(directory, ["package.json"])
    site = {
        "title": of.text("title") or of.text("name"),
        "url": of.text("url") or package.text("homepage"),
        "description": of.text("description"),
        "language": _language(of.text("language") or of.text("lang")),
    }
    sections = [name for name in ("posts", "blog") if (directory / path / name).is_dir()]
    return site, {"path": path}, tuple(sections[:1])


def _zola(directory: Path) -> _Read:
    of = _Texts(directory, ["config.toml"])
    site = {
        "title": of.text("title"),
        "url": of.text("base_url"),
        "description": of.text("description"),
        "language": _language(of.text("default_language")),
    }
    return site, {"path": "content"}, ()


def _pelican(directory: Path) -> _Read:
    """Read plain assignments of texts; those of publishconf.py are of the site as it is published."""
    texts = {**_assignments(directory / "pelicanconf.py"), **_assignments(directory / "publishconf.py")}
    site = {
        "title": texts.get("SITENAME", ""),
        "url": texts.get("SITEURL", ""),
        "language": _language(texts.get("DEFAULT_LANG", "")),
        "timezone": texts.get("TIMEZONE", ""),
    }
    return site, {"path": texts.get("PATH", "") or "content", "story_url": texts.get("ARTICLE_URL", "")}, ()


_READERS: Mapping[str, Callable[[Path], _Read]] = {
    "hugo": _hugo,
    "jekyll": _jekyll,
    "eleventy": _eleventy,
    "zola": _zola,
    "pelican": _pelican,
}


class _Texts:
    """The settings of the first of several files that can be read."""

    def __init__(self, directory: Path, names: list[str]) -> None:
        self.settings = next((read for name in names if (read := _settings(directory / name)) is not None), Located())

    def text(self, key: str) -> str:
        """Return a setting that is one text, empty for any other."""
        return text_of(look_up(self.settings, key))


def _settings(path: Path) -> Located | None:
    text = _text(path)
    if not text:
        return None
    reader = {".toml": read_toml, ".json": read_json}.get(path.suffix, read_metadata)
    try:
        return reader(text)
    except LocatedError:
        return None


def _assignments(path: Path) -> dict[str, str]:
    """Return the texts that a Python file assigns at its top level."""
    try:
        body = ast.parse(_text(path)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        target.id: statement.value.value
        for statement in body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _text(path: Path) -> str:
    try:
        text = read_bounded_text(path)
    except (OSError, LocatedError):
        return ""
    return text if len(text) <= _MAX_CHARACTERS else ""


def _language(text: str) -> str:
    """Return a language tag: `en_US` is how some themes write en-US."""
    return text.partition(".")[0].replace("_", "-")


def _rooted(path: str) -> str:
    return f"/{path.strip('/')}" if path.strip("/") else ""
