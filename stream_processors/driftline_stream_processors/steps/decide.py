"""Last step: what a finding means — a drift record, an alert, and where it warrants one a request to retrain."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from driftline_detectors import DriftFinding
from driftline_schemas import Alert, ChangePoint, Drift, LogPosition, ModelSpec, RetrainRequest
from driftline_schemas.events.drift import Kind, Severity
from driftline_stream_processors.memory.faults import Fault
from driftline_stream_processors.memory.recent import Recent
from driftline_stream_processors.memory.state import PartitionState
from driftline_stream_processors.position import Position, log_id
from driftline_stream_processors.steps.detect import Found
from driftline_stream_processors.steps.words import message, withheld

CRITICAL: frozenset[Kind] = frozenset({"concept-drift", "performance", "silence"})
"""Kinds that say that the model is wrong, or gone; all others are warnings."""

CURABLE = frozenset({"unseen"})
"""Detectors of quality that tell no broken feed: values that were never there are learned by a retrain."""

OF_ERRORS: frozenset[Kind] = frozenset({"concept-drift", "performance"})
"""Kinds that outcomes show."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one drift leads to; `alert` is None where its kind is muted, `retrain` where it does not warrant one."""

    at: Position
    drift: Drift
    alert: Alert | None
    retrain: RetrainRequest | None


def decide(found: Iterable[Found[DriftFinding]], topic: str, state: PartitionState) -> list[Decision]:
    """Turn drift findings into decisions, in log order; remember the broken feeds among them in `state`.

    A retrain is asked for when all traffic of the version that is still the champion shows a drift that the model's
    specification names: a changed feature alone does not say that the model is wrong, and late outcomes of a replaced
    version say nothing about its successor. While a feature is broken, its feed is to be mended, not the model.
    Detectors that fire at the same record ask once.
    """
    asked: set[tuple[str, str, int]] = set()
    decisions: list[Decision] = []
    for item in sorted(found, key=lambda each: (each.row.at, each.finding.feature or "", each.finding.detector)):
        spec = state.monitors.specs.get(item.model) or ModelSpec(model=item.model, timestamp_ms=0)
        drift = _drift(item, topic, state.recent)
        fault = _fault(item, state)
        key = (item.model, item.version, item.row.at.offset)
        wanted = key not in asked and _wants_retrain(item, spec, state)
        if wanted:
            asked.add(key)
        alert = None if drift.kind in spec.muted else _alert(item, drift, topic, fault if wanted else None)
        decisions.append(
            Decision(item.row.at, drift, alert, _retrain(item, drift, topic) if wanted and fault is None else None)
        )
    return decisions


def _fault(item: Found[DriftFinding], state: PartitionState) -> Fault | None:
    """The broken feed that may be the cause of a finding; remembers it if it is one itself."""
    finding, found_ms = item.finding, item.row.timestamp_ms
    is_broken = finding.kind == "quality" and finding.detector not in CURABLE
    if is_broken and finding.feature and not finding.segment:
        state.faults.add(item.model, item.version, Fault(finding.feature, finding.change_timestamp_ms, found_ms))
    return state.faults.behind(item.model, item.version, finding.change_timestamp_ms, found_ms)


def _wants_retrain(item: Found[DriftFinding], spec: ModelSpec, state: PartitionState) -> bool:
    champion = state.champions.get(item.model, item.version)
    return item.finding.kind in spec.retrain_reasons and not item.finding.segment and champion == item.version


def _drift(item: Found[DriftFinding], topic: str, recent: Recent) -> Drift:
    finding = item.finding
    named = "=".join(finding.segment)
    parts = (finding.kind, finding.feature or "", named, item.model, item.version, finding.detector)
    return Drift(
        drift_id=log_id(topic, item.row.at, *parts),
        model=item.model,
        version=item.version,
        segment=dict([finding.segment]) if finding.segment else {},
        kind=finding.kind,
        feature=finding.feature,
        detector=finding.detector,
        statistic=finding.statistic,
        threshold=finding.threshold,
        direction=finding.direction,
        before=_finite(finding.before),
        after=_finite(finding.after),
        category=finding.category,
        contributions=dict(finding.contributions),
        segments=dict(finding.segments),
        detected=LogPosition(
            partition=item.row.at.partition,
            offset=item.row.at.offset,
            timestamp_ms=item.row.timestamp_ms,
            event_id=item.row.event_id,
        ),
        change_point=ChangePoint(
            offset=finding.change_position,
            timestamp_ms=finding.change_timestamp_ms,
            event_id=_changed_event(item, recent),
        ),
    )


def _changed_event(item: Found[DriftFinding], recent: Recent) -> str:
    """The event at the change point; of errors, which are dated by their outcomes, the prediction."""
    changed_at = item.finding.change_position, item.finding.change_timestamp_ms
    if item.finding.kind in OF_ERRORS:
        return recent.event_before(item.model, item.version, *changed_at)
    return recent.event_at(item.model, *changed_at)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _alert(item: Found[DriftFinding], drift: Drift, topic: str, fault: Fault | None) -> Alert:
    return Alert(
        alert_id=log_id(topic, item.row.at, "alert", drift.drift_id),
        drift_ids=[drift.drift_id],
        model=item.model,
        version=item.version,
        segment=drift.segment,
        kind=drift.kind,
        feature=drift.feature,
        severity=_severity(drift),
        message=message(item.model, item.version, item.finding) + (withheld(fault) if fault else ""),
        detected=drift.detected,
        change_point=drift.change_point,
    )


def _severity(drift: Drift) -> Severity:
    if drift.kind == "silence" and drift.direction == "up":
        return "info"  # it is over
    if drift.kind == "silence" and (drift.segment or drift.version):
        return "warning"  # the model goes on
    return "critical" if drift.kind in CRITICAL else "warning"


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
