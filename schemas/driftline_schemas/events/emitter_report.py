"""What an emitter says about itself."""

from pydantic import Field

from driftline_schemas.events.base import Count, EpochMs, Name, Record


class EmitterReport(Record):
    """Counters of one emitter since it started, so that a lossy emitter is visible.

    They count events, not records: a batch counts as many as it holds, as its header `events` says. Every record of the
    emitter names it in its header `emitter`. A report is sent after the records whose events it counts as sent were
    confirmed, with the same key: in the log they lie before it. The last one is sent when the emitter is closed.

    Attributes:
        model: Name of the model that it emits for; also the key of the record.
        emitter: Names the emitting process; unique per start.
        timestamp_ms: When the counters were read.
        logged: Calls of `log` and `outcome` since start; `sent`, `queued` and all that was dropped add up to it.
        sent: Events that the broker has confirmed.
        dropped: Events that were given up, by reason.
        queued: Events still waiting, or not confirmed yet.
    """

    model: Name
    emitter: Name
    timestamp_ms: EpochMs
    logged: Count
    sent: Count
    dropped: dict[Name, Count] = Field(default_factory=dict)
    queued: Count = 0
