"""Rows of the tables, one function per table; the order of the values is that of `tables`."""

from aiokafka.structs import ConsumerRecord

from driftline_schemas import Alert, EmitterReport, ModelSpec, RetrainRequest
from driftline_stream_processors.position import Position
from driftline_stream_processors.scalars import as_text, or_nan
from driftline_stream_processors.steps.decide import Decision
from driftline_stream_processors.steps.decode import Rejected
from driftline_stream_processors.steps.route import Place
from driftline_stream_processors.storage.tables import Row


def drift_row(decision: Decision) -> Row:
    """A row of `drift_log`."""
    drift, change = decision.drift, decision.drift.change_point
    return (
        drift.drift_id,
        drift.model,
        drift.version,
        {tag: as_text(value) for tag, value in drift.segment.items()},
        drift.kind,
        drift.feature or "",
        drift.detector,
        drift.statistic,
        drift.threshold,
        drift.direction,
        or_nan(drift.before),
        or_nan(drift.after),
        drift.category,
        dict(drift.contributions),
        dict(drift.segments),
        drift.detected.timestamp_ms,
        change.timestamp_ms if change else drift.detected.timestamp_ms,
        drift.detected.event_id,
        change.event_id if change else "",
        drift.detected.partition,
        drift.detected.offset,
        change.offset if change else drift.detected.offset,
        decision.at.logged_at_ms,
    )


def alert_row(alert: Alert, at: Position) -> Row:
    """A row of `alert_log`."""
    return (
        alert.alert_id,
        list(alert.drift_ids),
        alert.model,
        alert.version,
        {tag: as_text(value) for tag, value in alert.segment.items()},
        alert.kind,
        alert.feature or "",
        alert.severity,
        alert.message,
        alert.detected.timestamp_ms,
        alert.detected.partition,
        alert.detected.offset,
        at.logged_at_ms,
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


def dead_letter_row(rejected: Rejected) -> Row:
    """A row of `dead_letter_log`; the bytes themselves are in the topic."""
    incoming = rejected.incoming
    record = incoming.record
    return (
        rejected.reason,
        rejected.error,
        incoming.type or "",
        incoming.key,
        len(record.value or b""),
        record.partition,
        record.offset,
        record.timestamp,
    )


def emitter_report_row(report: EmitterReport, arrived: int, record: ConsumerRecord) -> Row:
    """A row of `emitter_report_log`; `arrived` counts the emitter's events in the block before the report."""
    return (
        report.model,
        report.emitter,
        report.timestamp_ms,
        report.logged,
        report.sent,
        dict(report.dropped),
        report.queued,
        record.partition,
        record.offset,
        arrived,
        record.timestamp,
    )


def model_spec_row(spec: ModelSpec, record: ConsumerRecord) -> Row:
    """A row of `model_spec_log`."""
    text = spec.model_dump_json(exclude_defaults=True)
    return (spec.model, spec.timestamp_ms, text, record.partition, record.offset, record.timestamp)


def replay_row(dead_letter: Place, record: ConsumerRecord) -> Row:
    """A row of `dead_letter_replay_log`."""
    return (dead_letter.partition, dead_letter.offset, record.partition, record.offset, record.timestamp)
