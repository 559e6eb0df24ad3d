"""What a person decides about a retrain."""

from driftline_schemas.events.base import EpochMs, Name, Record


class RetrainVerdict(Record):
    """A person's word on a retrain, on `driftline.retrains`.

    Attributes:
        retrain_id: The retrain.
        model: Name of the model; also the key of the record.
        approved: True lets a retrain train that waits for approval; false ends it, as long as it has not ended.
        by: Who decided.
        reason: The person's words.
        timestamp_ms: When it was decided.
    """

    retrain_id: Name
    model: Name
    approved: bool
    by: Name
    reason: str = ""
    timestamp_ms: EpochMs
