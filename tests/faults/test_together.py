"""Two builds at once, and builds while others read and write: no reader sees a torn, empty or missing document."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from dataclasses import dataclass, field

from feedmill.running.open_site import record_of
from tests.conftest import CONFIGURATION, Mill
from tests.faults.tools import Versions, build, command, documents, restore, versions
from tests.parts import count


def test_two_builds_at_once_do_the_work_once_and_one_leaves(wire: Mill) -> None:
    made = versions(wire)
    codes = set()
    for _ in range(count(5, 100)):
        restore(made)
        pair = [
            subprocess.Popen(command(wire, "--all-problems"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=60) for process in pair]
        ends = sorted(process.returncode for process in pair)
        codes.add(tuple(ends))
        assert ends in ([0, 4], [0, 0]), said
        if ends == [0, 4]:
            assert "another run is at work here" in "".join(err for _, err in said)
        assert documents(wire.feeds) == made.new
    assert (0, 4) in codes


def test_builds_that_wait_all_do_their_work_one_after_another(wire: Mill) -> None:
    made = versions(wire)
    before = len(record_of(wire.directory).runs)
    restore(made)
    crowd = [
        subprocess.Popen(command(wire, "--wait", "60"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(count(4, 20))
    ]
    assert [process.communicate(timeout=120) for process in crowd] == [(b"", b"")] * len(crowd)
    assert {process.returncode for process in crowd} == {0}
    assert documents(wire.feeds) == made.new
    assert len(record_of(wire.directory).runs) == before + len(crowd), "no run's record was lost"


def without_serial(content: bytes) -> bytes:
    """Return a document without the number of publications: old and new are published in turn."""
    return re.sub(rb' "serial": [0-9]+,\n', b"", content)


@dataclass
class Reader(threading.Thread):
    """Reads every document that both versions have, over and over, as a web server would."""

    made: Versions
    until: threading.Event
    reads: int = 0
    torn: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.until.is_set():
            for path in self.made.old.keys() & self.made.new.keys():
                try:
                    content = (self.made.wire.feeds / path).read_bytes()
                except OSError as error:
                    self.torn.append(f"{path}: {error}")
                    continue
                self.reads += 1
                if without_serial(content) not in map(without_serial, (self.made.old[path], self.made.new[path])):
                    self.torn.append(f"{path}: {len(content)} bytes of neither version")


def test_readers_in_a_loop_never_see_a_torn_empty_or_missing_document(wire: Mill) -> None:
    made = versions(wire)
    until = threading.Event()
    reader = Reader(made, until)
    reader.start()
    began, builds = time.monotonic(), 0
    try:
        while builds < 4 or time.monotonic() - began < count(2, 60) or reader.reads < count(1_000, 10_000):
            made.write("new" if builds % 2 else "old")
            assert build(wire).returncode == 0
            builds += 1
    finally:
        until.set()
        reader.join()
    assert builds >= 4
    assert reader.reads >= count(1_000, 10_000)
    assert reader.torn == []


class Writer(threading.Thread):
    """Changes stories without a pause: writes them in place and by rename, deletes them, adds and removes folders."""

    def __init__(self, wire: Mill, until: threading.Event) -> None:
        super().__init__()
        self.wire, self.until, self.turns = wire, until, 0

    def story(self, title: str) -> str:
        """A long story under a title of its own, which changes at every turn."""
        return f"---\ntitle: {title} {self.turns}\ndate: 2024-05-01\ntopics: [china]\n---\n" + f"{title}. " * 3_000

    def run(self) -> None:
        while not self.until.is_set():
            self.turns += 1
            self.wire.write("written-in-place.md", self.story("Turn"))
            beside = self.wire.write(".beside", self.story("Renamed"))
            beside.replace(beside.with_name("renamed.md"))
            gone = self.wire.write(f"folder{self.turns % 3}/gone.md", self.story("Gone"))
            time.sleep(0.001)
            gone.unlink()
            gone.parent.rmdir()


def test_content_that_changes_under_the_build_breaks_nothing(wire: Mill) -> None:
    wire.configure("content: {on_missing: drop}\nbrake: {lost: 100, shown_again: 99}\n" + CONFIGURATION)
    wire.story("2024-05-02-steady.md", topics="[china]")
    until = threading.Event()
    writer = Writer(wire, until)
    writer.start()
    try:
        for _ in range(count(8, 200)):
            done = build(wire, "--all-problems")
            assert done.returncode in (0, 1), done.stderr
            assert "Traceback" not in done.stderr
            # A story that is caught half-written, or on its way to another folder, is told of; no other is.
            assert all(
                line.startswith(("content/written-in-place.md", "and ")) or "/gone.md: " in line
                for line in done.stderr.splitlines()
            ), done.stderr
            assert "2024-05-02-steady" not in done.stderr
            assert "steady" in (wire.feeds / "china.atom").read_text("utf-8")
    finally:
        until.set()
        writer.join()
    assert writer.turns > 20
    assert build(wire).returncode == 0
    found = documents(wire.feeds)
    assert f"Turn {writer.turns}" in found["china.atom"].decode()
