"""Work over many items on several processors, by fork: same results in the same order as on one."""

from __future__ import annotations

import os
import select
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from feedmill.forking import Fork

Item = TypeVar("Item")

_NUMBER = 4
_LENGTH = 8
_WORTH_A_FORK = 4
"""Fewer items than so many for each process are done sooner by one."""
_ROOM = 1 << 20
"""Bytes of results that wait in the pipe of a child."""
_MOST_HELD = 16 << 20
"""Bytes of results that are held here because others come before them."""
_MOST_BLOCKS = 4_000
"""How many blocks of items are given away: so many numbers find room in any pipe."""
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux's <fcntl.h>


def spread(
    work: Callable[[Item], bytes],
    items: Sequence[Item],
    processes: int,
    lane: Callable[[Item], int | None] = lambda _: None,
) -> Generator[bytes, None, None]:
    """Yield what `work` makes of every item, in their order, on up to `processes` processes.

    An item is worked on by whichever process is free first, this one among them; one that has a `lane`, always by the
    process to which that belongs. Results that are not wanted yet are held here up to some size; beyond that, processes
    wait. A child that fails, is killed, or cannot be made costs only time: its items are worked on here, where an error
    is raised as it would have been. When this process is killed, its children end with the item at hand.
    """
    count = max(min(processes, len(items) // _WORTH_A_FORK), 1)
    if count == 1:
        yield from map(work, items)
        return
    lanes: list[list[int]] = [[] for _ in range(count)]
    free: list[int] = []
    for number, item in enumerate(items):
        mine = lane(item)
        (free if mine is None else lanes[mine % count]).append(number)
    _give_memory_back()
    blocks, left = _given_away(free)
    turns = _turns(sorted((*lanes[0], *left)), free, blocks)
    children: list[_Child] = []
    try:
        with suppress(OSError):  # too many processes already, or handles: what there is will do
            for own in lanes[1:]:
                children.append(_Child(work, items, _turns(own, free, blocks), children))
        yield from _in_order(work, items, turns, children)
    finally:
        os.close(blocks)
        for child in children:
            child.end()


def _give_memory_back() -> None:
    """Let the system have what this process has freed and glibc keeps for it: each of several would fill up its own."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _in_order(
    work: Callable[[Item], bytes], items: Sequence[Item], turns: Iterator[int], children: Sequence[_Child]
) -> Iterator[bytes]:
    """Yield all results in the order of their items. While one is waited for, this process takes its `turns`."""
    made: dict[int, bytes | Exception] = {}
    held = 0
    turn = next(turns, None)
    for number, item in enumerate(items):
        while number not in made:
            has_room = held < _MOST_HELD
            # The next result of a child is the lowest that it will have: none that is wanted waits behind another.
            wanted = [each for each in children if each.is_working and (has_room or each.next_number in (None, number))]
            ready = select.select([child.results for child in wanted], [], [], 0)[0] if wanted else []
            if not ready and turn is not None and (has_room or turn == number):
                made[turn] = _attempt(work, items[turn])
                held += _size(made[turn])
                turn = next(turns, None)
            elif wanted:
                ready = ready or select.select([child.results for child in wanted], [], [])[0]
                for child in wanted:
                    if child.results in ready and (result := child.next(only=None if has_room else number)):
                        made[result[0]] = result[1]
                        held += len(result[1])
            else:  # a child was lost, and what it had taken
                made[number] = _attempt(work, item)
                held += _size(made[number])
        done = made.pop(number)
        held -= _size(done)
        if isinstance(done, Exception):
            raise done
        yield done


def _size(result: bytes | Exception) -> int:
    return len(result) if isinstance(result, bytes) else 0


def _attempt(work: Callable[[Item], bytes], item: Item) -> bytes | Exception:
    try:
        return work(item)
    except Exception as error:
        return error


def _given_away(free: Sequence[int]) -> tuple[int, Sequence[int]]:
    """Return the end of a pipe in which the blocks of free items stand, each for whoever takes it out first.

    And those items for which there was no room.
    """
    blocks, numbers = os.pipe()
    size = _size_of_block(free)
    starts = range(0, len(free), size)
    os.set_blocking(numbers, False)
    written = 0
    try:
        if starts:
            written = os.write(numbers, b"".join(start.to_bytes(_NUMBER, "big") for start in starts)) // _NUMBER
    except BlockingIOError:
        written = 0
    os.close(numbers)
    return blocks, free[written * size :]


def _size_of_block(free: Sequence[int]) -> int:
    return len(free) // _MOST_BLOCKS + 1


def _turns(own: Sequence[int], free: Sequence[int], blocks: int) -> Iterator[int]:
    """Yield the numbers of items for one process: its own, and free ones that nobody has taken, in their order."""
    size = _size_of_block(free)
    waiting, taken = deque(own), deque[int]()
    there_are_more = True
    while True:
        if not taken and there_are_more:
            start = os.read(blocks, _NUMBER)
            there_are_more = bool(start)
            if start:
                begin = int.from_bytes(start, "big")
                taken.extend(free[begin : begin + size])
        if not taken and not waiting:
            return
        yield (waiting if not taken or (waiting and waiting[0] < taken[0]) else taken).popleft()


class _Child(Fork):
    """A process that works on items, and the pipe through which their results come."""

    def __init__(
        self, work: Callable[[Item], bytes], items: Sequence[Item], turns: Iterator[int], others: Sequence[_Child]
    ) -> None:
        """Begin. Raises OSError when there can be no more processes or pipes."""
        self.is_working = True
        self.next_number: int | None = None
        self._length = 0
        super().__init__(lambda results, parent: _work(work, items, turns, results, parent), others)

    def next(self, *, only: int | None = None) -> tuple[int, bytes] | None:
        """Return the number of the next item that is done, with its result; None when there is none any more.

        Or when its number, which is then the `next_number`, is not the `only` one that is wanted.
        """
        if self.next_number is None:
            head = self._read(_NUMBER + _LENGTH)
            if head is None:
                self.is_working = False
                return None
            self.next_number = int.from_bytes(head[:_NUMBER], "big")
            self._length = int.from_bytes(head[_NUMBER:], "big")
        number = self.next_number
        if only is not None and number != only and self._length:
            return None
        result = self._read(self._length)
        self.next_number = None
        self.is_working = result is not None
        return None if result is None else (number, result)

    def _read(self, length: int) -> bytes | None:
        parts = []
        while length and (part := os.read(self.results, min(length, _ROOM))):
            parts.append(part)
            length -= len(part)
        return None if length else b"".join(parts)


def _work(
    work: Callable[[Item], bytes], items: Sequence[Item], turns: Iterator[int], results: int, parent: int
) -> None:
    """Work on items in a child, and tell each result. It ends at a signal: what the run does then is its parent's."""
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(stop, signal.SIG_DFL)
    with suppress(ImportError, OSError):
        from fcntl import fcntl

        fcntl(results, _SET_PIPE_SIZE, _ROOM)
    for number in turns:
        if os.getppid() != parent:  # which was killed: nobody waits, and its lock shall be free
            break
        made = work(items[number])
        head = number.to_bytes(_NUMBER, "big") + len(made).to_bytes(_LENGTH, "big")
        rest = memoryview(head + made)
        while rest:
            rest = rest[os.write(results, rest) :]
