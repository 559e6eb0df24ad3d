"""Small pictures within a line of text, as SVG: for tables, where a chart of its own would be too much."""

from collections.abc import Sequence

from markupsafe import Markup

from driftline_dashboard.charts.distribution import CURRENT, REFERENCE
from driftline_dashboard.queries.features import Bar

_SPARK_WIDTH, _SPARK_HEIGHT = 96, 24
_HISTOGRAM_WIDTH, _HISTOGRAM_HEIGHT = 160, 36
_WIDEST_BAR = 24.0


def sparkline(values: Sequence[float], title: str) -> Markup:
    """A line through values; nothing for fewer than two."""
    if len(values) < 2:
        return Markup("")
    low, span = min(values), (max(values) - min(values)) or 1.0
    step = (_SPARK_WIDTH - 6) / (len(values) - 1)
    places = [
        (3 + n * step, _SPARK_HEIGHT - 4 - (value - low) / span * (_SPARK_HEIGHT - 8)) for n, value in enumerate(values)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return Markup(
        '<svg class="spark" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-label="{title}">'
        '<polyline points="{points}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/></svg>'
    ).format(w=_SPARK_WIDTH, h=_SPARK_HEIGHT, title=title, points=points, x=places[-1][0], y=places[-1][1])


def histogram(bars: Sequence[Bar], title: str) -> Markup:
    """Two histograms: the reference as an outline behind, the current values filled."""
    if not bars:
        return Markup("")
    top = max(max(bar.reference, bar.current) for bar in bars) or 1.0
    width = min(_HISTOGRAM_WIDTH / len(bars), _WIDEST_BAR)
    drawn = Markup("").join(
        _bar(n * width, width, share / top * (_HISTOGRAM_HEIGHT - 2), colour, inset)
        for n, bar in enumerate(bars)
        for share, colour, inset in ((bar.reference, REFERENCE, 0.04), (bar.current, CURRENT, 0.26))
    )
    return Markup(
        '<svg class="histogram" width="{w}" height="{h}" role="img" aria-label="{title}">{drawn}</svg>'
    ).format(w=_HISTOGRAM_WIDTH, h=_HISTOGRAM_HEIGHT, title=title, drawn=drawn)


def _bar(x: float, width: float, height: float, colour: str, inset: float) -> Markup:
    left, wide = x + inset * width, (1 - 2 * inset) * width
    opacity = 0.45 if colour == REFERENCE else 0.95
    return Markup(
        '<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{colour}" opacity="{opacity}"/>'
    ).format(x=left, y=_HISTOGRAM_HEIGHT - height, w=wide, h=height, colour=colour, opacity=opacity)
