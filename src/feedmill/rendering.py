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

from feedmill.cache import Cache, DocumentsRow, state_of
from feedmill.ledger import Bodies
from feedmill.model import Document, Entry, Feed, Format, Problem, Site, Stored
from feedmill.parallel import spread
from feedmill.publishing import Staged, stage
from feedmill.writing import PARTS, Pieces, get_ready, write_feed, write_lists

if TYPE_CHECKING:
    from feedmill.validating import Known


class _Lying(Struct, frozen=True):
    """A document as it was published, and the signature of its file."""

    stored: Stored
    signature: bytes


Parts = Sequence[Format | None]

_WORTH_A_PROCESS = 4
"""Fewer feeds than so many for each process are done sooner by one."""
_LISTS = ""
"""The documents that no feed owns: the index, the subscription list and the list of redirects."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[_Lying])


class Rendered(Struct, frozen=True):
    """The documents of all feeds, and the lists of them: those `staged` in this run, and those `lying` there already.

    `documents` are all of them in their order; `keys` say by feed what its documents show, for the next run. With
    `findings` none may be published.
    """

    staged: tuple[Staged, ...]
    lying: tuple[Stored, ...]
    documents: tuple[Stored, ...]
    keys: dict[str, bytes]
    findings: tuple[Problem, ...]

    def remember(self, cache: Cache, directory: Path) -> None:
        """Let the cache know what every feed's documents show, now that they are published in `directory`."""
        rows = []
        for name, key in self.keys.items():
            own = [document for document in self.documents if document.feed == name]
            lying = [_Lying(document, state_of(directory / document.path)) for document in own]
            rows.append(DocumentsRow(name, key, _ENCODER.encode(lying)))
        cache.replace_documents(rows)


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
    known = {row.feed: row for row in cache.documents()}
    keys = {feed.name: _key(feed, bodies) for feed in feeds}
    keys[_LISTS] = _key_of_all(keys, feeds)
    lying = {name: _known(known, name, key, directory) for name, key in keys.items()}
    # Bodies are fetched here: what a cache has open is not shared with other processes.
    changed = _whole([feed for feed in feeds if lying[feed.name] is None], bodies)

    staged: dict[str, list[Staged]] = {}
    findings: list[Problem] = []
    for number, (feed, mine, found) in enumerate(_made(changed, site, directory, now, processes), 1):
        staged[feed.name] = mine
        findings.extend(found)
        on_progress(number, len(changed))
    if lying[_LISTS] is None:
        staged[_LISTS], found = judge_and_stage(list(write_lists(feeds, site)), directory, now)
        findings.extend(found)
    made = {name: [each.stored for each in mine] for name, mine in staged.items()}
    return Rendered(
        tuple(each for mine in staged.values() for each in mine),
        tuple(document for mine in lying.values() for document in mine or ()),
        tuple(document for name in keys for document in lying[name] or made[name]),
        keys,
        tuple(findings),
    )


def _made(
    feeds: Sequence[Feed], site: Site, directory: Path, now: datetime, processes: int
) -> Iterator[tuple[Feed, list[Staged], list[Problem]]]:
    """Yield feeds in their order with their documents, staged, or with what is wrong with these.

    An entry stands in several feeds, and is written and judged once for each format by each process. So the processes
    share the formats out rather than the feeds: then none does what another does, too. That the documents of a feed
    tell the same is seen from the digests of what they tell; where it is not, they are judged together, as they are
    where anything is wrong with one.
    """
    count = min(processes, len(feeds) // _WORTH_A_PROCESS) // 2 * 2
    shares: Sequence[Parts] = [(part,) for part in PARTS] if count else [PARTS]
    pieces = Pieces()
    known = nothing_known() if feeds else None

    def together(feed: Feed) -> tuple[list[Staged], list[Problem]]:
        return judge_and_stage(list(write_feed(feed, site, pieces)), directory, now, known)

    def work(item: tuple[Feed, Parts]) -> bytes:
        documents = list(write_feed(item[0], site, pieces, item[1]))
        staged, findings = judge_and_stage(documents, directory, now, known)
        gists = {known.gist_of(each) for each in documents if each.format} if known and not findings else set()
        return pickle.dumps((staged, findings, gists))

    made = spread(work, [(feed, share) for feed in feeds for share in shares], count)
    for feed in feeds:
        mine = [pickle.loads(next(made)) for _ in shares]  # noqa: S301 - from a process of our own
        gists = set().union(*(gists for _, _, gists in mine))
        if len(gists) < 2 and b"" not in gists and not any(findings for _, findings, _ in mine):
            order = [*feed.settings.formats, None]
            staged = [each for those, _, _ in mine for each in those]
            yield feed, sorted(staged, key=lambda each: order.index(each.stored.format)), []
        else:
            yield feed, *together(feed)


def _whole(feeds: Sequence[Feed], bodies: Bodies) -> list[Feed]:
    """Return feeds with the bodies of their entries: one value of each entry, in however many feeds it stands."""
    made: dict[int, Entry] = {}
    for feed in feeds:
        for entry in feed.entries:
            if id(entry) not in made:
                made[id(entry)] = bodies.whole(entry)
    return [replace(feed, entries=tuple(made[id(entry)] for entry in feed.entries)) for feed in feeds]


def nothing_known() -> Known:
    """Return a memory of what is found right, of which each process has its own.

    What writes and judges is imported here, and not by each process for itself.
    """
    from feedmill.validating import Known, validate_documents  # noqa: F401

    get_ready()
    return Known()


def judge_and_stage(
    documents: Sequence[Document], directory: Path, now: datetime, known: Known | None = None
) -> tuple[list[Staged], list[Problem]]:
    """Judge documents, those of one feed beside each other, and stage them when nothing is wrong with any.

    The list of redirects follows no standard, and is not judged. `known` is what was found right before. Raises
    PublishingError.
    """
    judged = [document for document in documents if document.media_type != "text/plain"]
    if judged:
        from feedmill.validating import validate_documents  # a run that writes nothing has no need of lxml

        findings = validate_documents(judged, now=now, known=known)
        if findings:
            return [], findings
    return [stage(document, directory) for document in documents], []


def _key(feed: Feed, bodies: Bodies) -> bytes:
    """Return the digest of all that a feed's documents show."""
    entries = [(bodies.seen(entry), entry.day, entry.expires) for entry in feed.entries]
    return blake2b(_ENCODER.encode((replace(feed, entries=()), entries)), digest_size=16).digest()


def _key_of_all(keys: Mapping[str, bytes], feeds: Sequence[Feed]) -> bytes:
    """Return the digest of all that the lists of feeds show."""
    moved = [(feed.name, feed.moved_to) for feed in feeds]
    return blake2b(_ENCODER.encode((list(keys.items()), moved)), digest_size=16).digest()


def _known(rows: Mapping[str, DocumentsRow], name: str, key: bytes, directory: Path) -> list[Stored] | None:
    row = rows.get(name)
    return _lying(row, directory) if row is not None and row.key == key else None


def _lying(row: DocumentsRow, directory: Path) -> list[Stored] | None:
    """Return the documents of a feed, None unless each lies there as it was published."""
    try:
        found = _DECODER.decode(row.documents)
    except msgspec.MsgspecError:
        return None
    if any(not each.signature or state_of(directory / each.stored.path) != each.signature for each in found):
        return None
    return [each.stored for each in found]
