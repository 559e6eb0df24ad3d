"""The first step of an incident."""

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case, Memory, notice_id
from driftline_alerting.incidents.causes import likely_cause
from driftline_alerting.incidents.signal import Signal, Told, segment_of
from driftline_alerting.incidents.words import cut, evidence, headline, lead_of, sureness, withheld
from driftline_schemas.events.incident import Incident


def opened(signal: Signal, told: Told, board: Board) -> Case:
    """The incident that an alert opens; it has the alert's id."""
    alert, at_ms = told.alert, told.at_ms
    notify = not told.late and not board.silences.cover(alert.model, [signal], at_ms)
    incident = Incident(
        notice_id=notice_id(alert.alert_id, "opened", alert.alert_id),
        incident_id=alert.alert_id,
        model=alert.model,
        version=alert.version,
        owner=told.owner,
        step="opened",
        notify=notify,
        state="open",
        severity=alert.severity,
        kinds=[alert.kind],
        features=[alert.feature] if alert.feature else [],
        segments=[segment_of(alert)] if alert.segment else [],
        alerts=1,
        last_alert_id=alert.alert_id,
        drift_ids=list(alert.drift_ids),
        headline=headline(lead_of(told), sureness(told.drifts), [], 1),
        evidence=[evidence(told)],
        cause=cut(likely_cause([signal], board.champions.get(alert.model))),
        remedy=withheld(told),
        since_ms=signal.since_ms,
        opened_ms=at_ms,
        timestamp_ms=at_ms,
    )
    return Case(incident, 0, alert.alert_id, _memory(signal, told, notify=notify))


def _memory(signal: Signal, told: Told, *, notify: bool) -> Memory:
    return Memory(
        signals=[signal],
        lead=lead_of(told),
        lead_name=signal.name,
        lead_severity=told.alert.severity,
        sureness=sureness(told.drifts),
        alerted_ms=told.at_ms,
        detected_ms=signal.until_ms,
        began_ms=told.at_ms,
        told_ms=told.at_ms if notify else 0,
    )
