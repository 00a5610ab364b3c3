"""The canonical front-matter keys, and a word about every key that is not one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Names

from feedmill.config.front_matter_keys import INNER_KEYS, KEYS
from feedmill.located import Mapping, Scalar, Sequence, Value
from feedmill.model import Level, Place, Problem

_KNOWN = frozenset(KEYS)


def key_problems(
    metadata: Mapping, path: str, own_keys: Collection[str] = (), *, repeated_only: bool = False
) -> Iterator[Problem]:
    """Yield a warning for each key that Feedmill does not read (with the nearest that it does) or finds twice.

    `own_keys` are those that the site has mapped to Feedmill's. With `repeated_only`, unknown keys pass: they are
    some site generator's.
    """
    if metadata.repeated:
        yield from _repeated(metadata, path)
    if repeated_only:
        return
    if not _KNOWN.issuperset(metadata.keys):
        yield from _unknown(metadata, [*KEYS, *own_keys], path, "")
    for key, known in INNER_KEYS.items():
        if key not in metadata.values:
            continue
        for mapping in _mappings(metadata.values[key]):
            yield from _repeated(mapping, path)
            yield from _unknown(mapping, known, path, f"{key}.")


def _repeated(mapping: Mapping, path: str) -> Iterator[Problem]:
    for key in mapping.repeated:
        place = Place(path, key.line, key.column)
        message = f"the key '{key.text}' is given twice, and the second one counts"
        yield Problem(Level.WARNING, "repeated-key", place, message, "keep one of the two")


def _unknown(mapping: Mapping, known: tuple[str, ...] | list[str], path: str, prefix: str) -> Iterator[Problem]:
    for key, place in mapping.keys.items():
        if key not in known:
            from difflib import get_close_matches  # few runs meet a key that nobody knows

            near = get_close_matches(key.lower(), known, 1)
            remedy = f"did you mean '{prefix}{near[0]}'?" if near else "remove it, or ignore this warning"
            yield Problem(
                Level.WARNING,
                "unknown-key",
                Place(path, place.line, place.column),
                f"unknown key '{prefix}{key}'",
                remedy,
            )


def _mappings(value: Value) -> list[Mapping]:
    return [item for item in (value.items if isinstance(value, Sequence) else (value,)) if isinstance(item, Mapping)]


def with_own_keys(metadata: Mapping, raw: Mapping, own_keys: Names[str, str]) -> Mapping:
    """Return canonical metadata with what the site's own keys say, under the keys to which it maps them.

    `own_keys` is content.keys: `redirectto: url`, `source_url: source.url`. An own key that has a value counts before
    what the convention found.
    """
    if not own_keys:
        return metadata
    values: dict[str, Value] = dict(metadata.values)
    inner: dict[str, dict[str, Value]] = {}
    for name, canonical in own_keys.items():
        value = raw.values.get(name)
        if value is None or (isinstance(value, Scalar) and not value.text.strip()):
            continue
        key, _, part = canonical.partition(".")
        if part:
            inner.setdefault(key, {})[part] = value
        else:
            values[key] = value
    for key, parts in inner.items():
        place = next(iter(parts.values()))
        keys = {part: Scalar(part, value.line, value.column) for part, value in parts.items()}
        values[key] = Mapping(parts, keys, place.line, place.column)
    if values == metadata.values:
        return metadata
    keys = {key: Scalar(key, value.line, value.column) for key, value in values.items()}
    return Mapping(values, keys, metadata.line, metadata.column)
