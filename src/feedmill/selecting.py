"""The cache → what every feed shows, with the bodies and fragments of all of it: select ▸ render."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from feedmill import ledger
from feedmill.content import failed, file_of
from feedmill.feeds import Selected, moves, newest, newest_first, select
from feedmill.identifying import bring_back
from feedmill.model import BodyMode, Feed, FeedKind, Format, Problem
from feedmill.normalising import References
from feedmill.store import KeptBody
from feedmill.stories import Rendered, Wanted, judge, render_entry
from feedmill.timing import TimeChange
from feedmill.work import Work
from feedmill.workers import Failure

_BATCH = 32
Kinds = tuple[tuple[Format, BodyMode], ...]


def choose(work: Work) -> None:
    """Select what every feed shows, with the bodies and fragments of all that is shown.

    A story of which no entry can be made after all gives way to the next one.
    """
    select_only(work)
    while True:
        lost = work.bodies.lost()
        rendered = render_missing(work, work.wanted)
        if lost == work.bodies.lost():
            break
        bring_back(work)
        select_only(work)
    if rendered:
        work.selected = _as_rendered(work, rendered)


def _select(work: Work) -> list[Selected]:
    work.problems_of_lists = []
    late = ledger.late_corrections(work.entries, work.ledger, work.now) if work.has_archives else {}
    chosen = select(work.site, work.entries, work.now, late, work.missing.withdrawals, work.problems_of_lists)
    return [*chosen, *_moved(work, chosen)]


def _moved(work: Work, chosen: Sequence[Selected]) -> Iterator[Selected]:
    """Yield every published feed that `moved_from` names: its old title and entries, and the feed it moved to.

    Nothing new comes into it. Its entries are shown as they are now, under the same ids.
    """
    made = {each.feed.name: each.feed for each in chosen}
    titles = work.ledger.feeds()
    for new, old in moves(work.site):
        if old in made or new not in made or old not in titles:
            continue
        members = []
        for id_ in work.ledger.told_now(old):
            for row in work.entries.with_id(id_):
                member = work.entries.member_at(row.path) if row.is_shown(work.moment) else None
                if member is not None and not member.lost:
                    members.append(member)
                    break
        members.sort(key=newest_first)
        head = made[new]
        yield Selected(
            Feed(
                name=old,
                kind=FeedKind.TOPIC,
                title=titles[old],
                description=titles[old],
                settings=head.settings,
                updated=newest(members, work.site) if members else head.updated,
                id=head.id.replace(f"feeds/{new}", f"feeds/{old}"),
                withdrawn={m.id: work.missing.withdrawals[m.id] for m in members if m.id in work.missing.withdrawals},
                moved_to=new,
            ),
            tuple(members),
        )


def _as_rendered(work: Work, paths: set[str]) -> list[Selected]:
    """Return what every feed shows, once some of it was rendered: the same entries, as they are seen now."""
    now = work.entries.members_at(paths)
    return [replace(each, members=tuple(now.get(m.path, m) for m in each.members)) for each in work.selected]


def _wanted_of(work: Work) -> dict[str, set[tuple[Format, BodyMode]]]:
    """Return of which entries which fragments are shown; and of which the body is wanted, shown or not yet."""
    wanted: dict[str, set[tuple[Format, BodyMode]]] = {}
    for each in work.selected:
        settings = each.feed.settings
        kinds = {(format_, settings.body) for format_ in settings.formats}
        for member in each.members:
            wanted.setdefault(member.path, set()).update(kinds)
    # What is about to be shown is looked at before its time, and so are drafts.
    for row in work.entries.coming(work.moment):
        wanted.setdefault(row.path, set())
    for row in work.entries.where("state = 'draft'"):
        wanted.setdefault(row.path, set())
    # A text with an error is not a sign by which a story that no feed shows now is to be known again.
    for row in work.entries.stale():
        if row.record is not None:
            wanted.setdefault(row.path, set())
    for path in work.bodies.lost():
        wanted.setdefault(path, set())
    return wanted


def render_missing(
    work: Work, wanted: Mapping[str, set[tuple[Format, BodyMode]]], *, keeps_bodies: bool = True
) -> set[str]:
    """Render what is wanted and not kept yet. Return the paths of what there was to render."""
    kept = work.bodies.fragment_keys()
    members = {member.path: member for each in work.selected for member in each.members}
    members |= work.entries.members_at(wanted.keys() - members.keys())
    missing: list[Wanted] = []
    for path, kinds in wanted.items():
        member, have = members.get(path), kept.get(path, {})
        seen = member.seen if member is not None else ""
        lacking = tuple(sorted(kind for kind in kinds if have.get((kind[0].value, kind[1].value)) != seen or not seen))
        is_kept = bool(seen) or (member is None and work.bodies.is_kept(path))
        if is_kept and (not lacking or (member is not None and member.lost)):
            continue
        asked = asked_of(work, path, lacking)
        if asked is not None:
            missing.append(asked)
    render(work, missing, keeps_bodies=keeps_bodies)
    return {each.path for each in missing}


def asked_of(work: Work, path: str, kinds: Kinds) -> Wanted | None:
    """Return what a worker is to make of an entry; None where there is no entry."""
    row = work.entries.get(path)
    if row is None:
        return None
    body = work.bodies.at([path]).get(path)
    if body is not None:
        return Wanted(path, row.packed, row.digest, kinds, summary=body[0], content=body[1])
    return Wanted(path, row.packed, row.digest, kinds, file=file_of(work.sources, path))


def render(work: Work, wanted: Sequence[Wanted], *, keeps_bodies: bool = True) -> None:
    """Make bodies and fragments, and keep them; see which stories are lost. Of those the body is kept in any case."""
    while wanted:
        tell = work.progress("Rendering")
        again: list[Wanted] = []
        bodies: list[tuple[str, KeptBody]] = []
        fragments: list[tuple[str, str, Mapping[tuple[Format, BodyMode], bytes]]] = []
        each = work.workers.each(render_entry, wanted, size=lambda one: 20_000, batch=_BATCH, judge=judge)
        references = References(work.sources)
        for number, (one, made) in enumerate(each, 1):
            if isinstance(made, Failure):
                bodies.append((one.path, _lost_body(failed(one.path, made, work.site))))
            elif made.asked:
                answers = (*one.answers, *(references.answer(lookup) for lookup in made.asked))
                again.append(replace(one, answers=answers))
            else:
                if made.lost or (keeps_bodies and one.file is not None):
                    bodies.append((one.path, _body_of(made)))
                fragments.append((one.path, one.digest + made.digest, made.fragments))
            if number % _BATCH == 0 or number == len(wanted):
                work.bodies.put(bodies)
                work.bodies.put_fragments(fragments)
                bodies, fragments = [], []
            tell(number, len(wanted))
        wanted = again


def select_only(work: Work) -> None:
    """Select what every feed shows, as far as bodies are known."""
    work.progress("Selecting")
    work.selected = _select(work)
    work.wanted = _wanted_of(work)


def foresee(work: Work) -> list[TimeChange]:
    """Return what time alone will change in feeds, in its order. No body is needed for that."""
    select_only(work)
    return work.time_changes()


def _body_of(made: Rendered) -> KeptBody:
    """Return what is to be kept of a rendered entry's body."""
    return KeptBody(made.digest, made.summary, made.content, made.lost, made.problems, made.unknown, made.lookups)


def _lost_body(problem: Problem) -> KeptBody:
    """Return what is to be kept of a body that could not be made."""
    return KeptBody("", "", "", lost=True, problems=(problem,))
