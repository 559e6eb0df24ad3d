"""Charts as SVG: drawn once, here, so that a report needs no script, prints, and looks the same in years."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from driftline_dashboard.charts.style import SERIES
from driftline_dashboard.report.axes import Scale, Tick, times
from driftline_dashboard.windows import Window

WIDTH, HEIGHT = 860, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 22, 24
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

_LETTERS = {"version": (0, "middle"), "change": (-2, "end"), "incident": (3, "start")}
"""Where a mark's letter stands beside its line: what happened at the same time stays readable."""

_DASHES = ("", "7 4", "2 3")
"""Lines differ by dash as well: no colour stands alone."""


class Point(NamedTuple):
    """A value at a time; `note` is what is shown of it under the pointer."""

    at: datetime
    value: float
    note: str


class Mark(NamedTuple):
    """Something that happened at a time: a vertical line with a letter on top, in the style of its kind."""

    at: datetime
    letter: str
    note: str
    style: str


def lines(
    series: Sequence[tuple[str, Sequence[Sequence[Point]]]], marks: Iterable[Mark], window: Window, axis: Scale
) -> Markup:
    """A line for each series, over time; one that pauses is drawn in parts."""
    drawn = [_line(part, number, window, axis) for number, (_, parts) in enumerate(series) for part in parts]
    return _frame([*(_mark(mark, window) for mark in marks), *drawn], times(window), axis)


def columns(series: Sequence[tuple[str, Sequence[Point]]], step_seconds: int, window: Window, axis: Scale) -> Markup:
    """Columns over time, the series stacked."""
    wide = max(1.0, step_seconds / (window.end - window.begin).total_seconds() * _INNER_WIDTH - 1)
    heights: dict[datetime, float] = {}
    drawn = []
    for number, (_, points) in enumerate(series):
        for point in points:
            below = heights.get(point.at, 0.0)
            heights[point.at] = below + point.value
            drawn.append(_column(point, below, number, wide, window, axis))
    return _frame(drawn, times(window), axis)


def bars(pairs: Sequence[tuple[str, float, float]], axis: Scale) -> Markup:
    """Two columns for each label: what was, and what is."""
    slot = _INNER_WIDTH / max(len(pairs), 1)
    every = -(-len(pairs) // 10)
    ticks = [Tick((n + 0.5) / len(pairs), label[:14]) for n, (label, *_) in enumerate(pairs) if n % every == 0]
    drawn = []
    for n, (label, was, now) in enumerate(pairs):
        for kind, value, at in (("was", was, 0.08), ("now", now, 0.5)):
            box = (LEFT + (n + at) * slot, _y(value, axis), slot * 0.42, axis.place(value) * _INNER_HEIGHT)
            drawn.append(_box(box, Markup('class="{}"').format(kind), f"{label}: {value:.1%}"))
    return _frame(drawn, ticks, axis)


def legend(names: Sequence[str]) -> Markup:
    """What the lines or columns are."""
    keys = (
        Markup(
            '<span class="key"><svg width="26" height="10"><line x1="1" x2="25" y1="5" y2="5" stroke="{}" '
            'stroke-width="3" stroke-dasharray="{}"/></svg> {}</span>'
        ).format(SERIES[n % len(SERIES)], _DASHES[n % len(_DASHES)], name)
        for n, name in enumerate(names)
    )
    return Markup("").join(keys)


def _x(at: datetime, window: Window) -> float:
    share = (at - window.begin) / (window.end - window.begin)
    return LEFT + min(1.0, max(0.0, share)) * _INNER_WIDTH


def _y(value: float, axis: Scale) -> float:
    return TOP + (1 - axis.place(value)) * _INNER_HEIGHT


def _line(points: Sequence[Point], number: int, window: Window, axis: Scale) -> Markup:
    colour, dash = SERIES[number % len(SERIES)], _DASHES[number % len(_DASHES)]
    places = [(_x(point.at, window), _y(point.value, axis), point.note) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    dots = Markup("").join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5" fill="{}"><title>{}</title></circle>').format(
            x, y, colour, note
        )
        for x, y, note in places
    )
    line = Markup('<polyline points="{}" stroke="{}" stroke-dasharray="{}"/>').format(path, colour, dash)
    return line + dots


def _column(point: Point, below: float, number: int, wide: float, window: Window, axis: Scale) -> Markup:
    top, foot = _y(below + point.value, axis), _y(below, axis)
    fill = Markup('fill="{}"').format(SERIES[number % len(SERIES)])
    left = _x(point.at, window)
    return _box((left, top, min(wide, WIDTH - RIGHT - left), foot - top), fill, point.note)


def _box(box: tuple[float, float, float, float], look: Markup, note: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" {}><title>{}</title></rect>').format(
        *box, look, note
    )


def _mark(mark: Mark, window: Window) -> Markup:
    x, (aside, anchor) = _x(mark.at, window), _LETTERS[mark.style]
    line = Markup('<line x1="{x:.1f}" x2="{x:.1f}" y1="{}" y2="{}"/>').format(TOP, TOP + _INNER_HEIGHT, x=x)
    letter = _text(x + aside, TOP - 6, anchor, mark.letter)
    return Markup('<g class="mark {}"><title>{}</title>{}{}</g>').format(mark.style, mark.note, line, letter)


def _frame(drawn: Iterable[Markup], ticks: Iterable[Tick], axis: Scale) -> Markup:
    parts = [_row(TOP + (1 - tick.at) * _INNER_HEIGHT, tick.label) for tick in axis.ticks]
    parts += [_text(LEFT + tick.at * _INNER_WIDTH, HEIGHT - 6, "middle", tick.label) for tick in ticks]
    return Markup("").join((*parts, *drawn))


def _row(y: float, label: str) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/>').format(LEFT, WIDTH - RIGHT, y=y)
    return line + _text(LEFT - 8, y + 4, "end", label)


def _text(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)
