"""The ledger's file holds what was recorded last, however little of it was written."""

from __future__ import annotations

from pathlib import Path

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
