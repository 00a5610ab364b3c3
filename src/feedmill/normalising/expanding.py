"""A body with shortcodes → the body that readers can be given."""

from __future__ import annotations

import re

from msgspec import Struct

from feedmill.expressions import expression
from feedmill.model import BodyFormat, Found, Level, Place, Problem, Story, Unknown
from feedmill.normalising.embeds import code_block, embed_of, fill_template
from feedmill.normalising.linking import MISSING
from feedmill.normalising.shortcodes import Paired, Shortcode, find_shortcodes, pair
from feedmill.normalising.surroundings import Surroundings, may_have_shortcodes
from feedmill.normalising.unsafe import without_code

_AT_LINK = expression(r"(\]\(\s*<?|href\s*=\s*[\"'])(@/[^\s)\"'<>]+)")
_ESCAPED = expression(r"(\{\{[<%])\s*/\*(.*?)\*/\s*([%>]\}\})", re.DOTALL)
_PATH_FILTER = expression(r"[\"']([^\"']*)[\"']\s*\|\s*(relative_url|absolute_url)")
_BLANK_LINES = expression(r"\n\s*\n")
_KEPT = frozenset({"raw", "noformat", "nowrap"})


class Expanded(Struct, frozen=True):
    """A body without shortcodes, the problems on the way, and the names that nobody knew."""

    body: str
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Unknown, ...] = ()


def expand(story: Story, around: Surroundings) -> Expanded:
    """Replace every shortcode of a story's body by what it stands for, or drop it by rule.

    The site's own templates count first, then references, then the embeds that every site means alike. A pair with an
    unknown name keeps what it encloses; a single tag with one is dropped and reported. Code is left alone.
    """
    if not may_have_shortcodes(story.body):
        return Expanded(story.body)
    return _Expansion(story, around).run()


