"""build --watch: as a process, on a site that is edited."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

import pytest

from feedmill.commands.build_command import add_arguments, run
from feedmill.errors import Stopped
from feedmill.operations.logs import Log
from feedmill.running.outcome import Again, RunContext
from feedmill.running.watching import _wait as watching_waits
from tests.conftest import CONFIGURATION, NOW, Mill, no_progress
from tests.dying import hear_signals

_DEADLINE = 15.0


class Watching:
    """A build that watches, and what it has said."""

    def __init__(self, wire: Mill, tmp_path: Path, *options: str) -> None:
        self.wire = wire
        self.out, self.err = tmp_path / "out", tmp_path / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "feedmill", "-C", str(wire.directory), "build", "--watch", *options],
                stdout=out,
                stderr=err,
                preexec_fn=hear_signals,
            )

    @property
    def builds(self) -> int:
        """How many builds it has told of."""
        return len(re.findall(r"^\d\d:\d\d:\d\dZ  ", self.out.read_text("utf-8"), re.MULTILINE))

    def until(self, is_so: Callable[[], bool]) -> float:
        """Wait until something is so, and return how many seconds that took."""
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() - began < _DEADLINE, (self.out.read_text("utf-8"), self.err.read_text("utf-8"))
            assert self.process.poll() is None, self.err.read_text("utf-8")
            time.sleep(0.02)
        return time.monotonic() - began

    def shows(self, text: str, feed: str = "all.atom") -> bool:
        path = self.wire.feeds / feed
        return path.exists() and text in path.read_text("utf-8")

    def says(self, text: str) -> Callable[[], bool]:
        return lambda: text in self.out.read_text("utf-8") + self.err.read_text("utf-8")


@pytest.fixture
def watching(wire: Mill, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    wire.story("2024-05-01-first.md", title="First", topics="[china]")
    made = Watching(wire, tmp_path_factory.mktemp("said"))
    try:
        made.until(lambda: made.builds == 1)
        yield made
    finally:
        made.process.kill()
        made.process.wait()


def test_saves_are_built_and_told_and_what_is_broken_stops_nothing(watching: Watching) -> None:
    wire = watching.wire
    assert watching.shows("First")
    wire.story("2024-05-01-first.md", title="Edited", topics="[china]")
    took = watching.until(lambda: watching.shows("Edited"))
    assert took < 5, "within a second, on a machine that has nothing else to do"
    watching.until(watching.says("changed: Edited (all, china)"))
    second = wire.story("2024-05-02-second.md", title="Second", topics="[ai]")
    watching.until(watching.says("new: Second (all, ai)"))
    broken = wire.write("2024-05-03-broken.md", "---\ntitle: [\n---\nWords.\n")
    watching.until(watching.says("2024-05-03-broken.md:3:1: error: yaml-syntax"))
    broken.unlink()
    watching.until(watching.says("1 problem corrected"))
    wire.configure(CONFIGURATION + "topcs: {}\n")
    watching.until(watching.says("did you mean 'topics'?"))
    assert watching.shows("Second"), "the feeds stay as they are"
    wire.configure(CONFIGURATION.replace("Test Wire", "Another Wire"))
    watching.until(lambda: watching.shows("Another Wire"))
    second.unlink()
    watching.until(watching.says("2024-05-02-second.md: error: story-missing"))


def test_a_template_that_is_saved_makes_the_pages_anew(watching: Watching) -> None:
    looks = watching.wire.directory / "looks"
    looks.mkdir()
    (looks / "what.html").write_text("<p>one</p>")
    watching.wire.configure(CONFIGURATION.replace("  timezone", "  templates: looks\n  timezone"))
    watching.until(lambda: watching.shows("<p>one</p>", "china.html"))
    (looks / "what.html").write_text("<p>two</p>")
    watching.until(lambda: watching.shows("<p>two</p>", "china.html"))
    (looks / "what.html").write_text("<p>{{")
    watching.until(watching.says("looks/what.html:1:1: warning: template"))


def test_its_own_writing_and_what_editors_leave_are_no_saves(watching: Watching) -> None:
    content = watching.wire.directory / "content"
    watching.wire.story("2024-05-02-second.md", title="Second")
    watching.until(lambda: watching.builds == 2)
    for name in (".2024-05-02-second.md.swp", "4913", "2024-05-02-second.md~", ".#second.md", "#second.md#", "x.tmp"):
        (content / name).write_text("x")
    (watching.wire.directory / "notes.txt").write_text("x")
    time.sleep(1.2)
    assert watching.builds == 2


def test_what_time_alone_changes_is_built_at_its_time(watching: Watching) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=3)
    watching.wire.story("2024-05-02-held.md", title="Held", embargo=f"'{soon:%Y-%m-%dT%H:%M:%SZ}'")
    watching.until(lambda: watching.builds == 2)
    assert not watching.shows("Held")
    watching.until(lambda: watching.shows("Held"))
    assert datetime.now(UTC) >= soon - timedelta(seconds=1)


def test_content_that_comes_and_goes_and_a_lock_that_another_run_holds_are_waited_for(watching: Watching) -> None:
    content = watching.wire.directory / "content"
    content.rename(watching.wire.directory / "away")
    watching.until(watching.says("there is no content directory here"))
    (watching.wire.directory / "away").rename(content)
    watching.until(lambda: watching.builds == 2)
    watching.wire.story("2024-05-02-second.md", title="Second")
    watching.until(lambda: watching.shows("Second"))
    with (watching.wire.directory / ".feedmill" / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        watching.wire.story("2024-05-03-third.md", title="Third")
        watching.until(watching.says("another run is at work here"))
    watching.until(lambda: watching.shows("Third"))


def test_stories_in_folders_that_are_new_and_content_that_is_a_link_to_elsewhere_are_seen(watching: Watching) -> None:
    wire, content = watching.wire, watching.wire.directory / "content"
    wire.story("2024-05/02-second.md", title="Second", date="2024-05-02")
    watching.until(lambda: watching.shows("Second"))
    wire.story("2024-05/02-second.md", title="Edited", date="2024-05-02")
    watching.until(lambda: watching.shows("Edited"))
    other = wire.directory / "other"
    shutil.copytree(content, other)
    (other / "2024-05-03-third.md").write_text("---\ntitle: Third\n---\nWords.\n", "utf-8")
    content.rename(wire.directory / "away")
    watching.until(watching.says("there is no content directory here"))
    content.symlink_to(other)
    watching.until(lambda: watching.shows("Third"))
    again = wire.directory / "again"
    shutil.copytree(other, again)
    (again / "2024-05-03-third.md").write_text("---\ntitle: Third, again\n---\nWords.\n", "utf-8")
    link = wire.directory / "new"
    link.symlink_to(again)
    link.replace(content)
    watching.until(lambda: watching.shows("Third, again"))
    (again / "2024-05-03-third.md").write_text("---\ntitle: Third, at last\n---\nWords.\n", "utf-8")
    watching.until(lambda: watching.shows("Third, at last"))


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_what_others_record_meanwhile_is_known_to_the_next_build(watching: Watching, journal: str) -> None:
    wire = watching.wire
    # As what copies a database while it is in use does: it holds on to it, so that transactions stay in the log.
    with closing(sqlite3.connect(wire.directory / ".feedmill" / "ledger.sqlite3")) as held:
        held.execute(f"PRAGMA journal_mode={journal}").fetchall()
        held.execute("SELECT * FROM about").fetchall()
        withdraw_meanwhile(watching)


def withdraw_meanwhile(watching: Watching) -> None:
    wire = watching.wire
    wire.story("2024-05-02-second.md", title="Second")
    watching.until(lambda: watching.shows("Second"))
    watching.until(lambda: watching.builds == 2)
    command = [sys.executable, "-m", "feedmill", "-C", str(wire.directory), "withdraw", "content/2024-05-01-first.md"]
    subprocess.run([*command, "--reason", "Wrong."], check=True, capture_output=True)
    wire.story("2024-05-03-third.md", title="Third")
    watching.until(lambda: watching.shows("Third"))
    assert watching.shows("This story was withdrawn on ")
    assert not watching.shows("First")


def test_a_time_that_comes_while_the_configuration_is_broken_makes_no_noise(watching: Watching) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    watching.wire.story("2024-05-02-held.md", title="Held", embargo=f"'{soon:%Y-%m-%dT%H:%M:%SZ}'")
    watching.until(lambda: watching.builds == 2)
    watching.wire.configure(CONFIGURATION + "topcs: {}\n")
    watching.until(watching.says("topcs"))
    time.sleep(2.5)
    assert watching.err.read_text("utf-8").count("topcs") == 1
    watching.wire.configure(CONFIGURATION)
    watching.until(lambda: watching.shows("Held"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_at_once_and_hup_only_makes_it_look_again(
    watching: Watching, number: signal.Signals, code: int
) -> None:
    watching.process.send_signal(signal.SIGHUP)
    watching.until(lambda: watching.builds == 2)
    began = time.monotonic()
    watching.process.send_signal(number)
    assert watching.process.wait(timeout=_DEADLINE) == code
    assert time.monotonic() - began < 5
    assert watching.err.read_text("utf-8") == f"feedmill: stopped by {number.name}; the feeds are whole\n"


def test_programs_get_a_line_a_build(wire: Mill, tmp_path_factory: pytest.TempPathFactory) -> None:
    wire.story("2024-05-01-first.md", title="First")
    watching = Watching(wire, tmp_path_factory.mktemp("said"), "--json")
    try:
        watching.until(lambda: watching.out.read_bytes().count(b"\n") == 1)
        wire.story("2024-05-02-second.md", title="Second")
        watching.until(lambda: watching.out.read_bytes().count(b"\n") == 2)
    finally:
        watching.process.kill()
        watching.process.wait()
    first, second = map(json.loads, watching.out.read_text("utf-8").splitlines())
    assert (first["stories"]["found"], second["stories"]["found"]) == (1, 2)


class Ears:
    """Stands in for watchfiles: hears of a place what a test says of it, and knows where it was told to listen."""

    def __init__(self) -> None:
        self.places: list[Path] = []
        self._said: dict[Path, SimpleQueue[str]] = {}

    def watch(self, place: Path, *, stop_event: Event, **_options: object) -> Iterator[set[str]]:
        said = self._said[place] = SimpleQueue()
        self.places.append(place)
        while not stop_event.is_set():
            with suppress(Empty):
                yield {said.get(timeout=0.01)}

    def say(self, place: Path) -> None:
        self._said[place].put("something")


class Listening:
    """A build that watches in this process. Before it waits, each time, the next of some steps is made."""

    def __init__(self, wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wire, self.ears = wire, Ears()
        self.said: list[str] = []
        self.listened: list[int] = []
        self._monkeypatch = monkeypatch

    def run(self, *steps: Callable[[], object]) -> None:
        waiting = iter(steps)

        def wait(*arguments: Any) -> bool:
            self.listened.append(len(self.ears.places))
            step = next(waiting, None)
            if step is None:
                raise Stopped(signal.SIGTERM)
            step()
            return watching_waits(*arguments)

        log = Log("run", clock=lambda: NOW, format_=None, write=lambda _line, _level: None)
        again = Again(
            lambda: NOW,
            lambda outcome: self.said.extend(outcome.lines),
            lambda e: self.said.append(str(e)),
            self.context,
        )
        self._context = RunContext(self.wire.directory, NOW, no_progress, lambda: 0.0, log, again=again)
        parser = ArgumentParser()
        add_arguments(parser)
        before = signal.getsignal(signal.SIGHUP)

        def give_up(_number: int, _frame: object) -> None:
            raise AssertionError("it waits for something that does not come")

        asleep = signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, _DEADLINE)
        try:
            with self._monkeypatch.context() as patched:
                patched.setattr("watchfiles.watch", self.ears.watch)
                patched.setattr("feedmill.running.watching._wait", wait)
                with pytest.raises(Stopped):
                    run(
                        Namespace(**{**vars(parser.parse_args(["--watch"])), "now": None, "json": False}), self._context
                    )
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, asleep)
            signal.signal(signal.SIGHUP, before)

    def context(self) -> RunContext:
        return self._context


@pytest.fixture
def listening(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> Listening:
    wire.story("2024-05-01-first.md", title="First")
    return Listening(wire, monkeypatch)


def test_after_a_save_in_content_the_same_is_watched_and_after_one_of_what_configures_it_anew(
    listening: Listening,
) -> None:
    here, content = listening.wire.directory, listening.wire.directory / "content"
    hang_up = partial(os.kill, os.getpid(), signal.SIGHUP)
    listening.run(
        lambda: listening.ears.say(content),
        lambda: listening.ears.say(here),
        lambda: listening.ears.say(content),
        hang_up,
    )
    assert listening.ears.places == [here, content] * 3
    assert listening.listened == [2, 2, 4, 4, 6]


def test_where_content_lies_is_looked_at_whenever_something_is_heard(listening: Listening) -> None:
    here = listening.wire.directory
    (here / "r1").mkdir()
    (here / "content").rename(here / "r1" / "content")
    (here / "current").symlink_to("r1")
    listening.wire.configure(CONFIGURATION + "content: {path: current/content}\n")

    def release() -> None:
        (here / "r2" / "content").mkdir(parents=True)
        listening.wire.configure(CONFIGURATION + "content: {path: current/content}\n")
        (here / "r2" / "content" / "2024-05-02-second.md").write_text("---\ntitle: Second\n---\nWords.\n")
        (here / "r2" / "content" / "2024-05-01-first.md").write_text("---\ntitle: First\n---\nWords.\n")
        (here / "new").symlink_to("r2")
        (here / "new").replace(here / "current")
        listening.ears.say(here / "r1" / "content")

    listening.run(release)
    assert here / "r2" / "content" in listening.ears.places
    assert "Second" in (listening.wire.feeds / "all.atom").read_text("utf-8")


def test_what_could_not_be_read_is_watched_anew(listening: Listening) -> None:
    content = listening.wire.directory / "content"
    (content / "2024-05-02-second.md").symlink_to("2024-05-02-second.md")  # which nobody can read
    listening.run(lambda: listening.ears.say(content), lambda: listening.ears.say(content))
    assert listening.listened == [2, 4, 6]


def test_content_that_is_a_link_to_itself_is_no_fault(listening: Listening) -> None:
    content = listening.wire.directory / "content"
    shutil.rmtree(content)
    content.symlink_to("content")
    listening.run()
    [said] = listening.said
    assert "there is no content directory here" in said


def test_a_moment_that_is_not_the_present_is_refused(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert wire.run("build", "--watch") == 2
    assert capsys.readouterr().err == "feedmill: --watch goes with the present time; leave out --now\n"


def test_without_watchfiles_it_says_what_to_install(
    wire: Mill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from feedmill.cli import main

    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["-C", str(wire.directory), "build", "--watch"]) == 2
    assert "pip install 'feedmill[watch]'" in capsys.readouterr().err
