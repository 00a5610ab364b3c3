"""Where the time goes: `make profile` (COUNT=1000). Profiles a cold build and one after an edit, in this process."""

from __future__ import annotations

import cProfile
import os
import pstats
import tempfile
import time
from pathlib import Path

from benchmarks.stories import EDITED, NOW, story_path, write_site
from feedmill.cli import main as feedmill

LINES = 40
SETTLED = 2.5
"""Seconds after which a file counts as settled: what changed later is read again by the next build."""


def main() -> None:
    """Print the dearest functions of both, by the time spent in them and all that they call."""
    count = int(os.environ.get("COUNT", "1000"))
    with tempfile.TemporaryDirectory() as place:
        site = Path(place) / "site"
        write_site(site, count, archive=False)
        time.sleep(SETTLED)
        _profile(site, f"{count:,} stories, cold")
        with story_path(site, EDITED).open("a", encoding="utf-8") as story:
            story.write("\nEdited.\n")
        _profile(site, f"{count:,} stories, one edited")


def _profile(site: Path, what: str) -> None:
    profile = cProfile.Profile()
    code = profile.runcall(feedmill, ["-C", str(site), "build", "--now", NOW])
    assert code == 0, what
    print(f"\n{what}")
    pstats.Stats(profile).sort_stats("cumulative").print_stats(LINES)


if __name__ == "__main__":
    main()
