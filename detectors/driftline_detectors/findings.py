"""What a monitor found in one batch; `row` always points into that batch."""

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
class WindowFinding:
    """One metric of the window that `row` closed.

    `window` numbers the model's windows from 0 (predictions and outcomes are numbered apart); `start_ms` and `end_ms`
    are the event times of its first and last row. `feature` is "" for the model itself. `count` is the number of
    values that the metric was computed from.
    """

    row: int
    window: int
    start_ms: int
    end_ms: int
    feature: str
    metric: str
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class ReadingFinding:
    """Where a detector stood when `row` closed a window; `feature` is "" for the error stream."""

    row: int
    feature: str
    detector: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found in one batch, each list sorted by row."""

    drifts: list[DriftFinding] = field(default_factory=list)
    windows: list[WindowFinding] = field(default_factory=list)
    readings: list[ReadingFinding] = field(default_factory=list)
