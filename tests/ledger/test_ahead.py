"""A ledger that was read ahead is used only while its file is as it was."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from feedmill.errors import LedgerError
from feedmill.ledger.ahead import Ahead, read_ahead
from feedmill.ledger.records import Ledger, Record
from feedmill.ledger.store import load, save
from tests.conftest import Mill


def known(path: Path, ahead: Ahead | None) -> Ledger | None:
    assert ahead is not None
    return ahead.still(path) or load(path)


def test_what_was_read_ahead_is_the_ledger_while_nothing_is_recorded(
    wire: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.story("2024-05-01-one.md")
    wire.build()

    def read(_database: object) -> Ledger:
        raise AssertionError("the ledger has been read already")

    monkeypatch.setattr("feedmill.ledger.store._read", read)
    wire.story("2024-05-01-one.md", title="Another")
    with pytest.raises(AssertionError, match="read already"):
        wire.build()  # what it recorded is read ahead, when it is done
    assert "Another" in (wire.feeds / "all.atom").read_text("utf-8")


def test_what_was_read_ahead_is_not_the_ledger_once_something_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    assert read_ahead(path) is None
    save(path, Ledger(), Ledger(records={"a": Record("a", title="A")}))
    ahead = read_ahead(path)
    assert ahead is not None
    assert known(path, ahead) is ahead.ledger
    times = path.stat()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE entries SET title = 'B'")
        database.commit()
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    found = known(path, ahead)
    assert found is not None
    assert found.records["a"].title == "B"
    path.unlink()
    assert known(path, ahead) is None


def test_two_transactions_within_one_tick_of_the_clock_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.sqlite3"
    save(path, Ledger(), Ledger(records={"a": Record("a", title="A")}))
    ahead, state = read_ahead(path), path.stat()
    monkeypatch.setattr("feedmill.ledger.ahead.os.fstat", lambda _handle: state)
    assert ahead is not None
    assert known(path, ahead) is ahead.ledger
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE entries SET title = 'B'")
        database.commit()
    found = known(path, ahead)
    assert found is not None
    assert found.records["a"].title == "B"


def test_nothing_is_read_ahead_beside_a_transaction_or_of_a_ledger_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    save(path, Ledger(), Ledger(records={"a": Record("a")}))
    ahead = read_ahead(path)
    journal = tmp_path / "ledger.sqlite3-journal"
    journal.touch()
    assert read_ahead(path) is None
    found = known(path, ahead)
    assert ahead is not None
    assert found == ahead.ledger
    assert found is not ahead.ledger
    journal.unlink(missing_ok=True)
    path.write_bytes(path.read_bytes()[:-1])
    assert read_ahead(path) is None
    with pytest.raises(LedgerError, match="cut off"):
        known(path, ahead)
