"""Feeds and what is remembered of runs → status.html: how the feeds are, for the people who run the site.

The page lies beside the feeds, so it says what they say: counts, sizes and dates of what is published, and how many
problems there are of which kind. It names no file and no coming date, which could give away what is under embargo.
It is dated by what it shows rather than by the run, so that it stays untouched while nothing changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lxml import etree
from minijinja import safe

from feedmill.config.site import Site
from feedmill.model import Document, Entry, Feed
from feedmill.operations.plots import Bar, Step, bar_plot, nice_top, row_plot, step_plot
from feedmill.operations.run_history import FeedState, RunHistory
from feedmill.rendering.document_addresses import document_url, page_path
from feedmill.rendering.pages import about_page, about_site, short_title
from feedmill.rendering.templating import Render, render_built_in

PATH = "status.html"
_WEEKS = 26


def write_status_page(
    feeds: Sequence[Feed],
    published: Sequence[Entry],
    site: Site,
    record: RunHistory,
    render: Render = render_built_in,
) -> Document:
    """Write the page. `published` are all entries that any feed may show, and `record` that of this build."""
    updated = _updated(feeds, record)
    shown = {
        "site": about_site(site),
        "page": about_page(f"Status of {site.title}", [], site),
        "status": {
            "updated": _moment(updated, site),
            "feeds": _feeds(feeds, record, site),
            "problems": _problems(record),
            "since": _day(record.counts[0].moment, site),
            "problems_plot": _problems_plot(record, updated, site),
            "weeks": _weeks(published, site),
            "number_of_weeks": _WEEKS,
            "hours_plot": _hours_plot(published, site),
            "sizes_plot": _sizes_plot(record),
        },
    }
    return Document(PATH, document_url(site, PATH), "text/html", render(PATH, shown), updated)


def _updated(feeds: Sequence[Feed], record: RunHistory) -> datetime:
    moments = [feed.updated for feed in feeds]
    moments += [state.changed for state in record.feeds]
    moments += [count.moment for count in record.counts[-1:]]
    return max(moments)


def _feeds(feeds: Sequence[Feed], record: RunHistory, site: Site) -> list[dict[str, str]]:
    pages = {feed.name: document_url(site, page_path(feed)) for feed in feeds}
    return [
        {
            "name": short_title(state.title, site),
            "page": pages[state.name],
            "stories": f"{state.entries:,}",
            "size": _size(state.bytes),
            "newest": _moment(state.newest, site) if state.newest else "",
            "changed": _moment(state.changed, site),
        }
        for state in record.feeds
    ]


def _problems(record: RunHistory) -> list[dict[str, str]]:
    kinds = Counter((item.problem.level.value, item.problem.code) for item in record.problems)
    return [{"number": f"{number:,}", "code": code, "level": level} for (level, code), number in sorted(kinds.items())]


def _problems_plot(record: RunHistory, updated: datetime, site: Site) -> str:
    """Draw how many problems there were; nothing where there never were any."""
    if not any(count.errors or count.warnings for count in record.counts):
        return ""
    zone = ZoneInfo(site.timezone)
    steps = [Step(count.moment.astimezone(zone), (count.errors, count.warnings)) for count in record.counts]
    until = max(updated.astimezone(zone), steps[-1].moment)
    return _drawn(step_plot(steps, until=until, classes=("errors", "warnings"), title="Problems"))


def _weeks(published: Sequence[Entry], site: Site) -> list[dict[str, str]]:
    """Draw for all stories and for each topic how many appeared in each of the last weeks, all on one scale."""
    if not published:
        return []
    mondays = [(_monday(entry, site), entry.topics) for entry in published]
    last = max(monday for monday, _ in mondays)
    weeks = [last - timedelta(weeks=back) for back in range(_WEEKS - 1, -1, -1)]
    counts = {"": Counter(monday for monday, _ in mondays)}
    for slug in site.topics:
        counts[slug] = Counter(monday for monday, topics in mondays if slug in topics)
    top = nice_top(max(counts[""][week] for week in weeks))
    ticks = {0: f"{weeks[0]}", _WEEKS - 1: f"{weeks[-1]}"}
    plots = []
    for slug, count in counts.items():
        title = site.topics[slug].title if slug else "All stories"
        bars = [Bar(f"week of {week}: {count[week]:,}", count[week]) for week in weeks]
        plot = ""
        if any(bar.number for bar in bars):
            plot = _drawn(bar_plot(bars, ticks=ticks, top=top, title=f"{title}: stories per week"))
        plots.append({"title": title, "plot": plot})
    return plots


def _hours_plot(published: Sequence[Entry], site: Site) -> str:
    if not published:
        return ""
    hours = Counter(entry.published.astimezone(ZoneInfo(site.timezone)).hour for entry in published)
    bars = [Bar(f"{hour:02}:00 to {hour:02}:59: {hours[hour]:,}", hours[hour]) for hour in range(24)]
    ticks = {hour: f"{hour:02}" for hour in (0, 6, 12, 18, 23)}
    return _drawn(bar_plot(bars, ticks=ticks, top=nice_top(max(hours.values())), title="Stories by hour of the day"))


def _sizes_plot(record: RunHistory) -> str:
    rows = [(state.name, _size(state.bytes), state.bytes) for state in sorted(record.feeds, key=_largest_first)]
    return _drawn(row_plot(rows, title="Bytes of each feed's documents together"))


def _drawn(plot: etree._Element) -> str:
    """Return a drawing as HTML, in which lxml has escaped every text."""
    return safe(etree.tostring(plot, method="html", encoding="unicode"))


def _largest_first(state: FeedState) -> tuple[int, str]:
    return -state.bytes, state.name


def _monday(entry: Entry, site: Site) -> date:
    day = entry.published.astimezone(ZoneInfo(site.timezone)).date()
    return day - timedelta(days=day.weekday())


def _moment(moment: datetime, site: Site) -> str:
    return f"{moment.astimezone(ZoneInfo(site.timezone)):%Y-%m-%d %H:%M}"


def _day(moment: datetime, site: Site) -> str:
    return f"{moment.astimezone(ZoneInfo(site.timezone)):%Y-%m-%d}"


def _size(number: int) -> str:
    """Return bytes as people read them."""
    if number < 1_000:
        return f"{number} B"
    return f"{number / 1_000:,.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:,.1f} MB"
