"""A model's performance over time, by version, with what happened marked on it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from driftline_dashboard.charts.style import BLUE, PURPLE, VERMILLION, Options, line, nothing, time_chart
from driftline_dashboard.queries.drifts import Drift
from driftline_dashboard.queries.incidents import Incident
from driftline_dashboard.queries.performance import PerformancePoint
from driftline_dashboard.stretches import stretches

MAX_MARKS = 12
"""Of each kind; more would hide the line."""


class Mark(NamedTuple):
    """Something that happened at a time."""

    at: datetime
    label: str
    colour: str
    dash: str


def performance(points: Sequence[PerformancePoint], marks: Iterable[Mark] = ()) -> Options:
    """Accuracy in percent or, of numbers, the mean absolute error; a line for each version.

    Args:
        points: By time.
        marks: Vertical lines.
    """
    if not points:
        return nothing("No label has come for the predictions of this window: logger.outcome(event_id, label)")
    of_classes = any(point.accuracy is not None for point in points)
    what = "Accuracy" if of_classes else "Mean absolute error"
    options = time_chart(f"{what} over time, by version", "%" if of_classes else "")
    for number, (version, runs) in enumerate(stretches(points).items()):
        data: list[list[float | None]] = []
        for run in runs:
            data += [[_ms(run[0].at) - 1, None, 0]] * bool(data)  # where the line is broken
            data += [[_ms(p.at), _value(p, of_classes), p.labels] for p in run]
        options["series"].append(line(f"version {version}" if version else "no version", data, number))
    options["series"][0]["markLine"] = _lines(marks)
    return options


def what_happened(
    began: Iterable[tuple[datetime, str]], drifts: Sequence[Drift], incidents: Sequence[Incident]
) -> list[Mark]:
    """The marks of a model: when versions began to serve, since when drifts are, since when incidents are."""
    latest = sorted(began, reverse=True)[:MAX_MARKS]
    found = [Mark(at, f"v{version}", BLUE, "solid") for at, version in latest]
    changes = [drift for drift in drifts if drift.kind in ("concept-drift", "performance")][:MAX_MARKS]
    found += [Mark(drift.change_at or drift.detected_at, "Δ", VERMILLION, "dashed") for drift in changes]
    found += [Mark(incident.since, "!", PURPLE, "dotted") for incident in incidents[:MAX_MARKS]]
    return found


def _value(point: PerformancePoint, of_classes: bool) -> float | None:
    value = point.accuracy if of_classes else point.mae
    return None if value is None else round(value * (100 if of_classes else 1), 4)


def _lines(marks: Iterable[Mark]) -> dict[str, Any]:
    return {
        "symbol": ["none", "none"],
        "silent": True,
        "data": [
            {
                "xAxis": _ms(mark.at),
                "lineStyle": {"color": mark.colour, "type": mark.dash, "width": 1.5},
                "label": {"formatter": mark.label, "fontSize": 10, "position": "end", "distance": 2},
            }
            for mark in marks
        ],
    }


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
