"""Many outcomes of one model, by column."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from driftline_schemas.events.base import EpochMs, Name, Record, Source
from driftline_schemas.events.column import FeatureColumn, at, require_one_length
from driftline_schemas.events.outcome import Outcome


class OutcomeBatch(Record):
    """Columns of one length; a column given as one scalar holds for every row.

    Attributes: those of `Outcome`. `event_id` is always a list and fixes the number of rows.
    """

    model: Name
    event_id: list[Name] = Field(min_length=1)
    label: FeatureColumn
    timestamp_ms: list[EpochMs] | EpochMs
    source: list[Source] | Source = ""

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        require_one_length(
            len(self.event_id), {"label": self.label, "timestamp_ms": self.timestamp_ms, "source": self.source}
        )
        return self

    def rows(self) -> Iterator[Outcome]:
        """The outcomes one by one; they were validated as columns and are not validated again."""
        for row, event_id in enumerate(self.event_id):
            yield Outcome.model_construct(
                event_id=event_id,
                model=self.model,
                label=at(self.label, row),
                timestamp_ms=at(self.timestamp_ms, row),
                source=at(self.source, row),
            )
