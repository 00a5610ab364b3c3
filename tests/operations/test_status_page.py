"""The status page tells what is so, gives nothing away, and is touched only when it has something new to tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree, html

from feedmill.cli import main
from feedmill.operations.plots import Bar, Step, bar_plot, nice_top, row_plot, step_plot
from tests.conftest import CONFIGURATION, NOW, Mill

STATUS = CONFIGURATION + "feeds: {status: true}\n"


@pytest.fixture
def lived(wire: Mill) -> Mill:
    wire.configure(STATUS)
    wire.story("2024-06-20-a.md", date="2024-06-20T13:00:00-04:00", topics="[china]", title="One <b>&amp;</b> only")
    wire.story("2024-06-27-b.md", date="2024-06-27T13:30:00-04:00", topics="[china]")
    wire.story("2024-07-09-c.md", date="2024-07-09T12:34:00Z", topics="[ai]", title="Secret until then")
    wire.story("2024-06-12-d.md", topics="[ai]", title="Withdrawn words", withdrawn="{date: 2024-06-13, reason: r}")
    build(wire, 0)
    return wire


def build(wire: Mill, hours: float) -> int:
    return main(["-C", str(wire.directory), "build", "--now", (NOW + timedelta(hours=hours)).isoformat()])


def page(wire: Mill) -> html.HtmlElement:
    return html.document_fromstring((wire.feeds / "status.html").read_bytes())


def said(wire: Mill) -> str:
    return " ".join(" ".join(page(wire).itertext()).split())


def bars(wire: Mill, title: str) -> list[str]:
    """Return what the bars of the plot with a title say when they are pointed at."""
    return [str(text) for text in page(wire).xpath("//svg[@aria-label=$title]//title/text()", title=title)]


def test_there_is_no_page_unless_it_is_asked_for(wire: Mill) -> None:
    wire.story()
    build(wire, 0)
    assert not (wire.feeds / "status.html").exists()


def test_the_plots_tell_the_numbers(lived: Mill) -> None:
    assert bars(lived, "All stories: stories per week") == ["week of 2024-06-17: 1", "week of 2024-06-24: 1"]
    assert bars(lived, "China: stories per week") == bars(lived, "All stories: stories per week")
    assert "Artificial intelligence None in these 26 weeks." in said(lived)
    assert bars(lived, "Stories by hour of the day") == ["13:00 to 13:59: 2"]
    sizes = {name: sum(path.stat().st_size for path in lived.feeds.glob(f"{name}.*")) for name in ("china", "ai")}
    shown = dict(row.split(": ") for row in bars(lived, "Bytes of each feed's documents together"))
    assert {name: f"{size / 1000:.1f} kB" for name, size in sizes.items()}.items() <= shown.items()


def test_the_page_stays_untouched_until_it_has_something_to_tell(lived: Mill) -> None:
    def state() -> tuple[int, int, bytes]:
        path = lived.feeds / "status.html"
        return path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()

    first = state()
    for hour in (1, 30, 100):
        assert build(lived, hour) == 0
        assert state() == first
    lived.story("2024-05-01-bad.md", title="")
    assert build(lived, 101) == 1
    second = state()
    assert second != first
    assert build(lived, 102) == 1
    assert state() == second
    listed = json.loads((lived.feeds / "manifest.json").read_bytes())["documents"]["status.html"]
    assert listed["bytes"] == len(second[2])


def test_the_same_history_gives_the_same_page(lived: Mill, tmp_path: Path) -> None:
    other = Mill(tmp_path / "other")
    other.directory.mkdir()
    other.configure(STATUS)
    for path in (lived.directory / "content").iterdir():
        other.write(path.name, path.read_bytes())
    build(other, 0)
    assert (other.feeds / "status.html").read_bytes() == (lived.feeds / "status.html").read_bytes()


def test_problems_are_counted_by_kind_and_drawn_over_time(lived: Mill) -> None:
    assert "None now. There were none since 2024-06-30." in said(lived)
    lived.story("2024-05-01-bad.md", title="")
    lived.story("2024-05-02-bad.md", title="", sumary="x")
    build(lived, 24)
    assert "2 × title (error)" in said(lived)
    assert "1 × unknown-key (warning)" in said(lived)
    [line] = page(lived).xpath("//svg[@aria-label='Problems']/path[contains(@class, 'errors')]/@d")
    assert line.startswith("M34.0 108.0H332.0V12.0")


def test_the_page_gives_away_no_file_no_coming_story_and_no_coming_date(lived: Mill) -> None:
    lived.story("2024-05-01-bad-and-secret.md", title="")
    build(lived, 1)
    text = (lived.feeds / "status.html").read_text()
    for secret in ("Secret", "Withdrawn words", "2024-07-09", "2024-07-08", "12:34", "bad-and-secret", "content/"):
        assert secret not in text, secret


def test_a_site_without_stories_has_a_page_that_says_so(wire: Mill) -> None:
    wire.configure(STATUS)
    wire.story(draft="true")
    assert build(wire, 0) == 0
    assert said(wire).count("No stories yet.") == 2
    assert "none yet" in said(wire)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (2, 2), (3, 4), (5, 10), (11, 20), (21, 40), (4_001, 10_000)]
)
def test_axes_end_at_a_number_that_people_read_easily(most: int, top: int) -> None:
    assert nice_top(most) == top


def numbers(svg: etree._Element, name: str, *, class_: str = "bar") -> list[float]:
    return [float(shape.get(name, "")) for shape in svg.iter("rect") if shape.get("class") == class_]


def test_bars_are_as_high_as_their_numbers_and_keep_inside() -> None:
    svg = bar_plot([Bar("a", 1), Bar("b", 0), Bar("c", 4)], ticks={0: "a"}, top=4, title="T")
    one, four = numbers(svg, "height")
    assert four == pytest.approx(4 * one, abs=0.1)
    assert max(map(sum, zip(numbers(svg, "x"), numbers(svg, "width"), strict=True))) <= 340
    assert [text.text for text in svg.iter("text")] == ["0", "2", "4", "a"]


def test_rows_are_as_long_as_their_numbers_and_long_names_are_cut() -> None:
    svg = row_plot([("x" * 60, "2 B", 2), ("b", "1 B", 1), ("c", "0 B", 0)], title="T")
    assert numbers(svg, "width") == [340, 170, 0]
    assert max(len(text.text or "") for text in svg.iter("text")) == 34
    assert numbers(row_plot([("a", "0 B", 0)], title="T"), "width") == [0]


def test_steps_of_one_moment_are_drawn_all_the_same() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    svg = step_plot([Step(moment, (3, 0))], until=moment, classes=("errors", "warnings"), title="T")
    assert [path.get("d") for path in svg.iter("path")] == ["M34.0 36.0H332", "M34.0 108.0H332"]