class _Expansion:
    """One story's body on its way."""

    def __init__(self, story: Story, around: Surroundings) -> None:
        self.story = story
        self.around = around
        self.body = _ESCAPED.sub(_code_span, story.body) if "/*" in story.body else story.body
        self.markdown = story.body_format is BodyFormat.MARKDOWN
        self.problems: list[Problem] = []
        self.unknown: list[Unknown] = []

    def run(self) -> Expanded:
        prose = without_code(self.body, self.story.body_format, indented=False)
        pairs, stray = pair(list(find_shortcodes(self.body, prose)))
        # A stray closer is removed like a tag that says nothing.
        pairs += [Paired(tag, tag.end, tag.end, tag.end, is_pair=False) for tag in stray]
        self.pairs = sorted(pairs, key=lambda found: found.opener.start)
        body = self.between(0, len(self.body), 0)
        if "@/" in body:
            body = _AT_LINK.sub(lambda link: link[1] + self.reference(link[2], self.story.body.find(link[2])), body)
        return Expanded(body, tuple(self.problems), tuple(self.unknown))

    def between(self, start: int, end: int, first: int) -> str:
        """Return the body from `start` to `end` with its shortcodes replaced; `first` is the first pair to look at."""
        made = []
        at = start
        for number in range(first, len(self.pairs)):
            found = self.pairs[number]
            if found.opener.start >= end:
                break
            if found.opener.start < at:
                continue  # inside one that is done
            made.append(self.body[at : found.opener.start])
            made.append(self.replacement(found, number))
            at = found.end
        made.append(self.body[at:end])
        return "".join(made)

    def replacement(self, found: Paired, number: int) -> str:
        tag = found.opener
        inner = self.body[found.inner_start : found.inner_end]
        if tag.closes:
            return ""
        if tag.kind == "variable":
            return self.variable(tag)
        template = self.around.templates.get(tag.name)
        if template == "drop" or tag.name == "comment":
            return ""
        if tag.name == "highlight" and found.is_pair and template is None:
            return self.block(code_block(inner, tag.first("lang"), markdown=self.markdown), found, keep_lines=True)
        if found.is_pair:
            inner = self.between(found.inner_start, found.inner_end, number + 1)
        if template is not None and template != "keep inner":
            return self.block(fill_template(template, tag, inner, markdown=self.markdown), found, keep_lines=True)
        if found.is_pair or template == "keep inner" or tag.name in _KEPT:
            return self.kept(inner, found)
        return self.single(tag, found)

    def single(self, tag: Shortcode, found: Paired) -> str:
        """Return what a tag without a closer stands for."""
        if tag.name in ("ref", "relref", "link") and (tag.positional or tag.get("path")):
            return self.reference(tag.first("path"), tag.start)
        if tag.name == "post_url" and tag.positional:
            return self.referred(self.around.references.resolve_post(tag.positional[0]), tag.positional[0], tag.start)
        made = embed_of(tag)
        if made is not None:
            return self.block(made, found)
        if any(other.is_pair and other.opener.name == tag.name for other in self.pairs):
            message = f"the shortcode '{tag.name}' is never closed, so it encloses nothing"
            self.problem(tag.start, Level.WARNING, "shortcode-unclosed", message, "close it")
            return ""
        self.unknown.append(Unknown(_shown_name(tag), self.place(tag.start)))
        return ""

    def variable(self, tag: Shortcode) -> str:
        """Return the few variables that mean the same everywhere; others stay, and leave the story out."""
        around = self.around
        known = {
            "site.title": around.site_title,
            "site.url": around.site_url.rstrip("/"),
            "site.baseurl": "",
            "page.title": around.title,
            "page.url": around.url,
            "site.github.url": around.site_url.rstrip("/"),
        }
        name = tag.name.replace(" ", "")
        path = _PATH_FILTER.fullmatch(tag.name)
        if path:
            return around.site_url + path[1].lstrip("/")
        return known.get(name, tag.text)

    def reference(self, text: str, offset: int) -> str:
        return self.referred(self.around.references.resolve(text, self.story.path), text, offset)

    def referred(self, found: Found, text: str, offset: int) -> str:
        if found.url:
            return found.url
        if found.trouble == "ambiguous":
            files = ", ".join(found.candidates[:4])
            message, remedy = f"the reference '{text}' means several files: {files}", "write the whole path"
        else:
            message, remedy = f"the reference '{text}' leads to no file here", "correct it, or write the address"
        self.problem(offset, Level.WARNING, f"ref-{found.trouble}", f"{message}, so its text is not a link", remedy)
        return MISSING

    def block(self, made: str, found: Paired, *, keep_lines: bool = False) -> str:
        """Return made markup, apart from the text around it where the shortcode begins a line.

        There Markdown would take what follows on the line for part of the HTML.
        """
        if not keep_lines:
            made = _BLANK_LINES.sub("\n", made)
        if not self.markdown or not self.begins_line(found):
            return made
        # Inside a list item it stays there; four spaces would make it code.
        indent = self.before(found)
        indent = indent if len(indent) < 4 and not indent.strip(" ") else ""
        return f"\n\n{indent}" + made.replace("\n", f"\n{indent}") + "\n\n"

    def kept(self, inner: str, found: Paired) -> str:
        return f"\n\n{inner.strip(chr(10))}\n\n" if self.markdown and self.is_alone(found) else inner

    def is_alone(self, found: Paired) -> bool:
        after = self.body[found.end :].partition("\n")[0]
        return self.begins_line(found) and not after.strip()

    def begins_line(self, found: Paired) -> bool:
        return not self.before(found).strip()

    def before(self, found: Paired) -> str:
        return self.body[self.body.rfind("\n", 0, found.opener.start) + 1 : found.opener.start]

    def place(self, offset: int) -> Place:
        before = self.body[: max(offset, 0)]
        line = self.story.body_line + before.count("\n")
        return Place(self.story.shown_path, line, len(before) - (before.rfind("\n") + 1) + 1)

    def problem(self, offset: int, level: Level, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(level, code, self.place(offset), message, remedy))


def _code_span(escaped: re.Match[str]) -> str:
    """Return a shortcode that is written about, not used: as code, without the marks that kept Hugo from it."""
    text = f"{escaped[1]} {escaped[2].strip()} {escaped[3]}"
    before = escaped.string[: escaped.start()]
    inside_code = f"\n{before}".count("\n```") % 2 or before.rpartition("\n")[2].count("`") % 2
    return text if inside_code else f"`{text}`"


def _shown_name(tag: Shortcode) -> str:
    return f"include {tag.positional[0]}" if tag.name == "include" and tag.positional else tag.name
