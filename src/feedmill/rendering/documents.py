"""Feeds → documents: written anew where what they show has changed, left as they lie where it has not."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedmill.cache import Cache
from feedmill.ledger import Bodies
from feedmill.model import Body, Document, Feed, Format, Problem, Site, Stored
from feedmill.parallel import spread
from feedmill.publishing import Staged, stage
from feedmill.rendering.lying import Shown, read_lying, row_of, use_again
from feedmill.writing import PARTS, Part, Pieces, get_ready, write_feed, write_lists

if TYPE_CHECKING:
    from feedmill.validating import Gists, Known

_WORTH_A_PROCESS = 4
"""Fewer feeds than so many for each process are done sooner by one."""
_LANES: Mapping[Part, int] = {Format.ATOM: 0, Format.RSS: 1}
"""What takes longest to write and judge, and the process of each pair that does it."""
_LISTS = ""
"""The documents that no feed owns: the index, the subscription list and the list of redirects."""
_ENCODER = msgspec.msgpack.Encoder()


class Rendered(Struct, frozen=True):
    """The documents of all feeds, and the lists of them: those `staged` in this run, and those `lying` there already.

    `documents` are all of them in their order; `keys` and `shown` say by feed what its documents show, for the next
    run. With `findings` none may be published.
    """

    staged: tuple[Staged, ...]
    lying: tuple[Stored, ...]
    documents: tuple[Stored, ...]
    keys: dict[str, bytes]
    shown: dict[str, Shown]
    findings: tuple[Problem, ...]

    def remember(self, cache: Cache, directory: Path) -> None:
        """Let the cache know what every feed's documents show, now that they are published in `directory`."""
        by_feed: dict[str, list[Stored]] = {name: [] for name in self.keys}
        for document in self.documents:
            by_feed[document.feed].append(document)
        cache.replace_documents(
            row_of(name, key, by_feed[name], self.shown[name], directory) for name, key in self.keys.items()
        )


