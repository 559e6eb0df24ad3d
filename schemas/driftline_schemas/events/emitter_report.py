"""What an emitter says about itself."""

from pydantic import Field

from driftline_schemas.events.base import EpochMs, Name, Record


class EmitterReport(Record):
    """Counters of one emitter since it started, so that a lossy emitter is visible.

    Attributes:
        model: Name of the model that it emits for; also the key of the record.
        emitter: Names the emitting process; unique per start.
        timestamp_ms: When the counters were read.
        logged: Calls of `log` and `outcome` since start.
        sent: Records that the broker has confirmed.
        dropped: Records that were given up, by reason.
        queued: Records still waiting.
    """

    model: Name
    emitter: Name
    timestamp_ms: EpochMs
    logged: int = Field(ge=0)
    sent: int = Field(ge=0)
    dropped: dict[Name, int] = Field(default_factory=dict)
    queued: int = Field(default=0, ge=0)
