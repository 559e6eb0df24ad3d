"""A time in which people are not told."""

from pydantic import Field

from driftline_schemas.events.base import EpochMs, Name, Record
from driftline_schemas.events.drift import Kind


class Silence(Record):
    """What matches is recorded and nobody is told, on `driftline.incidents`; one in the future is a maintenance window.

    Attributes:
        silence_id: Unique; a later record with the same id replaces the earlier, one that ends in the past lifts it.
        model: Name of the model; also the key of the record. `*` for all of them.
        kinds: Kinds of alerts; all when empty.
        segments: Segments, as tag=value; all when empty.
        from_ms: When it begins.
        until_ms: When it ends.
        by: Who silences.
        comment: The person's words.
        timestamp_ms: When that was decided.
    """

    silence_id: Name
    model: Name
    kinds: list[Kind] = Field(default_factory=list, max_length=10)
    segments: list[str] = Field(default_factory=list, max_length=100)
    from_ms: EpochMs
    until_ms: EpochMs
    by: Name
    comment: str = ""
    timestamp_ms: EpochMs