def render(
    feeds: Sequence[Feed],
    site: Site,
    bodies: Bodies,
    cache: Cache,
    directory: Path,
    now: datetime,
    processes: int,
    on_progress: Callable[[int, int], None],
) -> Rendered:
    """Write, judge and stage the documents of feeds that show something else than what lies in `directory`.

    And the lists of all feeds, where these differ. The cache is of this configuration and this Feedmill: what it knows
    depends on the feeds alone. Raises PublishingError where `directory` cannot be written.
    """
    lying = read_lying(cache.documents(), directory)
    shown = _shown(feeds, bodies)
    keys = {feed.name: _key(feed, shown[feed.name]) for feed in feeds}
    keys[_LISTS], shown[_LISTS] = _key_of_all(feeds), ()
    stay = {name: lying[name] for name, key in keys.items() if name in lying and lying[name].key == key}
    changed = [feed for feed in feeds if feed.name not in stay]
    judged = {each.path: each.sha256 for before in lying.values() for each in before.documents if each.format is None}
    pieces = Pieces(cache.spool(), bodies.whole)
    known = nothing_known() if changed else None
    again = use_again(changed, shown, lying, directory, pieces, known) if known is not None else {}
    count = min(processes, len(changed) // _WORTH_A_PROCESS) // 2 * 2
    if count:
        # What a cache has open is not shared with other processes.
        written = (entry for feed in changed for entry in feed.entries if entry.id not in again.get(feed.name, ()))
        bodies.hold(written)

    def put(documents: Sequence[Document]) -> tuple[list[Staged], list[Problem]]:
        return judge_and_stage(documents, directory, now, known, judged)

    staged: dict[str, list[Staged]] = {}
    told: dict[str, Gists] = {}
    findings: list[Problem] = []
    for number, (feed, made) in enumerate(_made(changed, site, pieces, known, put, count), 1):
        staged[feed.name], told[feed.name] = list(made.staged), made.gists
        findings.extend(made.findings)
        on_progress(number, len(changed))
    if _LISTS not in stay:
        staged[_LISTS], found = put(list(write_lists(feeds, site)))
        findings.extend(found)
    return Rendered(
        tuple(each for mine in staged.values() for each in mine),
        tuple(document for before in stay.values() for document in before.documents),
        tuple(
            document
            for name in keys
            for document in (stay[name].documents if name in stay else [each.stored for each in staged[name]])
        ),
        keys,
        {name: stay[name].shown if name in stay else Shown(shown[name], told.get(name, ())) for name in keys},
        tuple(findings),
    )


class _Made(Struct, frozen=True):
    """The documents of a feed, staged, and what they tell of its entries; or what is wrong with them."""

    staged: Sequence[Staged]
    findings: Sequence[Problem]
    gists: Gists = ()


def _made(
    feeds: Sequence[Feed],
    site: Site,
    pieces: Pieces,
    known: Known | None,
    put: Callable[[Sequence[Document]], tuple[list[Staged], list[Problem]]],
    count: int,
) -> Iterator[tuple[Feed, _Made]]:
    """Yield feeds in their order with what is made of them. `put` judges and stages documents.

    As many processes work on them as `count` says, which is even; this one alone where it is 0.

    An entry stands in several feeds, and is written and judged once for each format by each process. So the processes
    share Atom and RSS out rather than the feeds: then none does what another does, too. The rest, which is quick, falls
    to whichever has time. That the documents of a feed tell the same is seen from the digests of what they tell; where
    it is not, they are judged together, as they are where anything is wrong with one.
    """
    shares: Sequence[Sequence[Part]] = [(part,) for part in PARTS] if count else [PARTS]

    def lane(item: tuple[int, Sequence[Part]]) -> int | None:
        number, parts = item
        own = _LANES.get(parts[0])
        return None if own is None else own + number * len(_LANES)

    def work(item: tuple[int, Sequence[Part]]) -> bytes:
        number, parts = item
        documents = list(write_feed(feeds[number], site, pieces, parts))
        staged, findings = put(documents)
        gists = {known.gists_of(each) for each in documents if each.format} if known and not findings else set()
        return pickle.dumps((staged, findings, gists))

    made = spread(work, [(number, share) for number in range(len(feeds)) for share in shares], count, lane)
    for feed in feeds:
        mine = [pickle.loads(next(made)) for _ in shares]  # noqa: S301 - from a process of our own
        gists = set().union(*(gists for _, _, gists in mine))
        if len(gists) < 2 and None not in gists and not any(findings for _, findings, _ in mine):
            order = [*feed.settings.formats, None]
            staged = [each for those, _, _ in mine for each in those]
            yield feed, _Made(sorted(staged, key=lambda each: order.index(each.stored.format)), (), *gists)
        else:
            yield feed, _Made(*put(list(write_feed(feed, site, pieces))))


def nothing_known() -> Known:
    """Return a memory of what is found right, of which each process has its own.

    What writes and judges is imported here, and not by each process for itself.
    """
    from feedmill.validating import Known, validate_documents  # noqa: F401

    get_ready()
    return Known()


def judge_and_stage(
    documents: Sequence[Document],
    directory: Path,
    now: datetime,
    known: Known | None = None,
    judged: Mapping[str, str] | None = None,
) -> tuple[list[Staged], list[Problem]]:
    """Judge documents, those of one feed beside each other, and stage them when nothing is wrong with any.

    The list of redirects follows no standard, and is not judged. `known` is what was found right before, and `judged`
    the digests of pages and lists that were, by path. Raises PublishingError.
    """
    right = judged or {}
    unsure = [
        document
        for document in documents
        if document.media_type != "text/plain"
        and (document.path not in right or right[document.path] != document.sha256)
    ]
    if unsure:
        from feedmill.validating import validate_documents  # a run that writes nothing has no need of lxml

        findings = validate_documents(unsure, now=now, known=known)
        if findings:
            return [], findings
    return [stage(document, directory) for document in documents], []


def _shown(feeds: Sequence[Feed], bodies: Bodies) -> dict[str, tuple[bytes, ...]]:
    """Return by feed the digests of all that its documents show of each entry."""
    made: dict[tuple[int, Body], bytes] = {}
    for feed in feeds:
        body = feed.settings.body
        for entry in feed.entries:
            if (id(entry), body) not in made:
                shown = (bodies.seen(entry), entry.day, entry.expires, body)
                made[id(entry), body] = blake2b(_ENCODER.encode(shown), digest_size=16).digest()
    return {feed.name: tuple(made[id(entry), feed.settings.body] for entry in feed.entries) for feed in feeds}


def _key(feed: Feed, shown: Sequence[bytes]) -> bytes:
    """Return the digest of all that a feed's documents show."""
    return blake2b(_ENCODER.encode((replace(feed, entries=()), shown)), digest_size=16).digest()


def _key_of_all(feeds: Sequence[Feed]) -> bytes:
    """Return the digest of all that the lists of feeds show: of entries only how many there are."""
    listed = [(replace(feed, entries=()), len(feed.entries)) for feed in feeds]
    return blake2b(_ENCODER.encode(listed), digest_size=16).digest()
