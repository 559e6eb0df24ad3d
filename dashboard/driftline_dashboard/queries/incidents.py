"""Incidents: how each stands, its timeline, and whom it reached."""

from datetime import datetime

from driftline_dashboard.queries.base import Answer
from driftline_dashboard.store import Store


class Incident(Answer):
    """An incident as it stands after a step; see the record `incident` of the contract.

    Attributes:
        incident_id: Its id.
        sequence: Number of the step, from 0.
        step: What happened.
        state: open, acknowledged or resolved.
        severity: info, warning or critical.
        model: Name of the model.
        version: Version of its first alert.
        owner: Who answers for the model.
        kinds: Kinds of its alerts.
        features: Features concerned.
        segments: Segments concerned, as tag=value; empty for all traffic.
        alerts: Number of its alerts.
        drift_ids: The drifts that they are built on.
        headline: What happened, in one line.
        evidence: What was measured.
        cause: The likely cause; empty where none is known.
        remedy: What the system does about it; empty where nothing is known.
        by: Who acted; empty for the system.
        comment: That person's words.
        verdict: true-drift, false-alarm or expected, once a person has said so.
        since: Event time since when it is so.
        opened_at: When it was opened.
        at: When the step was taken.
    """

    incident_id: str
    sequence: int
    step: str
    state: str
    severity: str
    model: str
    version: str
    owner: str
    kinds: list[str]
    features: list[str]
    segments: list[str]
    alerts: int
    drift_ids: list[str]
    headline: str
    evidence: list[str]
    cause: str
    remedy: str
    by: str
    comment: str
    verdict: str
    since: datetime
    opened_at: datetime
    at: datetime


class Delivery(Answer):
    """The last try to tell somebody of a step.

    Attributes:
        notice_id: The step.
        channel: Where it went.
        status: delivered, retrying or failed.
        attempt: Number of the try, from 1.
        error: Why it failed; empty when it did not.
        milliseconds: How long it took.
        at: When it ended.
    """

    notice_id: str
    channel: str
    status: str
    attempt: int
    error: str
    milliseconds: float
    at: datetime


_COLUMNS = ", ".join(Incident.model_fields)
# The table, not the view: to plan a view of many columns takes longer than to read some rows.
_LAST = f"""
SELECT {_COLUMNS} FROM
(
    SELECT * FROM incident_log WHERE {{model:String}} = '' OR model = {{model:String}}
    ORDER BY sequence DESC LIMIT 1 BY model, incident_id
)
WHERE ({{state:String}} = '' OR state = {{state:String}})
  AND ({{severity:String}} = '' OR severity = {{severity:String}})
ORDER BY state = 'resolved', multiIf(severity = 'critical', 0, severity = 'warning', 1, 2), opened_at DESC
LIMIT {{limit:UInt32}} OFFSET {{offset:UInt32}}
"""  # noqa: S608 - of names of our own
_STEPS = f"""
SELECT {_COLUMNS} FROM incident_steps WHERE incident_id = {{incident_id:String}} ORDER BY sequence DESC LIMIT 300
"""  # noqa: S608 - of names of our own
_DELIVERIES = f"""
SELECT {", ".join(Delivery.model_fields)} FROM deliveries
WHERE model = {{model:String}} AND incident_id = {{incident_id:String}} ORDER BY at DESC LIMIT 300
"""  # noqa: S608 - of names of our own


def incidents(
    store: Store, *, model: str = "", state: str = "", severity: str = "", limit: int = 100, offset: int = 0
) -> list[Incident]:
    """Incidents as they stand: unresolved ones first, by severity, then the newest.

    Args:
        store: Where to ask.
        model: Of this model only.
        state: In this state only.
        severity: Of this severity only.
        limit: At most so many.
        offset: Passes over so many.
    """
    asked = {"model": model, "state": state, "severity": severity, "limit": limit, "offset": offset}
    return [Incident.model_validate(row) for row in store.rows(_LAST, **asked)]


def incident_steps(store: Store, incident_id: str) -> list[Incident]:
    """The timeline of an incident, the newest step first; none when there is no such incident."""
    return [Incident.model_validate(row) for row in store.rows(_STEPS, incident_id=incident_id)]


def deliveries(store: Store, incident: Incident) -> list[Delivery]:
    """Whom an incident reached, newest first."""
    asked = {"model": incident.model, "incident_id": incident.incident_id}
    return [Delivery.model_validate(row) for row in store.rows(_DELIVERIES, **asked)]
