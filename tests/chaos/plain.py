"""What columns must agree with: batches that pydantic checks value by value, and rows made from single records."""

import math

from pydantic import Field

from driftline_schemas import Outcome, OutcomeBatch, Prediction, PredictionBatch
from driftline_schemas.events.base import EpochMs, FeatureValue, FiniteNumber, LatencyMs, Name, Scalar, Source
from driftline_stream_processors.scalars import as_number, as_text, or_nan


class PlainPredictionBatch(PredictionBatch):
    """The batch without its short cuts."""

    timestamp_ms: list[EpochMs] | EpochMs
    features: dict[Name, list[FeatureValue] | FeatureValue]
    prediction: list[Scalar] | Scalar
    score: list[FiniteNumber | None] | FiniteNumber | None = None
    segment: dict[Name, list[Scalar] | Scalar] = Field(default_factory=dict)
    subject_id: list[str | None] | str | None = None
    latency_ms: list[LatencyMs | None] | LatencyMs | None = None
    traceparent: list[str | None] | str | None = None


class PlainOutcomeBatch(OutcomeBatch):
    """The batch without its short cuts."""

    label: list[Scalar | None] | Scalar | None
    timestamp_ms: list[EpochMs] | EpochMs
    source: list[Source] | Source = ""


def prediction_row(prediction: Prediction) -> tuple[object, ...]:
    """A prediction's values as the columns hold them; numbers as text, so that NaN equals itself."""
    features = prediction.features.items()
    return (
        prediction.model,
        prediction.version,
        prediction.event_id,
        prediction.timestamp_ms,
        {k: repr(math.nan if v is None else float(v)) for k, v in features if not isinstance(v, str)},
        {k: v for k, v in features if isinstance(v, str)},
        as_text(prediction.prediction),
        repr(as_number(prediction.prediction)),
        repr(or_nan(prediction.score)),
        repr(or_nan(prediction.latency_ms)),
        {tag: as_text(value) for tag, value in prediction.segment.items()},
        prediction.subject_id or "",
        prediction.traceparent or "",
    )


def outcome_row(outcome: Outcome) -> tuple[object, ...]:
    """The same for an outcome."""
    return (
        outcome.model,
        outcome.event_id,
        None if outcome.label is None else as_text(outcome.label),
        repr(as_number(outcome.label)),
        outcome.timestamp_ms,
        outcome.source,
    )
