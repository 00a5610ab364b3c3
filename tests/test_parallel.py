"""Work spread over processes gives what one process gives."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from feedmill import parallel
from feedmill.parallel import spread
from tests.conftest import Mill
from tests.dying import NoForkAfter


def double(number: int) -> bytes:
    return str(number * 2).encode()


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 50])
def test_results_come_in_the_order_of_their_items(processes: int, count: int) -> None:
    assert list(spread(double, range(count), processes)) == [double(number) for number in range(count)]


@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.parametrize("count", [20, 50])
def test_a_process_that_is_busy_with_the_results_takes_fewer_items(processes: int, count: int) -> None:
    def work(number: int) -> bytes:
        time.sleep(0.002)
        return double(number) + b" %d" % os.getpid()

    made = []
    for each in spread(work, range(count), processes):
        made.append(each)
        time.sleep(0.004)
    assert [each.split()[0] for each in made] == [double(number) for number in range(count)]
    assert sum(each.endswith(b" %d" % os.getpid()) for each in made) < count / processes


@pytest.mark.parametrize("processes", [2, 4])
def test_an_item_is_worked_on_by_the_process_that_has_its_lane(processes: int) -> None:
    def lane(number: int) -> int | None:
        return None if number % 3 == 2 else number % 3 + 2 * (number // 3)

    made = list(spread(lambda number: b"%d %d" % (number, os.getpid()), range(60), processes, lane))
    assert [int(each.split()[0]) for each in made] == list(range(60))
    by_lane: dict[int, set[int]] = {}
    for each in made:
        number, process = map(int, each.split())
        own = lane(number)
        if own is not None:
            by_lane.setdefault(own % processes, set()).add(process)
    assert {len(processes) for processes in by_lane.values()} == {1}
    assert len(set().union(*by_lane.values())) == processes
    assert by_lane[0] == {os.getpid()}


def test_more_items_than_a_pipe_has_room_for_are_all_worked_on() -> None:
    assert list(spread(double, range(30_001), 3)) == [double(number) for number in range(30_001)]


def test_results_larger_than_any_pipe_come_whole() -> None:
    def work(number: int) -> bytes:
        return b"%d" % number * 3_000_000

    assert list(spread(work, range(8), 2)) == [work(number) for number in range(8)]


def test_results_that_are_empty_come_too() -> None:
    assert list(spread(lambda number: b"" if number % 3 else double(number), range(50), 3)) == [
        b"" if number % 3 else double(number) for number in range(50)
    ]


def test_no_more_is_held_than_a_little_while_one_item_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_MOST_HELD", 1_000_000)

    def work(number: int) -> bytes:
        if number == 1:
            time.sleep(0.5)
        return b"%d " % number + b"." * 200_000

    tracemalloc.start()
    try:
        for number, made in enumerate(spread(work, range(300), 3, lambda number: 1 if number == 1 else None)):
            assert made.startswith(b"%d " % number)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000, "of 60 MB in all"
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("room", [1, 1_000, 1 << 20])
@pytest.mark.parametrize("seed", range(12))
def test_children_that_die_cost_nothing_but_time_however_little_room_there_is(
    monkeypatch: pytest.MonkeyPatch, room: int, seed: int
) -> None:
    monkeypatch.setattr(parallel, "_MOST_HELD", room)
    chance, parent = random.Random(seed), os.getpid()
    count, processes = chance.randrange(150), chance.choice([2, 3, 8])
    lanes = chance.choice([0, 1, 2])
    deadly = {chance.randrange(count + 1) for _ in range(chance.randrange(6))}

    def work(number: int) -> bytes:
        if os.getpid() != parent and number in deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return double(number) * (number % 7)

    def lane(number: int) -> int | None:
        return number % lanes if lanes and number % 3 else None

    handles = len(list(Path("/proc/self/fd").iterdir()))
    assert list(spread(work, range(count), processes, lane)) == [double(n) * (n % 7) for n in range(count)]
    assert len(list(Path("/proc/self/fd").iterdir())) == handles


@pytest.mark.parametrize("made", [0, 1, 2])
def test_where_no_more_processes_can_be_made_those_there_are_do_all(monkeypatch: pytest.MonkeyPatch, made: int) -> None:
    monkeypatch.setattr(os, "fork", NoForkAfter(made))
    handles = len(list(Path("/proc/self/fd").iterdir()))
    assert list(spread(double, range(60), 4, lambda number: number % 4)) == [double(number) for number in range(60)]
    assert len(list(Path("/proc/self/fd").iterdir())) == handles


def test_children_end_with_what_is_wanted_of_them() -> None:
    def work(_number: int) -> bytes:
        return str(os.getpid()).encode()

    made = spread(work, range(4000), 2)
    child = next(int(each) for each in made if int(each) != os.getpid())
    made.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_children_take_their_share() -> None:
    def work(_number: int) -> bytes:
        time.sleep(0.005)
        return str(os.getpid()).encode()

    made = list(spread(work, range(20), 2))
    assert len(set(made)) == 2
    assert str(os.getpid()).encode() in made


def test_what_a_killed_child_did_not_do_is_done_here() -> None:
    parent = os.getpid()

    def work(number: int) -> bytes:
        if os.getpid() != parent and number > 7:
            os.kill(os.getpid(), signal.SIGKILL)
        return double(number)

    assert list(spread(work, range(40), 2)) == [double(number) for number in range(40)]


def test_a_signal_makes_no_second_parent_of_a_child_that_has_just_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    def fork() -> int:
        pid = honest()
        if not pid:
            os.kill(os.getpid(), signal.SIGTERM)
        return pid

    honest, parent = os.fork, os.getpid()
    monkeypatch.setattr(os, "fork", fork)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        made = list(spread(double, range(40), 3))
    except Stopped:
        if os.getpid() != parent:
            (tmp_path / "second").touch()
            os._exit(0)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
    assert made == [double(number) for number in range(40)]
    assert not (tmp_path / "second").exists()


def test_an_error_in_a_child_is_raised_here() -> None:
    def work(number: int) -> bytes:
        if number == 13:
            raise ValueError(str(number))
        return double(number)

    with pytest.raises(ValueError, match="13"):
        list(spread(work, range(40), 2))


def test_a_build_on_many_processors_equals_that_of_one(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    topics = "".join(f"  t{number}: {{title: T{number}}}\n" for number in range(20))
    wire.configure(
        "site: {title: Wire, url: 'https://wire.example/', id_authority: 'wire.example,2024'}\ntopics:\n" + topics
    )
    for number in range(600):
        broken = "[" if number % 97 == 5 else f"Story {number}"
        wire.story(f"2024-05-01-s{number}.md", title=broken, topics=f"[t{number % 20}, t{number % 7}]", body="Words.\n")
    made, problems = [], []
    for count in (1, 3):
        wire.forget()
        monkeypatch.setattr("feedmill.gathering.directory.processors", lambda count=count: count)
        monkeypatch.setattr("feedmill.pipeline.processors", lambda count=count: count)
        problems.append(wire.build().contents.problems)
        made.append({path.name: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()})
    assert made[0] == made[1]
    assert problems[0] == problems[1] != ()


@pytest.mark.parametrize(("length", "processes"), [(0, 2), (300_000, 2), (300_000, 4)])
def test_children_end_soon_after_a_parent_that_was_killed(tmp_path: Path, length: int, processes: int) -> None:
    """What they hold of it, the lock of runs among that, is free then."""
    program = (
        "import fcntl, os, signal, sys, time\n"
        "from feedmill.parallel import spread\n"
        "lock = open(sys.argv[1], 'w')\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "parent = os.getpid()\n"
        "def work(number):\n"
        "    if os.getpid() == parent:\n"
        "        time.sleep(1)  # by then children wait for room for their results\n"
        "        os.kill(parent, signal.SIGKILL)\n"
        "    time.sleep(0.1)\n"
        f"    return b'.' * {length}\n"
        f"list(spread(work, range(400), {processes}))\n"
    )
    lock = tmp_path / "lock"
    done = subprocess.run([sys.executable, "-c", program, str(lock)], check=False)
    assert done.returncode == -signal.SIGKILL
    with lock.open("r+") as again:
        deadline = time.monotonic() + 5
        while True:
            try:
                fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
