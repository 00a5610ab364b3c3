"""How long one build of generated stories takes, and its peak of memory: `make bench` (COUNT=10000)."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.stories import write_site


def main() -> None:
    """Build once from nothing and once again with nothing changed, and print both."""
    count = int(os.environ.get("COUNT", "10000"))
    with tempfile.TemporaryDirectory() as place:
        site = Path(place) / "site"
        write_site(site, count)
        command = [sys.executable, "-m", "feedmill", "-C", str(site), "build", "--now", "2024-07-01T00:00:00Z"]
        for name in ("cold", "nothing changed"):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            subprocess.run(command, check=True)
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            peak = after.ru_maxrss / 1024
            print(f"{count:,} stories, {name}: {wall:.1f} s wall, {cpu:.1f} s processor, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
