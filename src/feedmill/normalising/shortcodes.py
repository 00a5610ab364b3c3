"""A body's shortcodes → tokens: Hugo's `{{< >}}` and `{{% %}}`, Zola's `{{ name() }}`, and Liquid's `{% %}`.

Only finds and pairs them; `embeds` says what becomes of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from feedmill.expressions import expression

_OPENER = expression(r"\{\{<|\{\{%|\{%-?|\{\{-?")
_NAME = expression(r"\s*+(/?)\s*+([\w@./-]+)")
_ZOLA_CALL = expression(r"\s*([A-Za-z_][\w]*)\s*\((.*)\)\s*\Z", re.DOTALL)
_ARGUMENT = expression(
    r"(?:([\w.-]+)\s*=\s*)?(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|“([^”]*)”|([^\s\"'`,=]+))"
)
_MAX_LENGTH = 4_000
_MAX_TAGS = 2_000
_MAX_DEPTH = 50


class Shortcode(Struct, frozen=True):
    """One tag of a shortcode. `start` and `end` are its place in the body.

    `kind` is `hugo`, `zola`, `liquid` or `variable`; `closes` says that it ends a pair, `closed` that it ends itself.
    """

    start: int
    end: int
    kind: str
    name: str
    closes: bool = False
    closed: bool = False
    named: Mapping[str, str] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    text: str = ""

    def get(self, *names: str) -> str:
        """Return the first named argument that is there, by any of the names."""
        return next((self.named[name] for name in names if self.named.get(name)), "")

    def first(self, *names: str) -> str:
        """Return a named argument, or else the first positional one."""
        return self.get(*names) or (self.positional[0] if self.positional else "")


class Paired(Struct, frozen=True):
    """A shortcode with what it encloses; `inner_start` and `inner_end` are its places, `end` that of the closer."""

    opener: Shortcode
    inner_start: int
    inner_end: int
    end: int
    is_pair: bool


def find_shortcodes(body: str, prose: str | None = None) -> Iterator[Shortcode]:
    """Yield every tag of a body, in order. `prose` is the body with its code blank, where no tags are sought.

    One without an end is passed over, and so are those beyond the first _MAX_TAGS: hostile bodies have more.
    """
    prose = body if prose is None else prose
    at = 0
    for _ in range(_MAX_TAGS):
        opener = _OPENER.search(prose, at)
        if opener is None:
            return
        end_mark, kind = _end_of(opener[0])
        end = _find_end(prose, opener.end(), end_mark)
        if end < 0:
            at = opener.end()
            continue
        text = body[opener.end() : end]
        found = _parse(kind, text.strip().removesuffix("-").strip() if kind != "hugo" else text, opener.start())
        stop = end + len(end_mark)
        if found is not None:
            yield Shortcode(
                opener.start(), stop, found.kind, found.name, found.closes, found.closed, found.named,
                found.positional, body[opener.start() : stop],
            )  # fmt: skip
        at = stop


def pair(tags: list[Shortcode]) -> tuple[list[Paired], list[Shortcode]]:
    """Pair tags with the closers of their names, outermost first; return closers that close nothing as well.

    A tag that nothing closes, or that nests beyond _MAX_DEPTH, stands alone. Pairs do not cross: what opens inside
    ends inside.
    """
    stack: list[tuple[int, Shortcode]] = []
    closer_of: dict[int, Shortcode] = {}
    stray = []
    for number, tag in enumerate(tags):
        if not tag.closes:
            if not tag.closed and tag.kind != "variable" and len(stack) < _MAX_DEPTH:
                stack.append((number, tag))
            continue
        for depth in range(len(stack) - 1, -1, -1):
            opened, opener = stack[depth]
            if _closes(tag, opener):
                closer_of[opened] = tag
                del stack[depth:]
                break
        else:
            stray.append(tag)
    found = []
    for number, tag in enumerate(tags):
        if tag.closes:
            continue
        closer = closer_of.get(number)
        if closer is None:
            found.append(Paired(tag, tag.end, tag.end, tag.end, is_pair=False))
        else:
            found.append(Paired(tag, tag.end, closer.start, closer.end, is_pair=True))
    return found, stray


def _closes(closer: Shortcode, opener: Shortcode) -> bool:
    if closer.kind != opener.kind:
        return False
    return closer.name in ("", opener.name) if closer.kind == "liquid" else closer.name == opener.name


def _end_of(opener: str) -> tuple[str, str]:
    if opener == "{{<":
        return ">}}", "hugo"
    if opener == "{{%":
        return "%}}", "hugo"
    return ("%}", "liquid") if opener.startswith("{%") else ("}}", "variable")


def _find_end(body: str, at: int, mark: str) -> int:
    """Find the end of a tag, passing over what is quoted; where quotes do not close, the next mark counts."""
    limit = min(len(body), at + _MAX_LENGTH)
    plain = body.find(mark, at, limit)
    if plain < 0:
        return -1
    quote = ""
    position = at
    while position < limit:
        character = body[position]
        if quote:
            if character == "\\" and quote != "`":
                position += 1
            elif character == quote:
                quote = ""
        elif character in '"`' or (character == "'" and body[position - 1] in "= \t\n("):
            quote = character
        elif body.startswith(mark, position):
            return position
        position += 1
    return plain


def _parse(kind: str, text: str, start: int) -> Shortcode | None:
    if kind == "variable":
        call = _ZOLA_CALL.fullmatch(text)
        if call and "|" not in call[1]:
            named, positional = _arguments(call[2])
            return Shortcode(start, 0, "zola", call[1], closed=True, named=named, positional=positional)
        return Shortcode(start, 0, "variable", text.strip())
    inner = text.strip()
    if kind == "hugo" and inner.startswith("/*"):
        return None
    closed = kind == "hugo" and inner.endswith("/")
    name = _NAME.match(inner.removesuffix("/") if closed else inner)
    if name is None:
        return None
    rest = (inner.removesuffix("/") if closed else inner)[name.end() :]
    if kind == "liquid":
        if name[2].startswith("end"):
            return Shortcode(start, 0, "liquid", name[2].removeprefix("end"), closes=True)
        call = _ZOLA_CALL.fullmatch(inner)
        named, positional = _arguments(call[2] if call else rest)
        return Shortcode(start, 0, "liquid", name[2].partition("(")[0], named=named, positional=positional)
    named, positional = _arguments(rest)
    return Shortcode(start, 0, "hugo", name[2].lower(), bool(name[1]), closed, named, positional)


def _arguments(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    named: dict[str, str] = {}
    positional = []
    for name, double, single, raw, curly, bare in _ARGUMENT.findall(text):
        value = re.sub(r"\\(.)", r"\1", double or single) if double or single else raw or curly or bare
        if name:
            named[name.lower()] = value
        else:
            positional.append(value)
    return named, tuple(positional)
