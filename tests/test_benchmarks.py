"""What `make bench` stands on: stories that are the same everywhere, feeds that are checked, costs that are counted."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from lxml import etree

from benchmarks.checking import FeedsFallShortError, check_feeds, read_bodies
from benchmarks.measuring import CASES, EDITED, Figure, run
from benchmarks.peers import feedmill
from benchmarks.plotting import draw
from benchmarks.results import Results, Setting, Sized
from benchmarks.stories import EMBARGOED, LATER, NOW, Newest, feed_names, story_path, write_site
from benchmarks.telling import BEGIN, END, in_document, table
from feedmill.cli import main
from tests.parts import require

COUNT = 60
PLACES = feedmill(Path("feedmill")).feeds
PEERS = ("Feedmill", "Hugo")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Newest]:
    """A generated site, built before its embargo is over, and what its feeds must show."""
    site = tmp_path_factory.mktemp("bench") / "site"
    newest = write_site(site, COUNT, archive=False)
    assert main(["-C", str(site), "build", "--now", NOW]) == 0
    return site, newest


@pytest.fixture
def built(generated: tuple[Path, Newest], tmp_path: Path) -> tuple[Path, Newest]:
    """A copy of it to change."""
    site, newest = generated
    shutil.copytree(site, tmp_path / "site")
    return tmp_path / "site", newest


def check(built: tuple[Path, Newest], *, embargoed: bool = True, edited: str = "") -> None:
    site, newest = built
    check_feeds(site, PLACES, newest, embargoed=embargoed, edited=(EDITED, edited))


def test_stories_are_the_same_every_time(generated: tuple[Path, Newest], tmp_path: Path) -> None:
    site, _ = generated
    write_site(tmp_path / "again", COUNT)
    stories = sorted((site / "content").rglob("*.md"))
    assert len(stories) == COUNT
    for path in stories:
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(site)).read_bytes()


def test_stories_have_400_to_900_words_ten_keys_links_and_other_letters_than_ascii(
    generated: tuple[Path, Newest],
) -> None:
    site, newest = generated
    lengths = [told.words for told in newest.of("all", embargoed=False)]
    assert min(lengths) >= 400 and max(lengths) <= 900 and max(lengths) - min(lengths) > 300
    _, head, body = story_path(site, EDITED).read_text("utf-8").split("---\n")
    assert head.count("\n") == 10
    assert "](../" in body and "![A chart](chart-7.png)" in body and not body.isascii()


def test_feedmills_feeds_of_generated_stories_hold_the_newest_in_full(generated: tuple[Path, Newest]) -> None:
    site, newest = generated
    assert len(feed_names()) == 41
    assert len(newest.of("all", embargoed=True)) == 50
    assert EMBARGOED not in read_bodies(site / "feeds" / "all.rss")
    check(generated)
    with pytest.raises(FeedsFallShortError, match=r"missing \[0\]"):
        check(generated, embargoed=False)


def test_an_edit_and_an_embargo_that_is_over_are_seen(built: tuple[Path, Newest]) -> None:
    site, _ = built
    with story_path(site, EDITED).open("a", encoding="utf-8") as story:
        story.write("\nEdited 1 times.\n")
    with pytest.raises(FeedsFallShortError, match="not as edited"):
        check(built, edited="Edited 1 times.")
    assert main(["-C", str(site), "build", "--now", LATER]) == 0
    check(built, embargoed=False, edited="Edited 1 times.")


@pytest.mark.parametrize("extension", ["atom", "rss", "json"])
@pytest.mark.parametrize(
    ("before", "after"),
    [("Story 9 ends here.", "…"), ("Story 9 begins", ""), (" policy ", " ")],
    ids=["end cut off", "beginning cut off", "words left out"],
)
def test_a_body_that_is_not_whole_is_found(built: tuple[Path, Newest], extension: str, before: str, after: str) -> None:
    site, _ = built
    feed = site / "feeds" / f"all.{extension}"
    text = feed.read_text("utf-8")
    assert before in text
    feed.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(FeedsFallShortError, match="not whole"):
        check(built)


def test_memory_of_all_processes_and_time_of_ended_ones_are_counted(tmp_path: Path) -> None:
    require(sys.platform == "linux" and Path("/proc/self/smaps_rollup").exists(), "the kernel's account of memory")
    child = "import time; held = b'x' * 40_000_000; time.sleep(0.4)"
    both = f"import subprocess, sys; held = b'x' * 40_000_000; subprocess.run([sys.executable, '-c', {child!r}])"
    assert run([sys.executable, "-c", both], tmp_path, sample=True).memory > 80
    busy = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'for _ in range(5_000_000): pass'])"
    cost = run([sys.executable, "-c", busy], tmp_path, sample=False)
    assert 0 < cost.processor <= cost.wall * 2
    with pytest.raises(RuntimeError, match="exit code 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, sample=False)


def results() -> Results:
    def sized(count: int) -> Sized:
        figures = [Figure(case, peer, count / 1e4, count / 2e4, 100, 3) for case in CASES for peer in PEERS]
        return Sized(count, "2024-07-01", 0.25, figures[:-1])

    return Results(Setting("3.11", {"feedmill": "1", "hugo": "2"}, "A processor", 2), [sized(1_000), sized(10_000)])


def test_the_tables_go_between_the_markers_as_often_as_they_are_written() -> None:
    once = in_document(f"before\n\n{BEGIN}\n{END}\n\nafter\n", results())
    assert once.startswith("before\n") and once.endswith("\nafter\n")
    assert "| cold | Feedmill | 1.00 s | 1.000 | 0.500 s | 1.000 | 100 MB | 1.000 |" in once
    assert "| nothing changed | ×10.0 | ×10.0 | ×1.0 |" in once
    assert in_document(once, results()) == once
    assert "–" in table(results().sizes[0]).splitlines()[-2]
    assert "Other work had 25% of the processors" in once


def test_the_plot_has_a_dot_for_each_figure() -> None:
    plot = etree.fromstring(draw(results()).encode())
    assert len(plot.findall(".//{*}circle")) == len(CASES) * 2
    assert "http" not in "".join(str(text) for text in plot.itertext())


def test_results_come_back_from_their_file_and_take_the_place_of_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert Results.read(path) is None
    told = results()
    told.write(path)
    assert Results.read(path) == told
    fewer = Results(told.setting, told.sizes[1:])
    assert fewer.with_earlier(told) == told
    elsewhere = Setting("3.12", told.setting.versions, told.setting.processor, told.setting.cores)
    assert Results(elsewhere, fewer.sizes).with_earlier(told).sizes == fewer.sizes
