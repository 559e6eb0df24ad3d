"""What belongs together of what people are told, and how it stands."""

from typing import Literal

from pydantic import Field

from driftline_schemas.events.base import Count, EpochMs, Name, Record
from driftline_schemas.events.drift import Kind, Severity

IncidentState = Literal["open", "acknowledged", "resolved"]
IncidentStep = Literal[
    "opened", "joined", "raised", "escalated", "acknowledged", "remedy", "resolved", "reopened", "judged"
]


class Incident(Record):
    """An incident as it stands after one step of its timeline, on `driftline.incidents`.

    Attributes:
        notice_id: Id of the step: a function of the incident and of what caused it. Subscribers deduplicate by it.
        incident_id: Id of the incident: that of its first alert.
        model: Name of the model; also the key of the record.
        version: Version of the first alert.
        owner: Who answers for the model, as its specification says.
        step: What happened: `opened`; another alert `joined`; its severity was `raised`; it was `escalated`, since
            nobody acknowledged it; `acknowledged`; a `remedy` of the system, such as a retrain, began or ended;
            `resolved`; `reopened` by an alert soon after; `judged` by a person.
        notify: Whether people are told of the step; false for what cooldown or a silence keeps back.
        state: `open`, `acknowledged` or `resolved`.
        severity: The highest of its alerts.
        kinds: Kinds of its alerts, the first one first.
        features: Features concerned, the first one first.
        segments: Segments concerned, as tag=value; empty for all traffic.
        alerts: Number of alerts.
        last_alert_id: The newest one.
        drift_ids: The drifts that its alerts are built on; the newest hundred.
        headline: One line: what happened to which model, since when, and how sure that is.
        evidence: What was measured: before and after, statistic and threshold; one line for each of the last alerts.
        cause: The likely cause, in one line; empty where none is known.
        remedy: What the system does about it, in one line; empty where nothing is known.
        by: Who acknowledged, resolved or judged; empty for the system.
        comment: That person's words.
        verdict: `true-drift`, `false-alarm` or `expected`, once a person has said so.
        since_ms: When the change began, as estimated; event time.
        opened_ms: When the incident was opened.
        timestamp_ms: When the step was taken.
    """

    notice_id: Name
    incident_id: Name
    model: Name
    version: str = ""
    owner: str = ""
    step: IncidentStep
    notify: bool
    state: IncidentState
    severity: Severity
    kinds: list[Kind] = Field(min_length=1)
    features: list[str] = Field(default_factory=list)
    segments: list[str] = Field(default_factory=list)
    alerts: Count
    last_alert_id: Name
    drift_ids: list[Name] = Field(default_factory=list)
    headline: str
    evidence: list[str] = Field(default_factory=list)
    cause: str = ""
    remedy: str = ""
    by: str = ""
    comment: str = ""
    verdict: str = ""
    since_ms: EpochMs
    opened_ms: EpochMs
    timestamp_ms: EpochMs
