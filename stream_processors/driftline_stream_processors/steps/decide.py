"""Last step: what a finding means — a drift record, an alert, and where it warrants a request to retrain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from driftline_detectors import DriftFinding
from driftline_schemas import Alert, ChangePoint, Drift, LogPosition, RetrainRequest
from driftline_schemas.events.drift import Severity
from driftline_stream_processors.position import Position, log_id
from driftline_stream_processors.steps.detect import Found


@dataclass(frozen=True, slots=True)
class Decision:
    """What one drift leads to; `retrain` is None where it does not warrant one."""

    at: Position
    drift: Drift
    alert: Alert
    retrain: RetrainRequest | None


def decide(found: Iterable[Found[DriftFinding]], topic: str, champions: Mapping[str, str]) -> list[Decision]:
    """Turn drift findings into decisions, in log order.

    Only a concept drift of the version that is still the champion asks for a retrain: a changed feature alone does
    not say that the model is wrong, and late outcomes of a replaced version say nothing about its successor.
    Detectors that fire at the same record ask once.
    """
    asked: set[tuple[str, str, int]] = set()
    decisions: list[Decision] = []
    for item in sorted(found, key=lambda each: (each.row.at, each.finding.feature or "", each.finding.detector)):
        drift = _drift(item, topic)
        wanted = drift.kind == "concept-drift" and champions.get(item.model, item.version) == item.version
        key = (item.model, item.version, item.row.at.offset)
        retrain = _retrain(item, drift, topic) if wanted and key not in asked else None
        asked.add(key)
        decisions.append(Decision(item.row.at, drift, _alert(item, drift, topic), retrain))
    return decisions


def _drift(item: Found[DriftFinding], topic: str) -> Drift:
    finding = item.finding
    parts = (finding.kind, finding.feature or "", "", item.model, item.version, finding.detector)
    return Drift(
        drift_id=log_id(topic, item.row.at, *parts),
        model=item.model,
        version=item.version,
        segment={},
        kind=finding.kind,
        feature=finding.feature,
        detector=finding.detector,
        statistic=finding.statistic,
        threshold=finding.threshold,
        direction=finding.direction,
        detected=LogPosition(
            partition=item.row.at.partition,
            offset=item.row.at.offset,
            timestamp_ms=item.row.timestamp_ms,
            event_id=item.row.event_id,
        ),
        change_point=ChangePoint(offset=finding.change_position, timestamp_ms=finding.change_timestamp_ms),
    )


def _alert(item: Found[DriftFinding], drift: Drift, topic: str) -> Alert:
    severity: Severity = "critical" if drift.kind == "concept-drift" else "warning"
    return Alert(
        alert_id=log_id(topic, item.row.at, "alert", drift.drift_id),
        drift_ids=[drift.drift_id],
        model=item.model,
        version=item.version,
        segment={},
        kind=drift.kind,
        feature=drift.feature,
        severity=severity,
        message=message(item.model, item.version, item.finding),
        detected=drift.detected,
        change_point=drift.change_point,
    )


def message(model: str, version: str, finding: DriftFinding) -> str:
    """One line for people: what happened to which model since when, and who says so."""
    since = datetime.fromtimestamp(finding.change_timestamp_ms / 1000, UTC)
    name = f"{model} {version}" if version else model
    what = finding.feature or "error"
    verb = "rose" if finding.direction == "up" else "fell"
    change = f"from {finding.before:.4g} to {finding.after:.4g}"
    return f"{name}: {what} {verb} {change} since {since:%Y-%m-%d %H:%M} UTC ({finding.detector})"


def _retrain(item: Found[DriftFinding], drift: Drift, topic: str) -> RetrainRequest:
    return RetrainRequest(
        retrain_id=log_id(topic, item.row.at, "retrain", item.model, item.version),
        model=item.model,
        version=item.version,
        reason=drift.kind,
        drift_ids=[drift.drift_id],
        requested=LogPosition(
            partition=item.row.at.partition,
            offset=item.row.at.offset,
            timestamp_ms=item.row.at.logged_at_ms,
            event_id=item.row.event_id,
        ),
        change_point=drift.change_point,
    )
