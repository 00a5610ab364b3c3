"""Ledger and feeds → the plan: what subscribers will see, feed by feed; and whether a brake holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from feedmill.ledger.records import Ledger, Record
from feedmill.model import Entry, Feed, FeedKind
from feedmill.policies import Brake

_MOST_NAMED = 6
"""How many documents a brake names."""


class Seen(Struct, frozen=True):
    """One entry in a plan. `why` says, of one that goes, why it goes."""

    id: str
    title: str
    why: str = ""


class FeedPlan(Struct, frozen=True):
    """What becomes of one feed: entries by what subscribers will see of them. `before` is how many it had.

    `moved` are entries that it takes over from the feeds `moved_from`, whose place it takes with this build; `moved_to`
    names the feed that takes this one's place. `gone` are the addresses of documents at which nothing will be any more.
    """

    name: str
    title: str
    before: int
    after: int
    new: tuple[Seen, ...] = ()
    changed: tuple[Seen, ...] = ()
    withdrawn: tuple[Seen, ...] = ()
    left: tuple[Seen, ...] = ()
    again: tuple[Seen, ...] = ()
    lost: tuple[Seen, ...] = ()
    moved: tuple[Seen, ...] = ()
    moved_from: tuple[str, ...] = ()
    moved_to: str = ""
    gone: tuple[str, ...] = ()
    is_curated: bool = False
    is_made: bool = True

    @property
    def is_quiet(self) -> bool:
        """Whether subscribers will see nothing."""
        shown = self.new or self.changed or self.withdrawn or self.left or self.again or self.lost
        return not (shown or self.moved_from or self.moved_to or self.gone)


class Plan(Struct, frozen=True):
    """What a build would change, and the reasons for which it would refuse (each with what to do)."""

    feeds: tuple[FeedPlan, ...]
    changed_ids: tuple[Seen, ...]
    brakes: tuple[tuple[str, str], ...]


def make_plan(
    ledger: Ledger,
    feeds: Sequence[Feed],
    members: Mapping[str, Collection[str]],
    hidden: Mapping[str, str],
    changed_ids: Sequence[tuple[Record, Entry]],
    withdrawn: Collection[str],
    brake: Brake,
    curated: Collection[str],
    seen: Callable[[Entry], str],
    gone: Mapping[str, Sequence[str]],
) -> Plan:
    """Compare what subscribers have been told with the feeds of a build.

    `members` are the ids that belong to a feed, whether or not its window shows them; `hidden` says by id why an entry
    may not be shown; `withdrawn` are the ids of all withdrawn entries; `curated` are the feeds whose stories are chosen
    by hand; `seen` gives the digest of all that subscribers see of an entry; `gone` are the addresses, by feed, of
    documents that are there now and would be no more.
    """
    shown: dict[str, list[Record]] = {}
    for record in ledger.records.values():
        for name in record.feeds:
            shown.setdefault(name, []).append(record)
    adopted = _only_adopted(ledger)
    # A feed that was there before has subscribers of its own, who have not seen what comes to it from elsewhere.
    moves = [(feed.name, feed.moved_to) for feed in feeds if feed.moved_to and feed.moved_to not in ledger.feeds]
    plans = []
    for feed in feeds:
        from_ = tuple(old for old, new in moves if new == feed.name)
        known = {record.id for old in from_ for record in shown.get(old, ())}
        plan = _feed_plan(
            feed, ledger, shown, ledger.archived.get(feed.name, {}), members, hidden, withdrawn, known, seen, adopted
        )
        plans.append(
            replace(
                plan,
                moved_from=from_,
                moved_to=dict(moves).get(feed.name, ""),
                gone=tuple(gone.get(feed.name, ())),
                is_curated=feed.name in curated,
            )
        )
    made = {feed.name for feed in feeds}
    for name, title in sorted(ledger.feeds.items()):
        if name not in made:
            had = [record for record in shown.get(name, []) if record.id not in withdrawn]
            aged = [record for record in had if hidden.get(record.id, "").startswith("expired")]
            lost = [Seen(r.id, r.title, hidden.get(r.id) or "the feed is no more") for r in had if r not in aged]
            left = tuple(Seen(record.id, record.title) for record in aged)
            addresses = tuple(gone.get(name, ()))
            plans.append(FeedPlan(name, title, len(had), 0, left=left, lost=tuple(lost), gone=addresses, is_made=False))
    ids = tuple(Seen(record.id, record.title, entry.id) for record, entry in changed_ids)
    return Plan(tuple(plans), ids, tuple(_brakes(plans, ids, brake)))


def _feed_plan(
    feed: Feed,
    ledger: Ledger,
    told: Mapping[str, Sequence[Record]],
    archived: Collection[str],
    members: Mapping[str, Collection[str]],
    hidden: Mapping[str, str],
    taken_back: Collection[str],
    known: Collection[str],
    seen: Callable[[Entry], str],
    adopted: Callable[[Record], bool],
) -> FeedPlan:
    name, belongs = feed.name, members.get(feed.name, ())
    before = {record.id: record for record in told.get(name, ())}
    new: list[Seen] = []
    changed: list[Seen] = []
    withdrawn: list[Seen] = []
    again: list[Seen] = []
    moved: list[Seen] = []
    for entry in feed.entries:
        digest = seen(entry)
        told_as = before.get(entry.id)
        if told_as is not None and entry.withdrawn is None and told_as.seen in ("", digest):
            continue  # as most do
        shown = Seen(entry.id, entry.title)
        old = ledger.records.get(entry.id)
        if entry.withdrawn is not None:
            if old is not None and (entry.id not in before or old.seen != digest):
                withdrawn.append(Seen(entry.id, old.title or entry.title, entry.withdrawn.reason))
        elif entry.id not in before and old is not None and adopted(old):
            continue  # subscribers know it from the feed that told it before Feedmill
        elif entry.id not in before and entry.id in known:
            moved.append(shown)
        elif entry.id not in before:
            is_old = old is not None and (name in old.left or entry.id in archived)
            (again if is_old else new).append(shown)
        else:
            changed.append(shown)
    after = {entry.id for entry in feed.entries}
    left: list[Seen] = []
    lost: list[Seen] = []
    for record in before.values():
        if record.id in after or record.id in taken_back:
            continue
        why = hidden.get(record.id, "")
        by_age = record.id in belongs or why.startswith("expired")
        if feed.kind is FeedKind.ALL and not why and record.id not in belongs:
            why = "its file has vanished"
        if by_age:
            left.append(Seen(record.id, record.title))
        else:
            lost.append(Seen(record.id, record.title, why or "no longer one of its stories"))
    return FeedPlan(
        name,
        feed.title,
        len(before),
        len(after),
        tuple(new),
        tuple(changed),
        tuple(withdrawn),
        tuple(left),
        tuple(again),
        tuple(lost),
        moved=tuple(moved),
    )


def _only_adopted(ledger: Ledger) -> Callable[[Record], bool]:
    """Return what tells a record of an entry that no feed of Feedmill's has shown yet."""
    archived = ledger.archived.values()
    return lambda record: not (record.feeds or record.left or any(record.id in ids for ids in archived))


