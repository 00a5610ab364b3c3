"""Figures, where and with what they were taken, and how they are kept in results.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measuring import Figure


@dataclass(frozen=True)
class Setting:
    """What the figures depend on beside the stories."""

    python: str
    versions: dict[str, str]
    processor: str
    cores: int


@dataclass(frozen=True)
class Sized:
    """The figures of one number of stories, the day of it, and the share of the processors that other work had."""

    count: int
    date: str
    others: float
    figures: list[Figure]

    def figure(self, case: str, peer: str) -> Figure | None:
        """Return a row, or none: the peer has nothing for the case, or was left out."""
        return next((figure for figure in self.figures if (figure.case, figure.peer) == (case, peer)), None)


@dataclass(frozen=True)
class Results:
    """All sizes, smallest first."""

    setting: Setting
    sizes: list[Sized]

    def with_earlier(self, earlier: Results | None) -> Results:
        """Return these results with the sizes that only earlier ones have, if those were taken in the same setting."""
        if earlier is None or earlier.setting != self.setting:
            return self
        counts = {sized.count for sized in self.sizes}
        kept = [sized for sized in earlier.sizes if sized.count not in counts]
        return Results(self.setting, sorted([*self.sizes, *kept], key=lambda sized: sized.count))

    def write(self, path: Path) -> None:
        """Write results.json."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @staticmethod
    def read(path: Path) -> Results | None:
        """Return what results.json holds, or none where there is none."""
        if not path.exists():
            return None
        held = json.loads(path.read_text("utf-8"))
        sizes = [
            Sized(sized["count"], sized["date"], sized["others"], [Figure(**figure) for figure in sized["figures"]])
            for sized in held["sizes"]
        ]
        return Results(Setting(**held["setting"]), sizes)
