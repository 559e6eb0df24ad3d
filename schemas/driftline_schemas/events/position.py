"""Places in the log."""

from pydantic import Field

from driftline_schemas.events.base import EpochMs, Record


class LogPosition(Record):
    """Where in `driftline.events` something happened.

    Attributes:
        partition: Partition of the record.
        offset: Offset of the record.
        timestamp_ms: Event time of the record.
        event_id: Id of the prediction at that record; empty where none is meant.
    """

    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    timestamp_ms: EpochMs
    event_id: str = ""


class ChangePoint(Record):
    """The detector's estimate of where the change began: the last record known to lie before it.

    Attributes:
        offset: Offset of that record, in the partition of the detection.
        timestamp_ms: Its event time.
        event_id: The id of its prediction; empty when it is no longer known.
    """

    offset: int = Field(ge=0)
    timestamp_ms: EpochMs
    event_id: str = ""
