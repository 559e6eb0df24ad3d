"""Many outcomes of one model, by column."""

from typing import Self

from pydantic import Field, model_validator

from driftline_schemas.events.base import EpochMs, Name, Record, Scalar
from driftline_schemas.events.prediction_batch import require_one_length


class OutcomeBatch(Record):
    """Columns of one length; a column given as one scalar holds for every row.

    Attributes: those of `Outcome`. `event_id` is always a list and fixes the number of rows.
    """

    model: Name
    event_id: list[Name] = Field(min_length=1)
    label: list[Scalar | None] | Scalar | None
    timestamp_ms: list[EpochMs] | EpochMs
    source: list[str] | str = ""

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        require_one_length(
            len(self.event_id), {"label": self.label, "timestamp_ms": self.timestamp_ms, "source": self.source}
        )
        return self
