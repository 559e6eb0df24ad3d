"""Many predictions of one model version, by column."""

from typing import Self

from pydantic import Field, model_validator

from driftline_schemas.events.base import EpochMs, FeatureValue, FiniteNumber, Name, Record, Scalar


class PredictionBatch(Record):
    """Columns of one length; a column given as one scalar holds for every row.

    Attributes: those of `Prediction`, each a list or one value for all rows. `event_id` is always a list and
    fixes the number of rows.
    """

    model: Name
    version: str = Field(default="", max_length=256)
    event_id: list[Name] = Field(min_length=1)
    timestamp_ms: list[EpochMs] | EpochMs
    features: dict[Name, list[FeatureValue] | FeatureValue]
    prediction: list[Scalar] | Scalar
    score: list[FiniteNumber | None] | FiniteNumber | None = None
    segment: dict[Name, list[Scalar] | Scalar] = Field(default_factory=dict)
    subject_id: list[str | None] | str | None = None
    latency_ms: list[FiniteNumber | None] | FiniteNumber | None = None
    traceparent: list[str | None] | str | None = None

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


def require_one_length(rows: int, columns: dict[str, object]) -> None:
    """Raise `ValueError` naming the first column whose length differs from `rows`."""
    for name, column in columns.items():
        if isinstance(column, list) and len(column) != rows:
            raise ValueError(f"column {name!r} has {len(column)} values but event_id has {rows}")
