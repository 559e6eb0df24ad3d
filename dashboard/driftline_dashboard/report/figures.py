"""What is counted from the material, for sentences and tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from driftline_dashboard.queries.performance import PerformancePoint
from driftline_dashboard.report.material import Material

DATA_KINDS = ("quality", "silence", "volume", "latency", "ledger")
"""Kinds of drifts that are about the data's way, not about the world."""


@dataclass(frozen=True)
class Skill:
    """How good predictions were.

    Attributes:
        labels: Predictions whose label is known.
        value: Share of them that were right, 0 to 1; or mean absolute error; None without labels.
        of_classes: Whether it is a share.
    """

    labels: int
    value: float | None
    of_classes: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return "accuracy" if self.of_classes else "mean absolute error"


@dataclass(frozen=True)
class VersionFigures:
    """One version in the period.

    Attributes:
        version: Its name.
        predictions: Those it made in the period.
        skill: How good they were.
    """

    version: str
    predictions: int
    skill: Skill


def skill(points: Iterable[PerformancePoint]) -> Skill:
    """The mean of pieces, each counted by its labels.

    >>> skill([]).value is None
    True
    """
    known = [(p.labels, p.accuracy, p.mae) for p in points]
    of_classes = any(accuracy is not None for _, accuracy, _ in known) or not known
    weighed = [(n, a if of_classes else m) for n, a, m in known]
    parts = [(n, value) for n, value in weighed if value is not None]
    labels = sum(n for n, _ in parts)
    value = sum(n * value for n, value in parts) / labels if labels else None
    return Skill(labels, value, of_classes)


def predictions(material: Material) -> int:
    """Those made in the period."""
    return sum(point.predictions for point in material.traffic)


def by_version(material: Material) -> Sequence[VersionFigures]:
    """The versions that served in the period, in their order."""
    return [
        VersionFigures(
            each.version,
            sum(p.predictions for p in material.traffic if p.version == each.version),
            skill(p for p in material.performance if p.version == each.version),
        )
        for each in material.served
    ]
