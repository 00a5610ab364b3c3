"""Every problem of content and configuration: its code, level, meaning and remedy, of which the reference is made.

A problem itself says more exactly what is wrong with what it names; this says what all of its code have in common. What
is found in documents has a catalogue of its own, `feedcheck.catalogue`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from feedmill.problems import Level


class ProblemKind(Struct, frozen=True):
    """What the problems of one code have in common. Of what is not published yet, an error is a warning."""

    level: Level
    meaning: str
    remedy: str


def _error(meaning: str, remedy: str) -> ProblemKind:
    return ProblemKind(Level.ERROR, meaning, remedy)


def _warning(meaning: str, remedy: str) -> ProblemKind:
    return ProblemKind(Level.WARNING, meaning, remedy)


_STORY: Mapping[str, ProblemKind] = {
    "title": _error("the title is missing or empty", "add `title:`"),
    "date-missing": _error("there is no date", "add `date:`, or begin the file's name with YYYY-MM-DD-"),
    "date": _error("the date is not valid, not complete, or can be read in two ways", "write it like 2024-05-01"),
    "slug": _error("the slug cannot be part of an address", "use letters, digits, hyphens and dots"),
    "url": _error("an address is not a valid web address", "write https://… or a path of this site"),
    "type": _error("a value is not of the kind that its key takes", "write it as the reference of keys says"),
    "boolean": _error("a value is neither true nor false", "write true or false"),
    "number": _error("a value is not a number", "write digits only"),
    "duration": _error("a value is not a duration", "write seconds, or H:MM:SS"),
    "language": _error("a value is not a language tag", "write one like en or pt-BR"),
    "media-type": _error("the type of something to hear or watch is not known", "add `type:`, like audio/mpeg"),
    "media-url": _error("something to hear or watch has no address", "add `url:`"),
    "author-name": _error("an author has no name", "add `name:`"),
    "related": _error("a related piece has neither title nor address", "add `title:` and `url:`"),
    "correction": _error("a correction lacks its date or its note", "add both"),
    "template-token": _error("a `{{ … }}` or `{% … %}` is left that nothing resolved", "replace it by what it means"),
    "markup-bounds": _error("elements nest too deeply, or one has too many attributes", "simplify the markup"),
    "entry-invalid": _error("no valid feed can be made of the story, for the reason given", "correct the story"),
    "story-failed": _error(
        "the story takes too long (10 seconds of a processor, or a minute by the clock), takes too much memory (1 GB), "
        "nests too deeply, or ends the process that works on it",
        "simplify the story, or report the fault with it",
    ),
    "unknown-key": _warning("Feedmill does not read a key", "use the nearest known one, which is named"),
    "repeated-key": _warning("a key is given twice; the second one counts", "keep one of the two"),
    "author-list": _warning(
        "one text names several people, and each is an author; or there are more than a hundred, and only these count",
        "write a list",
    ),
    "author-email": _warning("an author's e-mail address is not valid, and is left out", "correct or delete it"),
    "author-url": _warning("an author's web address is not valid, and is left out", "correct or delete it"),
    "shortcode-unknown": _warning(
        "a single shortcode that is not known was dropped; reported once for each name, with a count",
        "give it a template under `content.shortcodes`",
    ),
    "shortcode-unclosed": _warning("a shortcode that encloses text elsewhere has no end here", "close it"),
    "ref-missing": _warning("a reference leads to no file, so its text is not a link", "correct the reference"),
    "ref-ambiguous": _warning("a reference leads to several files", "name the file more exactly"),
    "topic-unknown": _warning("a name that is not a topic became a tag", "add the topic, or correct the name"),
    "markup-removed": _warning(
        "something with words, a picture or an address in it was removed, because readers cannot be given it (a notice "
        "where it says nothing to them)",
        "say it in text, an image or a plain link",
    ),
    "control-character": _warning("a character that XML cannot carry was removed", "delete it"),
    "image-alt": _warning("the image has no text for people who cannot see it", "add `image_alt:`"),
    "related-url": _warning("a related piece has no address", "add `url:`"),
    "source-url": _warning("a source without an address is left out", "add the address of the original"),
    "updated-early": _warning("`updated` is before the publication, which counts instead", "correct `updated`"),
    "body-empty": _warning("the story has no body", "write one"),
}
_FILE: Mapping[str, ProblemKind] = {
    "yaml-syntax": _error("the YAML cannot be read", "quote a value that holds a special character"),
    "yaml-characters": _error("the YAML holds a control character", "delete it"),
    "yaml-key": _error("the YAML has something that is not a key", "write `key: value`"),
    "yaml-documents": _error("the YAML has several documents", "keep one"),
    "yaml-tag": _error("the YAML has a tag", "remove it, or quote a text that begins with !"),
    "yaml-alias": _error("the YAML has an anchor or an alias", "write the value out"),
    "yaml-too-large": _error("the YAML is too large, or nests too deeply", "simplify it"),
    "toml-syntax": _error("the TOML cannot be read", "write `key = value` lines"),
    "json-syntax": _error("the JSON cannot be read", "check quotes, commas and brackets"),
    "front-matter-end": _error("the front matter has no end", "end it with the line that it begins with"),
    "front-matter-type": _error("the front matter is not keys and values", "write lines like `title: …`"),
    "front-matter-size": _error("the front matter is too large", "move long texts into the body"),
    "front-matter-repaired": _warning(
        "the front matter is damaged but could be read: blank lines before it, no end, two parts, or the markers of "
        "another format",
        "correct it as the problem says",
    ),
    "not-utf-8": _error("the file is not UTF-8", "save it as UTF-8"),
    "unreadable": _error("the file or folder cannot be read", "make it readable"),
    "story-size": _error("the file is too large, or grew while it was read", "split it"),
    "file-name": _error("the name of the file cannot be part of an address", "rename it"),
    "link-outside": _error("a link leads out of the content directory", "put the file itself there"),
    "not-a-file": _error("a device, a pipe or the like lies where a story may", "remove it"),
    "too-deep": _error("the folder lies too deep", "move it higher up"),
    "link-directory": _warning("a link to a directory is not followed", "put the directory itself there"),
    "sidecar-alone": _warning("a sidecar belongs to no story", "name it like its story, or delete it"),
    "sidecar-unused": _warning("a sidecar is not needed, because the story has front matter", "keep one of the two"),
    "data-missing": _error("the folder of topics or authors is not there", "correct feedmill.yaml"),
    "topic-title": _warning("the file of a topic has no title", "add `title:`"),
    "topic-slug": _warning("two topics have one slug", "give one a `slug:` of its own"),
    "topic-alias": _warning("two topics have one name", "remove the alias from one of them"),
    "author-title": _warning("the file of an author has no name", "add `name:`"),
}
_SITE: Mapping[str, ProblemKind] = {
    "content-empty": _error("there are no stories", "add files that end in .md, .html or .txt"),
    "id-taken": _error("the `id` that the story declares belongs to another story", "give it an `id` of its own"),
    "copy": _error("its title, date and text are those of another story", "delete it, or give it an `id` of its own"),
    "url-shared": _error(
        "another story has its address: the published one keeps it, otherwise the first in order of path",
        "give each its own `url` or `slug`",
    ),
    "moved-unclear": _error("the story may be one that was published before, or a new one", "give it the right `id`"),
    "story-kept": _warning("no entry can be made of a published story; it stays as last published", "correct it"),
    "story-missing": _error(
        "the file of a published story has vanished; it stays as last published (a warning with `on_missing: keep`)",
        "put it back, or withdraw the story",
    ),
    "archive-damaged": _warning(
        "an archive was damaged, and nothing else has the text of a story in it: its title and address stand there",
        "put the story's file back, or the archive from a backup",
    ),
    "withdrawn": _warning("a withdrawal has no date: the story is withdrawn at once", "add the date"),
    "withdrawn-before": _warning("the story was withdrawn, and its file is still there", "delete the file"),
    "collection-story": _warning(
        "a story that a collection names is not there, or several have the name", "correct it"
    ),
    "feed-size": _warning(
        "a feed is larger than 5 MB (a notice from 1 MB), and every reader fetches it again with every new story",
        "lower `limit`, or write `body: summary`",
    ),
    "accept-unused": ProblemKind(
        Level.NOTICE,
        "a pattern of problems.accept takes no problem (only `feedmill check --all-problems` lists it)",
        "remove it",
    ),
    "template": _warning("a page template of the site cannot be used; the built-in page is published", "correct it"),
    "import-two-sites": _error("an id means different stories in two ledgers", "use a different id_authority"),
    "adopt-empty": _error("an entry of the feed has no id", "nothing is to be done"),
    "adopt-twice": _error("several entries of the feed have one id", "give the story its id by hand"),
    "adopt-no-uri": _error("the id is not a URI, and Atom cannot carry it", "give the story an id by hand"),
    "adopt-unclear": _error("several stories have the entry's address", "give the right one the id by hand"),
    "adopt-two-ids": _error("two feeds give one story different ids", "choose one, and write it by hand"),
    "adopt-taken": _error("another story has the id", "find out which of them made it"),
    "adopt-published": _error("the story is published under another id, which stays", "nothing is to be done"),
}
_CONFIGURATION: Mapping[str, ProblemKind] = {
    "config-missing": _error("a key that is needed is not there", "add it, or run `feedmill init`"),
    "config-unknown-key": _error("a key is not known", "use the nearest known one, which is named"),
    "config-repeated-key": _error("a key is given twice", "keep one of the two"),
    "config-type": _error("a value is not of the kind that its key takes", "write it as the problem says"),
    "config-value": _error("a value is not one that its key may hold", "write it as the problem says"),
    "config-number": _error("a value is not a number, or too small", "write a number like 50"),
    "config-boolean": _error("a value is neither true nor false", "write true or false"),
    "config-template-token": _error("a `{{ … }}` or `{% … %}` is left", "replace it by its value"),
    "config-path": _error("a directory holds or lies in another that it must not", "give it a place of its own"),
    "config-story-url": _error("the pattern of addresses has an unknown field, or no slug", "use the fields named"),
    "config-timezone": _error("the time zone is not known", "write a name like Europe/Berlin"),
    "config-slug": _error("a name cannot be that of a feed", "use small letters, digits and hyphens"),
    "config-topic-name": _error("a name belongs to two topics", "give it to one of them"),
    "config-topic-unknown": _error("a collection names a topic that is not there", "use one of those named"),
    "config-collection": _error("a collection has no rule, or two", "list stories, or give one rule"),
}
_SECTIONS = {
    "Stories": _STORY,
    "Files": _FILE,
    "The site as a whole": _SITE,
    "feedmill.yaml": _CONFIGURATION,
}
CATALOGUE: Mapping[str, ProblemKind] = {code: kind for kinds in _SECTIONS.values() for code, kind in kinds.items()}
"""Every problem by its code."""


def reference() -> str:
    """Return the page of the reference that lists every problem: docs/reference/problems.md."""
    lines = [
        "# Problems",
        "",
        "<!-- Made from src/feedmill/problem_catalogue.py: edit that, then run `make reference`. -->",
        "",
        "    path:line:column: level: code: what is wrong; what to do",
        "",
        "An **error** leaves the story out; a **warning** does not. Problems of an unfinished draft are warnings.",
        "An error in feedmill.yaml stops the build; one of its YAML has a code like `config-yaml-syntax`.",
    ]
    for title, kinds in _SECTIONS.items():
        lines += ["", f"## {title}", "", "| code | level | what is wrong | what to do |", "|---|---|---|---|"]
        lines += [f"| `{code}` | {kind.level} | {kind.meaning} | {kind.remedy} |" for code, kind in kinds.items()]
    lines += [
        "",
        "`adopt-…` is what `feedmill ledger adopt` cannot take over ([which](../how-to/change-to-feedmill.md)).",
        "The findings about documents have a page of their own: [the validator](validator.md).",
        "",
    ]
    return "\n".join(lines)
