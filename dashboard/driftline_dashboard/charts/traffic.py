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
    options = time_chart("Latency over time", " ms")
    known = [point for point in points if point.latency_ms is not None]
    if not known:
        return nothing("No latency was logged in this window: logger.log(..., latency_ms=...)")
    options["series"] = [
        line("median", [[_ms(p.at), p.latency_ms] for p in known], 0),
        line("95th percentile", [[_ms(p.at), p.latency_p95_ms] for p in known], 1),
    ]
    return options


def label_delay(points: Sequence[PerformancePoint]) -> Options:
    """Median and 95th percentile of the time from prediction to label, in hours."""
    options = time_chart("Label delay over time", " h")
    known = [point for point in points if point.delay_seconds is not None]
    if not known:
        return nothing("No label has come for the predictions of this window")
    options["series"] = [
        line("median", [[_ms(p.at), _hours(p.delay_seconds)] for p in known], 0),
        line("95th percentile", [[_ms(p.at), _hours(p.delay_p95_seconds)] for p in known], 1),
    ]
    return options


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 3)


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
