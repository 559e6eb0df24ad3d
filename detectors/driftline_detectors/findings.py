"""What a monitor found in one batch; `row` always points into that batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from driftline_detectors.interface import Direction

DriftKind = Literal[
    "data-drift", "prediction-drift", "latency", "quality", "concept-drift", "performance", "volume", "silence"
]

Segment = tuple[()] | tuple[str, str]

CONTRIBUTIONS = 5
"""Features and segments that a drift names."""


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """A drift seen at `row`.

    `feature` is None where none is meant. `width` counts the stream's values since the change point (interface.Change);
    `change_position` and `change_timestamp_ms` are the offset and event time of the nearest remembered record at or
    before it (milestones.py). `segment` is a tag and its value; empty for all traffic. `before` and `after` are means,
    or where `of_shares` the shares of the category whose share changed most: the one of this `code`
    (feature_table.codes; None: all but the frequent ones), called `category` where its name is known. `contributions`
    are the shares of the evidence that features brought, where several are watched together; `segments`, by tag=value,
    those that segments brought to a drift of all traffic. `version` is set where the traffic of one version is judged
    beside that of others.
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
    segment: Segment = ()
    of_shares: bool = False
    code: int | None = None
    category: str = ""
    contributions: Mapping[str, float] = field(default_factory=dict)
    segments: Mapping[str, float] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class WindowFindings:
    """The metrics of the window that `row` closed, as columns of one length.

    `window` numbers the model's windows from 0 (predictions and outcomes are numbered apart); `start_ms` and `end_ms`
    are the event times of its first and last row. `feature` is "" for the model itself. `count` is the number of
    values that the metric was computed from. `segment` is as in DriftFinding.
    """

    row: int
    window: int
    start_ms: int
    end_ms: int
    feature: list[str] = field(default_factory=list)
    metric: list[str] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    segment: Segment = ()

    def append(self, feature: str, metric: str, value: float, count: int) -> None:
        """Add one metric."""
        self.extend((feature,), (metric,), (value,), (count,))

    def extend(
        self, feature: Iterable[str], metric: Iterable[str], value: Iterable[float], count: Iterable[int]
    ) -> None:
        """Add metrics, column by column."""
        self.feature.extend(feature)
        self.metric.extend(metric)
        self.value.extend(value)
        self.count.extend(count)


@dataclass(frozen=True, slots=True)
class ReadingFindings:
    """Where the detectors stood when `row` closed a window, as columns of one length.

    `feature` is "" for the error stream; the figures are those of interface.Reading.
    """

    row: int
    feature: list[str]
    detector: list[str]
    statistic: list[float]
    threshold: list[float]
    estimate: list[float]
    width: list[int]

    def append(
        self, feature: str, detector: str, statistic: float, threshold: float, estimate: float, width: int
    ) -> None:
        """Add one detector."""
        self.feature.append(feature)
        self.detector.append(detector)
        self.statistic.append(statistic)
        self.threshold.append(threshold)
        self.estimate.append(estimate)
        self.width.append(width)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found in one batch, each list sorted by row."""

    drifts: list[DriftFinding] = field(default_factory=list)
    windows: list[WindowFindings] = field(default_factory=list)
    readings: list[ReadingFindings] = field(default_factory=list)
