"""Alerts, drifts and other records, as a worker and people write them."""

from typing import Any

from driftline_alerting.incidents.board import Board
from driftline_alerting.incidents.case import Case
from driftline_alerting.incidents.policy import IncidentPolicy
from driftline_alerting.incidents.signal import Told
from driftline_alerting.incidents.steps.action import take_action
from driftline_alerting.incidents.steps.alert import take_alert
from driftline_alerting.incidents.steps.change import take_change
from driftline_schemas import Alert, ChangePoint, Drift, LogPosition, ModelChange
from driftline_schemas.events.drift import Kind, Severity
from driftline_schemas.events.incident_action import IncidentAction
from driftline_schemas.events.silence import Silence

EPOCH_MS = 1_763_870_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
CRITICAL = ("concept-drift", "performance", "silence")


def alert(
    name: str,
    kind: Kind = "data-drift",
    feature: str | None = None,
    *,
    since: float = 0,
    seen: float | None = None,
    **given: Any,
) -> Alert:
    """An alert about a change at minute `since` of the log, which was seen at minute `seen`: at once by default."""
    severity: Severity = "critical" if kind in CRITICAL else "warning"
    seen_ms = EPOCH_MS + round(MINUTE_MS * (since + 1 if seen is None else seen))
    since_ms = EPOCH_MS + round(MINUTE_MS * since)
    said: dict[str, Any] = {
        "severity": severity,
        "message": f"fraud 3: {feature or 'error'} rose since 2025-11-23 03:53 UTC (e-sr)",
    }
    fields: dict[str, Any] = {"model": "fraud", "version": "3", "drift_ids": [f"drift-{name}"]} | said | given
    return Alert(
        alert_id=name,
        kind=kind,
        feature=feature,
        detected=LogPosition(partition=0, offset=max(0, seen_ms - EPOCH_MS), timestamp_ms=seen_ms),
        change_point=ChangePoint(offset=max(0, since_ms - EPOCH_MS), timestamp_ms=since_ms),
        **fields,
    )


def drift(of: Alert, **given: Any) -> Drift:
    """The drift that an alert is built on."""
    figures: dict[str, Any] = {"detector": "e-detector", "statistic": 2e6, "threshold": 1e6} | given
    return Drift(
        drift_id=of.drift_ids[0],
        model=of.model,
        version=of.version,
        segment=of.segment,
        kind=of.kind,
        feature=of.feature,
        detected=of.detected,
        change_point=of.change_point,
        **figures,
    )


def action(name: str, incident_id: str, does: str, **given: Any) -> IncidentAction:
    fields: dict[str, Any] = {"model": "fraud", "by": "ana", "timestamp_ms": EPOCH_MS} | given
    return IncidentAction.model_validate({"action_id": name, "incident_id": incident_id, "action": does} | fields)


def silence(begin: float = 0, end: float = 60, **given: Any) -> Silence:
    """A silence from one minute to another."""
    fields: dict[str, Any] = {"silence_id": "s1", "model": "fraud", "by": "ana", "timestamp_ms": EPOCH_MS} | given
    return Silence(from_ms=EPOCH_MS + round(MINUTE_MS * begin), until_ms=EPOCH_MS + round(MINUTE_MS * end), **fields)


def promoted(version: str, previous: str = "3", does: str = "promoted", minute: float = 0) -> ModelChange:
    return ModelChange.model_validate(
        {
            "model": "fraud",
            "action": does,
            "version": version,
            "previous_version": previous,
            "timestamp_ms": EPOCH_MS + round(MINUTE_MS * minute),
        }
    )


class Fold:
    """A board, and alerts that arrive at the minute at which they are seen, unless another one is named."""

    def __init__(self, **policy: Any) -> None:
        self.policy = IncidentPolicy(**policy)
        self.board = Board(self.policy)
        self.steps: list[Case] = []

    def alert(self, told: Alert, *drifts: Drift, at: float | None = None, late: bool = False) -> list[Case]:
        at_ms = told.detected.timestamp_ms if at is None else minute(at)
        return self._taken(list(take_alert(Told(told, drifts, at_ms, "risk team", late), self.board)))

    def act(self, acted: IncidentAction, at: float) -> list[Case]:
        case = self.board.case(acted.model, acted.incident_id)
        assert case is not None
        return self._taken([take_action(acted, minute(at), case, self.board)])

    def change(self, change: ModelChange, at: float) -> list[Case]:
        return self._taken(list(take_change(change, minute(at), self.board)))

    def _taken(self, steps: list[Case]) -> list[Case]:
        self.steps += steps
        return steps


def minute(number: float) -> int:
    """A minute of the log, or of the clock, in epoch milliseconds."""
    return EPOCH_MS + round(MINUTE_MS * number)
