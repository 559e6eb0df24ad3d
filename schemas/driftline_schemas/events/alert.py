"""What a person is told."""

from pydantic import Field

from driftline_schemas.events.base import Name, Record, Segment
from driftline_schemas.events.drift import Kind, Severity
from driftline_schemas.events.position import ChangePoint, LogPosition


class Alert(Record):
    """One message for people, built on one or more drifts.

    Attributes:
        alert_id: A function of the log; subscribers deduplicate by it.
        drift_ids: The drifts that it is built on.
        severity: `info`, `warning` or `critical`.
        message: One line: what happened to which model, since when.
    """

    alert_id: Name
    drift_ids: list[Name] = Field(default_factory=list)
    model: Name
    version: str = ""
    segment: Segment = Field(default_factory=dict)
    kind: Kind
    feature: str | None = None
    severity: Severity
    message: str
    detected: LogPosition
    change_point: ChangePoint | None = None
