"""What became of the events of one emitter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

INVALID = "invalid"
QUEUE_FULL = "queue-full"
NOT_DELIVERED = "not-delivered"
CLOSED = "closed"


@dataclass(frozen=True)
class Counters:
    """A snapshot; every event is in exactly one place: `logged + outcomes == sent + queued + sum(dropped.values())`.

    Attributes:
        logged: Calls of `log` since start.
        outcomes: Calls of `outcome` since start.
        sent: Events whose record the broker has confirmed.
        queued: Events in memory: waiting, or on their way and not confirmed yet.
        dropped: Events that were given up, by reason: `invalid` (not what the contract allows), `queue-full` (Kafka is
            away or too slow), `not-delivered` (Kafka refused it, or never said that it has it), `closed` (logged after
            `close`, or still unsent when its time was over).
        non_finite: Feature values that were NaN or infinite and travel as null.
    """

    logged: int = 0
    outcomes: int = 0
    sent: int = 0
    queued: int = 0
    dropped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    non_finite: int = 0
