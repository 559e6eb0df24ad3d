"""The topics and their settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_PREFIX = "driftline."
DEFAULT_PARTITIONS = 4

_DAY_MS = 24 * 60 * 60 * 1000
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""The longest record, headers included, that Kafka takes."""

MAX_DEAD_LETTER_BYTES = MAX_MESSAGE_BYTES + 64 * 1024
"""A dead letter is the longest record and, in headers, what is wrong with it."""


@dataclass(frozen=True)
class Topic:
    """One topic as it must exist on the broker.

    Attributes:
        name: Full name, prefix included.
        partitions: Number of partitions; it never changes, because it decides where a model's records lie.
        config: Kafka's own topic settings.
        description: One line for the AsyncAPI document.
    """

    name: str
    partitions: int
    config: Mapping[str, str]
    description: str


@dataclass(frozen=True)
class Topics:
    """All topics of one installation.

    >>> Topics().events.name
    'driftline.events'

    Attributes:
        prefix: Put before every name.
        partitions: Partitions of `events`; the other topics have one per four of them, at least one.
    """

    prefix: str = DEFAULT_PREFIX
    partitions: int = DEFAULT_PARTITIONS
    events: Topic = field(init=False)
    drifts: Topic = field(init=False)
    alerts: Topic = field(init=False)
    incidents: Topic = field(init=False)
    retrains: Topic = field(init=False)
    models: Topic = field(init=False)
    dead_letters: Topic = field(init=False)

    def __post_init__(self) -> None:
        few = max(1, self.partitions // 4)
        self._set("events", self.partitions, 7, "Everything that happens to a model, keyed by its name.")
        self._set("drifts", few, 90, "Changes that detectors found.")
        self._set("alerts", few, 90, "What people are told.")
        self._set("incidents", few, 90, "How incidents stand after each step, and what people do about them.")
        self._set("retrains", few, 90, "Requests to retrain a model, and what people decide about them.")
        self._set("models", few, 365, "Promotions, refusals and rollbacks.")
        self._set(
            "dead-letters",
            few,
            30,
            "Records that could not be used, with reason and original bytes.",
            MAX_DEAD_LETTER_BYTES,
        )

    def _set(
        self, name: str, partitions: int, retention_days: int, description: str, max_bytes: int = MAX_MESSAGE_BYTES
    ) -> None:
        config = {
            "cleanup.policy": "delete",
            "max.message.bytes": str(max_bytes),
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": str(retention_days * _DAY_MS),
        }
        topic = Topic(self.prefix + name, partitions, config, description)
        object.__setattr__(self, name.replace("-", "_"), topic)

    def all(self) -> tuple[Topic, ...]:
        """Every topic, in the order of an event's path."""
        return (self.events, self.drifts, self.alerts, self.incidents, self.retrains, self.models, self.dead_letters)
