"""Numbers → plots, drawn as SVG elements that stand in a page and need neither script nor anything to load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from lxml import etree
from msgspec import Struct

_WIDTH = 340
_LEFT = 34
_RIGHT = 8
_TOP = 12
_BOTTOM = 22
_HEIGHT = 130
_ROW = 36


class Bar(Struct, frozen=True):
    """One bar: what it is called when somebody points at it, and how much it stands for."""

    name: str
    number: int


class Step(Struct, frozen=True):
    """From a moment on, a number holds for each of the lines of a plot."""

    moment: datetime
    numbers: tuple[int, ...]


def bar_plot(bars: Sequence[Bar], *, ticks: Mapping[int, str], top: int, title: str) -> etree._Element:
    """Draw upright bars. `ticks` names some of them, by index, below the axis; `top` is the highest number drawn."""
    svg, scale = _axes(title, top)
    room = _WIDTH - _LEFT - _RIGHT
    step = room / len(bars)
    gap = min(2.0, step / 4)
    for index, bar in enumerate(bars):
        if bar.number:
            height = bar.number * scale
            x, y = _LEFT + index * step + gap / 2, _HEIGHT - _BOTTOM - height
            shape = _add(svg, "rect", {"class": "bar"}, x=x, y=y, width=step - gap, height=height)
            _add(shape, "title").text = bar.name
    for index, name in ticks.items():
        centre = _LEFT + (index + 0.5) * step
        _x_label(svg, centre, name)
    return svg


def row_plot(rows: Sequence[tuple[str, str, int]], *, title: str) -> etree._Element:
    """Draw horizontal bars, each below its name and its number as people read it: (name, shown, number)."""
    svg = _svg(title, _ROW * len(rows))
    most = max((number for _, _, number in rows), default=0) or 1
    for index, (name, shown, number) in enumerate(rows):
        y = index * _ROW
        _add(svg, "text", x=0, y=y + 13).text = name if len(name) <= 34 else f"{name[:33]}…"
        _add(svg, "text", {"text-anchor": "end"}, x=_WIDTH, y=y + 13).text = shown
        _add(svg, "rect", {"class": "track"}, x=0, y=y + 19, width=_WIDTH, height=8)
        shape = _add(svg, "rect", {"class": "bar"}, x=0, y=y + 19, width=_WIDTH * number / most, height=8)
        _add(shape, "title").text = f"{name}: {shown}"
    return svg


def step_plot(steps: Sequence[Step], *, until: datetime, classes: Sequence[str], title: str) -> etree._Element:
    """Draw one line for each class, which changes where a step says and holds until the end."""
    top = nice_top(max(max(step.numbers) for step in steps))
    svg, scale = _axes(title, top)
    begin = steps[0].moment
    whole = (until - begin).total_seconds() or 1.0
    bottom, room = _HEIGHT - _BOTTOM, _WIDTH - _LEFT - _RIGHT
    places = [_LEFT + room * (step.moment - begin).total_seconds() / whole for step in steps]
    for line, class_ in enumerate(classes):
        path = f"M{places[0]:.1f} {bottom - steps[0].numbers[line] * scale:.1f}"
        for place, step in zip(places[1:], steps[1:], strict=True):
            path += f"H{place:.1f}V{bottom - step.numbers[line] * scale:.1f}"
        _add(svg, "path", {"class": f"line {class_}", "d": f"{path}H{_WIDTH - _RIGHT}"})
    _x_label(svg, _LEFT, f"{begin:%Y-%m-%d}", anchor="start")
    if until.date() != begin.date():
        _x_label(svg, _WIDTH - _RIGHT, f"{until:%Y-%m-%d}", anchor="end")
    return svg


def nice_top(most: int) -> int:
    """Return the first number of 1, 2, 4, 10, 20, 40 … that is at least `most`: its half is whole, or it is 1."""
    top = 1
    while True:
        for factor in (1, 2, 4):
            if top * factor >= most:
                return top * factor
        top *= 10


def _axes(title: str, top: int) -> tuple[etree._Element, float]:
    """Return a drawing with an axis of numbers from 0, and how high one of them is."""
    svg = _svg(title, _HEIGHT)
    scale = (_HEIGHT - _TOP - _BOTTOM) / top
    for number in dict.fromkeys((0, top // 2, top)):
        y = _HEIGHT - _BOTTOM - number * scale
        class_ = "axis" if number == 0 else "grid"
        _add(svg, "line", {"class": class_}, x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y)
        _add(svg, "text", {"text-anchor": "end"}, x=_LEFT - 6, y=y + 4).text = f"{number:,}"
    return svg, scale


def _x_label(svg: etree._Element, x: float, text: str, anchor: str = "") -> None:
    anchor = anchor or ("start" if x < _LEFT + 30 else "end" if x > _WIDTH - 34 else "middle")
    _add(svg, "text", {"text-anchor": anchor}, x=x, y=_HEIGHT - 6).text = text


def _svg(title: str, height: int) -> etree._Element:
    svg = etree.Element("svg", {"viewBox": f"0 0 {_WIDTH} {height}", "role": "img", "aria-label": title})
    return svg


def _add(
    parent: etree._Element, tag: str, attributes: Mapping[str, str] | None = None, **numbers: float
) -> etree._Element:
    shown = {name: f"{number:.1f}".removesuffix(".0") for name, number in numbers.items()}
    return etree.SubElement(parent, tag, {**(attributes or {}), **shown})
