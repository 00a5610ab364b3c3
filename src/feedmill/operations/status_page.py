"""Feeds and what is remembered of runs → status.html: how the feeds are, for whoever runs the site.

The page lies beside the feeds, so it tells what they tell: counts, sizes and dates of what is published, and how many
problems there are of which kind. It names no file and no coming date, which could give away what is under embargo.
It is dated by what it shows rather than by the run, so that it stays untouched while nothing changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feedmill.config.site import Site
from feedmill.model import Document, Entry, Feed
from feedmill.operations.plots import Bar, Step, bar_plot, nice_top, row_plot, step_plot
from feedmill.operations.run_history import FeedState, RunHistory
from feedmill.rendering.document_addresses import document_url, page_path
from feedmill.rendering.pages import E, html_page

PATH = "status.html"
_WEEKS = 26
_STYLE = """
body { max-width: 72rem; }
main { --bar: #d9730d; --error: #c62828; --warning: #b8860b; }
@media (prefers-color-scheme: dark) { main { --bar: #f0934a; --error: #ff8a80; --warning: #e6b84f; } }
h2 { margin: 2.2rem 0 .6rem; }
h3 { font-size: .95rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; }
tr { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
thead tr { border: 0; }
thead th { color: var(--faint); font-size: .9rem; font-weight: normal; }
th.number, td.number { text-align: right; padding-right: 2.5rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 1.6rem 2rem; }
.wide { max-width: 26rem; }
figure { margin: 0; }
svg { display: block; width: 100%; max-width: 26rem; height: auto; overflow: visible; }
svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
.bar { fill: var(--bar); }
.track { fill: color-mix(in srgb, currentColor 8%, transparent); }
.axis { stroke: currentColor; }
.grid { stroke: color-mix(in srgb, currentColor 15%, transparent); }
.line { fill: none; stroke-width: 2; }
.errors { stroke: var(--error); }
.warnings { stroke: var(--warning); stroke-dasharray: 5 3; }
.key-errors { color: var(--error); }
.key-warnings { color: var(--warning); }
@media (max-width: 44rem) {
 thead { display: none; }
 tr { display: block; padding: .5rem 0; }
 td, tbody th { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem 0; }
 td::before { content: attr(data-label); color: var(--faint); }
 th.number, td.number { text-align: left; padding-right: 0; }
}
"""


def write_status_page(feeds: Sequence[Feed], published: Sequence[Entry], site: Site, record: RunHistory) -> Document:
    """Write the page. `published` are all entries that any feed may show, and `record` that of this build."""
    updated = _updated(feeds, record)
    body = E.body(
        E.nav(E.a(site.title, href=site.url), " · ", E.a("All feeds", href=site.feeds_url + "index.html")),
        E.main(
            E.h1(f"How the feeds of {site.title} are"),
            E.p(
                {"class": "faint"},
                f"As of {_moment(updated, site)} ({site.timezone}), when something here last changed. ",
                E.code("feedmill status"),
                " also tells when the feeds were last checked, and where each problem is.",
            ),
            E.h2("Feeds"),
            _table(feeds, record, site),
            E.h2("Problems"),
            *_problems(record, updated, site),
            E.h2("Stories per week"),
            _weeks(published, site),
            E.div(
                {"class": "plots"},
                E.section(E.h2("Publishing hours"), *_hours(published, site)),
                E.section(E.h2("Sizes of the feeds"), _sizes(record)),
            ),
        ),
    )
    content = html_page(f"Status of {site.title}", [], body, site, style=_STYLE)
    return Document(PATH, document_url(site, PATH), "text/html", content, updated)


def _updated(feeds: Sequence[Feed], record: RunHistory) -> datetime:
    moments = [feed.updated for feed in feeds]
    moments += [state.changed for state in record.feeds]
    moments += [count.moment for count in record.counts[-1:]]
    return max(moments)


def _table(feeds: Sequence[Feed], record: RunHistory, site: Site) -> Any:
    names = ("Feed", "Stories", "Size", "Newest story", "Last change")
    head = E.tr(*(E.th({"class": "number"} if name in ("Stories", "Size") else {}, name) for name in names))
    pages = {feed.name: document_url(site, page_path(feed)) for feed in feeds}
    rows = []
    for state in record.feeds:
        title = state.title.removeprefix(f"{site.title}: ")
        rows.append(
            E.tr(
                E.th(E.a(title, href=pages[state.name])),
                E.td({"class": "number", "data-label": names[1]}, f"{state.entries:,}"),
                E.td({"class": "number", "data-label": names[2]}, _size(state.bytes)),
                E.td({"data-label": names[3]}, _moment(state.newest, site) if state.newest else "none yet"),
                E.td({"data-label": names[4]}, _moment(state.changed, site)),
            )
        )
    return E.table(E.thead(head), E.tbody(*rows))


def _problems(record: RunHistory, updated: datetime, site: Site) -> list[Any]:
    kinds = Counter((item.problem.level.value, item.problem.code) for item in record.problems)
    told: list[Any] = []
    if kinds:
        rows = [E.li(f"{number:,} × {code} ({level})") for (level, code), number in sorted(kinds.items())]
        told.append(E.ul(*rows))
    else:
        told.append(E.p("None now."))
    zone = ZoneInfo(site.timezone)
    since = record.counts[0].moment.astimezone(zone)
    if not any(count.errors or count.warnings for count in record.counts):
        return [*told, E.p({"class": "faint"}, f"There were none since {since:%Y-%m-%d}.")]
    steps = [Step(count.moment.astimezone(zone), (count.errors, count.warnings)) for count in record.counts]
    plot = step_plot(
        steps, until=max(updated.astimezone(zone), steps[-1].moment), classes=("errors", "warnings"), title="Problems"
    )
    key = E.p(
        {"class": "faint"},
        E.span({"class": "key-errors"}, "— errors"),
        " (stories left out) ",
        E.span({"class": "key-warnings"}, "- - warnings"),
    )
    return [*told, E.figure({"class": "wide"}, plot, key)]


def _weeks(published: Sequence[Entry], site: Site) -> Any:
    """Draw for all stories and for each topic how many appeared in each of the last weeks, all on one scale."""
    if not published:
        return E.p("No stories yet.")
    mondays = [(_monday(entry, site), entry.topics) for entry in published]
    last = max(monday for monday, _ in mondays)
    weeks = [last - timedelta(weeks=back) for back in range(_WEEKS - 1, -1, -1)]
    counts = {"": Counter(monday for monday, _ in mondays)}
    for slug in site.topics:
        counts[slug] = Counter(monday for monday, topics in mondays if slug in topics)
    top = nice_top(max(counts[""][week] for week in weeks))
    plots = []
    for slug, count in counts.items():
        title = site.topics[slug].title if slug else "All stories"
        bars = [Bar(f"week of {week}: {count[week]:,}", count[week]) for week in weeks]
        if not any(bar.number for bar in bars):
            plots.append(E.figure(E.h3(title), E.p({"class": "faint"}, f"None in these {_WEEKS} weeks.")))
            continue
        ticks = {0: f"{weeks[0]}", _WEEKS - 1: f"{weeks[-1]}"}
        plots.append(E.figure(E.h3(title), bar_plot(bars, ticks=ticks, top=top, title=f"{title}: stories per week")))
    return E.div({"class": "plots"}, *plots)


def _hours(published: Sequence[Entry], site: Site) -> list[Any]:
    if not published:
        return [E.p("No stories yet.")]
    hours = Counter(entry.published.astimezone(ZoneInfo(site.timezone)).hour for entry in published)
    bars = [Bar(f"{hour:02}:00 to {hour:02}:59: {hours[hour]:,}", hours[hour]) for hour in range(24)]
    ticks = {hour: f"{hour:02}" for hour in (0, 6, 12, 18, 23)}
    plot = bar_plot(bars, ticks=ticks, top=nice_top(max(hours.values())), title="Stories by hour of the day")
    note = f"Hours in {site.timezone}. Stories that give a day but no time count at midnight."
    return [E.figure(plot), E.p({"class": "faint"}, note)]


def _sizes(record: RunHistory) -> Any:
    rows = [(state.name, _size(state.bytes), state.bytes) for state in sorted(record.feeds, key=_largest_first)]
    note = E.p({"class": "faint"}, "All documents of a feed together.")
    return E.figure(row_plot(rows, title="Bytes of each feed's documents together"), note)


def _largest_first(state: FeedState) -> tuple[int, str]:
    return -state.bytes, state.name


def _monday(entry: Entry, site: Site) -> date:
    day = entry.published.astimezone(ZoneInfo(site.timezone)).date()
    return day - timedelta(days=day.weekday())


def _moment(moment: datetime, site: Site) -> str:
    return f"{moment.astimezone(ZoneInfo(site.timezone)):%Y-%m-%d %H:%M}"


def _size(number: int) -> str:
    """Return bytes as people read them."""
    if number < 1_000:
        return f"{number} B"
    return f"{number / 1_000:,.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:,.1f} MB"
