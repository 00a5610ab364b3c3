"""Ledger and feeds → the plan: what subscribers will see, feed by feed; and whether a brake holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedmill.config.policies import Brake
from feedmill.config.site import Site
from feedmill.feeds import ALL, Selected, hidden_because, is_curated
from feedmill.ledger.records import Ledger, Record
from feedmill.model import Entry
from feedmill.store import Entries, Member, Row

_MOST_NAMED = 6
"""How many documents a brake names."""


class Seen(Struct, frozen=True):
    """One entry in a plan. `why` says, of one that goes, why it goes; of one that changes, what of it changes."""

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
    entries: Entries,
    selected: Sequence[Selected],
    withdrawn: Mapping[str, object],
    changed_ids: Sequence[Row],
    gone: Mapping[str, Sequence[str]],
    site: Site,
    now: datetime,
    whole: Callable[[str], Entry],
) -> Plan:
    """Compare what subscribers have been told with what feeds select.

    `withdrawn` has the ids of all withdrawn entries, `changed_ids` are published ones that their front matter gives
    another id; `gone` are the addresses, by feed, of documents that are there now
    and would be no more. `whole` gives an entry with its body by its path.
    """
    return _Planning(ledger, entries, selected, withdrawn, changed_ids, gone, site, now, whole).run()


class _Planning:
    def __init__(
        self,
        ledger: Ledger,
        entries: Entries,
        selected: Sequence[Selected],
        withdrawn: Mapping[str, object],
        changed_ids: Sequence[Row],
        gone: Mapping[str, Sequence[str]],
        site: Site,
        now: datetime,
        whole: Callable[[str], Entry],
    ) -> None:
        self._ledger, self._entries, self._selected = ledger, entries, selected
        self._withdrawn, self._changed_ids, self._gone = withdrawn, changed_ids, gone
        self._site, self._now, self._whole = site, now, whole
        self._titles = ledger.feeds()
        # A feed that was there before has subscribers of its own, who have not seen what comes to it from elsewhere.
        self._moves = {
            each.feed.name: each.feed.moved_to
            for each in selected
            if each.feed.moved_to and each.feed.moved_to not in self._titles
        }

    def run(self) -> Plan:
        plans = [self._feed(each) for each in self._selected]
        made = {each.feed.name for each in self._selected}
        plans += [self._unmade(name, title) for name, title in self._titles.items() if name not in made]
        ids = tuple(Seen(row.record or "", row.entry.title, row.own_id) for row in self._changed_ids)
        return Plan(tuple(plans), ids, tuple(_brakes(plans, ids, self._site.policies.brake)))

    def _feed(self, selected: Selected) -> FeedPlan:
        feed = selected.feed
        before = self._ledger.told_now(feed.name)
        after = {member.id: member for member in selected.members}
        plan = FeedPlan(
            feed.name,
            feed.title,
            len(before),
            len(after),
            moved_from=tuple(old for old, new in self._moves.items() if new == feed.name),
            moved_to=self._moves.get(feed.name, ""),
            gone=tuple(self._gone.get(feed.name, ())),
            is_curated=is_curated(self._site, feed.name),
        )
        differing = [
            member
            for member in selected.members
            if before.get(member.id) is None or before[member.id] not in ("", member.seen)
        ]
        absent = [id_ for id_ in before if id_ not in after and id_ not in self._withdrawn]
        if not differing and not absent:
            return plan
        seen: dict[str, list[Seen]] = {}
        known = {id_ for old in plan.moved_from for id_ in self._ledger.told_now(old)}
        for member in differing:
            kind, what = self._kind(member, feed.name, id_is_new=member.id not in before, known=known)
            if kind:
                seen.setdefault(kind, []).append(what)
        for id_ in absent:
            kind, what = self._absent(id_, feed.name)
            seen.setdefault(kind, []).append(what)
        return replace(plan, **{kind: tuple(found) for kind, found in seen.items()})

    def _kind(self, member: Member, feed: str, *, id_is_new: bool, known: set[str]) -> tuple[str, Seen]:
        """Return as what an entry comes into a feed or changes in it; nothing for one that was only adopted."""
        old = self._ledger.get(member.id)
        row = self._entries.get(member.path)
        title = row.entry.title if row is not None else ""
        shown = Seen(member.id, title)
        withdrawal = row.entry.withdrawn if row is not None and row.origin != "content" else None
        if withdrawal is not None:
            title = old.title if old is not None and old.title else title
            return ("withdrawn", Seen(member.id, title, withdrawal.reason)) if old is not None else ("", shown)
        if not id_is_new:
            return "changed", replace(shown, why=self._what_changed(member, old))
        if old is not None and not self._ledger.was_shown(member.id):
            return "", shown  # subscribers know it from the feed that told it before Feedmill
        if member.id in known:
            return "moved", shown
        is_again = old is not None and self._ledger.told_ever(feed, [member.id])
        return ("again" if is_again else "new"), shown

    def _what_changed(self, member: Member, old: Record | None) -> str:
        """Return which parts of an entry differ from what was last published."""
        if old is None or not old.kept:
            return ""
        from feedmill.ledger.kept import decoded, encoded

        try:
            before = decoded(old.kept, self._site)
        except (ValueError, KeyError, TypeError, AttributeError):
            return ""
        now = decoded(encoded(self._whole(member.path)), self._site)
        found = []
        for what, names in _PARTS.items():
            if any(getattr(before, name) != getattr(now, name) for name in names):
                found.append(what)
        others = [name for name in Entry.__struct_fields__ if name not in _NAMED]
        if any(getattr(before, name) != getattr(now, name) for name in others):
            found.append("particulars")
        return ", ".join(found)

    def _absent(self, id_: str, feed: str) -> tuple[str, Seen]:
        """Return as what an entry goes from a feed: by age, or lost."""
        old = self._ledger.get(id_)
        title = old.title if old is not None else ""
        row = self._entries.with_record(id_) or next(iter(self._entries.with_id(id_)), None)
        why = hidden_because(row.entry, row.state, self._now) if row is not None else ""
        belongs = row is not None and not why and feed in self._entries.feeds_with(row.path)
        if belongs or why.startswith("expired"):
            return "left", Seen(id_, title)
        if row is None and feed == ALL:
            why = "its file has vanished"
        return "lost", Seen(id_, title, why or "no longer one of its stories")

    def _unmade(self, name: str, title: str) -> FeedPlan:
        """Return what becomes of a feed that is made no more."""
        had = [id_ for id_ in self._ledger.told_now(name) if id_ not in self._withdrawn]
        lost, left = [], []
        for id_ in had:
            kind, seen = self._absent(id_, name)
            if kind == "left" and (row := self._entries.with_record(id_)) is not None:
                is_aged = hidden_because(row.entry, row.state, self._now).startswith("expired")
                kind = "left" if is_aged else "lost"
            if kind == "left":
                left.append(seen)
            else:
                is_vague = seen.why in ("", "no longer one of its stories")
                lost.append(replace(seen, why="the feed is no more") if is_vague else seen)
        gone = tuple(self._gone.get(name, ()))
        return FeedPlan(name, title, len(had), 0, left=tuple(left), lost=tuple(lost), gone=gone, is_made=False)


_PARTS = {
    "address": ("url",),
    "title": ("title",),
    "date": ("published", "updated"),
    "words": ("content", "summary"),
    "picture": ("image",),
    "topics": ("topics", "tags"),
}
_NAMED = {name for names in _PARTS.values() for name in names} | {
    "because", "path", "files", "draft", "embargo", "withdrawn", "id_declared", "correction", "slug", "day", "expires",
}  # fmt: skip


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
            f"those who fetch these documents would find nothing: {', '.join(gone[:_MOST_NAMED])}{more}",
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
