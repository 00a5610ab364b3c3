"""What a survey sees is the same on however many processes it looks."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from feedmill import survey
from feedmill.snapshot import glance
from feedmill.survey import Survey
from tests.conftest import CONFIGURATION, NOW, Mill
from tests.dying import NoForkAfter

PROCESSES = [2, 3, 8]


@pytest.fixture
def site(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> Mill:
    """A site whose folders hold all that folders hold, and which is worth many processes."""
    monkeypatch.setattr(survey, "_PIECE", 3)
    monkeypatch.setattr(survey, "_WORTH_A_FORK", 1)
    for number in range(40):
        wire.story(f"2024/{number % 3}/s{number}.md")
    for number in range(5):
        wire.story(f"bundles/b{number}/index.md")
        wire.write(f"bundles/b{number}/picture.png", b"")
    wire.story("2024/named.md/like-a-story.md")
    wire.story("2024/named.md/below/story.md")
    wire.write("2024/mixed/a.md", b"")
    wire.write("2024/mixed/b.yaml", b"")
    wire.write("2024/mixed/.hidden.md", b"")
    content = wire.directory / "content"
    (content / "empty").mkdir()
    (content / "0").symlink_to("2024/1/s1.md")
    (content / "2024/1/dangling.md").symlink_to("nowhere")
    os.utime(content / "2024/2/s2.md", ns=(-1_000, -1_000))
    return wire


def look(site: Mill, processes: int) -> Survey:
    return Survey(str(site.directory), "content", "feeds", processes=processes)


def handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("processes", PROCESSES)
def test_it_sees_the_same_on_many_processes(site: Mill, processes: int) -> None:
    alone, before = look(site, 1), handles()
    assert alone.told.count(b"s1.md") == 1
    assert b"like-a-story.md" in alone.told
    assert look(site, processes).told == alone.told
    assert handles() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("processes", PROCESSES)
def test_it_sees_an_edit_whichever_process_looks_at_the_file(site: Mill, processes: int) -> None:
    for path in sorted((site.directory / "content").rglob("*.md")):
        if path.is_file() and path.name[0] != ".":
            before = look(site, processes).told
            path.write_bytes(b"Edited.")
            found = str(path.relative_to(site.directory / "content"))
            assert look(site, processes).edited_since(before) == (found,)


def test_all_processes_look_and_this_one_among_them(
    site: Mill, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    honest, note = survey._states, tmp_path / "who"

    def states(folder: str, names: list[str], files_alone: bool = False) -> bytes | None:
        with note.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return honest(folder, names, files_alone)

    monkeypatch.setattr(survey, "_states", states)
    look(site, 3)
    who = note.read_text().split()
    assert len(set(who)) == 3
    assert str(os.getpid()) in who
    assert min(map(who.count, set(who))) > len(who) / 6


@pytest.mark.parametrize("deadly", range(0, 22, 3))
def test_a_process_that_dies_costs_nothing_but_time(site: Mill, monkeypatch: pytest.MonkeyPatch, deadly: int) -> None:
    alone, before = look(site, 1).told, handles()
    honest, parent, count = survey._states, os.getpid(), 0

    def states(folder: str, names: list[str], files_alone: bool = False) -> bytes | None:
        nonlocal count
        count += 1
        if os.getpid() != parent and count > deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(folder, names, files_alone)

    monkeypatch.setattr(survey, "_states", states)
    assert look(site, 3).told == alone
    assert handles() == before


@pytest.mark.parametrize("cut", [1, 50, 97, 98, 200])
def test_what_a_process_told_in_part_is_looked_at_again(site: Mill, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    alone, write, parent = look(site, 1).told, os.write, os.getpid()

    def cut_off(handle: int, text: bytes) -> int:
        if os.getpid() != parent:
            write(handle, bytes(text)[:cut])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(handle, text)

    monkeypatch.setattr(os, "write", cut_off)
    assert look(site, 2).told == alone


@pytest.mark.parametrize("made", [0, 1])
def test_where_no_more_processes_can_be_made_those_there_are_see_all(
    site: Mill, monkeypatch: pytest.MonkeyPatch, made: int
) -> None:
    alone, before = look(site, 1).told, handles()
    forking = NoForkAfter(made)
    monkeypatch.setattr(os, "fork", forking)
    assert look(site, 3).told == alone
    assert forking.asked == made + 1
    assert handles() == before


@pytest.mark.parametrize("processes", [1, *PROCESSES])
def test_a_folder_that_cannot_be_opened_is_told_as_by_one_process(
    site: Mill, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    honest, before = survey._states, handles()

    def states(folder: str, names: list[str], files_alone: bool = False) -> bytes | None:
        if folder.endswith("/bundles/b3"):
            raise PermissionError(errno.EACCES, "Permission denied", folder)
        return honest(folder, names, files_alone)

    monkeypatch.setattr(survey, "_states", states)
    with pytest.raises(PermissionError, match="Permission denied"):
        look(site, processes)
    assert handles() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def settled(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> Mill:
    """A site that was built and has not changed since: at the glance there is nothing to do."""
    monkeypatch.setattr(survey, "_SLACK_NS", -(10**18))
    for number in range(10, 20):
        wire.story(f"2024-05-{number}-s.md", title=str(number))
    assert wire.run("build") == 0
    return wire


@contextmanager
def after_the_survey(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> Iterator[None]:
    """Let something change once a build has looked around, before it reads."""
    look_around = Survey.__init__
    time.sleep(0.02)  # so that the clock of the file system has moved on

    def meanwhile(self: Survey, *arguments: Any, **options: Any) -> None:
        look_around(self, *arguments, **options)
        change()

    with monkeypatch.context() as patched:
        patched.setattr(Survey, "__init__", meanwhile)
        yield


def test_a_story_that_comes_after_the_survey_and_is_gone_by_the_next_one_does_not_stay(
    settled: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.configure(CONFIGURATION + "content: {on_missing: drop}\n")
    assert settled.run("build") == 0
    settled.story("2024-05-20-new.md", title="New")
    with after_the_survey(monkeypatch, lambda: settled.story("2024-05-21-late.md", title="Late")):
        assert settled.run("build") == 0
    assert "Late" in (settled.feeds / "all.atom").read_text("utf-8")
    (settled.directory / "content" / "2024-05-21-late.md").unlink()
    assert settled.run("build") == 0
    assert "Late" not in (settled.feeds / "all.atom").read_text("utf-8")
    assert "New" in (settled.feeds / "all.atom").read_text("utf-8")


def test_a_file_that_is_only_told_of_as_broken_does_not_stay_either(
    settled: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.story("2024-05-20-new.md", title="New")
    link = settled.directory / "content" / "2024-05-21-link.md"
    with after_the_survey(monkeypatch, lambda: link.symlink_to("nowhere")):
        assert settled.run("build") == 1
    link.unlink()
    assert settled.run("build") == 0


def test_a_folder_that_goes_after_the_survey_and_is_back_by_the_next_one_is_there(
    settled: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.configure(CONFIGURATION + "content: {on_missing: drop}\n")
    settled.story("below/2024-05-20-below.md", title="Below")
    assert settled.run("build") == 0
    settled.story("2024-05-21-new.md", title="New")
    below, away = settled.directory / "content" / "below", settled.directory / "away"
    with after_the_survey(monkeypatch, lambda: below.rename(away)):
        assert settled.run("build") == 0
    assert "Below" not in (settled.feeds / "all.atom").read_text("utf-8")
    away.rename(below)
    assert settled.run("build") == 0
    assert "Below" in (settled.feeds / "all.atom").read_text("utf-8")


def forks_at_a_glance(site: Mill, monkeypatch: pytest.MonkeyPatch) -> int:
    honest, forks = os.fork, 0

    def fork() -> int:
        nonlocal forks
        forks += 1
        return honest()

    with monkeypatch.context() as patched:
        patched.setattr(os, "fork", fork)
        assert glance(str(site.directory), f"{NOW:%Y-%m-%dT%H:%M:%SZ}")[0] == 0
    return forks


def test_the_glance_at_a_small_site_takes_no_second_process(settled: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedmill.snapshot.processors", lambda: 4)
    assert forks_at_a_glance(settled, monkeypatch) == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_glance_takes_as_many_processes_as_there_are_processors(
    settled: Mill, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(survey, "_WORTH_A_FORK", 3)
    monkeypatch.setattr("feedmill.snapshot.processors", lambda: count)
    assert forks_at_a_glance(settled, monkeypatch) == count - 1
