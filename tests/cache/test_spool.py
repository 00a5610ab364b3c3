"""What is put aside comes back as it was, from a file where there is room, and at worst not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from feedmill.cache import Spool
from feedmill.cache import spool as module


def put_all(spool: Spool, contents: list[bytes]) -> list[bytes | None]:
    slips = [spool.put(content) for content in contents]
    return [spool.get(slip) for slip in slips]


CONTENTS = [b"one", b"", b"\0", b"two" * 100_000, b"", b"three"]


@pytest.mark.parametrize("folder", [True, False])
def test_what_is_put_aside_comes_back(tmp_path: Path, *, folder: bool) -> None:
    assert put_all(Spool(tmp_path if folder else None), CONTENTS) == CONTENTS


def test_nothing_of_it_can_be_seen_or_is_left(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    handles = set(Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").is_dir() else set()
    spool.put(b"under embargo")
    assert not list(tmp_path.iterdir())
    del spool
    if handles:
        assert set(Path("/proc/self/fd").iterdir()) == handles


def test_where_there_can_be_no_file_it_is_held_in_memory(tmp_path: Path) -> None:
    assert put_all(Spool(tmp_path / "nowhere"), CONTENTS) == CONTENTS


def test_where_the_disk_is_full_no_half_of_anything_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, calls = os.pwrite, 0

    def failing(handle: int, content: bytes, at: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, "full")
        return honest(handle, content[: len(content) // 2] if calls == 3 else content, at)

    monkeypatch.setattr(os, "pwrite", failing)
    spool = Spool(tmp_path)
    contents = [b"1" * 10, b"2" * 10, b"3" * 10, b"4" * 10]
    slips = [spool.put(content) for content in contents]
    assert [spool.get(slip) for slip in slips] == contents
    monkeypatch.setattr(module, "_MOST_HELD", 5)
    spool.put(b"5")
    calls = 1
    spool.put(b"6")
    assert [spool.get(slip) for slip in slips] == [contents[0], None, None, contents[3]]


def test_no_more_is_held_in_memory_than_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_HELD", 10)
    spool = Spool(None)
    found = put_all(spool, [b"%08d" % number for number in range(20)])
    assert found[-1] == b"00000019"
    assert None in found
    assert all(each in (None, b"%08d" % number) for number, each in enumerate(found))


def test_a_process_made_by_fork_has_what_was_there_and_disturbs_nobody(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    before = spool.put(b"before")
    child = os.fork()
    if not child:
        mine = spool.put(b"childs")
        os._exit(0 if (spool.get(before), spool.get(mine)) == (b"before", b"childs") else 1)
    after = spool.put(b"parent")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (spool.get(before), spool.get(after)) == (b"before", b"parent")
