"""The plot of the figures: wall seconds by case and peer, a panel for each size, on a logarithmic scale."""

from __future__ import annotations

from math import ceil, floor, log10
from xml.sax.saxutils import escape

from benchmarks.measuring import CASES
from benchmarks.results import Results, Sized

MARGIN, LABELS, PANEL_GAP = 24, 232, 62  # the gap has room for the number beside the last dot
TOP, BOTTOM, ROW, CASE_GAP = 92, 62, 17, 14
WIDTH = 1000
# Colours and shapes both tell the peers apart. Okabe and Ito's palette, darker or lighter where the background asks.
LIGHT = {
    "Feedmill": "#0b6fb8",
    "Feedmill-archives": "#0b6fb8",
    "Hugo": "#c2410c",
    "Pelican": "#00785a",
    "script": "#8a5fa8",
}
DARK = {
    "Feedmill": "#56b4e9",
    "Feedmill-archives": "#56b4e9",
    "Hugo": "#f08c4a",
    "Pelican": "#2fc79b",
    "script": "#d5a6e8",
}
STYLE = """\
text { font-family: system-ui, sans-serif; font-size: 12px; fill: var(--ink) }
.title { font-size: 17px; font-weight: 600 } .panel, .case { font-weight: 600 } .soft { fill: var(--soft) }
.ground { fill: var(--ground) } .grid { stroke: var(--grid) } .stem { stroke-width: 2; opacity: .45 }
.end { text-anchor: end } .middle { text-anchor: middle }
"""


def draw(results: Results) -> str:
    """Return the plot as SVG, legible on light and on dark, with the system's own fonts."""
    cases = [(case, _peers(results, case)) for case in CASES]
    cases = [(case, peers) for case, peers in cases if peers]
    height = TOP + BOTTOM + sum(len(peers) * ROW + CASE_GAP for _, peers in cases)
    walls = [figure.wall for sized in results.sizes for figure in sized.figures]
    scale = floor(log10(min(walls))), ceil(log10(max(walls)))
    panel = (WIDTH - MARGIN - LABELS) / len(results.sizes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        '<title id="title">Seconds that a run takes, by case, program and number of stories</title>',
        f"<style>\n:root {{ {_colours(LIGHT, '#ffffff', '#1f2328', '#59636e', '#d9dee3')} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ "
        f"{_colours(DARK, '#0d1117', '#f0f6fc', '#9198a1', '#30363d')} }} }}\n{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        _text(MARGIN, 34, "Seconds that a run takes", "title"),
        _text(
            MARGIN, 54, "41 feeds of the newest 50 stories in full; medians; logarithmic scale; left is faster", "soft"
        ),
    ]
    y = TOP
    for case, peers in cases:
        parts.append(_text(MARGIN, y + 12, case, "case"))
        parts += [_text(LABELS - 12, y + 12 + n * ROW, peer, "end") for n, peer in enumerate(peers)]
        y += len(peers) * ROW + CASE_GAP
    for number, sized in enumerate(results.sizes):
        left = LABELS + number * panel
        parts += _panel(sized, cases, left, panel - PANEL_GAP, scale, height - BOTTOM)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _peers(results: Results, case: str) -> list[str]:
    found = [figure.peer for sized in results.sizes for figure in sized.figures if figure.case == case]
    return [peer for peer in LIGHT if peer in found]


def _panel(
    sized: Sized, cases: list[tuple[str, list[str]]], left: float, width: float, scale: tuple[int, int], bottom: float
) -> list[str]:
    low, high = scale

    def across(seconds: float) -> float:
        return left + (log10(seconds) - low) / (high - low) * width

    parts = [_text(left, TOP - 14, f"{sized.count:,} stories", "panel")]
    for power in range(low, high + 1):
        x = across(10.0**power)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{bottom:.1f}"/>')
        parts.append(_text(x, bottom + 18, f"{10.0**power:g}", "soft middle"))
    parts.append(_text(left + width / 2, bottom + 38, "seconds by the clock", "soft middle"))
    y: float = TOP + 8
    for case, peers in cases:
        for peer in peers:
            figure = sized.figure(case, peer)
            if figure:
                x = across(figure.wall)
                parts.append(
                    f'<line class="stem" stroke="var(--{peer})" x1="{left:.1f}" y1="{y}" x2="{x:.1f}" y2="{y}"/>'
                )
                parts.append(_dot(peer, x, y))
                parts.append(_text(x + 9, y + 4, _seconds(figure.wall)))
            else:
                parts.append(_text(left + 6, y + 4, "–", "soft"))
            y += ROW
        y += CASE_GAP
    return parts


def _seconds(seconds: float) -> str:
    return f"{seconds:.2g}" if seconds < 0.95 else f"{seconds:.1f}" if seconds < 9.5 else f"{seconds:.0f}"


def _dot(peer: str, x: float, y: float) -> str:
    shapes = {
        "Feedmill": f'<circle cx="{x:.1f}" cy="{y}" r="5.5"',
        "Feedmill-archives": f'<path d="M{x:.1f} {y + 5.5}l-6-10.5h12z"',
        "Hugo": f'<rect x="{x - 4.5:.1f}" y="{y - 4.5}" width="9" height="9"',
        "Pelican": f'<path d="M{x:.1f} {y - 6}l6 6-6 6-6-6z"',
        "script": f'<path d="M{x:.1f} {y - 5.5}l6 10.5h-12z"',
    }
    return f'{shapes[peer]} fill="var(--{peer})"/>'


def _text(x: float, y: float, said: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(said)}</text>'


def _colours(peers: dict[str, str], ground: str, ink: str, soft: str, grid: str) -> str:
    named = {**peers, "ground": ground, "ink": ink, "soft": soft, "grid": grid}
    return "; ".join(f"--{name}: {colour}" for name, colour in named.items())
