"""How many predictions a model made, how fast, and how long labels take."""

from collections.abc import Sequence
from datetime import datetime

from driftline_dashboard.charts.style import SERIES, Options, line, nothing, time_chart
from driftline_dashboard.queries.performance import PerformancePoint
from driftline_dashboard.queries.traffic import TrafficPoint


def volume(points: Sequence[TrafficPoint]) -> Options:
    """Predictions by time, stacked by version."""
    options = time_chart("Predictions over time, by version")
    options["yAxis"]["scale"] = False
    times = sorted({point.at for point in points})
    for number, version in enumerate(dict.fromkeys(point.version for point in points)):
        made = {point.at: point.predictions for point in points if point.version == version}
        data = [[_ms(time), made.get(time, 0)] for time in times]  # bars are stacked by their place in the list
        colour = SERIES[number % len(SERIES)]
        options["series"].append(
            {
                "type": "bar",
                "name": f"version {version}" if version else "no version",
                "stack": "all",
                "data": data,
                "itemStyle": {"color": colour, "decal": {"symbol": "none"}},
                "barMaxWidth": 14,
                "emphasis": {"disabled": True},
            }
        )
    return options


def latency(points: Sequence[TrafficPoint]) -> Options:
    """Median and 95th percentile of the latency, in milliseconds."""
    known = [(point.at, point.latency_ms, point.latency_p95_ms) for point in points if point.latency_ms is not None]
    none = "No latency was logged in this window: logger.log(..., latency_ms=...)"
    return _median_and_p95("Latency over time", " ms", known, none)


def label_delay(points: Sequence[PerformancePoint]) -> Options:
    """Median and 95th percentile of the time from prediction to label, in hours."""
    known = [
        (point.at, _hours(point.delay_seconds), _hours(point.delay_p95_seconds))
        for point in points
        if point.delay_seconds is not None
    ]
    return _median_and_p95("Label delay over time", " h", known, "No label has come for the predictions of this window")


def _median_and_p95(
    title: str, unit: str, known: Sequence[tuple[datetime, float | None, float | None]], none: str
) -> Options:
    """Two lines; where nothing is known, the words that say so."""
    if not known:
        return nothing(none)
    options = time_chart(title, unit)
    options["series"] = [
        line("median", [[_ms(time), median] for time, median, _ in known], 0),
        line("95th percentile", [[_ms(time), p95] for time, _, p95 in known], 1),
    ]
    return options


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 3)


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
