"""What a file means and how fast it is replayed."""

from dataclasses import dataclass, field

from driftline_schemas.errors import ConfigurationError

DEFAULT_START_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z: event time must not depend on when a file is replayed."""


@dataclass(frozen=True)
class Columns:
    """Which columns are not features. None: the column of the role's own name, if the file has it.

    Attributes:
        prediction: What the model said; a file must have it.
        label: What turned out to be true; a row without a value has no outcome.
        timestamp: When the prediction was made: epoch seconds, milliseconds, microseconds or nanoseconds (told apart by
            size), ISO 8601 (UTC unless it says otherwise), or a time of Parquet.
        event_id: The prediction's id.
    """

    prediction: str | None = None
    label: str | None = None
    timestamp: str | None = None
    event_id: str | None = None


@dataclass(frozen=True)
class ReplayOptions:
    """How a file becomes records.

    Attributes:
        model: Model of rows that name none.
        version: Version of the model in rows of columns.
        columns: Which columns are not features.
        label_delay_events: An outcome follows so many predictions after its own.
        rate_per_second: Rows per second; None means as fast as Kafka takes them.
        start_ms: Event time of the first row where there is no timestamp column, in epoch milliseconds.
        step_ms: Event time between two such rows.

    Raises:
        ConfigurationError: A number is out of range.
    """

    model: str | None = None
    version: str = ""
    columns: Columns = field(default_factory=Columns)
    label_delay_events: int = 0
    rate_per_second: float | None = None
    start_ms: int = DEFAULT_START_MS
    step_ms: int = 1_000

    def __post_init__(self) -> None:
        if self.label_delay_events < 0:
            raise ConfigurationError(f"label delay {self.label_delay_events}: expected 0 or more events")
        if self.rate_per_second is not None and not self.rate_per_second > 0:
            raise ConfigurationError(f"rate {self.rate_per_second}: expected more than 0 events per second")
        if self.step_ms < 0:
            raise ConfigurationError(f"step {self.step_ms} ms: expected 0 or more")
