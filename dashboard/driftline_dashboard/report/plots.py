"""The charts of a report."""

from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from driftline_dashboard.queries.features import FeatureDrift
from driftline_dashboard.queries.performance import PerformancePoint
from driftline_dashboard.report.axes import scale
from driftline_dashboard.report.drawing import HEIGHT, WIDTH, Mark, Point, bars, columns, legend, lines
from driftline_dashboard.report.figures import skill
from driftline_dashboard.report.material import Material
from driftline_dashboard.report.words import day, number, share
from driftline_dashboard.stretches import beginnings, stretches

MARKS = 40
"""Of each kind; more would hide the line."""


class Plot(NamedTuple):
    """A chart.

    Attributes:
        title: What it shows; read out to who does not see it.
        picture: What is drawn, as SVG elements.
        legend: What its parts are.
    """

    title: str
    picture: Markup
    legend: Markup

    @property
    def size(self) -> str:
        """Of the picture, as SVG wants it."""
        return f"0 0 {WIDTH} {HEIGHT}"


def performance_plot(material: Material) -> Plot | None:
    """Accuracy or error over time, by version, with what happened; None without labels."""
    of_classes = skill(material.performance).of_classes
    known = [p for p in material.performance if (p.accuracy if of_classes else p.mae) is not None]
    series = [
        (_named(version), [[_judged(p, of_classes) for p in run] for run in runs])
        for version, runs in stretches(known).items()
    ]
    if not series:
        return None
    values = [p.value for _, runs in series for run in runs for p in run]
    axis = scale(values, from_zero=not of_classes, percent=of_classes)
    title = f"{'Accuracy' if of_classes else 'Mean absolute error'} over time, by version"
    picture = lines(series, list(_marks(material)), material.window, axis)
    return Plot(title, picture, legend([name for name, _ in series]))


def traffic_plot(material: Material) -> Plot | None:
    """Predictions over time, by version; None without any."""
    series = [
        (_named(version), [
            Point(p.at, p.predictions, f"{day(p.at)}: {p.predictions:,} of {_named(version)}")
            for p in material.traffic if p.version == version
        ])
        for version in dict.fromkeys(p.version for p in material.traffic)
    ]  # fmt: skip
    if not series:
        return None
    totals: dict[object, float] = {}
    for _, points in series:
        for point in points:
            totals[point.at] = totals.get(point.at, 0) + point.value
    picture = columns(series, material.step_seconds, material.window, scale(list(totals.values()), from_zero=True))
    return Plot("Predictions over time, by version", picture, legend([name for name, _ in series]))


def feature_plot(feature: FeatureDrift) -> Plot:
    """Reference and current values of a feature."""
    pairs = [(bar.label, bar.reference, bar.current) for bar in feature.bars]
    axis = scale([each for _, *both in pairs for each in both], from_zero=True, percent=True)
    keys = Markup(
        '<span class="key"><i class="was"></i> reference</span><span class="key"><i class="now"></i> period</span>'
    )
    return Plot(f"Values of {feature.feature}: reference and period", bars(pairs, axis), keys)


def _marks(material: Material) -> Iterator[Mark]:
    begin = material.window.begin
    for at, version in sorted(beginnings(material.served, material.traffic), reverse=True)[:MARKS]:
        yield Mark(at, "v", f"{_named(version)} began to serve, {day(at)}", "version")
    errors = [each for each in material.drifts if each.kind in ("concept-drift", "performance") and not each.segment]
    for drift in errors[:MARKS]:
        at = drift.change_at or drift.detected_at
        if at >= begin:
            yield Mark(at, "Δ", f"{drift.kind} since {day(at)}, found {day(drift.detected_at)}", "change")
    for incident in material.incidents[:MARKS]:
        if incident.since >= begin:
            yield Mark(incident.since, "!", f"incident since {day(incident.since)}: {incident.headline}", "incident")


def _judged(point: PerformancePoint, of_classes: bool) -> Point:
    value = (point.accuracy if of_classes else point.mae) or 0.0
    shown = share(value) if of_classes else number(value)
    return Point(point.at, value, f"{day(point.at)}: {shown} of {point.labels:,} labels")


def _named(version: str) -> str:
    return f"version {version}" if version else "no version"
