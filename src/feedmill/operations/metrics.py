"""Record → Prometheus text, for node_exporter's textfile collector."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from feedmill.operations.run_history import RunHistory


def write_metrics(record: RunHistory, path: Path, *, version: str, now: datetime) -> None:
    """Write what the last run of a record left, replacing the file by a rename.

    Raises OSError, the old file being whole.
    """
    # Nobody who asks for no metrics should wait for the library.
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()

    def gauge(name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"feedmill_{name}", help_, labels, registry=registry)

    gauge("info", "The Feedmill that ran last.", "version").labels(version).set(1)
    if record.runs:
        run = record.runs[-1]
        gauge("last_run_timestamp_seconds", "When the last build ran.").set(run.moment.timestamp())
        gauge("last_run_duration_seconds", "How long the last build took.").set(run.seconds)
        gauge("last_run_exit_code", "How the last build ended: 0 well, 1 with stories left out.").set(run.exit_code)
        gauge("documents_changed", "Documents that the last build wrote or removed.").set(run.changed)
    if record.succeeded is not None:
        moment = record.succeeded.timestamp()
        gauge("last_success_timestamp_seconds", "When a build last finished (exit code 0 or 1).").set(moment)
    gauge("withdrawals", "Entries that are taken back.").set(record.withdrawals)
    entries = gauge("feed_entries", "Entries of a feed.", "feed")
    size = gauge("feed_bytes", "Bytes of a feed's documents together.", "feed")
    newest = gauge("feed_newest_entry_timestamp_seconds", "When a feed's newest entry was published.", "feed")
    age = gauge("feed_newest_entry_age_seconds", "How old a feed's newest entry was when the last build ran.", "feed")
    for state in record.feeds:
        entries.labels(state.name).set(state.entries)
        size.labels(state.name).set(state.bytes)
        if state.newest is not None:
            newest.labels(state.name).set(state.newest.timestamp())
            age.labels(state.name).set((now - state.newest).total_seconds())
    problems = gauge("problems", "Problems that the last build found.", "level", "code")
    counts = Counter((item.problem.level.value, item.problem.code) for item in record.problems)
    if record.further:
        counts["error", "further"] = record.further
    for (level, code), number in sorted(counts.items()):
        problems.labels(level, code).set(number)
    write_to_textfile(str(path), registry)
