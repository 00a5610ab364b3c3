"""Feedmill beside Hugo, Pelican and the script that most people would write: `make bench`.

All build the same generated stories in one run, in turn: the newest 50 in full for each of 41 feeds. A peer counts only
when its feeds hold them (checking.py). Feedmill is measured with archives off and on. Prints a table, and writes
results.json, docs/performance.md and its plot.

Takes the directory of the virtual environments (where there are none, Feedmill is that of the present environment, and
Hugo what PATH has) and the sizes. PEERS, PATIENCE (seconds), ROUNDS and DATE are read from the environment.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Course
from benchmarks.peers import Peer, all_peers
from benchmarks.plotting import draw
from benchmarks.results import Results, Setting, Sized
from benchmarks.telling import in_document, table

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"


def main() -> None:
    """Measure every size, smallest first, and tell."""
    tools = Path(sys.argv[1]).resolve()
    sizes = sorted(int(size) for size in sys.argv[2:])
    named = os.environ.get("PEERS", "").split()
    peers = [peer for peer in all_peers(tools, _tell) if not named or peer.name in named]
    patience = float(os.environ.get("PATIENCE", "120"))
    date = os.environ.get("DATE") or datetime.now(UTC).date().isoformat()
    earlier = Results.read(RESULTS)
    measured: list[Sized] = []
    for count in sizes:
        known = [*(earlier.sizes if earlier else []), *measured]
        chosen = [peer for peer in peers if _expected(known, peer, count) <= patience]
        for peer in peers:
            if peer not in chosen:
                _tell(f"{peer.name} is left out at {count:,} stories: a build would take more than {patience:g} s")
        rounds = int(os.environ.get("ROUNDS", "0")) or _rounds(count)
        with tempfile.TemporaryDirectory() as place:
            figures, others = Course(Path(place), chosen, count, _tell).measure(rounds)
        measured.append(Sized(count, date, others, figures))
        print("\n" + table(measured[-1]) + "\n")
    results = Results(_setting(tools), measured).with_earlier(earlier)
    results.write(RESULTS)
    DOCUMENT.write_text(in_document(DOCUMENT.read_text("utf-8"), results), "utf-8")
    PLOT.write_text(draw(results), "utf-8")


def _expected(known: list[Sized], peer: Peer, count: int) -> float:
    """Return how many seconds a cold build should take, from what the next smaller size took, for those who wait."""
    smaller = [
        (sized.count, cold.wall) for sized in known if sized.count < count and (cold := sized.figure("cold", peer.name))
    ]
    of, took = max(smaller, default=(1, 0.0))
    return took * count / of


def _rounds(count: int) -> int:
    return 5 if count <= 1_000 else 3 if count <= 10_000 else 2 if count <= 100_000 else 1


def _setting(tools: Path) -> Setting:
    asked = "import importlib.metadata as m, sys; print(*(m.version(name) for name in sys.argv[1:]))"
    versions: dict[str, str] = {}
    for folder, packages in (
        ("feedmill", ["feedmill"]),
        ("peers", ["hugo", "pelican", "Markdown", "python-frontmatter", "feedgen"]),
    ):
        python = tools / folder / "bin" / "python"
        if not python.exists():
            continue
        told = subprocess.run([str(python), "-c", asked, *packages], check=True, capture_output=True, text=True)
        versions.update(zip(packages, told.stdout.split(), strict=True))
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return Setting(platform.python_version(), versions, model, len(os.sched_getaffinity(0)))


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
