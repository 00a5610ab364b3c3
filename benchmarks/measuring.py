"""What runs cost: each case for each peer, in turn, so that what else the machine does hits all alike."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checking import check_feeds
from benchmarks.peers import BUILDS, CASES, Peer
from benchmarks.stories import EDITED, LATER, NOW, Newest, new_path, new_story, story_path, write_site

SETTLED = 2.5  # seconds: a build soon after a file was changed may distrust its time, and look again at the next build
SLOW = 20.0  # seconds: a peer whose cold build takes longer is timed in one round
LAUNCHER = Path(__file__).resolve().parent / "launcher.py"
__all__ = ["CASES", "EDITED", "Cost", "Course", "Figure", "run"]


@dataclass(frozen=True)
class Cost:
    """What a run cost: seconds by the clock and of processors, and megabytes at the peak.

    `others`: the processor seconds that went to other work meanwhile.
    """

    wall: float
    processor: float
    memory: float
    others: float


@dataclass(frozen=True)
class Figure:
    """A row of the results: the medians of one case for one peer; `rounds` tells of how many."""

    case: str
    peer: str
    wall: float
    processor: float
    memory: float
    rounds: int


def run(command: list[str], where: Path, *, sample: bool) -> Cost:
    """Run a command and return what it cost; memory of all its processes together only when sampled."""
    told = subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), str(where), "sample" if sample else "time", *command],
        check=True,
        stdout=subprocess.PIPE,
    )
    cost = json.loads(told.stdout)
    if cost["code"] != 0:
        raise RuntimeError(f"exit code {cost['code']} of {' '.join(command)}")
    return Cost(cost["wall"], cost["processor"], cost["memory"] * 1024 / 1e6, cost["others"])


class Course:
    """The sites of one size, and the peers that build them."""

    def __init__(self, place: Path, peers: list[Peer], count: int, tell: Callable[[str], None]) -> None:
        """Write the stories and lay out each peer."""
        self._place, self._peers, self._count, self._tell = place, peers, count, tell
        self._newest: Newest = write_site(place / "site", count, archive=False)
        self._new, told, topics = new_story(count)
        self._with_new = self._newest.with_new(told, topics)
        for peer in peers:
            (place / peer.folder).mkdir(exist_ok=True)
            peer.prepare(place / peer.folder)
        self._whole = {name: story_path(place / name, EDITED).read_text("utf-8") for name in {p.folder for p in peers}}
        self._edits = dict.fromkeys(self._whole, 0)
        self._changed = time.monotonic()

    def measure(self, rounds: int) -> tuple[list[Figure], float]:
        """Return the figures: memory from a first round, in which every feed is checked, seconds from those after it.

        And the share of the processors that other work had meanwhile: a busy machine slows the peer most that would use
        all processors.
        """
        tried = self._round(self._peers, sample=True)
        timed: list[dict[tuple[str, str], Cost]] = []
        for number in range(rounds):
            quick = [peer for peer in self._peers if number == 0 or tried["cold", peer.name].wall < SLOW]
            timed.append(self._round(quick, sample=False))
        costs = [cost for costs in timed for cost in costs.values()]
        others = sum(cost.others for cost in costs) / sum(cost.wall for cost in costs) / len(os.sched_getaffinity(0))
        return [_figure(case, name, cost, timed) for (case, name), cost in tried.items()], others

    def _round(self, peers: list[Peer], *, sample: bool) -> dict[tuple[str, str], Cost]:
        """Run every case in its order: each finds what the one before it has left."""
        costs = {}
        for case in CASES:
            if case in ("nothing changed", "embargo over"):
                self._settle(peers)
            now = NOW if case in BUILDS and case != "embargo over" else LATER
            newest = self._with_new if case in ("new story", "renamed") else self._newest
            for peer in peers:
                command = peer.command_for(case)
                if command is None:
                    continue
                site = self._place / peer.folder
                self._change(case, peer)
                costs[case, peer.name] = cost = run(command(site, now), site, sample=sample)
                is_checked = sample and case in BUILDS
                if is_checked:
                    edited = (EDITED, self._said_last(peer.folder))
                    check_feeds(site, peer.feeds, newest, embargoed=now == NOW, edited=edited)
                self._tell(f"{case}, {peer.name}: {cost.wall:.3f} s{', feeds checked' if is_checked else ''}")
        return costs

    def _settle(self, peers: list[Peer]) -> None:
        """Build, untimed, with every peer that remembers anything, once the last change is long enough ago."""
        time.sleep(max(0.0, self._changed + SETTLED - time.monotonic()))
        for peer in peers:
            if peer.remembers:
                site = self._place / peer.folder
                run(peer.command(site, NOW), site, sample=False)

    def _change(self, case: str, peer: Peer) -> None:
        """Make the change that a case is about: to the story that all rounds edit, or to the new one of this round."""
        site = self._place / peer.folder
        new = new_path(site, self._count)
        renamed = new.with_name(f"renamed-{new.name}")
        if case == "cold":
            _forget(site, peer)
        elif case == "body edited":
            self._edits[peer.folder] += 1
            text = f"{self._whole[peer.folder]}\n{self._said_last(peer.folder)}\n"
            story_path(site, EDITED).write_text(text, "utf-8")
        elif case == "retitled":
            story = story_path(site, EDITED)
            retitled = re.sub(r'^(title: "?)', r"\1Again ", story.read_text("utf-8"), count=1, flags=re.M)
            story.write_text(retitled, "utf-8")
        elif case == "new story":
            new.write_text(peer.dialect(self._new), "utf-8")
        elif case == "renamed":
            new.rename(renamed)
        elif case == "deleted":
            renamed.unlink()
        else:
            return
        self._changed = time.monotonic()

    def _said_last(self, folder: str) -> str:
        """Return what the edited story says at its end."""
        return f"Edited {self._edits[folder]} times." if self._edits[folder] else ""


def _forget(site: Path, peer: Peer) -> None:
    for name in peer.forget:
        if (site / name).is_dir():
            shutil.rmtree(site / name)
        else:
            (site / name).unlink(missing_ok=True)


def _figure(case: str, name: str, sampled: Cost, timed: list[dict[tuple[str, str], Cost]]) -> Figure:
    """Return the medians.

    Peak memory is the larger of two: what samples of the whole tree of processes saw, and the most that one process
    ever had, as the kernel kept it. Samples miss the peak of a short run; the kernel does not add processes up.
    """
    costs = [costs[case, name] for costs in timed if (case, name) in costs]
    return Figure(
        case,
        name,
        wall=statistics.median(cost.wall for cost in costs),
        processor=statistics.median(cost.processor for cost in costs),
        memory=max(sampled.memory, statistics.median(cost.memory for cost in costs)),
        rounds=len(costs),
    )