def _brakes(plans: Sequence[FeedPlan], ids: Sequence[Seen], brake: Brake) -> Iterator[tuple[str, str]]:
    """Yield what would be too much, each with what to do."""
    if len(ids) > brake.changed_ids:
        first = ids[0]
        yield (
            f"{len(ids):,} published entries would change their id, first '{first.title}': {first.id} to {first.why}",
            "take `id:` out of their front matter, or give them their published ids",
        )
    again = {seen.id: (plan, seen) for plan in reversed(plans) for seen in reversed(plan.again)}
    if len(again) > brake.shown_again:
        plan, seen = list(again.values())[-1]
        yield (
            f"{len(again):,} old entries would be shown again, first '{seen.title}' in {plan.name}",
            "put back what changed (a limit, topics, dates), or raise brake.shown_again",
        )
    empty = [plan for plan in plans if plan.lost and not plan.after]
    if len(empty) > brake.emptied:
        yield (
            f"these feeds would lose all their entries: {', '.join(plan.name for plan in empty)}",
            "put their stories back, or name an old topic under moved_from: of the one that takes its place",
        )
    without = [plan for plan in plans if plan.gone and plan.is_made]
    if len(without) > brake.emptied:
        gone = [address for plan in without for address in plan.gone]
        more = f" and {len(gone) - _MOST_NAMED:,} more" if len(gone) > _MOST_NAMED else ""
        yield (
            f"whoever fetches these documents would find nothing: {', '.join(gone[:_MOST_NAMED])}{more}",
            "put their formats back; or let your server lead those who fetch them to another format first",
        )
    losing = [
        plan for plan in plans if plan.after and not plan.is_curated and len(plan.lost) * 100 > plan.before * brake.lost
    ]
    if losing:
        plan = max(losing, key=lambda plan: len(plan.lost) / plan.before)
        yield (
            f"{plan.name} would lose {len(plan.lost):,} of its {plan.before:,} entries other than by age, "
            f"first '{plan.lost[0].title}' ({plan.lost[0].why})",
            "put them back, take them back with `feedmill withdraw`, or raise brake.lost",
        )
