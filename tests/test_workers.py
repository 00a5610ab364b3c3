"""Work spread over processes gives what one process gives, and costs a story that goes wrong itself alone."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from feedmill import workers
from feedmill.errors import Unreadable
from feedmill.workers import Failure, Workers
from tests.conftest import Mill
from tests.dying import NoForkAfter

MANY = list(range(100))


def double(factor: int, number: int) -> int:
    return factor * number


def results(work: Any, items: Sequence[int] = MANY, processes: int = 2, **more: Any) -> list[Any]:
    """Return what is made of items, in order, and see that each comes with its own."""
    found = list(Workers(2, processes).each(work, items, **more))
    assert [item for item, _ in found] == list(items)
    return [result for _, result in found]


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 500])
def test_results_come_in_the_order_of_their_items(processes: int, count: int) -> None:
    assert results(double, range(count), processes) == [2 * number for number in range(count)]


def process_of(_: int, number: int) -> int:
    time.sleep(0.01)
    return os.getpid()


def test_few_items_are_worked_on_without_a_pool_unless_they_are_large() -> None:
    assert set(results(process_of, range(7))) == {os.getpid()}
    assert os.getpid() not in results(process_of, range(7), size=lambda _: 100_000)
    assert len(set(results(process_of, range(40), batch=4)) - {os.getpid()}) == 2


def fails(_: int, number: int) -> int:
    if number == 13:
        raise ValueError("no  such\nthing")
    if number == 14:
        raise KeyError
    if number == 15:
        return fails(_, number)
    return number


def takes_long(_: int, number: int) -> int:
    while number == 13:
        pass
    return number


def swallows_exceptions_and_takes_long(_: int, number: int) -> int:
    while number == 13:
        try:
            time.sleep(5)
        except Exception:
            continue
    return number


def takes_much(_: int, number: int) -> int:
    return len(b"." * (1 << 32)) if number == 13 else number


def dies(_: int, number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("processes", [1, 2])
def test_an_exception_is_a_failure_of_its_item(processes: int) -> None:
    found = results(fails, processes=processes)
    assert found[13:16] == [Failure("ValueError: no such thing"), Failure("KeyError"), Failure("it nests too deeply")]
    assert [*found[:13], *found[16:]] == [*MANY[:13], *MANY[16:]]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("work", "bound", "seconds"),
    [(takes_long, "SECONDS", 0.5), (swallows_exceptions_and_takes_long, "WAIT", 1.0)],
)
def test_what_takes_too_long_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, work: Any, bound: str, seconds: float, processes: int
) -> None:
    """Each bound ends what the other would not for long: work of a processor, and waiting."""
    assert (workers.SECONDS, workers.WAIT) == (10, 60)
    monkeypatch.setattr(workers, bound, seconds)
    began = time.monotonic()
    found = results(work, processes=processes)
    assert time.monotonic() - began < 60
    assert found[13] == Failure(f"it takes longer than {workers.SECONDS:g} seconds")
    assert [*found[:13], *found[14:]] == [*MANY[:13], *MANY[14:]]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_takes_too_much_memory_is_a_failure(processes: int) -> None:
    found = results(takes_much, processes=processes)
    assert found[13] == Failure("it takes more than 1 GB of memory")
    assert [*found[:13], *found[14:]] == [*MANY[:13], *MANY[14:]]


def test_a_worker_that_is_killed_costs_the_item_that_killed_it_and_no_other() -> None:
    found = results(dies, batch=8)
    assert found[13] == Failure("the process that worked on it was ended, twice")
    assert [*found[:13], *found[14:]] == [*MANY[:13], *MANY[14:]]


def dies_once(_: int, number: int) -> int:
    mark = Path(os.environ["FEEDMILL_TEST_MARK"])
    if number == 13 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_worker_that_is_killed_by_chance_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_TEST_MARK", str(tmp_path / "mark"))
    assert results(dies_once, batch=8) == MANY


def stops(_: int, number: int) -> int:
    if number == 13:
        raise Unreadable("too many open files", remedy="allow more")
    return number


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fault_of_the_machine_stops_the_run(processes: int) -> None:
    with pytest.raises(Unreadable, match="too many open files"):
        results(stops, processes=processes)


def judge(_: int, made: Sequence[int]) -> list[int]:
    if 14 in made and len(made) > 1:
        raise ValueError("one of them")
    if 16 in made:
        raise ValueError("this one" if len(made) == 1 else "one of them")
    return [-number for number in made]


@pytest.mark.parametrize("processes", [1, 2])
def test_results_are_judged_together_and_one_by_one_where_that_fails(processes: int) -> None:
    found = results(double, range(50), processes, judge=judge)
    expected: list[Any] = [-2 * number for number in range(50)]
    expected[8] = Failure("ValueError: this one")
    assert found == expected
    assert results(fails, range(20), processes, judge=approve)[13] == Failure("ValueError: no such thing")


def approve(_: int, made: Sequence[int]) -> list[int]:
    return list(made)


@pytest.mark.parametrize("made", [0, 1])
def test_where_no_more_processes_can_be_made_those_there_are_do_all(monkeypatch: pytest.MonkeyPatch, made: int) -> None:
    monkeypatch.setattr(os, "fork", NoForkAfter(made))
    assert results(double, processes=3, batch=4) == [2 * number for number in MANY]


def test_processes_end_with_what_is_wanted_of_them() -> None:
    made = Workers(2, 2).each(process_of, MANY, batch=4)
    _, child = next(made)
    assert isinstance(child, int)
    assert child != os.getpid()
    made.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_processes_end_soon_after_a_parent_that_was_killed(tmp_path: Path) -> None:
    """What they hold of it, the lock of runs among that, is free then."""
    program = (
        "import fcntl, os, signal, sys, time\n"
        "from feedmill.workers import Workers\n"
        "lock = open(sys.argv[1], 'w')\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "def work(parent, number):\n"
        "    if number == 9:\n"
        "        os.kill(parent, signal.SIGKILL)\n"
        "    time.sleep(0.1)\n"
        "list(Workers(os.getpid(), 2).each(work, range(400), batch=4))\n"
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


def test_a_build_on_many_processors_equals_that_of_one(wire: Mill, monkeypatch: pytest.MonkeyPatch) -> None:
    topics = "".join(f"  t{number}: {{title: T{number}}}\n" for number in range(20))
    wire.configure(
        "site: {title: Wire, url: 'https://wire.example/', id_authority: 'wire.example,2024'}\ntopics:\n" + topics
    )
    for number in range(300):
        broken = "[" if number % 97 == 5 else f"Story {number}"
        wire.story(f"2024-05-01-s{number}.md", title=broken, topics=f"[t{number % 20}, t{number % 7}]", body="Words.\n")
    made, problems = [], []
    for count in (1, 3):
        wire.forget()
        monkeypatch.setattr(workers, "processors", lambda count=count: count)
        problems.append(wire.build().contents.problems)
        made.append({path.name: path.read_bytes() for path in wire.feeds.rglob("*") if path.is_file()})
    assert made[0] == made[1]
    assert problems[0] == problems[1] != ()


def ends_its_process(where: Path, number: int) -> int:
    """Do what no handler can end: for the number 3 alone."""
    where.write_text(f"{where.read_text()}{os.getpid()}\n" if where.exists() else f"{os.getpid()}\n")
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_story_that_ends_a_run_costs_the_next_run_that_story_alone(tmp_path: Path) -> None:
    working, seen = tmp_path / "working", tmp_path / "seen"
    child = os.fork()
    if child == 0:
        list(Workers(seen, 2, working).each(ends_its_process, range(5)))
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "few stories are worked on by the run itself"
    assert working.exists()
    found = [made for _, made in Workers(seen, 2, working).each(ends_its_process, range(5))]
    assert found == [0, 1, 2, Failure("the process that worked on it was ended, twice"), 4]
    assert not working.exists()
    seen.unlink()
    assert [made for _, made in Workers(seen, 2, working).each(ends_its_process, range(3))] == [0, 1, 2]
    assert set(seen.read_text().split()) == {str(os.getpid())}, "the run works on them by itself again"


def test_what_python_cannot_end_is_ended_by_the_kernel_in_a_run_of_few_stories_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SECONDS", 1_000.0)
    monkeypatch.setattr(workers, "_PROCESSOR_SECONDS", 0.0)
    child = os.fork()
    if child == 0:
        list(Workers(2, 2, tmp_path / "working").each(spins, range(1)))
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    assert (tmp_path / "working").exists()


def spins(_: int, number: int) -> int:
    while True:
        number += 1
