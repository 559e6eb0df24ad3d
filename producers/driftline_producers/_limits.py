"""How much an emitter may hold back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much memory, and how much time, events may take on their way.

    Attributes:
        queue_events: Most events in memory.
        queue_bytes: Most bytes of JSON in memory.
        batch_events: Most events in a record.
        linger_seconds: Most time from a call until its event is on its way to Kafka.
    """

    queue_events: int
    queue_bytes: int
    batch_events: int
    linger_seconds: float
