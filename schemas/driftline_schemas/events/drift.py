"""A change that a detector found, and the alert about it."""

from typing import Literal, get_args

from pydantic import Field

from driftline_schemas.events.base import FiniteNumber, Name, Record, Segment
from driftline_schemas.events.position import ChangePoint, LogPosition

Kind = Literal[
    "data-drift",
    "prediction-drift",
    "concept-drift",
    "performance",
    "quality",
    "latency",
    "volume",
    "silence",
    "ledger",
    "pipeline",
]
Severity = Literal["info", "warning", "critical"]
Direction = Literal["up", "down", ""]

_RANKS = {severity: rank for rank, severity in enumerate(get_args(Severity))}


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether a severity is so high.

    >>> at_least("critical", "warning"), at_least("info", "warning")
    (True, False)
    """
    return bool(_RANKS[severity] >= _RANKS[least])


class Drift(Record):
    """One change that one detector found.

    Attributes:
        drift_id: A function of the log: the same record read twice gives the same id.
        model: Name of the model; also the key of the record.
        version: Version whose traffic changed.
        segment: Tags of the segment; empty means all traffic.
        kind: What changed.
        feature: The feature that changed; null where none is meant.
        detector: Name of the detector, lower case.
        statistic: The detector's statistic at the detection.
        threshold: The bound that the statistic passed.
        direction: Whether the watched value rose or fell.
        before: The mean, share or rate before the change; for a bound of the specification the bound.
        after: The same since the change.
        category: The category that `before` and `after` are the shares of; empty where none is meant or known.
        contributions: What share of the evidence each feature brought, 0 to 1; the largest five.
        segments: The same of segments, by tag=value; only of a drift of all traffic.
        detected: The record at which the detector fired.
        change_point: Where the change began, as the detector estimates it.
    """

    drift_id: Name
    model: Name
    version: str = ""
    segment: Segment = Field(default_factory=dict)
    kind: Kind
    feature: str | None = None
    detector: str
    statistic: FiniteNumber
    threshold: FiniteNumber
    direction: Direction = ""
    before: FiniteNumber | None = None
    after: FiniteNumber | None = None
    category: str = ""
    contributions: dict[str, FiniteNumber] = Field(default_factory=dict)
    segments: dict[str, FiniteNumber] = Field(default_factory=dict)
    detected: LogPosition
    change_point: ChangePoint | None = None
