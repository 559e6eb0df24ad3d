"""A request to retrain a model."""

from pydantic import Field

from driftline_schemas.events.base import Name, Record
from driftline_schemas.events.position import ChangePoint, LogPosition


class RetrainRequest(Record):
    """Why a model should be retrained, since when and on which evidence.

    Attributes:
        retrain_id: A function of the log; a request seen twice is one retrain.
        model: Name of the model; also the key of the record.
        version: The version that went stale.
        reason: The kind of the drift that asks for it, or a person's words.
        drift_ids: The drifts that it is built on.
        requested: The record at which it was decided; its `timestamp_ms` is the broker's time of that record.
        change_point: Where the change began.
    """

    retrain_id: Name
    model: Name
    version: str = ""
    reason: str
    drift_ids: list[Name] = Field(default_factory=list)
    requested: LogPosition
    change_point: ChangePoint | None = None
