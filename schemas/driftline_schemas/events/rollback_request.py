"""A person takes a promotion back."""

from driftline_schemas.events.base import EpochMs, Name, Record


class RollbackRequest(Record):
    """Makes the previous champion the champion again, on `driftline.retrains`.

    Attributes:
        rollback_id: Unique; a record seen twice is one roll-back.
        model: Name of the model; also the key of the record.
        version: The champion that is taken back; nothing happens when another version has become champion.
        by: Who decided.
        reason: The person's words.
        timestamp_ms: When it was decided.
    """

    rollback_id: Name
    model: Name
    version: Name
    by: Name
    reason: str = ""
    timestamp_ms: EpochMs
