"""What turned out to be true for an earlier prediction."""

from driftline_schemas.events.base import EpochMs, Name, Record, Scalar, Source


class Outcome(Record):
    """The label of one prediction; it may come at any time, before or after the prediction.

    Attributes:
        event_id: Id of the prediction that it is about.
        model: Name of the model; also the key of the record.
        label: The truth; null retracts an earlier outcome of the same event and source.
        timestamp_ms: When the truth was known.
        source: Who says so; a later outcome replaces an earlier one of the same source.
    """

    event_id: Name
    model: Name
    label: Scalar | None
    timestamp_ms: EpochMs
    source: Source = ""
