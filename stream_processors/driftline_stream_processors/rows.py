"""Rows of the tables, one function per table; the order of the values is that of `tables`."""

import math

from aiokafka.structs import ConsumerRecord

from driftline_detectors import ReadingFindings, WindowFindings
from driftline_schemas import Prediction, RetrainRequest
from driftline_stream_processors.position import Position
from driftline_stream_processors.scalars import as_number, as_text, or_nan
from driftline_stream_processors.steps.decide import Decision
from driftline_stream_processors.steps.decode import Rejected, header
from driftline_stream_processors.steps.detect import Found
from driftline_stream_processors.steps.join import Judged
from driftline_stream_processors.tables import Row

_NOTHING_KNOWN: Row = ("", "", math.nan, math.nan, {})


def prediction_row(prediction: Prediction, at: Position) -> Row:
    """A row of `prediction_log`: numbers, booleans and nulls are features, strings are categories."""
    features = {
        k: math.nan if v is None else float(v) for k, v in prediction.features.items() if not isinstance(v, str)
    }
    categories = {k: v for k, v in prediction.features.items() if isinstance(v, str)}
    return (
        prediction.timestamp_ms,
        prediction.model,
        prediction.version,
        prediction.event_id,
        features,
        categories,
        {tag: as_text(value) for tag, value in prediction.segment.items()},
        as_text(prediction.prediction),
        as_number(prediction.prediction),
        or_nan(prediction.score),
        prediction.subject_id or "",
        or_nan(prediction.latency_ms),
        prediction.traceparent or "",
        at.partition,
        at.offset,
        at.row,
        at.logged_at_ms,
    )


def outcome_row(judged: Judged) -> Row:
    """A row of `outcome_log`; one without a prediction has `joined` 0."""
    outcome, at, served = judged.outcome, judged.at, judged.served
    known = served[:1] + served[2:6] if served else _NOTHING_KNOWN
    return (
        outcome.model,
        outcome.event_id,
        outcome.source,
        None if outcome.label is None else as_text(outcome.label),
        as_number(outcome.label),
        outcome.timestamp_ms,
        served.timestamp_ms if served else 0,
        *known,
        int(served is not None),
        judged.error,
        at.partition,
        at.offset,
        at.row,
        judged.position,
        at.logged_at_ms,
    )


def window_rows(found: Found, finding: WindowFindings) -> list[Row]:
    """Rows of `window_log`."""
    window = (finding.start_ms, finding.end_ms, found.model, found.version)
    at = (finding.window, found.at.partition, found.at.offset, found.at.logged_at_ms)
    metrics = zip(finding.feature, finding.metric, finding.value, finding.count, strict=True)
    return [(*window, *metric, *at) for metric in metrics]


def reading_rows(found: Found, finding: ReadingFindings) -> list[Row]:
    """Rows of `detector_log`."""
    whose = (found.timestamp_ms, found.model, found.version)
    at = (found.at.partition, found.at.offset, found.at.logged_at_ms)
    names, figures = (finding.feature, finding.detector), (finding.statistic, finding.threshold, finding.estimate)
    return [(*whose, *reading, *at) for reading in zip(*names, *figures, finding.width, strict=True)]


def drift_row(decision: Decision) -> Row:
    """A row of `drift_log`."""
    drift, change = decision.drift, decision.drift.change_point
    return (
        drift.drift_id,
        drift.model,
        drift.version,
        {},
        drift.kind,
        drift.feature or "",
        drift.detector,
        drift.statistic,
        drift.threshold,
        drift.direction,
        drift.detected.timestamp_ms,
        change.timestamp_ms if change else drift.detected.timestamp_ms,
        drift.detected.event_id,
        change.event_id if change else "",
        drift.detected.partition,
        drift.detected.offset,
        change.offset if change else drift.detected.offset,
        decision.at.logged_at_ms,
    )


def alert_row(decision: Decision) -> Row:
    """A row of `alert_log`."""
    alert = decision.alert
    return (
        alert.alert_id,
        list(alert.drift_ids),
        alert.model,
        alert.version,
        {},
        alert.kind,
        alert.feature or "",
        alert.severity,
        alert.message,
        alert.detected.timestamp_ms,
        alert.detected.partition,
        alert.detected.offset,
        decision.at.logged_at_ms,
    )


def retrain_request_row(request: RetrainRequest, at: Position) -> Row:
    """A row of `retrain_request_log`."""
    return (
        request.retrain_id,
        request.model,
        request.version,
        request.reason,
        list(request.drift_ids),
        request.requested.partition,
        request.requested.offset,
        at.logged_at_ms,
    )


def dead_letter_row(rejected: Rejected, record: ConsumerRecord, at: Position) -> Row:
    """A row of `dead_letter_log`; the bytes themselves are in the topic."""
    return (
        rejected.reason,
        rejected.error,
        header(record, "type") or "",
        (record.key or b"").decode("utf-8", "replace"),
        len(record.value or b""),
        at.partition,
        at.offset,
        at.logged_at_ms,
    )
