"""Tables of the figures: for a terminal, and in docs/performance.md between its markers."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.measuring import CASES, Figure
from benchmarks.results import Results, Sized

BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- /figures -->"
YARDSTICK = "Hugo"
OURS = "Feedmill"
ABSENT = "–"
HEADINGS = ["", "", "wall", "÷ Hugo", "processor", "÷ Hugo", "peak memory", "÷ Hugo", "wall ÷ Hugo cold"]


def table(sized: Sized) -> str:
    """Return the figures of one size for a terminal."""
    rows = [HEADINGS, *_rows(sized)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([f"{sized.count:,} stories, 41 feeds of the newest 50 in full; medians", *lines, _others(sized)])


def in_document(document: str, results: Results) -> str:
    """Return a document with the figures between its markers."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    setting = results.setting
    versions = ", ".join(f"{name} {version}" for name, version in setting.versions.items())
    told = [f"{setting.processor}, {setting.cores} cores; Python {setting.python}; {versions}."]
    for sized in results.sizes:
        told += [
            "",
            f"### {sized.count:,} stories",
            "",
            f"Taken on {sized.date}, in {_rounds(sized)}. {_others(sized)}",
            "",
            *_as_markdown(HEADINGS, _rows(sized)),
        ]
    for smaller, larger in pairwise(results.sizes):
        told += [
            "",
            f"### {OURS}'s growth from {smaller.count:,} to {larger.count:,} stories",
            "",
            f"Linear is ×{larger.count / smaller.count:g}.",
            "",
            *_as_markdown(["", "wall", "processor", "peak memory"], _growth(smaller, larger)),
        ]
    return f"{before}{BEGIN}\n" + "\n".join(told) + f"\n{END}{after}"


def _others(sized: Sized) -> str:
    return f"Other work had {sized.others:.0%} of the processors meanwhile."


def _rounds(sized: Sized) -> str:
    rounds = max(figure.rounds for figure in sized.figures)
    return "one round" if rounds == 1 else f"{rounds} rounds"


def _rows(sized: Sized) -> list[list[str]]:
    rows = []
    for case in CASES:
        base, cold = sized.figure(case, YARDSTICK), sized.figure("cold", YARDSTICK)
        shown = case
        for peer in dict.fromkeys(figure.peer for figure in sized.figures):
            rows.append([shown, peer, *_cells(sized.figure(case, peer), base, cold)])
            shown = ""
    return rows


def _cells(figure: Figure | None, base: Figure | None, cold: Figure | None) -> list[str]:
    if figure is None:
        return [ABSENT] * (len(HEADINGS) - 2)
    return [
        _seconds(figure.wall),
        f"{figure.wall / base.wall:.3f}" if base else ABSENT,
        _seconds(figure.processor),
        f"{figure.processor / base.processor:.3f}" if base else ABSENT,
        f"{figure.memory:.0f} MB",
        f"{figure.memory / base.memory:.3f}" if base else ABSENT,
        f"{figure.wall / cold.wall:.3f}" if cold else ABSENT,
    ]


def _growth(smaller: Sized, larger: Sized) -> list[list[str]]:
    rows = []
    for case in CASES:
        few, many = smaller.figure(case, OURS), larger.figure(case, OURS)
        if few and many:
            ratios = many.wall / few.wall, many.processor / few.processor, many.memory / few.memory
            rows.append([case, *(f"×{ratio:.1f}" for ratio in ratios)])
    return rows


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def _as_markdown(headings: list[str], rows: list[list[str]]) -> list[str]:
    words = sum(heading == "" for heading in headings)
    rule = ["---"] * words + ["---:"] * (len(headings) - words)
    return ["| " + " | ".join(row) + " |" for row in (headings, rule, *rows)]
