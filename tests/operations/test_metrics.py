"""Metrics are what Prometheus reads, true, and never half-written."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from feedmill import __version__
from feedmill.cli import main
from tests.conftest import CONFIGURATION, NOW, Mill

Samples = dict[tuple[str, tuple[str, ...]], float]


def samples(path: Path) -> Samples:
    """Read the file as Prometheus would: name and label values → value."""
    return {
        (
            sample.name.removeprefix("feedmill_"),
            tuple(value for _, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(path.read_text("utf-8"))
        for sample in family.samples
    }


def measured(wire: Mill, *options: str, hours: float = 0) -> Samples:
    now = (NOW + timedelta(hours=hours)).isoformat()
    main(["-C", str(wire.directory), "build", "--now", now, "--metrics", "feedmill.prom", *options])
    return samples(wire.directory / "feedmill.prom")


def test_a_build_is_measured(wire: Mill) -> None:
    wire.story("2024-06-30-new.md", topics="[china]", date="2024-06-30T12:00:00Z")
    wire.story("2024-06-01-old.md", topics="[china]", sumary="x")
    wire.story("2024-06-02-gone.md", topics="[china]")
    measured(wire, hours=-1)
    wire.story("2024-06-02-gone.md", topics="[china]", withdrawn="{date: 2024-06-03, reason: wrong}")
    wire.story("2024-06-04-bad.md", title="")
    found = measured(wire)
    assert found["info", (__version__,)] == 1
    assert found["last_run_timestamp_seconds", ()] == found["last_success_timestamp_seconds", ()] == NOW.timestamp()
    assert found["last_run_exit_code", ()] == 1
    assert 0 < found["last_run_duration_seconds", ()] < 60
    assert found["documents_changed", ()] == 9
    assert found["withdrawals", ()] == 1
    assert found["feed_entries", ("china",)] == 3
    assert found["feed_bytes", ("china",)] == sum(path.stat().st_size for path in wire.feeds.glob("china.*"))
    assert found["feed_newest_entry_age_seconds", ("china",)] == 12 * 3600
    assert found["feed_newest_entry_timestamp_seconds", ("china",)] == NOW.timestamp() - 12 * 3600
    assert ("feed_newest_entry_age_seconds", ("ai",)) not in found
    assert found["problems", ("title", "error")] == found["problems", ("unknown-key", "warning")] == 1
    assert measured(wire, hours=1)["documents_changed", ()] == 0


def test_a_run_that_failed_is_measured_beside_what_still_stands(wire: Mill) -> None:
    wire.story(topics="[china]")
    measured(wire)
    wire.configure("sight: {}\n")
    found = measured(wire, hours=2)
    assert found["last_run_exit_code", ()] == 2
    assert found["last_run_timestamp_seconds", ()] - found["last_success_timestamp_seconds", ()] == 7200
    assert found["feed_entries", ("china",)] == 1


def test_metrics_that_cannot_be_written_are_told_once_and_fail_nothing(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.story()
    told = []
    for hour in (0, 1, 25):
        now = (NOW + timedelta(hours=hour)).isoformat()
        assert main(["-C", str(wire.directory), "build", "--now", now, "--metrics", "no/where.prom"]) == 0
        told.append(capsys.readouterr().err)
    assert "no/where.prom: the metrics cannot be written: No such file or directory" in told[0]
    assert told[1:] == ["", told[0]]


def test_metrics_are_replaced_by_a_rename(wire: Mill, tmp_path: Path) -> None:
    wire.configure(CONFIGURATION)
    wire.story()
    measured(wire)
    path = wire.directory / "feedmill.prom"
    with path.open("rb") as reader:
        before = os.fstat(reader.fileno()).st_ino
        old = path.read_bytes()
        measured(wire, hours=1)
        assert path.stat().st_ino != before
        assert reader.read() == old
    assert sorted(item.name for item in wire.directory.iterdir() if item.is_file()) == [
        "feedmill.prom", "feedmill.yaml",
    ]  # fmt: skip
