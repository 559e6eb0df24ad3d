"""What a monitor found in one batch; `row` always points into that batch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from driftline_detectors.interface import Direction, Reading

DriftKind = Literal["data-drift", "concept-drift"]


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """A drift seen at `row`.

    `feature` is None for concept drift. `width` counts the stream's values since the change point (interface.Change);
    `change_position` and `change_timestamp_ms` are the offset and event time of the nearest remembered record at or
    before it (change_points.py).
    """

    row: int
    kind: DriftKind
    feature: str | None
    detector: str
    statistic: float
    threshold: float
    direction: Direction
    before: float
    after: float
    width: int
    change_position: int
    change_timestamp_ms: int


@dataclass(frozen=True, slots=True)
class WindowFindings:
    """The metrics of the window that `row` closed, as columns of one length.

    `window` numbers the model's windows from 0 (predictions and outcomes are numbered apart); `start_ms` and `end_ms`
    are the event times of its first and last row. `feature` is "" for the model itself. `count` is the number of
    values that the metric was computed from.
    """

    row: int
    window: int
    start_ms: int
    end_ms: int
    feature: list[str] = field(default_factory=list)
    metric: list[str] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    count: list[int] = field(default_factory=list)

    def extend(self, feature: str, metrics: Iterable[tuple[str, float, int]]) -> None:
        """Add metrics, each (name, value, number of values behind it)."""
        for metric, value, count in metrics:
            self.feature.append(feature)
            self.metric.append(metric)
            self.value.append(value)
            self.count.append(count)


@dataclass(frozen=True, slots=True)
class ReadingFindings:
    """Where the detectors stood when `row` closed a window, as columns of one length.

    `feature` is "" for the error stream; the figures are those of interface.Reading.
    """

    row: int
    feature: list[str] = field(default_factory=list)
    detector: list[str] = field(default_factory=list)
    statistic: list[float] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    estimate: list[float] = field(default_factory=list)
    width: list[int] = field(default_factory=list)

    def append(self, feature: str, detector: str, reading: Reading) -> None:
        """Add the reading of one detector."""
        self.feature.append(feature)
        self.detector.append(detector)
        self.statistic.append(reading.statistic)
        self.threshold.append(reading.threshold)
        self.estimate.append(reading.estimate)
        self.width.append(reading.width)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found in one batch, each list sorted by row."""

    drifts: list[DriftFinding] = field(default_factory=list)
    windows: list[WindowFindings] = field(default_factory=list)
    readings: list[ReadingFindings] = field(default_factory=list)
