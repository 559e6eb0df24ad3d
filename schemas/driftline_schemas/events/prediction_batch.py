"""Many predictions of one model version, by column."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from driftline_schemas.events.base import EpochMs, Name, Record
from driftline_schemas.events.column import (
    FeatureColumn,
    LatencyColumn,
    NumberColumn,
    ScalarColumn,
    TextColumn,
    at,
    require_one_length,
)
from driftline_schemas.events.prediction import Prediction


class PredictionBatch(Record):
    """Columns of one length; a column given as one scalar holds for every row.

    Attributes: those of `Prediction`, each a list or one value for all rows. `event_id` is always a list and
    fixes the number of rows.
    """

    model: Name
    version: str = Field(default="", max_length=256)
    event_id: list[Name] = Field(min_length=1)
    timestamp_ms: list[EpochMs] | EpochMs
    features: dict[Name, FeatureColumn]
    prediction: ScalarColumn
    score: NumberColumn = None
    segment: dict[Name, ScalarColumn] = Field(default_factory=dict)
    subject_id: TextColumn = None
    latency_ms: LatencyColumn = None
    traceparent: TextColumn = None

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        require_one_length(
            len(self.event_id),
            {
                "timestamp_ms": self.timestamp_ms,
                "prediction": self.prediction,
                "score": self.score,
                "subject_id": self.subject_id,
                "latency_ms": self.latency_ms,
                "traceparent": self.traceparent,
                **{f"features.{name}": column for name, column in self.features.items()},
                **{f"segment.{name}": column for name, column in self.segment.items()},
            },
        )
        return self

    def rows(self) -> Iterator[Prediction]:
        """The predictions one by one; they were validated as columns and are not validated again."""
        for row, event_id in enumerate(self.event_id):
            yield Prediction.model_construct(
                event_id=event_id,
                model=self.model,
                version=self.version,
                timestamp_ms=at(self.timestamp_ms, row),
                features={name: at(column, row) for name, column in self.features.items()},
                prediction=at(self.prediction, row),
                score=at(self.score, row),
                segment={name: at(column, row) for name, column in self.segment.items()},
                subject_id=at(self.subject_id, row),
                latency_ms=at(self.latency_ms, row),
                traceparent=at(self.traceparent, row),
            )
