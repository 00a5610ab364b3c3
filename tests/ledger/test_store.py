"""The ledger's file holds what was recorded last, however little of it was written."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from feedmill.ledger.records import Archive, Ledger, Record
from feedmill.ledger.store import load, save


def archive(name: str, *ids: str, followed: bool = True, feed: str = "all") -> Archive:
    told = dict.fromkeys(ids, "2024-05-01T00:00:00Z")
    return Archive(feed, name, f"archive/{feed}/{name}.atom", told, "digest", 7, len(ids), {"x": True}, followed)


def test_archives_are_read_as_they_were_recorded_whatever_became_of_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    records = {"a": Record("a", title="A"), "b": Record("b", title="B")}
    first, second = archive("2023", "a"), archive("2024-01", "b", followed=False)
    other = archive("2024-01", "b", feed="ai")
    kept = Ledger(records=records, archives={"all": (first, second), "ai": (other,)})
    save(path, Ledger(), kept)
    before = load(path)
    assert before is not None
    assert before.archives == kept.archives
    amended, third = replace(second, followed=True, sha256="another"), archive("2024-02", "a", "b", followed=False)
    for archives in (
        {"all": (first, amended, third), "ai": (other,)},
        {"all": (amended, third, first)},
        {"all": (first,), "ai": (other,), "china": (archive("2023", "b", feed="china"),)},
        {},
    ):
        save(path, before, replace(before, archives=archives))
        before = load(path)
        assert before is not None
        assert before.archives == archives
        assert before.records == records


def leave_a_journal(path: Path, *, is_grown: bool) -> None:
    """Let a process be killed in the middle of a transaction: at once, or as it writes beyond the end of the file."""
    child = os.fork()
    if not child:  # pragma: no cover - which ends here
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA cache_size = 1")
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE entries SET title = hex(randomblob(600)) WHERE rowid % 7 = 0")
        if not is_grown:
            os.kill(os.getpid(), signal.SIGKILL)
        rows = (
            "WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n WHERE x < 500) SELECT 'k' || x, x FROM n"
        )
        database.execute(f"INSERT INTO about {rows}")
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, resource.RLIM_INFINITY))
        database.execute("COMMIT")
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert path.with_name(f"{path.name}-journal").exists()


def records_of(number: int) -> dict[str, Record]:
    return {f"{each:03}": Record(f"{each:03}", title=f"Title {each}", words="w" * 300) for each in range(number)}


@pytest.mark.parametrize("is_grown", [False, True])
def test_what_a_run_left_that_was_killed_while_it_committed_is_rolled_back(tmp_path: Path, *, is_grown: bool) -> None:
    path = tmp_path / "ledger.sqlite3"
    save(path, Ledger(), Ledger(records=records_of(120)))
    leave_a_journal(path, is_grown=is_grown)
    found = load(path)
    assert found is not None
    assert found.records == records_of(120)


def test_a_ledger_that_is_made_anew_is_not_overwritten_by_what_was_left_of_one_that_was_moved_away(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite3"
    save(path, Ledger(), Ledger(records=records_of(120)))
    leave_a_journal(path, is_grown=False)
    path.rename(tmp_path / "away")
    save(path, Ledger(), Ledger(records=records_of(90)))
    found = load(path)
    assert found is not None
    assert found.records == records_of(90)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
