"""What the system stores."""

from collections.abc import Sequence

from driftline_dashboard.charts.style import BLUE, Options, line, time_chart
from driftline_dashboard.queries.health import ThroughputPoint


def throughput(points: Sequence[ThroughputPoint]) -> Options:
    """Events stored per second, by minute of the log."""
    options = time_chart("Events stored per second", "/s", legend=False)
    data = [[int(point.at.timestamp() * 1000), round(point.events / 60, 2)] for point in points]
    options["yAxis"]["scale"] = False
    options["series"] = [line("events", data, areaStyle={"color": BLUE, "opacity": 0.12})]
    return options


def storage_delay(points: Sequence[ThroughputPoint]) -> Options:
    """Seconds from Kafka's appending a record to its being stored."""
    options = time_chart("Seconds until stored", " s", legend=False)
    data = [[int(point.at.timestamp() * 1000), round(point.seconds_to_store, 2)] for point in points]
    options["yAxis"]["scale"] = False
    options["series"] = [line("delay", data, 1)]
    return options
